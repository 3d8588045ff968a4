"""The rows of the list of connections: profiles, and the heads of their environments."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.ui.kit.controls import escape_tip
from kafkaview.ui.pages.connections.environment_head import EnvironmentHead
from kafkaview.ui.pages.connections.row_dragging import Row
from kafkaview.words import visible_alone

ROLE = Qt.ItemDataRole.UserRole
_ORDER = (Environment.PRODUCTION, Environment.STAGING, Environment.DEVELOPMENT, None)
_Index = QModelIndex | QPersistentModelIndex


def fits(profile: ConnectionProfile, typed: str) -> bool:
    """Returns whether a profile's name, brokers or environment contain every word."""
    text = f"{profile.name} {profile.bootstrap} {profile.environment or ''}".lower()
    return all(word in text for word in typed.lower().split())


def by_environment(profiles: Sequence[ConnectionProfile]) -> list[Row]:
    """Returns the profiles below heads of their environments, production first, those that name none last."""
    rows: list[Row] = []
    for environment in _ORDER:
        found = [profile for profile in profiles if profile.environment is environment]
        title = "NO ENVIRONMENT NAMED" if environment is None else environment.value.upper()
        rows += [EnvironmentHead(title), *found] if found else []
    return rows


class ProfileModel(QAbstractListModel):
    """A model of profiles and heads."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def show(self, rows: Sequence[Row]) -> None:
        """Shows other rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Qt's."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt's."""
        row = self._rows[index.row()]
        if role == ROLE:
            return row
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            if isinstance(row, EnvironmentHead):
                return row.title
            return visible_alone(", ".join(filter(None, (row.name, row.environment, row.bootstrap))))
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, ConnectionProfile):
            return escape_tip(f"{row.name}: {row.bootstrap}")
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Qt's: a head is not chosen."""
        row = self._rows[index.row()] if index.isValid() else None
        if isinstance(row, ConnectionProfile):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return Qt.ItemFlag.NoItemFlags

    def index_of(self, profile_id: str) -> QModelIndex:
        """Returns the index of a profile."""
        for place, row in enumerate(self._rows):
            if isinstance(row, ConnectionProfile) and row.id == profile_id:
                return self.index(place)
        return QModelIndex()

    @property
    def shown(self) -> Sequence[Row]:
        """All rows."""
        return self._rows

    @property
    def profiles(self) -> list[ConnectionProfile]:
        """The profiles among the rows."""
        return [row for row in self._rows if isinstance(row, ConnectionProfile)]
