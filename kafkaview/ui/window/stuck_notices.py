"""What the window tells beyond its own frame: the number of stuck groups in its title, and a group that gets stuck."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.triage.watch.verdict import Stuck, Verdict
from kafkaview.ui.kit.notices import Notices
from kafkaview.words import join_names, name_text, number, plural, visible

if TYPE_CHECKING:
    from kafkaview.triage.watch.view import View


class StuckNotices:
    """Tells once of each group that gets stuck while the window is not in front."""

    def __init__(self, window: QWidget, profile: ConnectionProfile, notices: Notices) -> None:
        self._window = window
        self._profile = profile
        self._notices = notices
        self._known: frozenset[str] = frozenset()

    def note_view(self, view: View) -> None:
        """Compares the stuck groups of a sample with those of the sample before."""
        if view.stale or not view.judged:
            return
        stands = (one for one in reversed(view.stuck) if one.verdict is not Verdict.NO_MEMBERS)
        stuck = {one.group: one for one in stands}
        new = [one for group, one in stuck.items() if group not in self._known]
        self._known = frozenset(stuck)
        if new and not self._window.isActiveWindow():
            self._notices.tell(self._window, _title(new), _text(self._profile, new))


def title_of(profile: ConnectionProfile, stuck: int) -> str:
    """Returns the title of a window: what has to be seen in a task bar stands first."""
    count = f"{stuck} stuck - " if stuck else ""
    return f"{count}{visible(profile.title)} - kafkaview"


def _title(new: list[Stuck]) -> str:
    if len(new) == 1:
        return f"{visible(name_text(new[0].group))} stands still"
    return f"{plural(len(new), 'more group stands', 'more groups stand')} still"


def _text(profile: ConnectionProfile, new: list[Stuck]) -> str:
    names = "" if len(new) == 1 else f"{join_names(sorted({one.group for one in new}))}. "
    first = new[0]
    at = "" if first.suspect is None else f" @ {number(first.suspect.record.id.offset)}"
    return visible(f"{names}{first.topic_partition}{at} on {profile.title}")
