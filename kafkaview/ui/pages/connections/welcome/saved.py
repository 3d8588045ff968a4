"""Welcome's list of saved connections: the last used on top, one key away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.tables.filter_field import FilterField
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.listing import ProfileList
from kafkaview.ui.pages.connections.profile_actions import ProfileActions
from kafkaview.ui.pages.connections.profile_rows import fits
from kafkaview.ui.pages.connections.saved_connections import Book
from kafkaview.ui.pages.connections.welcome.aside import ANY_SIZE

_ROWS, _ROW = 3, 51


class SavedConnections(QWidget):
    """The list on Welcome. It emits `connect_to` with a profile, `new` and `edit` to open the form."""

    connect_to = Signal(object)
    new = Signal()
    edit = Signal(object)

    def __init__(self, theme: Theme, book: Book, actions: ProfileActions) -> None:
        super().__init__()
        self._theme = theme
        self._book = book
        self.filter = FilterField(theme, "Search by name, broker, environment")
        self.filter.setToolTip("Words must all be there")
        self.list = ProfileList(theme, words=True)
        self.none = Text(tone="text_2")
        self.connect_now = Button(theme, "Connect", kind=ButtonKind.PRIMARY, tall=True, clicked=self._connect)
        self.connect_now.setAutoDefault(True)
        self.add = Button(theme, "New…", tall=True, clicked=self.new.emit)
        self.change = Button(theme, "Edit…", tall=True, clicked=lambda: self._do(self.edit.emit))
        self.copy = Button(theme, "Duplicate", tall=True, clicked=lambda: self._do(actions.duplicate))
        self.delete = Button(theme, "Delete…", tall=True, clicked=lambda: self._do(actions.delete))
        self.list.opened.connect(self.connect_to)
        self.list.moved.connect(actions.move)
        self.list.deleted.connect(actions.delete)
        self.list.chosen.connect(lambda _profile: self._fit())
        self.filter.filtered.connect(lambda _text: self.show_profiles())
        self._lay_out()

    def show_profiles(self) -> None:
        """Shows the profiles: the last used first, then in the user's order."""
        found = [profile for profile in self._book.profiles if fits(profile, self.filter.text())]
        found.sort(key=lambda profile: profile.id != self._book.last)
        self.filter.show_count(len(found), len(self._book.profiles))
        self.list.delegate.last = self._book.last
        self.list.show_rows(found)
        if self.list.current is None and found:
            self.list.choose(found[0].id)
        self.none.setText(f"No connection matches “{self.filter.text()}”" if not found else "")
        self.none.setVisible(not found)
        self._fit()

    def fit(self, *, beside: bool) -> None:
        """Makes the list as high as the window beside a column; above one, three rows, so that Connect is visible."""
        rows = self._theme.px(_ROWS * _ROW)
        self._frame.setMinimumHeight(rows)
        self._frame.setMaximumHeight(ANY_SIZE if beside else rows)

    def focus_connect(self) -> None:
        """Gives the keyboard to Connect, which connects to the selected profile: at first the last used."""
        self.connect_now.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: in the search, Enter connects to the first and Down goes into the list."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._connect()
        elif event.key() == Qt.Key.Key_Down:
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)

    def _connect(self) -> None:
        self._do(self.connect_to.emit)

    def _do(self, deed: object) -> None:
        if self.list.current is not None and callable(deed):
            deed(self.list.current)

    def _fit(self) -> None:
        for button in (self.connect_now, self.change, self.copy, self.delete):
            button.setEnabled(self.list.current is not None)

    def _lay_out(self) -> None:
        frame = self._frame = QFrame()
        frame.setProperty("role", "framed")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self.list)
        buttons = make_flow(self.connect_now)
        buttons.push()
        for button in (self.add, self.change, self.copy, self.delete):
            buttons.addWidget(button)
        self.setLayout(
            column(Text("Where to?", size=28, weight=600), self.filter, frame, self.none, buttons, grows=frame, gap=12)
        )
