"""The base of the tabs of the Coordination page: views of the coordination, samples of the cluster, and their age."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError
from kafkaview.coordination.view import CoordinationView
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.master_detail import Tab
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryState, QueryView
from kafkaview.words import clock, duration

T = TypeVar("T")
_EVERY_MS: Final = 15_000
_LATE_S: Final = 8.0  # as that of a sample


class CoordinationTab(Tab):
    """The base class of the tabs; its `room` shows the answer or why there is none."""

    room: QueryView
    look_now = Signal()  # the user does not want to wait for the next look

    def show_coordination(self, view: CoordinationView) -> None:
        """Shows a view of the coordination."""

    def show_view(self, view: View) -> None:
        """Shows a new sample of the cluster: topics, groups, brokers."""

    def say_age(self, view: CoordinationView, since_ms: int | None, what: str = "No answer since") -> None:
        """Shows that the content was last known at a time, in Unix ms."""
        self.room.show_stale(f"{what} {clock(since_ms)}.", partial(_stale_words, view))

    def say_age_of(self, view: CoordinationView) -> None:
        """Shows the age of what any principal may see, if an earlier view found it."""
        if (
            view.coordination is not None
            and view.coordination_at_ms is not None
            and view.coordination_at_ms < view.at_ms
        ):
            self.say_age(view, view.coordination_at_ms)


class QueryTab(CoordinationTab):
    """The base class of tabs that ask for their own data: when shown, on refresh, and slowly while visible."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._answering: tuple[object, ...] | None = None
        self._overdue: dict[str, int] = {}  # parts without an answer, and since when (Unix ms)
        self._again = QTimer(self, interval=_EVERY_MS)
        self._again.timeout.connect(self.read)

    def read(self) -> None:
        """Asks now for every part of the tab."""

    def refresh(self) -> None:
        """Asks again, if the tab is visible."""
        if self.isVisible():
            self.read()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's."""
        super().showEvent(event)
        self._again.start()
        self.read()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt's."""
        super().hideEvent(event)
        self._again.stop()

    def ask(
        self,
        part: str,
        call: Callable[[], Awaitable[T]],
        show: Callable[[T], object],
        refuse: Callable[[ClusterError], object] | None = None,
    ) -> None:
        """Asks for one part. A request that still runs is not sent again."""
        name = f"coordination.{self.name}.{part}"
        if self.context.tasks.is_running(name):
            return

        async def work() -> None:
            late = asyncio.get_running_loop().call_later(_LATE_S, self._note_late, part, now_ms())
            try:
                answer = await call()
            finally:
                late.cancel()
                self._note_answer(part)
            show(answer)
            self._date()

        self.context.tasks.ask(name, work(), refuse)

    def show_view(self, view: View) -> None:
        """Asks again where others answer than before."""
        before, self._answering = self._answering, _list_answering(view)
        if before is not None and before != self._answering:
            self.refresh()

    def _note_late(self, part: str, asked_ms: int) -> None:
        self._overdue[part] = asked_ms
        self._date()

    def _note_answer(self, part: str) -> None:
        """Takes the date away that was there for one overdue answer alone; a part of the content may come by it."""
        was_late = self._overdue.pop(part, None) is not None
        if was_late and not self._overdue and self.room.shows_content:
            self.room.show_content()

    def _date(self) -> None:
        """Dates what is shown while an answer is overdue, also where another part has answered."""
        if not self._overdue:
            return
        if self.room.shows_content:
            since = clock(min(self._overdue.values()))
            self.room.show_stale(f"No answer since {since}.", lambda: "This is what was last known.")
        elif self.room.state in (QueryState.GOOD, QueryState.EMPTY):
            self.room.show_loading()


def _list_answering(view: View) -> tuple[object, ...]:
    """Returns what tells that somebody ceased to answer, or answers again."""
    brokers = () if view.info is None else tuple(broker.id for broker in view.info.brokers)
    return view.current, brokers, *(error.message for error in view.errors)


def _stale_words(view: CoordinationView) -> str:
    why = f"{view.error.message.rstrip('.')}. " if view.error is not None else ""
    return f"This is what was last known. {why}{_next_try(view)}".strip()


def _next_try(view: CoordinationView) -> str:
    if view.next_try_at_ms is None:
        return ""
    left = view.next_try_at_ms - now_ms()
    return f"Next look in {duration(-(-left // 1000) * 1000)}." if left > 0 else "Looking now."
