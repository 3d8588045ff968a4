"""The window: it shows the frame and the pages, passes each sample to them, and runs actions."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from kafkaview.cluster.errors import ClusterError
from kafkaview.doctor.diagnosis import DiagnosisStep
from kafkaview.engine.port import Engine
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.ui.kit.actions import Action, bind
from kafkaview.ui.kit.bands import ScreenPainter
from kafkaview.ui.kit.banner import Banner, BannerKind
from kafkaview.ui.kit.connection_state import error_of, never_connected, view_of_error
from kafkaview.ui.kit.controls import ground, hairline
from kafkaview.ui.kit.enter_key import press_by_enter
from kafkaview.ui.kit.lazy_parts import LazyParts, make_all
from kafkaview.ui.kit.look_steps import LookSteps
from kafkaview.ui.kit.notices import Notices
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.panes import focus_pane, panes, turn
from kafkaview.ui.kit.preferences import Layouts, Remembered
from kafkaview.ui.kit.sheets import STILL, Veil
from kafkaview.ui.kit.states import Failed, FirstRun, StateAction
from kafkaview.ui.kit.tab_order import step, stops
from kafkaview.ui.kit.tables import Table
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.kit.theme.icons import app_icon
from kafkaview.ui.kit.turns import paint_in_turns
from kafkaview.ui.pages.connections.book import Book
from kafkaview.ui.pages.connections.doctor_pane import Diagnose
from kafkaview.ui.window.frame.cluster_status import ClusterStatus
from kafkaview.ui.window.frame.header import WindowHeader
from kafkaview.ui.window.frame.page_head import PageHead
from kafkaview.ui.window.frame.rail import Rail
from kafkaview.ui.window.frame.status import StatusBar
from kafkaview.ui.window.keys import KeysSheet
from kafkaview.ui.window.lookups import deeds, places, typed_record
from kafkaview.ui.window.menu import (
    AboutSheet,
    WatchPace,
    connections_menu,
    open_logs,
    pace_menu,
    why_no_logs,
    window_menu,
)
from kafkaview.ui.window.own_pages import CONNECTIONS, SETTINGS, OwnPages
from kafkaview.ui.window.palette import Palette
from kafkaview.ui.window.places import Places
from kafkaview.ui.window.running_writes import RunningWrites, describe_cut_off
from kafkaview.ui.window.stuck_notices import StuckNotices, title_of

if TYPE_CHECKING:
    from kafkaview.triage.watch.view import View
    from kafkaview.ui.pages.connections.page import ConnectionsPage
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
    complete = Signal()  # every page and tab is made

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
        self._look = LookSteps(theme, self)
        self.pages: LazyParts[str, Page] = LazyParts((), self._make)
        self.view: View | None = None
        self._cause: ClusterError | None = None  # of a cluster that has not answered yet, as the doctor found it
        self._seen: dict[str, View] = {}  # what each page shows
        self._profile = profile
        self._book = book
        self._explains = explains and book is not None  # the doctor can say why nobody answers
        self._context: Context | None = None
        self.outcome: OutcomeStrip | None = None  # made with the first write
        self._page_types: tuple[type[Page], ...] = ()
        layouts_of = profile.id if profile.saved else profile.name
        self._layouts = Layouts(self, layouts_of, remembered) if remembered is not None else None
        self._writes = RunningWrites(theme, self, profile, layouts_of, remembered)
        self._engine: Engine | None = None
        self._places = Places()
        self._may_close = False
        self._folded_by_user = False
        self._pace = WatchPace.LIVE
        self._header = WindowHeader(theme, profile)
        self._rail = Rail(theme)
        self._head = PageHead(theme)
        self._head_line = hairline()
        self._banner = Banner(theme)
        self._notice = Banner(theme)
        self._stack = QStackedWidget()
        notices = Notices(remembered)
        self._own = OwnPages(theme, self.tasks, self._stack, book, notices, self.connect_to.emit)
        self._stuck = StuckNotices(self, profile, notices)
        self._right = QVBoxLayout()
        self._status = StatusBar(theme, self.tasks, profile.security.login or "not logged in")
        self._standing = ClusterStatus(self._header, self._status, self._banner, doctor=self._explains)
        self._waiting = FirstRun(theme, f"Connecting to {profile.name}", profile.bootstrap)
        self._waiting.set_fraction(None)
        self._lay_out()
        self._page_before = self._layouts.place_window() if self._layouts is not None else ""
        self.setFocus()
        self._connect()
        self._shortcuts = bind(self, self._frame_actions(), self._is_uncovered)
        self._shortcuts += bind(self, self._ways_out(), lambda: True)

    def watch(self, engine: Engine, profile: ConnectionProfile) -> None:
        """Shows what the engine says of its profile. The first page is made at once, the others when they are opened or
        when there is time.
        """
        from kafkaview.ui.window.pages import PAGES  # heavy: the window is painted before they are loaded

        self._engine = engine
        self._profile = profile
        self._page_types = PAGES
        self._shortcuts += bind(self, self._page_links(), self._is_uncovered)
        why = self.show_why if self._explains else None
        self._context = Context(self.theme, self.tasks, self._profile, engine, self.go, self, self._follow, why)
        for place, page_type in enumerate(PAGES):
            self._rail.add(page_type.id, page_type.icon, page_type.title, f"Ctrl+{place + 1}")
        self.pages = LazyParts((page_type.id for page_type in PAGES), self._make, self._place)
        self.go(Place(self._page_before if self._page_before in self.pages else PAGES[0].id))
        self.setFocus()
        self.tasks.start("watch", self._watch_engine(engine))
        self.tasks.start("pages", self._make_all())
        cut_off = self._writes.take_cut_off()
        if cut_off is not None:
            self.tasks.ask("cut-off", self._tell_cut_off(engine, *cut_off))

    @property
    def connections(self) -> ConnectionsPage:
        """The page Connections, made when it is first shown; a window has one if it was given a book."""
        return self._own.connections

    def say_waiting(self, title: str, text: str = "", fraction: float | None = None) -> None:
        """Shows what is going on while there is no session yet."""
        self._waiting.say(title, text)
        self._waiting.set_fraction(fraction)
        self._standing.show_connecting()

    def say_failed(self, title: str, text: str) -> None:
        """Shows why there will be no session."""
        ways = (StateAction("Why?", self.show_why, primary=True),) if self._explains else ()
        failed = Failed(self.theme, title, text, ways)
        self.theme.dress(failed)
        self._stack.addWidget(failed)
        self._stack.setCurrentWidget(failed)
        self._standing.show_failed()

    @property
    def connected(self) -> bool:
        """Whether the cluster has answered at least once."""
        return self.view is not None and not never_connected(self.view)

    def show_why(self) -> None:
        """Lets the doctor say why the profile does not connect."""
        if self._book is not None:
            self._show_own(CONNECTIONS)
            self.connections.why(self._profile)

    async def find_cause(self, diagnose: Diagnose, typed: Secrets) -> None:
        """Lets the doctor examine the connection beside the first attempts: it knows a cause long before them."""

        def report(step: DiagnosisStep) -> None:
            if step.ok is False and step.cause is not None and self._cause is None and not self.connected:
                self._cause = error_of(step)
                self.show_view(self.view or view_of_error(self._cause))

        await diagnose(self._profile, typed, report)

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
        if event.type() is QEvent.Type.WindowStateChange and self._engine is not None:
            self.tasks.start("hide", self._engine.hide(hidden=self._asks_less))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: the rail folds where there is little room."""
        super().resizeEvent(event)
        self._fit()

    def _follow(self, run: Run) -> None:
        """Lets the strip above the pages show the outcome of a write."""
        assert self._context is not None
        self._writes.follow(run)
        if self.outcome is None:
            from kafkaview.ui.writes.outcome_strip import OutcomeStrip  # with the first plan, not with the window

            self.outcome = OutcomeStrip(self._context)
            self.outcome.changed.connect(self._refresh)
            self.theme.dress(self.outcome)
            self._right.insertWidget(self._right.indexOf(self._stack), self.outcome)
        self.outcome.follow(run)
        veil = Veil.over(self)
        if veil is not None:
            veil.raise_()  # over a strip that was just made

    async def _tell_cut_off(self, engine: Engine, since_ms: int, titles: tuple[str, ...]) -> None:
        """Says what became of the writes in whose middle the window before was closed."""
        from kafkaview.journal.search import JournalRequest  # of a window that was closed so, alone

        page = await engine.journal_page(JournalRequest(since_ms=since_ms))
        own = [row for row in page.rows if row.profile == self._profile.name]
        news = "This window was closed in the middle of a write."
        self._notice.say(BannerKind.PARTIAL, news, describe_cut_off(titles, own), "Dismiss")

    def _show_page(self) -> None:
        """Shows the newest sample on the page in front; another page gets it when it comes to the front."""
        shown = self._front_page()
        if shown is not None and self.view is not None and self._seen.get(shown.id) is not self.view:
            self._seen[shown.id] = self.view
            shown.show_view(self.view)

    def _show_own(self, page: str) -> None:
        self._own.show(page)
        self._rail.choose(page)
        self._fit_head()

    def _go_to(self, page: str) -> None:
        if page in self._own:
            self._show_own(page)
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

    async def _make_all(self) -> None:
        """Makes the parts that were not opened yet, piece by piece: opening one then takes half as long."""
        for _piece in make_all(self.pages):
            await asyncio.sleep(_PIECE_PAUSE_S)
        self.complete.emit()

    def _make(self, page_id: str) -> Page:
        assert self._context is not None
        page_type = next(page_type for page_type in self._page_types if page_type.id == page_id)
        page = page_type(self._context, self._stack)
        page.hide()
        self._head.add(page)
        page.standing_changed.connect(self._standing.show_quorum)
        page.badge_changed.connect(lambda count: self._count(page.id, count))
        here = lambda: self._is_uncovered() and self._front_page() is page  # noqa: E731
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
        if page == self._page_types[0].id:
            self.setWindowTitle(title_of(self._profile, count))

    def _next_pane(self, step: int) -> None:
        focus_pane([self._rail, *panes(self._stack.currentWidget())], step)

    def _turn_detail(self) -> None:
        shown = self._front_page()
        if shown is not None:
            turn(shown)

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

    def _turn_to(self, page: Page) -> None:
        now = QApplication.focusWidget()
        leaves = now is not None and self._stack.isAncestorOf(now)
        self._stack.setCurrentWidget(page)
        self._show_page()
        if leaves:  # else Qt gives the keyboard to what was made next
            next((stop for stop in stops(page) if isinstance(stop, QAbstractItemView)), self).setFocus()
        self._fit_head()
        self._head.show_page(page)

    def _step(self, step: int) -> None:
        shown = self._front_page()
        if shown is not None:
            self._places.leave(shown.place())
        place = self._places.step(step)
        if place is not None:
            self._show_place(place)

    def _refresh(self) -> None:
        if self._engine is not None:
            self.tasks.start("refresh", self._engine.refresh())
        for table in self._stack.findChildren(Table):
            table.rows.sort_again()
        for page in self.pages.made.values():
            page.refresh()

    def _undo_last(self) -> None:
        """Opens the plan that undoes the last write on this cluster, or says why there is none."""
        if self._engine is not None and self.view is not None and self.view.info is not None:
            self.tasks.ask("journal.last", self._open_undo(self._engine, self.view.info.cluster_id), self._refuse_undo)

    async def _open_undo(self, engine: Engine, here: str | None) -> None:
        from kafkaview.ui.writes.undoing import open_undo  # with the first plan, not with the window
        from kafkaview.writes.undo import why_not_undone

        last = await engine.last_write(here)
        if last is None or self._context is None:
            self._notice.say(BannerKind.STALE, "There is nothing to undo on this cluster.", "", "Dismiss")
            return
        why = why_not_undone(
            last.id,
            last.kind,
            last.state,
            undoable=last.undoable,
            undone_by=last.undone_by,
            cluster_id=last.cluster_id,
            here=here,
        )
        if why:
            news = f"The last write, entry {last.id} ({last.title}), cannot be undone."
            self._notice.say(BannerKind.STALE, news, f"{why}.", "Dismiss")
            return
        open_undo(self._context, last.id, asks_members=last.moves_offsets, ended=lambda _result: self._refresh())

    def _refuse_undo(self, error: ClusterError) -> None:
        self._show_error("Undo", error)

    def _open_palette(self) -> None:
        view = self.view
        names, records = places(view, self.go) if view is not None else ([], [])
        actions = [*self._page_actions(), *self._page_links(), *self._frame_actions(), *self._ways_out()]
        entries = [*records, *deeds(actions)]
        typed = (lambda text: typed_record(view, text, self.go)) if view is not None else (lambda _text: None)
        Palette(self.theme, self, lambda: entries, names, typed).open()

    def _open_keys(self) -> None:
        frame = [*self._page_links(), *self._frame_actions(), *self._ways_out()]
        KeysSheet(self.theme, self, [*frame, *self._page_actions()]).open()

    def _open_about(self) -> None:
        AboutSheet(self.theme, self).open()

    @property
    def _asks_less(self) -> bool:
        return self.isMinimized() or self._pace is WatchPace.SLOW

    def _set_pace(self, pace: WatchPace) -> None:
        self._pace = pace
        self._standing.show_paused(paused=pace is WatchPace.PAUSED)
        if self._engine is not None:
            self.tasks.start("pause", self._engine.pause(paused=pace is WatchPace.PAUSED))
            self.tasks.start("hide", self._engine.hide(hidden=self._asks_less))

    def _try_now(self) -> None:
        """Does what the banner offers: goes on after a pause, else asks now."""
        if self._pace is WatchPace.PAUSED:
            self._set_pace(WatchPace.LIVE)
        else:
            self._refresh()

    def _pause(self) -> None:
        self._set_pace(WatchPace.LIVE if self._pace is WatchPace.PAUSED else WatchPace.PAUSED)

    def _open_pace(self, button: QWidget) -> None:
        _open_below(pace_menu(button, self._pace, self._set_pace), button)

    def _open_connections(self, button: QWidget) -> None:
        profiles = self._book.profiles if self._book is not None else ()
        named = {action.id: action for action in self._frame_actions()}
        others = (named["another"], named["connections"])
        _open_below(connections_menu(button, profiles, self._profile, self.connect_to.emit, others), button)

    def _open_menu(self, button: QWidget) -> None:
        _open_below(window_menu(button, [*self._frame_actions(), *self._ways_out()]), button)

    def _why_no_undo(self) -> str:
        return "" if self.connected else "Not connected"

    def _fold(self) -> None:
        self._folded_by_user = not self._rail.folded
        self._rail.fold(folded=self._folded_by_user)

    def _filter(self) -> None:
        shown = self._front_page()
        if shown is not None:
            shown.filter_focus()

    def _frame_actions(self) -> tuple[Action, ...]:
        return (
            Action(
                "connections",
                "Connections",
                lambda: self._show_own(CONNECTIONS),
                (),
                "plug",
                why_not=self._why_no_connections,
            ),
            Action("another", "Another connection, in a new window", self.another.emit, ("Ctrl+N",), "plus"),
            Action("palette", "Go to anything", self._open_palette, ("Ctrl+K",), "search", listed=False),
            Action("filter", "Filter this page", self._filter, ("Ctrl+F", "/"), "search"),
            Action("refresh", "Refresh now", self._refresh, ("F5", "Ctrl+R"), "refresh-cw"),
            Action("pause", "Pause, or go on", self._pause, (), "pause"),
            Action(
                "cancel",
                "Cancel the running work",
                self.tasks.cancel_newest,
                ("Ctrl+.",),
                "x",
                why_not=self._why_nothing_to_cancel,
            ),
            Action("back", "Back", lambda: self._step(-1), ("Alt+Left",), "arrow-up"),
            Action("forward", "Forward", lambda: self._step(1), ("Alt+Right",), "arrow-up"),
            Action("pane", "Next pane", lambda: self._next_pane(1), ("F6",), "list"),
            Action("pane-before", "Pane before", lambda: self._next_pane(-1), ("Shift+F6",), "list"),
            Action("detail", "Detail at the right or below", self._turn_detail, ("Ctrl+\\",), "list"),
            Action("rail", "Fold the rail", self._fold, ("Ctrl+B",), "list"),
            Action("theme", "Light or dark", self._look.turn, (), "sun-moon"),
            Action("larger", "Larger text", lambda: self._look.scale(0.1), ("Ctrl++", "Ctrl+="), "eye"),
            Action("smaller", "Smaller text", lambda: self._look.scale(-0.1), ("Ctrl+-",), "eye"),
            Action("usual", "Text in its usual size", lambda: self._look.scale(0), ("Ctrl+0",), "eye"),
            Action("undo", "Undo the last write…", self._undo_last, ("Ctrl+Z",), "undo-2", why_not=self._why_no_undo),
            Action("settings", "Settings", lambda: self._show_own(SETTINGS), ("Ctrl+,",), "sliders-horizontal"),
            Action("keys", "All keys", self._open_keys, ("F1",), "circle-question-mark"),
            Action("logs", "Open the folder of the log files", open_logs, (), "scroll-text", why_not=why_no_logs),
            Action("about", "About kafkaview", self._open_about, (), "circle-question-mark"),
        )

    def _ways_out(self) -> tuple[Action, ...]:
        """Returns the actions that work below a sheet too."""
        return (
            Action("close", "Close the window", self.close, ("Ctrl+W",), "x"),
            Action("quit", "Quit kafkaview", self.quit_wanted.emit, ("Ctrl+Q",), "x"),
        )

    def _page_links(self) -> tuple[Action, ...]:
        return tuple(self._go_action(page, f"Ctrl+{place + 1}") for place, page in enumerate(self._page_types))

    def _go_action(self, page: type[Page], keys: str) -> Action:
        go = lambda: self.go(Place(page.id))  # noqa: E731
        return Action(f"go.{page.id}", f"Go to {page.title}", go, (keys,), page.icon)

    def _page_actions(self) -> tuple[Action, ...]:
        return tuple(action for page in self.pages.values() for action in page.actions_of_page())

    def _why_no_connections(self) -> str:
        return "" if self._book is not None else "This window has no list of connections"

    def _is_uncovered(self) -> bool:
        return Veil.over(self) is None

    def _why_nothing_to_cancel(self) -> str:
        return "" if any(work.cancellable for work in self.tasks.works) else "Nothing runs that can be cancelled"

    def _show_error(self, what: str, error: object) -> None:
        message = error.message if isinstance(error, ClusterError) else f"{type(error).__name__}: {error}"
        hint = error.hint if isinstance(error, ClusterError) else "Nothing else was touched by it."
        self._notice.say(BannerKind.PARTIAL, f"{what} failed.", f"{message} {hint}", "Dismiss")

    def _connect(self) -> None:
        self._rail.chosen.connect(self._go_to)
        self._header.go.connect(self._open_palette)
        self._header.refresh.connect(self._refresh)
        self._header.turned.connect(self._look.turn)
        self._header.keys.connect(self._open_keys)
        self._header.menu.connect(self._open_menu)
        self._header.pace.connect(self._open_pace)
        self._header.connections.connect(self._open_connections)
        self._standing.why_wanted.connect(self.show_why)
        self._standing.try_wanted.connect(self._try_now)
        self._notice.action.clicked.connect(self._notice.hide)
        self.tasks.failed.connect(self._show_error)
        self.theme.changed.connect(self._fit)
        self.theme.changed.connect(self._show_again)

    def _lay_out(self) -> None:
        self.setWindowTitle(title_of(self._profile, 0))
        self.setWindowIcon(app_icon())
        self.setMinimumSize(800, 560)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that no control wears a ring before Tab is pressed
        self.resize(1280, 800)
        self._stack.addWidget(self._waiting)
        self._stack.setObjectName(STILL)
        stripe = QFrame()
        stripe.setFixedHeight(_STRIPE)
        ground(stripe, self._profile.environment.value)
        if self._profile.colour:
            stripe.setStyleSheet(f"background: {self._profile.colour};")
        else:
            self.theme.dress(stripe)
        if self._book is not None:
            self._rail.add_below(CONNECTIONS, "plug", "Connections", "Saved connections, and why one fails")
        self._rail.add_below(
            SETTINGS, "sliders-horizontal", "Settings", "Theme, text, rows, times, notifications (Ctrl+,)"
        )
        right = self._right
        right.setSpacing(0)
        for part in (self._head, self._head_line, self._banner, self._notice):
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
        around = (self._header, above, self._rail, self._head, self._head_line, self._banner, self._notice)
        for framing in (*around, self._waiting, below, self._status):  # each by itself: a page that is hidden waits
            self.theme.dress(framing)


def _open_below(menu: QMenu, button: QWidget) -> None:
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
