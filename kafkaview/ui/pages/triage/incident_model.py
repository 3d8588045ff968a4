"""The Qt model of the Triage list: heads of sections and incidents, updated in place."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from kafkaview.triage.watch.verdict import IncidentSection
from kafkaview.ui.kit.controls import escape_tip
from kafkaview.ui.pages.triage.incidents import Incident, IncidentKey
from kafkaview.ui.pages.triage.words import age, label, place
from kafkaview.words import name_text, number, visible_alone

_Index = QModelIndex | QPersistentModelIndex
ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class SectionHead:
    """The head of a section, with its count at the right."""

    section: IncidentSection
    note: str


class IncidentModel(QAbstractListModel):
    """Heads and incidents in one column. Rows stay selected as long as the list has the same incidents."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[SectionHead | Incident] = []
        self._places: dict[Hashable, int] = {}  # of each row, by what makes it the same row
        self.now_ms = 0
        self.stale = False

    @property
    def heads(self) -> Iterator[int]:
        """Returns the places of the heads."""
        return (place for place, row in enumerate(self._rows) if isinstance(row, SectionHead))

    def show(self, incidents: Sequence[Incident], now_ms: int, *, stale: bool) -> None:
        """Shows these rows, ordered by section; resets the model only if the list has other incidents than before."""
        rows = _with_heads(incidents)
        places = {_identity(row): place for place, row in enumerate(rows)}
        self.now_ms = now_ms
        self.stale = stale
        if list(places) == list(self._places):
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows, self._places = rows, places
        self.endResetModel()

    def row(self, index: _Index) -> SectionHead | Incident | None:
        """Returns the row at an index."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def index_of(self, key: IncidentKey) -> QModelIndex:
        """Returns the index of an incident; invalid if it is not listed."""
        place = self._places.get(key)
        return QModelIndex() if place is None else self.index(place)

    def first_incident(self) -> QModelIndex:
        """Returns the index of the first row that is not a head."""
        return self.index(1) if self._rows else QModelIndex()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        """Qt's."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Returns the flags of a row; heads cannot be selected."""
        if isinstance(self.row(index), SectionHead):
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Returns the row itself under `ROLE`, and its sentence for tooltips and screen readers."""
        row = self.row(index)
        if row is None:
            return None
        if role == ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return visible_alone(_sentence(row, self.now_ms))
        if role == Qt.ItemDataRole.ToolTipRole:
            return escape_tip(_sentence(row, self.now_ms))
        return None


def _with_heads(incidents: Sequence[Incident]) -> list[SectionHead | Incident]:
    rows: list[SectionHead | Incident] = []
    for section, group in groupby(incidents, lambda incident: incident.section):
        members = list(group)
        rows += [SectionHead(section, _note(section, members)), *members]
    return rows


def _note(section: IncidentSection, members: Sequence[Incident]) -> str:
    records = {row.record for row in members if row.record} if section is IncidentSection.POISON else set()
    if 0 < len(records) < len(members):
        return f"{number(len(members))} on {number(len(records))} record{'s' if len(records) > 1 else ''}"
    return number(len(members))


def _identity(row: SectionHead | Incident) -> Hashable:
    return row.section if isinstance(row, SectionHead) else row.key


def _sentence(row: SectionHead | Incident, now_ms: int) -> str:
    if isinstance(row, SectionHead):
        return f"{row.section.value}, {row.note}"
    return f"{name_text(row.group)}: {label(row)} at {place(row)}, seen for {age(row, now_ms)}"
