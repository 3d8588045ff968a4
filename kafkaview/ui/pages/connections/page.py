"""The page Connections: the list by environment, the form, the doctor. It needs no session: a session begins here."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from kafkaview.profiles.errors import ProfileError
from kafkaview.profiles.form import secrets_of
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import SecretField
from kafkaview.ui.kit.banner import Banner, BannerKind
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, ground, hairline
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.kit.tables.filter_field import FilterField
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.doctor_pane import DoctorPane
from kafkaview.ui.pages.connections.editor import Editor
from kafkaview.ui.pages.connections.listing import ProfileList
from kafkaview.ui.pages.connections.profile_actions import ProfileActions
from kafkaview.ui.pages.connections.profile_rows import by_environment, fits
from kafkaview.ui.pages.connections.saved_connections import Book

_LIST, _FORM, _DOCTOR = 170, 470, 330  # what they need side by side, before more is given to list and doctor
_NARROW_FORM = 340


class ConnectionsPage(QWidget):
    """Emits `connect_to` with a saved profile to connect to, and `left` when the user goes back. The `editor` may have
    been made before: it is half of the work.
    """

    connect_to = Signal(object)
    left = Signal()

    def __init__(
        self, theme: Theme, tasks: Tasks, book: Book, *, back: bool = False, editor: Editor | None = None
    ) -> None:
        super().__init__()
        self._theme = theme
        self._tasks = tasks
        self._book = book
        self._profile = ConnectionProfile("", "")
        self._keyring_read = False
        self.filter = FilterField(theme)
        self.filter.setToolTip("Name, broker or environment")
        self.list = ProfileList(theme)
        self.editor = editor or Editor(theme)
        self.editor.lay_out()
        self.doctor = DoctorPane(theme, tasks, book.diagnose)
        self.panes, self.work = QSplitter(Qt.Orientation.Horizontal), QSplitter(Qt.Orientation.Horizontal)
        self._sized_by_hand = False
        self.profile_actions = ProfileActions(theme, tasks, book, self)
        self.notice = Banner(theme)
        self._count = Text(tone="text_2")
        self._none = Text(size=12, tone="text_2", wrap=True)
        self._none.setContentsMargins(16, 12, 12, 12)
        self.back = Button(theme, "Back", clicked=self._back)
        self.back.setVisible(back)
        self.add = Button(theme, kind=ButtonKind.ICON, icon="plus", tip="New connection", clicked=self.new)
        self.delete = Button(theme, "Delete…", kind=ButtonKind.LINK, clicked=self._delete)
        self.copy = Button(theme, "Duplicate", kind=ButtonKind.LINK, clicked=self._duplicate)
        self.cancel = Button(theme, "Cancel", clicked=self._undo)
        self.save = Button(theme, "Save", clicked=lambda: self._save(connect=False))
        self.connect_now = Button(
            theme, "Save and connect", kind=ButtonKind.PRIMARY, clicked=lambda: self._save(connect=True)
        )
        ground(self, "surface")
        self._lay_out()
        self._connect()
        self._show_list()
        self.new()

    def new(self) -> None:
        """Shows an empty form."""
        if self._may_leave():
            self._edit(ConnectionProfile("", ""))
            self.list.clearSelection()
            self.editor.go_to("name")

    def edit(self, profile: ConnectionProfile) -> None:
        """Shows the form of a profile, saved or not."""
        if profile.id != self._profile.id and self._may_leave():
            self._edit(profile)
            if not profile.saved:
                self.editor.go_to("name")

    def why(self, profile: ConnectionProfile) -> None:
        """Shows a profile and tests it, to say why it does not connect."""
        self.edit(profile)
        if self._profile.id == profile.id:
            self.test()

    def test(self) -> None:
        """Tests the profile of the form, saved or not."""
        if self.editor.check(to_save=False):
            profile = self.editor.profile
            self._fit(of_doctor=0.55)
            self.doctor.test(profile, self._book.typed_secrets(profile, self.editor.typed_secrets()))

    def import_file(self) -> None:
        """Asks for a client.properties to import, unless what was typed is to be kept."""
        if self._may_leave():
            self.profile_actions.choose_file()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self, *, of_doctor: float = 0.4) -> None:
        """Puts form and doctor side by side or one above the other; `of_doctor` is the doctor's share of the height."""
        width = round(self.width() / self._theme.scale)
        beside = width >= _LIST + _FORM + _DOCTOR
        way = Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical
        if self._sized_by_hand and way == self.work.orientation():
            return
        self.work.setOrientation(way)
        self.doctor.show_command(shown=beside)
        left = min(232, max(_LIST, width - _FORM - 384) if beside else max(130, width - _NARROW_FORM))
        doctor = max(_DOCTOR, min(384, width - left - _FORM)) if beside else round(of_doctor * 1000)
        self.panes.setSizes([self._theme.px(left), self._theme.px(width - left)])
        self.work.setSizes([(width - left if beside else 1000) - doctor, doctor])
        self._sized_by_hand = False

    def _note_size(self) -> None:
        self._sized_by_hand = True

    def _edit(self, profile: ConnectionProfile) -> None:
        self._profile = profile
        self._keyring_read = False
        self.notice.hide()
        self.editor.edit(profile, self._book.names_of_others(profile))
        self.doctor.show_profile(profile)
        self.list.choose(profile.id)
        self._show_buttons()

    def _show_buttons(self) -> None:
        """Enables the buttons for what the form has now, and asks the keyring if secrets are needed."""
        dirty = self.editor.dirty
        self.cancel.setEnabled(dirty)
        self.save.setEnabled(dirty or not self._profile.saved)
        self.connect_now.setText("Connect" if self._profile.saved and not dirty else "Save and connect")
        for button in (self.delete, self.copy):
            button.setVisible(self._profile.saved)
        if secrets_of(self.editor.values) and not self._keyring_read:
            self._ask_keyring()

    def _note_change(self) -> None:
        """Marks what the doctor said of the form as it was before."""
        try:
            now: ConnectionProfile | None = self.editor.profile
        except ValueError:  # it is being typed
            now = None
        self.doctor.note_change(now)

    def _ask_keyring(self) -> None:
        self._keyring_read = True
        self._tasks.start("connections.kept", self._show_kept(self._profile))

    async def _show_kept(self, profile: ConnectionProfile) -> None:
        kept, no_keyring = await self._book.find_secrets(profile)
        if profile.id == self._profile.id and not self.editor.typed_secrets():
            self.editor.show_kept(kept, no_keyring)

    def _save(self, *, connect: bool) -> None:
        if self.editor.check():
            self._tasks.start("connections.save", self._save_profile(connect=connect), on_error=self._not_saved)

    async def _save_profile(self, *, connect: bool) -> None:
        profile = self.editor.profile
        if self.editor.dirty or not self._profile.saved:
            profile = await self._book.save(profile, self.editor.typed_secrets(), self.editor.only_now())
            self._edit(profile)
        if connect:
            self.connect_to.emit(profile)

    def _not_saved(self, error: Exception) -> None:
        if not isinstance(error, ProfileError):
            raise error
        self.say("Not all of it was saved.", sentences(error))
        self._ask_keyring()

    def _forget(self, secret: SecretField) -> None:
        self._tasks.start("connections.forget", self._forgotten(secret), on_error=self._not_saved)

    async def _forgotten(self, secret: SecretField) -> None:
        await self._book.forget(self._profile, secret)
        await self._show_kept(self._profile)

    def _delete(self) -> None:
        self.profile_actions.delete(self._profile)

    def _duplicate(self) -> None:
        if self._may_leave():
            self.profile_actions.duplicate(self._profile)

    def _jump(self, field: str) -> None:
        self._fit()
        self.editor.go_to(field)

    def _undo(self) -> None:
        self._edit(self._profile)

    def _back(self) -> None:
        if self._may_leave():
            self.left.emit()

    def _may_leave(self) -> bool:
        """Returns whether the form may be left; asks first if changes would be lost."""
        if not self.editor.dirty:
            return True
        name = self.editor.values.text("name") or "The new connection"
        self.say(f"{name} has changes that are not saved.", "Save them, or cancel them first.")
        return False

    def _choose(self, profile: ConnectionProfile) -> None:
        if profile.id == self._profile.id:
            return
        if self._may_leave():
            self._edit(profile)
        else:
            self._show_list()

    def _edit_or_new(self, profile: ConnectionProfile | None) -> None:
        self._edit(profile or ConnectionProfile("", ""))

    def say(self, news: str, meaning: str = "") -> None:
        """Shows news in a strip that stays until it is dismissed."""
        self.notice.say(BannerKind.READ_ONLY, news, meaning, "Dismiss")

    def _show_list(self) -> None:
        found = [profile for profile in self._book.profiles if fits(profile, self.filter.text())]
        self.list.show_rows(by_environment(found), self._profile.id)
        self._none.setText("Nothing matches" if self._book.profiles else "No connection is saved yet")
        self._none.setVisible(not found)
        self.list.setVisible(bool(found))
        count = len(self._book.profiles)
        self.filter.show_count(len(found), count)
        self._count.setText(f"{count or 'none'} saved, secrets only in the keyring")
        if self._book.no_kerberos:
            self.editor.refuse_kerberos(self._book.no_kerberos)

    def _connect(self) -> None:
        self.filter.filtered.connect(lambda _text: self._show_list())
        self.filter.lead_to(self.list)
        self._book.changed.connect(self._show_list)
        self.list.chosen.connect(self._choose)
        self.list.opened.connect(lambda _profile: self._save(connect=True))
        self.list.moved.connect(self.profile_actions.move)
        self.list.deleted.connect(self.profile_actions.delete)
        self.editor.changed.connect(self._show_buttons)
        self.editor.changed.connect(self._note_change)
        self.editor.forget.connect(self._forget)
        self.doctor.wanted.connect(self.test)
        self.doctor.jump.connect(self._jump)
        self.profile_actions.done.connect(self._edit_or_new)
        self.profile_actions.imported.connect(self._edit_or_new)
        self.profile_actions.said.connect(self.say)
        self.notice.action.clicked.connect(self.notice.hide)
        self._theme.changed.connect(self._fit)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(16, 9, 16, 9)
        head.setSpacing(16)
        head.addWidget(self.back)
        head.addWidget(Text("Connections", size=18, weight=600))
        head.addWidget(self._count, 1)
        for pane, least in ((left := self._make_list(), 120), (middle := self._middle(), 280), (self.doctor, 260)):
            pane.setMinimumWidth(least)  # not scaled: with larger text each scrolls, and the window still fits
        self.panes.addWidget(left)
        self.panes.addWidget(self.work)
        self.work.addWidget(middle)
        self.work.addWidget(self.doctor)
        for splitter in (self.panes, self.work):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
            splitter.splitterMoved.connect(self._note_size)
        self.setLayout(column(head, hairline(), self.notice, last=self.panes))

    def _make_list(self) -> QWidget:
        pane = QWidget()
        top = QHBoxLayout()
        top.setContentsMargins(12, 8, 8, 8)
        top.addWidget(self.filter, 1)
        top.addWidget(self.add)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 6, 12, 6)
        load = Button(
            self._theme,
            "Import a file…",
            kind=ButtonKind.LINK,
            tip="client.properties, in Java's or librdkafka's spelling",
            clicked=self.import_file,
        )
        foot.addWidget(load)
        foot.addStretch(1)
        below = column(hairline(), foot)
        rows = column(self._none, self.list, grows=self.list)
        rows.addStretch(0)  # where the list is hidden
        pane.setLayout(column(top, hairline(), rows, below, grows=rows))
        return pane

    def _middle(self) -> QWidget:
        pane, foot = QWidget(), QWidget()
        ground(foot, "code")
        row = make_flow(self.delete, self.copy, gap=6)
        row.push()
        for button in (self.cancel, self.save, self.connect_now):
            row.addWidget(button)
        row.setContentsMargins(12, 9, 16, 9)
        foot.setLayout(row)
        pane.setLayout(column(self.editor, hairline(), foot, grows=self.editor))
        return pane
