"""The columns of the tables on Groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from kafkaview.fields import pick
from kafkaview.terms import Member
from kafkaview.triage.commits.commit import CommitStyle, PartitionCommits
from kafkaview.triage.commits.listed_columns import COMMIT_FIELDS
from kafkaview.triage.watch.listed_columns import GROUP_FIELDS, LAG_FIELDS, MEMBER_FIELDS
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Column, Look, cell_columns, mark_column, row_columns
from kafkaview.ui.pages.groups.lag_rows import LagRow
from kafkaview.ui.pages.groups.rows import GroupRow
from kafkaview.words import at_least

History = Callable[[str], Sequence[float | None]]
_LINES = {Mark.BAD: "bad_solid", Mark.WARN: "warn_solid", Mark.UNKNOWN: "line_strong", Mark.IDLE: "line_strong"}
_TONES = {Mark.BAD: "bad_text", Mark.WARN: "warn_text"}


def group_columns(history: History, span: Callable[[], str]) -> tuple[Column[GroupRow], ...]:
    """Returns the columns of the table of groups; `history` returns the lag of a group over the last hour, and `span`
    how far back that goes, in words.
    """
    return (
        mark_column(lambda row: row.mark, lambda row: row.head),
        *cell_columns(
            GROUP_FIELDS,
            {
                "group": Look[GroupRow](strong=True, stretch=True, elide_middle=True),
                "state": Look[GroupRow](value=lambda row: row.state, unknown=_why_silent),
                "protocol": Look[GroupRow](unknown=_why_silent),
                "members": Look[GroupRow](unknown=_why_silent),
                "coordinator": Look[GroupRow](unknown=_why_silent),
                "total_lag": Look[GroupRow](tone=lambda row: _TONES.get(row.mark), tip=_lag_tip, unknown=_why_silent),
            },
        ),
        Column(
            "Lag over time",
            lambda row: row.lag.value,
            text=lambda _row: "",
            width=130,
            sparkline=lambda row: history(row.name),
            tone=lambda row: _LINES.get(row.mark),
            head=lambda: span().capitalize(),
        ),
    )


OFFSETS: tuple[Column[LagRow], ...] = cell_columns(
    pick(
        LAG_FIELDS,
        *("topic_partition", "log_start_offset", "committed_offset", "last_stable_offset", "log_end_offset"),
        "metadata",
    ),
    {
        "topic_partition": Look[LagRow](mono=True),
        "metadata": Look[LagRow](stretch=True),
    },
)


def _assignment_text(row: Member) -> str:
    if row.assignment is None:
        return "assignment not readable"
    return ", ".join(map(str, row.assignment)) or "nothing"


MEMBERS: tuple[Column[Member], ...] = row_columns(
    MEMBER_FIELDS,
    {
        "client_id": Look[Member](strong=True),
        "assignment": Look[Member](
            text=_assignment_text,
            stretch=True,
            mono=True,
            italic=lambda row: not row.assignment,
        ),
        "group_instance_id": Look[Member](
            value=lambda row: row.group_instance_id or "none", italic=lambda row: not row.group_instance_id
        ),
    },
)


STYLE_WORDS: Final[Mapping[CommitStyle, str]] = {
    CommitStyle.AUTO: "by a timer",
    CommitStyle.PER_RECORD: "per record",
    CommitStyle.PER_BATCH: "per batch",
    CommitStyle.TRANSACTIONAL: "in transactions",
    CommitStyle.NONE: "not at all",
    CommitStyle.UNKNOWN: "unknown",
}

COMMITS: tuple[Column[PartitionCommits], ...] = row_columns(
    COMMIT_FIELDS,
    {
        "topic_partition": Look[PartitionCommits](mono=True, stretch=True),
        "style": Look[PartitionCommits](
            value=lambda row: STYLE_WORDS[row.style], italic=lambda row: row.style is CommitStyle.UNKNOWN
        ),
        "rewinds": Look[PartitionCommits](tone=lambda row: "warn_text" if row.rewinds else None),
    },
)


def _why_silent(row: GroupRow) -> str:
    return row.error.message if row.error is not None else "the broker did not say"


def _lag_tip(row: GroupRow) -> str:
    if row.lag.complete:
        return at_least(row.lag.value, complete=True)
    return "at least: the lag of some partitions is not known"


def partition_columns(stands: Callable[[LagRow], bool]) -> tuple[Column[LagRow], ...]:
    """Returns the columns of one group's partitions; `stands` returns whether the group is stuck on one."""
    return cell_columns(
        pick(LAG_FIELDS, "topic_partition", "committed_offset", "log_end_offset", "lag", "client_id"),
        {
            "topic_partition": Look[LagRow](mono=True),
            "lag": Look[LagRow](tone=lambda row: "bad_text" if stands(row) else None),
            "client_id": Look[LagRow](
                value=lambda row: row.member.client_id if row.member else "none",
                stretch=True,
                italic=lambda row: row.member is None,
                tip=lambda row: row.member.member_id if row.member else "nobody owns it",
            ),
        },
    )
