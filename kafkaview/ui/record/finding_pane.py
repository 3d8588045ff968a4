"""One record that was found, below the list of what was found: its bytes, with those marked that break the rule."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import RecordId
from kafkaview.triage.scan.scan import Finding
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.record.record_block import RecordBlock
from kafkaview.words import number

_TASK = "scan.record"


class FindingPane(QWidget):
    """Reads a record that was found and shows it."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._shown: RecordId | Finding | None = None
        self._title = Text(size=12, weight=600, wrap=True)
        self.record = RecordBlock(context.theme)
        self.record.setMinimumHeight(context.theme.px(230))
        self.setLayout(column(self._title, self.record, margins=(0, 4, 0, 0), gap=8))

    def show_finding(self, finding: Finding) -> None:
        """Shows a finding's record, with the bytes marked that break the rule."""
        self._show(finding.record, finding.reason, finding)

    def show_record(self, record: RecordId, reason: str) -> None:
        """Shows a record that was found elsewhere; the topic's own decoder marks its bytes."""
        self._show(record, reason, None)

    def _show(self, record: RecordId, reason: str, finding: Finding | None) -> None:
        if self._shown == (finding or record) and not self.isHidden():
            return
        self._shown = finding or record
        self._title.setText(f"{record.topic_partition} @ {number(record.offset)}: {reason}")
        self.show()
        self._context.tasks.start(_TASK, self._read(record, finding), on_error=self._show_error)

    async def _read(self, record: RecordId, finding: Finding | None) -> None:
        place = record.topic_partition
        around = await self._context.engine.records_around(place, record.offset, uncommitted=False)
        if not isValid(self):  # its sheet was closed meanwhile
            return
        self.record.show_record(around, record.offset)
        self.record.show()
        if finding is None:
            return
        if finding.field in ("key", "headers"):
            self.record.segments.choose(finding.field)
        elif finding.position is not None:
            self.record.value.mark(finding.position, finding.length)

    def _show_error(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            raise error
        if not isValid(self):
            return
        self._shown = None
        self._title.setText(sentences(error))
        self.record.hide()
