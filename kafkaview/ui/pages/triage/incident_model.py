"""The Qt model of the Triage list: heads, groups that stand, incidents that are kept; updated in place."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from kafkaview.triage.incidents.kept_rows import KeptRow, KeptSection
from kafkaview.triage.watch.verdict import IncidentSection
from kafkaview.ui.kit.controls import escape_tip
from kafkaview.ui.pages.triage.incidents import Incident
from kafkaview.ui.pages.triage.kept_words import kept_age, kept_place, kept_title
from kafkaview.ui.pages.triage.words import age, label, place_of
from kafkaview.words import name_text, number, visible_alone

_Index = QModelIndex | QPersistentModelIndex
ROLE = Qt.ItemDataRole.UserRole


Section = IncidentSection | KeptSection
_FOLDED: Final = frozenset(section for section in KeptSection if section is not KeptSection.OPEN)  # at first


@dataclass(frozen=True, slots=True)
class SectionHead:
    """The head of a section, with its count at the right. `folded` is None of one that does not fold."""

    section: Section
    note: str
    folded: bool | None = None


ListedRow = SectionHead | Incident | KeptRow


class IncidentModel(QAbstractListModel):
    """Heads and incidents in one column. Rows stay selected as long as the list has the same incidents."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ListedRow] = []
        self._places: dict[Hashable, int] = {}  # of each row, by what makes it the same row
        self._folded: set[Section] = set(_FOLDED)
        self._shown: tuple[Sequence[Incident], Sequence[KeptRow]] = ((), ())
        self.now_ms = 0
        self.stale = False

    @property
    def heads(self) -> Iterator[int]:
        """Returns the places of the heads."""
        return (place for place, row in enumerate(self._rows) if isinstance(row, SectionHead))

    def show(self, incidents: Sequence[Incident], now_ms: int, *, stale: bool, kept: Sequence[KeptRow] = ()) -> None:
        """Shows these rows, ordered by section; resets the model only if the list has other incidents than before."""
        self._shown = incidents, kept
        rows = [*_with_heads(incidents), *_with_folding_heads(kept, self._folded)]
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

    def fold(self, section: Section) -> None:
        """Folds a section, or unfolds it."""
        self._folded ^= {section}
        incidents, kept = self._shown
        self.show(incidents, self.now_ms, stale=self.stale, kept=kept)

    def row(self, index: _Index) -> ListedRow | None:
        """Returns the row at an index."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def index_of(self, key: Hashable) -> QModelIndex:
        """Returns the index of an incident; invalid if it is not listed."""
        place = self._places.get(key)
        return QModelIndex() if place is None else self.index(place)

    def head_of(self, section: Section) -> QModelIndex:
        """Returns the index of a section's head; invalid if there is none."""
        for number_of_row, row in enumerate(self._rows):
            if isinstance(row, SectionHead) and row.section is section:
                return self.index(number_of_row)
        return QModelIndex()

    def first_incident(self) -> QModelIndex:
        """Returns the index of the first row that is not a head."""
        first = next((place for place, row in enumerate(self._rows) if not isinstance(row, SectionHead)), None)
        return QModelIndex() if first is None else self.index(first)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        """Qt's."""
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Returns the flags of a row; heads that do not fold cannot be selected."""
        row = self.row(index)
        if isinstance(row, SectionHead) and row.folded is None:
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


def _with_heads(incidents: Sequence[Incident]) -> list[ListedRow]:
    rows: list[ListedRow] = []
    for section, group in groupby(incidents, lambda incident: incident.section):
        members = list(group)
        rows += [SectionHead(section, _note(section, members)), *members]
    return rows


def _with_folding_heads(kept: Sequence[KeptRow], folded: Collection[Section]) -> list[ListedRow]:
    rows: list[ListedRow] = []
    for section, group in groupby(kept, lambda row: row.section):
        members = list(group)
        is_folded = section in folded
        rows.append(SectionHead(section, number(len(members)), is_folded))
        rows += [] if is_folded else members
    return rows


def _note(section: IncidentSection, members: Sequence[Incident]) -> str:
    records = {row.record for row in members if row.record} if section is IncidentSection.POISON else set()
    if 0 < len(records) < len(members):
        return f"{number(len(members))} on {number(len(records))} record{'s' if len(records) > 1 else ''}"
    return number(len(members))


def _identity(row: ListedRow) -> Hashable:
    return (row.section, row.folded) if isinstance(row, SectionHead) else row.key


def _sentence(row: ListedRow, now_ms: int) -> str:
    if isinstance(row, SectionHead):
        folding = {None: "", True: ", folded", False: ", unfolded"}[row.folded]
        return f"{row.section.value}, {row.note}{folding}"
    if isinstance(row, KeptRow):
        return f"{kept_title(row.incident)}: {kept_place(row.incident)}, {kept_age(row.incident, now_ms)}"
    return f"{name_text(row.group)}: {label(row)} at {place_of(row)}, {_seen(row, now_ms)}"


def _seen(incident: Incident, now_ms: int) -> str:
    words = age(incident, now_ms)
    return words if incident.first.last_seen_ms is not None else f"seen for {words}"
