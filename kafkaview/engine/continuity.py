"""What an engine knew of groups that stand, for the views of the next one, which has not watched for as long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kafkaview.triage.incidents.incident import Standing, standing_of
from kafkaview.triage.watch.verdict import Stuck
from kafkaview.triage.watch.view import View


class Continuity:
    """Carries verdicts over the end of an engine. A new engine's first views are not judged; then groups stay as last
    seen until it judges them. Those that stand where they stood have stood there since the same time.
    """

    def __init__(self) -> None:
        self._since: dict[Standing, int] = {}
        self._waiting: tuple[Stuck, ...] = ()  # as last seen
        self._made: tuple[Sequence[Stuck], Sequence[Stuck], tuple[Stuck, ...]] = ((), (), ())

    def lose(self, last: View) -> None:
        """Notes the last view of an engine that has ended."""
        self._since = {standing_of(one): one.since_ms for one in last.stuck}
        self._waiting = tuple(
            one if one.last_seen_ms is not None else replace(one, last_seen_ms=last.at_ms) for one in last.stuck
        )

    def complete(self, view: View) -> View:
        """Returns a view of the next engine with what the one before knew. A view with the same verdicts gets the same
        ones.
        """
        if not view.judged or not (self._since or self._waiting):
            return view
        unseen, stand = {one.group for one in view.unseen}, {one.group for one in view.stuck}
        still = [one for one in self._waiting if one.group in unseen and one.group not in stand]
        if len(still) < len(self._waiting):
            self._waiting = tuple(still)
        source, waiting, made = self._made
        if source is not view.stuck or waiting is not self._waiting:
            own = (self._with_since(one) for one in view.stuck)
            made = tuple(sorted((*own, *self._waiting), key=lambda one: (one.group, one.topic_partition)))
            self._made = view.stuck, self._waiting, made
            standing = {standing_of(one) for one in made}
            self._since = {at: since_ms for at, since_ms in self._since.items() if at in standing}
        return replace(view, stuck=made)

    def _with_since(self, one: Stuck) -> Stuck:
        since_ms = self._since.get(standing_of(one))
        return one if since_ms is None or since_ms >= one.since_ms else replace(one, since_ms=since_ms)
