"""Sending records from the page: made anew, another one again, or those of a file. Each leads to a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import RecordId
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.controls import Button
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.pages.records.import_sheet import ImportSheet
from kafkaview.ui.pages.records.record_editor import RecordEditor
from kafkaview.ui.pages.records.source_record import SourceRecord, read_source
from kafkaview.ui.writes.change_kind import open_change
from kafkaview.ui.writes.form_sheet import Make
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.writes.plan import ChangePlan

_READ_ONLY = "This profile is read-only"


class Sending(QObject):
    """The page's buttons and actions that write. `topic` and `topics` are those of the page, `record` the opened one
    and whether it may be uncommitted.
    """

    told = Signal(str)  # why a record cannot be sent again

    def __init__(
        self,
        context: Context,
        parent: QObject,
        topic: Callable[[], str],
        topics: Callable[[], Sequence[str]],
        record: Callable[[], tuple[RecordId, bool] | None],
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._topic = topic
        self._topics = topics
        self._record = record
        self.send_button = Button(context.theme, "Send a record…", icon="send", clicked=self.send_new)
        self.again_button = Button(context.theme, "Send again…", icon="send", clicked=self.send_opened)
        self.import_button = Button(context.theme, "Import…", icon="upload", clicked=self.import_file)
        for button in (self.send_button, self.again_button, self.import_button):
            button.setEnabled(not context.profile.read_only)
            button.setToolTip(_READ_ONLY if context.profile.read_only else "")

    @property
    def head_actions(self) -> tuple[QWidget, ...]:
        """The buttons for the page's head."""
        return (self.send_button, self.import_button)

    @property
    def actions(self) -> tuple[Action, ...]:
        """The actions for the palette."""
        new, again, file = "Send a record…", "Send the record again…", "Import records of a file…"
        return (
            Action("records.send", new, self.send_new, (), "send", "Records", self._why_not),
            Action("records.again", again, self.send_opened, (), "send", "Records", self._why_not_again),
            Action("records.import", file, self.import_file, (), "upload", "Records", self._why_not),
        )

    def send_new(self) -> None:
        """Opens the editor, empty."""
        self._open(self._topic(), None)

    def send_opened(self) -> None:
        """Opens the editor with the record in the pane."""
        opened = self._record()
        if opened is not None:
            self.send_again(opened[0], uncommitted=opened[1])

    def send_again(self, record: RecordId, *, uncommitted: bool) -> None:
        """Reads a record and opens the editor with it."""
        self._context.tasks.ask("records.source", self._read(record, uncommitted=uncommitted), self._refuse)

    def import_file(self) -> None:
        """Opens the fields of an import."""
        ImportSheet(self._context, self._plan, self._topics(), self._topic()).open()

    async def _read(self, record: RecordId, *, uncommitted: bool) -> None:
        source = await read_source(self._context.engine, record, uncommitted=uncommitted)
        self._open(record.topic, source)

    def _open(self, topic: str, source: SourceRecord | None) -> None:
        RecordEditor(self._context, self._plan, self._topics(), topic, source).open()

    def _plan(self, make: Make) -> PlanDialog[ChangePlan]:
        return open_change(self._context, make)

    def _refuse(self, error: ClusterError) -> None:
        self.told.emit(f"Not sent: {sentences(error)}")

    def _why_not(self) -> str:
        return _READ_ONLY if self._context.profile.read_only else ""

    def _why_not_again(self) -> str:
        return self._why_not() or ("" if self._record() is not None else "No record is opened")
