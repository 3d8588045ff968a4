"""How a group commits: looked up when the tab is, once for each group, and again on request."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final

from kafkaview.cluster.errors import ClusterError
from kafkaview.triage.commits.commit import CommitSource, CommitStyle, GroupCommitStyles, PartitionCommits
from kafkaview.ui.kit.controls import Button
from kafkaview.ui.kit.explained_table import ExplainedTable
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.states import StateAction
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.groups.column_looks import COMMITS
from kafkaview.words import duration, plural

_TASK: Final = "groups.commits"
_SUBJECT: Final = Subject(
    "the commits of the group",
    "Reading what the coordinator stored",
    "DESCRIBE on Group *",
    ("--operation", "Describe", "--group", "*"),
)
MEANINGS: Final[Mapping[CommitStyle, str]] = {
    CommitStyle.AUTO: (
        "A timer commits what was read, whether it is processed or not. "
        "After a crash the records since the last commit come again, and some that were read may be lost."
    ),
    CommitStyle.PER_RECORD: (
        "The application commits behind each record. After a crash at most one record comes again."
    ),
    CommitStyle.PER_BATCH: (
        "The application commits behind several records. After a crash those since the last commit come again."
    ),
    CommitStyle.TRANSACTIONAL: (
        "Offsets are committed together with what was written, in one transaction. After a crash nothing is done twice."
    ),
    CommitStyle.NONE: "Nothing is committed here. A restart begins where auto.offset.reset says.",
    CommitStyle.UNKNOWN: "What was seen does not tell how it commits. Look again when the group has read some records.",
}


class CommitsTab(QueryView):
    """The style of each partition, and below it what the selected one means."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._group = ""
        self._read_of = ""  # the group whose commits were asked for
        self._found: GroupCommitStyles | None = None
        self.model: TableModel[PartitionCommits] = TableModel(COMMITS, lambda row: row.topic_partition)
        menu: RowMenu[PartitionCommits] = RowMenu(lambda _row: context.command_line("commits", self._group))
        table: Table[PartitionCommits] = Table(context.theme, self.model, "How the group commits", menu=menu)
        self.again = Button(context.theme, "Look again", icon="refresh-cw", clicked=self.read)
        self.commits: ExplainedTable[PartitionCommits] = ExplainedTable(
            context.theme, table, "Filter partitions", self._explain, self._count, beside=(self.again,)
        )
        super().__init__(
            context.theme,
            context.profile,
            _SUBJECT,
            self.commits,
            again=self.read,
            ways=(StateAction("Look again", self.read, "refresh-cw"),),
        )

    def show_group(self, group: str) -> None:
        """Shows how a group commits; looks it up if that was not done yet."""
        self._group = group
        if self._read_of != group:
            self.read()

    def read(self) -> None:
        """Looks up again how the group commits. The status bar can end it: where it has to poll it takes a while."""
        self._read_of = self.named = self._group
        self._found = None
        self.show_loading()
        self._context.tasks.start(
            _TASK,
            self._read(self._group),
            title=f"Looking at the commits of {self._group}",
            on_error=self._refuse,
            on_unstarted=partial(self._show_stopped, self._group),
            cancellable=True,
        )

    async def _read(self, group: str) -> None:
        try:
            found = await self._context.engine.group_commits(group)
        except asyncio.CancelledError:
            self._show_stopped(group)
            raise
        if group == self._group:
            self._found = found
            self.commits.show_rows(found.partitions)
            self.show_content()

    def _show_stopped(self, group: str) -> None:
        if group == self._group:
            self.show_empty("Stopped", "How the group commits was not looked up to the end.")

    def _refuse(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            raise error
        self.show_error(error)

    def _explain(self, row: PartitionCommits | None) -> str:
        if row is None:
            return self._whence()
        return f"{MEANINGS[row.style]} Seen: {'; '.join(row.evidence)}."

    def _whence(self) -> str:
        found = self._found
        if found is None:
            return ""
        span = duration(found.until_ms - found.since_ms)
        if found.source is CommitSource.POLLING:
            return f"By looking at the committed offsets for {span}. {found.why_polled}"
        newest = "" if found.complete else " More was stored than is read: these are the newest commits."
        return f"From what the coordinator stored in {span}.{newest}"

    def _count(self, model: TableModel[PartitionCommits]) -> str:
        return plural(model.total, "partition")
