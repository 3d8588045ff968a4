"""The right side of Triage for an incident of which no group stands now: its state, its places, its note."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kafkaview.terms import RecordId
from kafkaview.triage.incidents.incident import IncidentPlace, IncidentState, KnownIncident
from kafkaview.triage.incidents.kept_rows import KeptNote
from kafkaview.ui.kit.controls import Button, Text, escape_tip, ground
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.marks import Chip, Mark
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.tables import Align, Column, RowMenu, Table, TableModel
from kafkaview.ui.pages.triage.kept_words import (
    STATE_TONES,
    found_by,
    kept_facts,
    kept_sentence,
)
from kafkaview.ui.pages.triage.note_field import NoteField
from kafkaview.ui.record.finding_pane import FindingPane
from kafkaview.words import clock

_LEAST_HEIGHT = 400  # of the places and the record of one together: below it the pane scrolls


class KeptPane(QWidget):
    """Shows an incident with its places, and the record of the one that is chosen."""

    send = Signal(object, object)  # KnownIncident, the records
    ignore = Signal(object)  # KnownIncident
    reopen = Signal(object)
    noted = Signal(object, str)  # KeptNote
    open_record = Signal(object)  # RecordId

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = context.theme
        self._theme = theme
        self._incident: KnownIncident | None = None
        self.chip = Chip(theme, Mark.UNKNOWN, "")
        self._cause = Text(size=12, mono=True, tone="text_2")
        self.sentence = Text(size=18, weight=600, wrap=True)
        self.facts = Text(tone="text_2", wrap=True)
        self.note = NoteField()
        self.model: TableModel[IncidentPlace] = TableModel(_COLUMNS, _key)
        menu: RowMenu[IncidentPlace] = RowMenu(
            None,
            lambda row: [
                context.link(f"Go to journal entry {entry}", "journal", str(entry))
                for entry in (row.journal_id,)
                if entry is not None
            ],
        )
        self.table: Table[IncidentPlace] = Table(theme, self.model, "Places of this incident", menu=menu)
        self.table.setMinimumHeight(theme.px(110))
        self.record = FindingPane(context)
        self.send_button = Button(theme, "Send to DLQ…", icon="send", tall=True, clicked=self._send)
        self.open_button = Button(theme, "Open in Records", tall=True, clicked=self._open)
        self.ignore_button = Button(
            theme,
            "Ignore",
            tall=True,
            tip="Lists it under Ignored, also after a restart, until a group moves and stands again.",
            clicked=lambda: self.ignore.emit(self._incident),
        )
        self.reopen_button = Button(
            theme,
            "List as open",
            tall=True,
            tip="Lists it as open again. Nothing is written to the cluster.",
            clicked=lambda: self.reopen.emit(self._incident),
        )
        self._lay_out()
        self.table.chosen.connect(self._show_place)
        self.note.noted.connect(self.noted)

    @property
    def incident(self) -> KnownIncident | None:
        """The incident that is shown."""
        return self._incident

    def show_incident(self, incident: KnownIncident, why_not_write: str) -> None:
        """Shows an incident; `why_not_write` says why nothing can be sent."""
        shown = self._incident
        other = shown is None or (shown.id, shown.state) != (incident.id, incident.state)
        self._incident = incident
        self.chip.set_state(Mark.of_tone(STATE_TONES[incident.state]), incident.state.word)
        self._cause.setText(incident.cause)
        self.sentence.setText(kept_sentence(incident))
        self.facts.setText(kept_facts(incident))
        self.note.show_note(incident.id, KeptNote(incident.id, incident.note))
        if other:
            self.record.hide()
        self.table.set_rows(incident.places)
        if other and incident.places:
            self.table.choose(_key(incident.places[0]))
        has_records = bool(incident.records)
        self.send_button.setVisible(has_records and incident.state is not IncidentState.REROUTED)
        self.send_button.setEnabled(not why_not_write)
        self.send_button.setToolTip(escape_tip(why_not_write))
        self.open_button.setVisible(has_records)
        self.ignore_button.setVisible(incident.state is IncidentState.OPEN)
        self.reopen_button.setVisible(incident.state is not IncidentState.OPEN)

    def press_main(self) -> None:
        """Opens the record that is chosen, if there is one."""
        if not self.open_button.isHidden():
            self.open_button.click()

    def _records(self) -> Sequence[RecordId]:
        """Returns the records of the selected places, each once."""
        assert self._incident is not None
        places = [record for place in self.table.selection if (record := _record(self._incident, place)) is not None]
        return tuple(dict.fromkeys(places)) or self._incident.records[:1]

    def _send(self) -> None:
        if self._incident is not None and (records := self._records()):
            self.send.emit(self._incident, records)

    def _open(self) -> None:
        if self._incident is not None and (records := self._records()):
            self.open_record.emit(records[0])

    def _show_place(self, place: IncidentPlace | None) -> None:
        record = _record(self._incident, place) if self._incident is not None and place is not None else None
        if record is None or self._incident is None:
            self.record.hide()
            return
        self.record.show_record(record, self._incident.reason)

    def _lay_out(self) -> None:
        ground(self, "surface")
        top = make_flow(self.chip, self._cause)
        buttons = make_flow(self.send_button, self.open_button, self.ignore_button, self.reopen_button)
        above, below = QWidget(), QWidget()
        above.setLayout(
            column(top, self.sentence, self.facts, buttons, self.note, margins=(20, 10, 20, 4), gap=8),
        )
        below.setLayout(column(self.table, self.record, grows=self.record, margins=(20, 4, 20, 14), gap=8))
        for part in (above, below):
            ground(part, "surface")
        self.setLayout(column(Roomy(self._theme, (above,), below, _LEAST_HEIGHT)))


def _record(incident: KnownIncident, place: IncidentPlace) -> RecordId | None:
    if place.partition is None or place.offset is None:
        return None
    return RecordId(incident.topic, place.partition, place.offset)


def _key(place: IncidentPlace) -> tuple[str, str | None, int | None, int | None]:
    return place.source.value, place.group, place.partition, place.offset


_COLUMNS: tuple[Column[IncidentPlace], ...] = (
    Column("Partition", lambda row: row.partition, align=Align.RIGHT, width=80),
    Column("Offset", lambda row: row.offset, align=Align.RIGHT, width=90),
    Column("Found by", found_by, width=200, stretch=True),
    Column("State", lambda row: row.state.word, width=100),
    Column("Last seen", lambda row: row.last_seen_ms, text=lambda row: clock(row.last_seen_ms), width=100),
    Column("Journal", lambda row: row.journal_id, align=Align.RIGHT, width=70),
)
