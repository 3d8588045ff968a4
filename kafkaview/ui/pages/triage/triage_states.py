"""What Triage shows while it lists no incident: loading, watching for the first time, nothing stuck, or no answer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QStackedWidget

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.security.hidden_rows import GROUPS
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.connection_state import why_never, why_stale
from kafkaview.ui.kit.controls import ground
from kafkaview.ui.kit.nothing_seen import NothingSeen
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.kit.states import Empty, Failed, FirstRun, Loading, StateAction
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.triage.words import countdown, lists_nothing, moving_line
from kafkaview.words import plural

_WINDOW_S = 10.0


class TriageStates(QStackedWidget):
    """One of six states. `kept` is the number of incidents from before, which `show_kept` lists."""

    def __init__(
        self,
        theme: Theme,
        profile: ConnectionProfile,
        scan: Callable[[], object],
        why: Callable[[], object] | None = None,
        show_kept: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self.kept = 0
        self._loading = Loading(theme, "Asking the brokers for their groups")
        self._first = FirstRun(theme, "")
        scanning = StateAction("Scan a topic…", scan, "scan-search")
        before = (StateAction("Show what was found before", show_kept, "clock"),) if show_kept is not None else ()
        self._empty = Empty(theme, "", ways=(scanning, *before), good=True)
        self._partly = Empty(theme, "", ways=(scanning, *before))
        self._nothing = NothingSeen(theme, profile, GROUPS, (scanning,))
        ways = (StateAction("Why?", why, primary=True),) if why is not None else ()
        self._failed = Failed(theme, "The cluster does not answer", ways=ways)
        for state in (self._loading, self._first, self._empty, self._partly, self._nothing, self._failed):
            ground(state, "surface")
            self.addWidget(state)

    def show_view(self, view: View) -> None:
        """Shows the state of a sample without incidents."""
        if view.groups is None and not view.errors:
            self.setCurrentWidget(self._loading)
        elif view.groups is None:
            error = view.errors[0]
            self._failed.say(why_never(error), f"{sentences(error)} Nothing was changed.")
            self.setCurrentWidget(self._failed)
        elif view.stale:
            known = moving_line(view) if view.judged else "The groups were not judged when it went away"
            self._failed.say(why_stale(view), f"{known}. Watching goes on once it answers again.")
            self.setCurrentWidget(self._failed)
        elif not view.judged:
            self._say_watching(view)
        else:
            self._well(view)

    def _say_watching(self, view: View) -> None:
        watched = len(view.groups.names) if view.groups is not None else 0
        self._first.say(
            f"Watching {plural(watched, 'group')}",
            f"First verdicts in {countdown(view)}: a group must be seen standing while records wait. "
            "Watching joins no group and commits nothing.",
        )
        self._first.set_fraction(1 - min(1.0, view.seconds_to_verdict / _WINDOW_S))
        self.setCurrentWidget(self._first)

    def _well(self, view: View) -> None:
        watched = len(view.groups.names) if view.groups is not None else 0
        if lists_nothing(view):
            self.setCurrentWidget(self._nothing)
            return
        kept = f" {plural(self.kept, 'incident is', 'incidents are')} kept from before." if self.kept else ""
        state = self._empty if view.current and not view.unseen else self._partly
        state.say(moving_line(view), f"{plural(watched, 'group')} watched.{kept}")
        self.setCurrentWidget(state)
