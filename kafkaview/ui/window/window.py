"""The window: it shows the frame and the pages, passes each sample to them, and runs actions."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, nullcontext
from dataclasses import replace
from operator import methodcaller
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
)

from kafkaview.cluster.errors import ClusterError
from kafkaview.doctor.diagnosis import DiagnosisStep
from kafkaview.engine.messages import EngineFault
from kafkaview.engine.port import Engine
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.ui.kit.actions import bind
from kafkaview.ui.kit.bands import ScreenPainter
from kafkaview.ui.kit.banner import Banner, BannerKind
from kafkaview.ui.kit.connection_state import error_of, never_connected, view_of_error
from kafkaview.ui.kit.controls import ground, hairline
from kafkaview.ui.kit.enter_key import press_by_enter
from kafkaview.ui.kit.lazy_parts import LazyParts, make_all
from kafkaview.ui.kit.look_steps import LookSteps, say_briefly
from kafkaview.ui.kit.notices import Notices
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.panes import focus_pane, panes, turn
from kafkaview.ui.kit.preferences import Layouts, Remembered
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.kit.sheets import STILL, Veil, environment_token
from kafkaview.ui.kit.states import Failed, FirstRun, StateAction
from kafkaview.ui.kit.tab_order import step, stops
from kafkaview.ui.kit.tables import Table
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.kit.theme.icons import app_icon
from kafkaview.ui.kit.turns import paint_in_turns
from kafkaview.ui.pages.connections.doctor_pane import Diagnose
from kafkaview.ui.pages.connections.saved_connections import Book
from kafkaview.ui.window.changed_profile import ChangedProfile
from kafkaview.ui.window.frame.cluster_status import ClusterStatus
from kafkaview.ui.window.frame.header import WindowHeader
from kafkaview.ui.window.frame.page_head import PageHead
from kafkaview.ui.window.frame.rail import Rail
from kafkaview.ui.window.frame.status import StatusBar
from kafkaview.ui.window.frame_actions import FrameActions
from kafkaview.ui.window.last_write import LastWrite
from kafkaview.ui.window.own_pages import CONNECTIONS, SETTINGS, OwnPages
from kafkaview.ui.window.pacing import Pacing
from kafkaview.ui.window.places import Places
from kafkaview.ui.window.running_writes import RunningWrites, describe_cut_off
from kafkaview.ui.window.stuck_notices import StuckNotices, title_of

if TYPE_CHECKING:
    from kafkaview.demo.steps import DemoStep
    from kafkaview.triage.watch.view import View
    from kafkaview.ui.pages.connections.page import ConnectionsPage
    from kafkaview.ui.window.demo_start import DemoStart
    from kafkaview.ui.writes.outcome_strip import OutcomeStrip
    from kafkaview.ui.writes.run import Run

_STRIPE, _FOLDS_BELOW = 4, 1100
_PIECE_PAUSE_S = 0.05  # between what is made ahead: what the user does comes first


class Window(ScreenPainter):
    """The window of one cluster. It emits `close_wanted` first: whoever opened it ends the work and then calls
    `finish`. `another` asks for one more window, `connect_to` for another connection in this one, `quit_wanted` for the
    end of all windows.
    """

    close_wanted = Signal()
    another = Signal()
    quit_wanted = Signal()
    connect_to = Signal(object)
    complete = Signal()  # what is made ahead is made

    def __init__(
        self,
        theme: Theme,
        profile: ConnectionProfile,
        book: Book | None = None,
        *,
        remembered: Remembered | None = None,
        explains: bool = True,
    ) -> None:
        super().__init__()
        self.theme = theme
        self.tasks = Tasks(self)
        self.look = LookSteps(theme, self)
        self.pages: LazyParts[str, Page] = LazyParts((), self._make)
        self.view: View | None = None
        self._cause: ClusterError | None = None  # of a cluster that has not answered yet, as the doctor found it
        self._seen: dict[str, View] = {}  # what each page shows
        self._opened: set[str] = set()  # the pages that the user has been on
        self.profile = profile
        self.book = book
        self._explains = explains and book is not None  # the doctor can say why nobody answers
        self.context: Context | None = None
        self.outcome: OutcomeStrip | None = None  # made with the first write
        self.page_types: tuple[type[Page], ...] = ()
        layouts_of = profile.id if profile.saved else profile.name
        self._layouts = Layouts(self, layouts_of, remembered) if remembered is not None else None
        kept = remembered if explains else None  # the demo's journal goes with its window
        self._writes = RunningWrites(theme, self, profile, layouts_of, kept)
        self._engine: Engine | None = None
        self._places = Places()
        self._may_close = False
        self._folded_by_user = False
        self._header = WindowHeader(theme, profile)
        self._rail = Rail(theme)
        self._head = PageHead(theme)
        self._head_line = hairline()
        self._banner = Banner(theme)
        self._notice = Banner(theme)
        self._changed = ChangedProfile(theme, lambda: self.profile, book)
        self._stack = QStackedWidget()
        notices = Notices(remembered)
        self._own = OwnPages(theme, self.tasks, self._stack, book, notices, self.connect_to.emit)
        self._stuck = StuckNotices(self, profile, notices)
        self._right = QVBoxLayout()
        self._status = StatusBar(theme, self.tasks, profile.security.login or "not logged in")
        self._standing = ClusterStatus(self._header, self._status, self._banner, doctor=self._explains)
        self.pacing = Pacing(self, self.tasks, self._standing)
        self.last_write = LastWrite(self)
        self.deeds = FrameActions(self)
        self._demo_start: DemoStart | None = None
        self._waiting = FirstRun(theme, f"Connecting to {profile.name}", profile.bootstrap)
        self._waiting.set_fraction(None)
        self._lay_out()
        self._page_before = self._layouts.place_window() if self._layouts is not None else ""
        self.setFocus()
        self._connect()
        self._shortcuts = bind(self, self.deeds.of_frame(), self.is_uncovered)
        self._shortcuts += bind(self, self.deeds.ways_out(), lambda: True)

    def watch(self, engine: Engine, profile: ConnectionProfile) -> None:
        """Shows what the engine says of its profile. The first page is made at once, the others when they are opened or
        when there is time.
        """
        self._end_demo_start()
        self.list_pages()
        self._engine = self.pacing.engine = engine
        self.profile = profile
        self._shortcuts += bind(self, self.deeds.page_links(), self.is_uncovered)
        why = self.show_why if self._explains else None
        self.context = Context(self.theme, self.tasks, self.profile, engine, self.go, self, self._follow, why)
        self._rail.allow()
        self._opened = set()
        self.pages = LazyParts(
            (page_type.id for page_type in self.page_types), self._make, methodcaller("lay_out"), self._place
        )
        self.go(Place(self._page_before if self._page_before in self.pages else self.page_types[0].id))
        self.setFocus()
        self.tasks.start("watch", self._watch_engine(engine), on_error=self._stop_watching)
        cut_off = self._writes.take_cut_off()
        if cut_off is not None:
            self.tasks.ask("cut-off", self._tell_cut_off(engine, *cut_off))

    def list_pages(self) -> None:
        """Lists the pages in the rail, unless they are. There is nothing to open before the window watches."""
        from kafkaview.ui.window.pages import PAGES  # heavy: the window is painted before they are loaded

        if not self.page_types:
            self.page_types = PAGES
            for place, page_type in enumerate(PAGES, 1):
                self._rail.add(page_type.id, page_type.icon, page_type.title, f"Ctrl+{place}", page_type.badge_of)

    @property
    def connections(self) -> ConnectionsPage:
        """The page Connections, made when it is first shown; a window has one if it was given a book."""
        return self._own.connections

    def show_demo_step(self, step: DemoStep) -> None:
        """Shows how far the demo of this window is, which is being started. It can be cancelled: Welcome comes back."""
        if self._demo_start is None:
            from kafkaview.ui.window.demo_start import DemoStart  # of a demo alone

            self._demo_start = DemoStart(self.theme, self._leave)
            self.theme.dress(self._demo_start)
            self._stack.addWidget(self._demo_start)
            self._stack.setCurrentWidget(self._demo_start)
            self._standing.show_connecting()
        self._demo_start.show_step(step)

    def _leave(self) -> None:
        self.another.emit()
        self.close()

    def say_failed(self, title: str, text: str) -> None:
        """Shows why there will be no session."""
        ways = (StateAction("Why?", self.show_why, primary=True),) if self._explains else ()
        failed = Failed(self.theme, title, text, ways)
        self.theme.dress(failed)
        self._stack.addWidget(failed)
        self._stack.setCurrentWidget(failed)
        self._end_demo_start()
        self._standing.show_failed()

    def _end_demo_start(self) -> None:
        if self._demo_start is not None:
            self._demo_start.deleteLater()
            self._demo_start = None

    @property
    def connected(self) -> bool:
        """Whether the cluster has answered at least once."""
        return self.view is not None and not never_connected(self.view)

    def show_why(self) -> None:
        """Lets the doctor say why the profile does not connect."""
        if self.book is not None:
            self.show_own(CONNECTIONS)
            self.connections.why(self.profile)

    async def find_cause(self, diagnose: Diagnose, typed: Secrets) -> None:
        """Lets the doctor examine the connection beside the first attempts: it knows a cause long before them."""

        def report(step: DiagnosisStep) -> None:
            if step.ok is False and step.cause is not None and self._cause is None and not self.connected:
                self._cause = error_of(step)
                self.show_view(self.view or view_of_error(self._cause))

        await diagnose(self.profile, typed, report)

    def go(self, place: Place) -> None:
        """Goes to a place and remembers the place before."""
        shown = self._front_page()
        if shown is not None:
            self._places.leave(shown.place())
        self._show_place(place)
        self._places.arrive(place)

    def show_view(self, view: View) -> None:
        """Passes a sample to every page and shows how the cluster answers."""
        if self._cause is not None and never_connected(view):
            view = replace(view, errors=(self._cause,))
        self.view = view
        if self.connected:
            self._cause = None
            self.tasks.cancel("cause")
        self._standing.show_view(view)
        self._stuck.note_view(view)
        if self.outcome is not None:
            self.outcome.look(view)
        for page in self.pages.made.values():
            page.note_view(view)
        self._show_page()

    def finish(self) -> None:
        """Closes the window after its work has ended."""
        self._may_close = True
        self._writes.keep()
        if self._layouts is not None:
            shown = self._front_page()
            self._layouts.keep_window(shown.id if shown is not None else self._page_before)
            self._layouts.keep()
        self.pages.finish()
        self.close()
        self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: Enter presses what has the keyboard."""
        if not press_by_enter(event):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001, N802  # Qt's signature
        """Qt's: Tab goes as the window is read."""
        step(Veil.over(self) or self, forward=forward)
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt's: the work is ended first, and only then the window. In the middle of a write it is asked."""
        if self._may_close:
            event.accept()
            return
        event.ignore()
        if self._writes.ask(self.close_wanted.emit):
            self.close_wanted.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Qt's: a window that is minimised asks the cluster less."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self.pacing.tell_hidden()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: the rail folds where there is little room."""
        super().resizeEvent(event)
        self._fit()

    def _follow(self, run: Run) -> None:
        """Lets the strip above the pages show the outcome of a write."""
        assert self.context is not None
        self._writes.follow(run)
        run.ended.connect(lambda _result: self._tell_written())
        if self.outcome is None:
            from kafkaview.ui.writes.outcome_strip import OutcomeStrip  # with the first plan, not with the window

            self.outcome = OutcomeStrip(self.context)
            self.outcome.changed.connect(self.refresh)
            self.theme.dress(self.outcome)
            self._right.insertWidget(self._right.indexOf(self._stack), self.outcome)
            self.outcome.lower()  # below every sheet that is open: a form stays below its plan
        self.outcome.follow(run)

    async def _tell_cut_off(self, engine: Engine, since_ms: int, titles: tuple[str, ...]) -> None:
        """Says what became of the writes in whose middle the window before was closed."""
        from kafkaview.journal.search import JournalRequest  # of a window that was closed so, alone

        page = await engine.journal_page(JournalRequest(since_ms=since_ms))
        own = [row for row in page.rows if row.profile == self.profile.name]
        news = "This window was closed in the middle of a write."
        self.say_news(BannerKind.PARTIAL, news, describe_cut_off(titles, own))

    def _show_page(self) -> None:
        """Shows the newest sample on the page in front; another page gets it when it comes to the front."""
        shown = self._front_page()
        if shown is not None and self.view is not None and self._seen.get(shown.id) is not self.view:
            self._seen[shown.id] = self.view
            shown.show_view(self.view)

    def show_own(self, page: str) -> None:
        """Shows a page that is not about the cluster."""
        self._own.show(page)
        self._rail.choose(page)
        self._fit_head()

    def _go_to(self, page: str) -> None:
        if page in self._own:
            self.show_own(page)
        else:
            self.go(Place(page))

    def _fit_head(self) -> None:
        """Hides the head on pages that have their own."""
        for part in (self._head, self._head_line):
            part.setVisible(not self._own.in_front)

    def _fit(self) -> None:
        self._rail.fold(folded=self._folded_by_user or self.width() < self.theme.px(_FOLDS_BELOW))

    def _show_again(self) -> None:
        """Shows the newest sample again, since times may be written in another zone."""
        self._seen.clear()
        if self.view is not None:
            self.show_view(self.view)

    async def _watch_engine(self, engine: Engine) -> None:
        async with aclosing(engine.views()) as views:
            async for view in views:
                self.show_view(view)

    def _stop_watching(self, error: Exception) -> None:
        """Dates what is shown after a fault of kafkaview's own: nothing newer comes."""
        if self.view is not None:
            fault = EngineFault("kafkaview has stopped watching", "Close the window and open it again.")
            self.show_view(replace(self.view, stale=True, next_try_at_ms=None, errors=(fault,)))
        raise error

    async def _make_ahead(self) -> None:
        """Makes what was not opened yet, piece by piece, for opening it then takes half as long: every page, also
        Connections and Settings, and the tabs of those that the user has been on. All tabs of all pages take 13 MB.
        """
        for _piece in make_all(self.pages, self._opened):
            await asyncio.sleep(_PIECE_PAUSE_S)
        for _piece in self._own.make_ahead():
            await asyncio.sleep(_PIECE_PAUSE_S)
        self.complete.emit()

    def _make(self, page_id: str) -> Page:
        assert self.context is not None
        page_type = next(page_type for page_type in self.page_types if page_type.id == page_id)
        page = page_type(self.context, self._stack)
        page.hide()
        self._head.add(page)
        page.standing_changed.connect(self._standing.show_quorum)
        page.badge_changed.connect(lambda count: self._count(page.id, count))
        here = lambda: self.is_uncovered() and self._front_page() is page  # noqa: E731
        self._shortcuts += bind(page, page.actions_of_page(), here)  # its own: Qt passes over those of hidden pages
        page.moved.connect(lambda: self._places.arrive(page.place()))
        return page

    def _place(self, page: Page) -> None:
        self._stack.addWidget(page)
        for part in page.dressed_parts():
            self.theme.dress(part)  # after it has its parent: Qt styles all that is in it anew with each parent
        if self.view is not None:
            page.note_view(self.view)

    def _count(self, page: str, count: int) -> None:
        """Shows what waits on a page in the rail; what Triage counts in the window's title, too."""
        self._rail.set_badge(page, count)
        if page == self.page_types[0].id:
            self.setWindowTitle(title_of(self.profile, count))

    def focus_pane(self, step: int) -> None:
        """Gives the keyboard to the next pane (1) or the one before (-1)."""
        focus_pane([self._rail, *panes(self._stack.currentWidget())], step)

    def turn_detail(self) -> None:
        """Moves the detail of the page in front to the right, or below."""
        shown = self._front_page()
        if shown is not None and not turn(shown):
            say_briefly(self, "There is no room for the detail at the right")

    def _front_page(self) -> Page | None:
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, Page) else None

    def _show_place(self, place: Place) -> None:
        page = self.pages[place.page]
        turns = page is not self._stack.currentWidget()
        with paint_in_turns(self._stack) if turns else nullcontext():
            if turns:
                self._turn_to(page)
            self._show_page()
            self._rail.choose(place.page)
            if place.what or place.filter:
                page.go_to(place)
        if place.page not in self._opened:
            self._opened.add(place.page)
            self.tasks.start("pages", self._make_ahead())

    def _turn_to(self, page: Page) -> None:
        now = QApplication.focusWidget()
        leaves = now is not None and self._stack.isAncestorOf(now)
        self._stack.setCurrentWidget(page)
        self._show_page()
        if leaves:  # else Qt gives the keyboard to what was made next
            next((stop for stop in stops(page) if isinstance(stop, QAbstractItemView)), self).setFocus()
        self._fit_head()
        self._head.show_page(page)

    def leads(self, step: int) -> bool:
        """Returns whether there is a place to go back (-1) or forward (1) to."""
        return self._places.leads(step)

    def step_place(self, step: int) -> None:
        """Goes back (-1) or forward (1)."""
        shown = self._front_page()
        if shown is not None:
            self._places.leave(shown.place())
        place = self._places.step(step)
        if place is not None:
            self._show_place(place)

    def refresh(self) -> None:
        """Asks now for all that is shown, and puts the rows in order."""
        self._own.refresh()
        if self._engine is not None:
            self.tasks.start("refresh", self._engine.refresh())
        for table in self._stack.findChildren(Table):
            if table.isVisible():  # the others are put in order by their next sample, or by a key of their own page
                table.rows.sort_again()
        for page in self.pages.made.values():
            page.refresh()

    def _tell_written(self) -> None:
        for page in self.pages.made.values():
            page.note_write()

    def _try_now(self) -> None:
        """Does what the banner offers: goes on after a pause, else asks now."""
        if self.pacing.is_paused:
            self.pacing.turn()
        else:
            self.refresh()

    def fold_rail(self) -> None:
        """Folds the rail, or unfolds it."""
        self._folded_by_user = not self._rail.folded
        self._rail.fold(folded=self._folded_by_user)

    def focus_filter(self) -> None:
        """Puts the cursor into the filter of the page in front."""
        shown = self._front_page()
        if shown is not None:
            shown.filter_focus()

    def is_uncovered(self) -> bool:
        """Returns whether no sheet lies over the window."""
        return Veil.over(self) is None

    def say_news(self, kind: BannerKind, news: str, meaning: str = "") -> None:
        """Shows news above the page until they are dismissed."""
        self._notice.say(kind, news, meaning, "Dismiss")

    def say_error(self, what: str, error: object) -> None:
        """Says what failed and why."""
        if isinstance(error, ClusterError):
            said = sentences(error)
        else:
            said = f"{type(error).__name__}: {str(error).removesuffix('.')}. Nothing else was touched by it."
        self.say_news(BannerKind.PARTIAL, f"{what} failed.", said)

    def _connect_again(self, profile: ConnectionProfile) -> None:
        """Opens the connection as it is saved now, in place of this window."""
        self.connect_to.emit(profile)
        self.close()

    def _connect(self) -> None:
        self._rail.chosen.connect(self._go_to)
        self._header.go.connect(self.deeds.open_palette)
        self._header.refresh.connect(self.refresh)
        self._header.turned.connect(self.look.turn)
        self._header.keys.connect(self.deeds.open_keys)
        self._header.menu.connect(self.deeds.open_menu)
        self._header.pace.connect(self.deeds.open_pace)
        self._header.connections.connect(self.deeds.open_connections)
        self._standing.why_wanted.connect(self.show_why)
        self._standing.try_wanted.connect(self._try_now)
        self._notice.action.clicked.connect(self._notice.hide)
        self._changed.again.connect(self._connect_again)
        self.tasks.failed.connect(self.say_error)
        self.theme.changed.connect(self._fit)
        self.theme.changed.connect(self._show_again)

    def _lay_out(self) -> None:
        self.setWindowTitle(title_of(self.profile, 0))
        self.setWindowIcon(app_icon())
        self.setMinimumSize(800, 560)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that no control wears a ring before Tab is pressed
        self.resize(1280, 800)
        self._stack.addWidget(self._waiting)
        self._stack.setObjectName(STILL)
        stripe = QFrame()
        stripe.setFixedHeight(_STRIPE)
        ground(stripe, environment_token(self.profile.environment))
        if self.profile.colour:
            stripe.setStyleSheet(f"background: {self.profile.colour};")
        else:
            self.theme.dress(stripe)
        if self.book is not None:
            self._rail.add_below(CONNECTIONS, "plug", "Connections", "Saved connections, and why one fails")
        self._rail.add_below(
            SETTINGS, "sliders-horizontal", "Settings", "Theme, text, rows, times, notifications (Ctrl+,)"
        )
        right = self._right
        right.setSpacing(0)
        for part in (self._head, self._head_line, self._banner, self._changed, self._notice):
            right.addWidget(part)
        right.addWidget(self._stack, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._rail)
        middle.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        above, below = hairline(), hairline()
        column.addWidget(stripe)
        column.addWidget(self._header)
        column.addWidget(above)
        column.addLayout(middle, 1)
        column.addWidget(below)
        column.addWidget(self._status)
        around = (self._header, above, self._rail, self._head_line, self._banner)
        for framing in (
            *around,
            self._changed,
            self._notice,
            self._waiting,
            below,
            self._status,
        ):  # each by itself: a page that is hidden waits
            self.theme.dress(framing)
