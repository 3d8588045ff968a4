"""One finding of a scan below the list: the bytes of its record, with those marked that break the rule."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.triage.scan.scan import Finding
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.page import Context
from kafkaview.ui.record.record_block import RecordBlock
from kafkaview.words import number

_TASK = "scan.record"


class FindingPane(QWidget):
    """Reads the record of a finding and shows it."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._title = Text(size=12, weight=600, wrap=True)
        self.record = RecordBlock(context.theme)
        self.record.setMinimumHeight(context.theme.px(230))
        self.setLayout(column(self._title, self.record, margins=(0, 4, 0, 0), gap=8))

    def show_finding(self, finding: Finding) -> None:
        """Shows a finding's record."""
        place = finding.record.topic_partition
        self._title.setText(f"{place} @ {number(finding.record.offset)}: {finding.reason}")
        self.show()
        self._context.tasks.start(_TASK, self._read(finding), on_error=self._show_error)

    async def _read(self, finding: Finding) -> None:
        place = finding.record.topic_partition
        around = await self._context.engine.records_around(place, finding.record.offset, uncommitted=False)
        self.record.show_record(around, finding.record.offset)
        if finding.field in ("key", "headers"):
            self.record.segments.choose(finding.field)
        elif finding.position is not None:
            self.record.value.mark(finding.position, finding.length)

    def _show_error(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            raise error
        self._title.setText(f"{error.message}. {error.hint}")
