"""Keeping incidents while a cluster is watched: what each sample shows, and what the writes made from here came to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from kafkaview.clock import now_ms
from kafkaview.terms import RecordId, TopicPartition
from kafkaview.triage.incidents.incident import Sighting, Standing, standing_of
from kafkaview.triage.incidents.store import IncidentStore, IncidentsUnavailable
from kafkaview.triage.watch.consequences import with_consequences
from kafkaview.triage.watch.suspect import BEING_READ
from kafkaview.triage.watch.view import View

if TYPE_CHECKING:
    from kafkaview.triage.watch.verdict import Stuck
    from kafkaview.triage.watch.watch import Watch
    from kafkaview.writes.outcome import ChangeOutcome

_MOST_KEPT: Final = 2_000  # of the groups that stand at once, the gravest
_AGAIN_MS: Final = 15_000  # where the same groups stand: until the time they were last seen is written anew


class IncidentKeeper:
    """Keeps the incidents of the samples of one watch. Watching goes on where the file cannot be used."""

    def __init__(self, store: IncidentStore, watch: Watch) -> None:
        self.store = store
        self._watch = watch
        self._stuck: Sequence[Stuck] | None = None
        self._kept_at_ms = 0
        self._newest: Sequence[Stuck] | None = None

    @property
    def standing(self) -> frozenset[Standing] | None:
        """Where groups stand in the newest sample that tells it; None while none has."""
        return None if self._newest is None else frozenset(map(standing_of, self._newest))

    async def note_view(self, view: View) -> None:
        """Keeps which groups stand still in a sample that is judged, and which have moved again."""
        if view.judged or view.stuck:
            self._newest = view.stuck
        if not view.judged or view.stale or view.late_since_ms is not None or view.groups is None:
            return
        now = now_ms()
        if view.stuck is self._stuck and now - self._kept_at_ms < _AGAIN_MS:
            return
        self._stuck, self._kept_at_ms = view.stuck, now
        own = [one for one, _ in with_consequences(view.stuck[:_MOST_KEPT]) if _is_known(one)]
        sightings = tuple(map(Sighting.of_stuck, own))
        stand = {standing_of(one) for one in view.stuck}
        movement = _Movement(view, self._watch)
        with suppress(IncidentsUnavailable):  # said by `incidents`, which the window asks for
            known = await asyncio.to_thread(self.store.standings)
            moved = [at for at in known - stand if movement.has_moved(at)]
            await asyncio.to_thread(self.store.see_standing, sightings, moved, now)


def _is_known(stuck: Stuck) -> bool:
    """Whether a group is seen to stand, and why as far as its records tell: while they are being read, as after the
    start of an engine, its incident keeps its cause and its note.
    """
    return stuck.last_seen_ms is None and all(one.text != BEING_READ for one in stuck.evidence)


class _Movement:
    """What a sample knows of groups that stand no more."""

    def __init__(self, view: View, watch: Watch) -> None:
        assert view.groups is not None
        self._watch = watch
        self._errors = dict(zip(view.groups.names, view.groups.error.tolist(), strict=True))
        self._unseen = {one.group for one in view.unseen}
        self._whole = not view.errors and not view.omissions and None not in self._unseen

    def has_moved(self, at: Standing) -> bool:
        """Whether a group is known to stand no more where it did."""
        if at.group in self._unseen:
            return False
        if at.group not in self._errors:
            return self._whole  # the group is gone
        if self._errors[at.group] >= 0:
            return False
        if at.partition is None:
            return True
        points = self._watch.history(at.group, TopicPartition(at.topic, at.partition))
        newest = points[-1] if points else None
        if newest is None or newest.committed_offset is None:
            return False
        caught_up = newest.log_end_offset is not None and newest.log_end_offset <= newest.committed_offset
        return newest.committed_offset != at.committed_offset or caught_up


def note_outcome(store: IncidentStore, outcome: ChangeOutcome) -> None:
    """Notes in the incidents what a write came to. Nothing is kept where there are none; one that fails
    keeps nothing from being told.
    """
    from kafkaview.triage.reroute.outcome import BulkOutcome, RerouteOutcome

    copied: frozenset[RecordId] = frozenset()
    if isinstance(outcome, RerouteOutcome):
        copied = frozenset(one.source for one in outcome.done)
    elif isinstance(outcome, BulkOutcome):
        copied = outcome.copied
    moves = {
        (one.group, one.topic_partition.topic, one.topic_partition.partition): (one.before or 0, one.after)
        for one in outcome.groups
        if one.after is not None and (one.before or 0) < one.after and one.effective is not False
    }
    if not copied and not moves:
        return
    with suppress(IncidentsUnavailable):
        store.close(copied, moves, outcome.journal_id, now_ms())
