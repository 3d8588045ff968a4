"""What an engine knew of groups that stand, for the views of the next one, which has not watched for as long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kafkaview.cluster.ports.unseen import UnseenKind
from kafkaview.terms import TopicPartition
from kafkaview.triage.incidents.incident import Standing, standing_of
from kafkaview.triage.watch.verdict import Evidence, Stuck, Verdict
from kafkaview.triage.watch.view import View

_SETTLES_MS: Final = 15_000  # what has come into sight is judged by then: a window, and a late sample
LAST_SEEN: Final = Evidence(
    "This was so when it was last seen: kafkaview has begun to watch anew since then", "unknown"
)

_StandingPlace = tuple[str, str, int | None]  # group, topic, partition


class Continuity:
    """Carries verdicts, and since when brokers are silent, over the end of an engine. A new engine's first views are
    not judged; then groups stay as last seen until it judges them. Those that stand where they stood have stood there
    since the same time.
    """

    def __init__(self) -> None:
        self._since: dict[Standing, int] = {}
        self._silent: dict[int, int] = {}  # since when brokers are, in Unix milliseconds
        self._waiting: tuple[Stuck, ...] = ()  # as last seen
        self._in_doubt_ms: dict[_StandingPlace, int] = {}  # until when it was unknown whether one stands there
        self._is_new = False  # whether the next engine has judged nothing yet
        self._made: tuple[Sequence[Stuck], Sequence[Stuck], tuple[Stuck, ...]] = ((), (), ())

    def lose(self, last: View) -> View:
        """Notes the last view of an engine that has ended, and returns it with its verdicts as last seen."""
        stuck = tuple(map(self._with_since, last.stuck))  # one that ended before it judged them knows less
        self._since = {at: one.since_ms for one in stuck for at in _standings(one)}
        self._silent = {one.id: one.since_ms for one in last.silent}
        self._waiting = tuple(_as_last_seen(one, last.at_ms) for one in stuck)
        self._in_doubt_ms.clear()
        self._is_new = True
        return replace(last, stuck=self._waiting)

    def complete(self, view: View) -> View:
        """Returns a view of the next engine with what the one before knew. A view with the same verdicts gets the same
        ones.
        """
        if not view.judged or not (self._since or self._waiting):
            return view
        if self._is_new:
            self._is_new = False  # what came into sight just before is not judged with the rest
            self._in_doubt_ms = dict.fromkeys(map(_place, self._waiting), view.at_ms)
        if self._waiting:
            self._let_go(view)
        source, waiting, made = self._made
        if source is not view.stuck or waiting is not self._waiting:
            own = (self._with_since(one) for one in view.stuck)
            made = tuple(sorted((*own, *self._waiting), key=lambda one: (one.group, one.topic_partition)))
            self._made = view.stuck, self._waiting, made
            standing = {at for one in made for at in _standings(one)}
            self._since = {at: since_ms for at, since_ms in self._since.items() if at in standing}
        return replace(view, stuck=made)

    @property
    def places_waiting(self) -> tuple[tuple[str, TopicPartition], ...]:
        """The groups and partitions whose verdicts wait for the engine's; a row that speaks for several is left out."""
        return tuple((one.group, one.topic_partition) for one in self._waiting if one.partitions == 1)

    def drop_moved(self, view: View, committed: Sequence[int | None]) -> View:
        """Returns a view without the verdicts that wait where the group has moved since. `committed` has its committed
        offset now on each of `places_waiting`, None where that is not known.
        """
        waiting = (one for one in self._waiting if one.partitions == 1)
        gone = {
            _identity(one)
            for one, now in zip(waiting, committed, strict=True)
            if now is not None and now != one.committed_offset
        }
        if not gone:
            return view
        self._waiting = tuple(one for one in self._waiting if _identity(one) not in gone)
        return replace(view, stuck=tuple(one for one in view.stuck if _identity(one) not in gone))

    def date_silence(self, view: View) -> View:
        """Returns a view of the next engine with since when its silent brokers have been so."""
        if not self._silent or not view.samples:
            return view
        silent = tuple(replace(one, since_ms=self._silent.get(one.id, one.since_ms)) for one in view.silent)
        self._silent = {one.id: one.since_ms for one in silent if one.id in self._silent}
        return replace(view, silent=silent)

    def _let_go(self, view: View) -> None:
        """Drops what waits where the engine has judged its place, or should have."""
        stand = {_place(one) for one in view.stuck}
        stand |= {(group, topic, None) for group, topic, _ in stand}  # with members, or without, it is one topic
        nobody = {(group, topic) for group, topic, partition in map(_place, view.stuck) if partition is None}
        still = [
            one
            for one in self._waiting
            if _place(one) not in stand and _place(one)[:2] not in nobody and self._is_unsettled(one, view)
        ]
        if len(still) < len(self._waiting):
            self._waiting = tuple(still)

    def _is_unsettled(self, stuck: Stuck, view: View) -> bool:
        """Returns whether the engine may not have judged a place yet: it cannot, or could not a moment ago."""
        place = _place(stuck)
        if _may_stand(stuck, view):
            self._in_doubt_ms[place] = view.at_ms
            return True
        return view.at_ms - self._in_doubt_ms.get(place, -_SETTLES_MS) < _SETTLES_MS

    def _with_since(self, one: Stuck) -> Stuck:
        if not self._since:
            return one
        since_ms = min([one.since_ms, *(self._since[at] for at in _standings(one) if at in self._since)])
        return one if since_ms == one.since_ms else replace(one, since_ms=since_ms)


def _standings(stuck: Stuck) -> set[Standing]:
    """Returns where a group stands, as its partition and as the row that speaks for more where it has no members: they
    come and go.
    """
    place = stuck.topic_partition
    return {standing_of(stuck), Standing(stuck.group, place.topic, place.partition, stuck.committed_offset)}


def _identity(stuck: Stuck) -> tuple[str, TopicPartition, int | None]:
    return stuck.group, stuck.topic_partition, stuck.committed_offset


def _as_last_seen(stuck: Stuck, at_ms: int) -> Stuck:
    if stuck.last_seen_ms is not None:
        return stuck
    return replace(stuck, last_seen_ms=at_ms, evidence=(LAST_SEEN, *stuck.evidence))


def _place(stuck: Stuck) -> _StandingPlace:
    """Returns what of a group a verdict is about: one partition speaks for its topic where there are no members."""
    where = stuck.topic_partition
    return stuck.group, where.topic, None if stuck.verdict is Verdict.NO_MEMBERS else where.partition


def _may_stand(stuck: Stuck, view: View) -> bool:
    """Returns whether a view leaves it open that a group stands where it stood: the engine has not seen the group yet,
    or not that topic of it.
    """
    gaps = [gap for gap in view.unseen if gap.group == stuck.group]
    if not gaps:
        listed = view.groups is not None and stuck.group in view.groups.names
        return not listed and any(gap.group is None and gap.kind is UnseenKind.SILENT for gap in view.unseen)
    topics, topic = view.topics, stuck.topic_partition.topic
    if not all(gap.partly for gap in gaps) or topics is None or topic not in topics.names:
        return True
    place = topics.names.index(topic)
    return not bool(topics.records_complete[place]) or int(topics.offline[place]) > 0
