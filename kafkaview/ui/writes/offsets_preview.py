"""The plan of a change of committed offsets: each partition before and after, and the records that are skipped."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kafkaview.terms import CommittedOffset
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.tables import Column, Look, Table, TableModel, row_columns
from kafkaview.ui.writes.cautions import Cautions
from kafkaview.ui.writes.command import CommandLine
from kafkaview.ui.writes.skipped_records import SkippedRecordsTable
from kafkaview.words import number, plural
from kafkaview.writes.offsets.plan import OFFSET_FIELDS, OffsetRow
from kafkaview.writes.plan import ChangePlan, command_line

_MOST_ROWS = 8  # that are seen at once


class OffsetsPreview(QWidget):
    """The partitions, what could go wrong, and the command line that does the same."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._profile = context.profile
        self.model: TableModel[OffsetRow] = TableModel(_COLUMNS, lambda row: row.topic_partition)
        self.table: Table[OffsetRow] = Table(context.theme, self.model, "Partitions of the plan")
        self.skipped = SkippedRecordsTable(context)
        self._skips = False
        self._uncommitted = Text(size=12, tone="text_2", wrap=True)
        self._cautions = Cautions(context.theme)
        self._command = CommandLine(context.theme)
        self.table.chosen.connect(self._choose)
        self.setLayout(
            column(self.table, self._uncommitted, self.skipped, self._cautions, self._command, gap=10, push=True)
        )

    def show_plan(self, plan: ChangePlan) -> None:
        """Shows a plan of committed offsets and selects the partition that skips most records."""
        offsets = plan.offsets
        assert offsets is not None
        rows = sorted(offsets.rows, key=lambda row: -(row.records_skipped or 0))
        self.table.set_rows(rows)
        self.table.fit_rows(_MOST_ROWS)
        left = plural(len(offsets.uncommitted), "partition has", "partitions have")
        self._uncommitted.setText(f"{left} no committed offset and stay so.")
        self._uncommitted.setVisible(bool(offsets.uncommitted))
        self._skips = bool(offsets.records_skipped)
        self.skipped.setVisible(self._skips)
        if rows and offsets.records_skipped:
            self.table.choose(rows[0].topic_partition)
        self._cautions.show_plan(plan)
        self._command.show_command(command_line(self._profile, plan))

    def _choose(self, row: OffsetRow | None) -> None:
        if row is not None and self._skips:  # while the parts are shown in turns it is hidden
            self.skipped.show_row(row)


def _note(row: OffsetRow) -> str:
    if row.after is None:
        return "its commit is deleted"
    if row.clamped:
        return f"clamped to the log, {number(row.log.log_start_offset)} to {number(row.log.log_end_offset)}"
    if row.before is None:
        return "its first commit"
    return "" if row.before != row.after else "unchanged"


def _tip(commit: CommittedOffset | None) -> str:
    if commit is None:
        return "nothing is committed"
    epoch = "unknown" if commit.leader_epoch is None else number(commit.leader_epoch)
    return f"{number(commit.offset)}, leader epoch {epoch}, metadata '{commit.metadata}'"


_COLUMNS: tuple[Column[OffsetRow], ...] = row_columns(
    OFFSET_FIELDS,
    {
        "topic_partition": Look[OffsetRow](mono=True),
        "before": Look[OffsetRow](tip=lambda row: _tip(row.before), unknown=lambda row: _tip(row.before)),
        "after": Look[OffsetRow](strong=True, tip=lambda row: _tip(row.after), unknown=lambda row: _tip(row.after)),
        "records_skipped": Look[OffsetRow](
            title="Skips up to",
            tone=lambda row: "warn_text" if row.records_skipped else None,
            tip=lambda _row: "Offsets passed over: an upper bound for records, since markers count too",
        ),
        "records_repeated": Look[OffsetRow](title="Reads again"),
        "note": Look[OffsetRow](value=_note, stretch=True, tone=lambda row: "warn_text" if row.clamped else "text_2"),
    },
)
