"""What a watch knows so far, updated by each sample: since when partitions stand, who was in which group, and the last
hour's points. Sends no request.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

import numpy as np

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.cluster import Omission
from kafkaview.cluster.ports.columns import Flags, Longs
from kafkaview.cluster.ports.membership import MembershipChanges
from kafkaview.cluster.ports.unseen import UnseenKind
from kafkaview.cluster.sentinel import none_if_negative
from kafkaview.journal.entry import OffsetMoves
from kafkaview.terms import Group, GroupType, TopicPartition
from kafkaview.triage.watch.blind_spots import group_gap, list_gaps_of
from kafkaview.triage.watch.candidates import Judge
from kafkaview.triage.watch.doubts import Doubts, find_doubts
from kafkaview.triage.watch.groups import KnownGroup
from kafkaview.triage.watch.history import History, sums
from kafkaview.triage.watch.judge import SHARE
from kafkaview.triage.watch.layout import Layout, distinct, move_column, place_map, same_places
from kafkaview.triage.watch.members import MemberLooks
from kafkaview.triage.watch.sample_arrays import GroupDetail, Sparklines, TopicDetail
from kafkaview.triage.watch.sample_window import SampleWindow
from kafkaview.triage.watch.sampler import Sample, Sampler
from kafkaview.triage.watch.silent_brokers import SilentBrokers
from kafkaview.triage.watch.slow_committers import find_slow_committer
from kafkaview.triage.watch.stored_rhythms import Rhythms
from kafkaview.triage.watch.summaries import group_columns, group_detail, topic_columns, topic_detail
from kafkaview.triage.watch.tracks import Tracks
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.triage.watch.verdict import Evidence, Stuck, Verdict
from kafkaview.triage.watch.view import Point, View

_TELL_MEMBERS: Final = (GroupType.CLASSIC, GroupType.CONSUMER, GroupType.STREAMS)
_FOCUSED_GROUPS: Final = 200  # at most, that stand and are looked at between full samples
_FOCUSED_ROWS: Final = 20_000
_SOON_JUDGED: Final = 0.3  # of the window: of a group that stands so long it is looked up how it committed before
NEW_IN_SIGHT: Final = "it came into sight only while the watch ran"
NOTHING_COMMITTED: Final = "it has no committed offset"
ENDS_UNKNOWN: Final = "where the logs end that it reads was not known for long enough"
LAST_SEEN: Final = Evidence(
    "This was so when it was last seen: its coordinator, or the leader of the partition, has not answered for long "
    "enough since then",
    "unknown",
)
SPARSE_LOOKS: Final = (
    "no member was seen, in looks too few to tell; what would tell at once may not be read: "
    "its coordinator's records in __consumer_offsets"
)


class Observations:
    """The observations of one cluster, in addition to its sampler's."""

    def __init__(self, sampler: Sampler, window: float) -> None:
        self._sampler = sampler
        self._tracks = Tracks()
        self._history = History()
        self._looks = MemberLooks(window)
        self._window = SampleWindow(window)
        self._judge = Judge(self._window, self._tracks, self._looks.turnover, self._log_starts)
        self._standing: dict[str, tuple[Stuck, ...]] = {}
        self._stuck: tuple[Stuck, ...] = ()
        self._expanded: tuple[int, tuple[Stuck, ...]] = (0, ())  # and of when
        self._waiting: tuple[str, ...] = ()
        self._at_ms: int | None = None
        self._judged_ms = 0  # the last sample that was judged
        self._silent = SilentBrokers()
        self._told = False  # whether the last sample was judged
        self._errors: tuple[ClusterError, ...] = ()
        self._unseen: tuple[UnseenGroups, ...] = ()
        self._doubts: Doubts | None = None  # None before the first judgement
        self.own_moves: OffsetMoves = (
            frozenset()
        )  # that writes from here have made: they say nothing of how groups commit
        self.samples = 0

    @property
    def judged(self) -> bool:
        """Whether the samples since the cluster last answered fill the window."""
        return self._window.full

    def take(self, sample: Sample) -> None:
        """Adds a sample."""
        self._at_ms = sample.at_ms
        moved = self._tracks.add(sample, self.own_moves)
        self._history.add(sample, self._is_whole(sample))
        self._window.add(sample)
        for name in sample.layout.names:
            self._look_at(sample.at_ms, self._groups[name])
        for name in moved:
            self._looks.note_move(name)
        if sample.full:
            self.samples += 1
            self._errors = sample.errors
            self._note_silence(sample.at_ms)
            self._looks.keep(self._groups.keys())
            self._choose_focus(sample)
        self._judge_again(sample)
        self._told = self.judged
        if sample.full:
            of_lists = list_gaps_of(self._sampler)
            self._doubts = self._find_doubts(sample.at_ms) if self.judged else None
            self._unseen = of_lists if self._doubts is None else self._find_unseen(sample, of_lists, self._doubts)

    def look(self, at_ms: int, group: Group) -> None:
        """Adds a look at the present members of a group."""
        self._looks.note_epoch(group.group, at_ms, group.epoch, empty=not group.members)
        self._looks.add(group.group, at_ms, frozenset(member.member_id for member in group.members))

    def break_off(self) -> None:
        """Starts a new window because the cluster does not answer: nothing is known of the time between. The old
        verdicts are still shown.
        """
        self._window.clear()

    def last_stuck(self) -> tuple[Stuck, ...]:
        """Returns the verdicts of the last judgement, before any record is read; the same object until the next
        judgement.
        """
        return self._stuck

    def all_standing(self) -> tuple[Stuck, ...]:
        """Returns the verdicts partition by partition, also where one represents many."""
        if not self.judged or self._at_ms is None:
            return self.last_stuck()
        if self._expanded[0] != self._at_ms:
            judged = self._judge.judge(self._groups.values(), self._at_ms, expand=True)
            self._expanded = self._at_ms, tuple(chain.from_iterable(judged.values()))
        return self._expanded[1]

    def doubtful(self, now_ms: int) -> list[str]:
        """Returns the groups whose membership needs more looks."""
        return [name for name in self._waiting if self._looks.doubtful(name, now_ms)]

    def empty_groups(self) -> list[str]:
        """Returns the classic groups with lag in which no look has seen a member: those of other types have epochs."""
        known = self._groups
        classic = (name for name in self._waiting if name in known and known[name].listing.type is GroupType.CLASSIC)
        return [name for name in classic if self._looks.saw_nobody(name)]

    def standing_groups(self, now_ms: int) -> dict[str, int | None]:
        """Returns the groups that have stood for a good part of the window while records wait, with their coordinators:
        what they committed before may say that this is usual.
        """
        layout, tracks = self._tracks.layout, self._tracks
        if layout is None:
            return {}
        waits = (tracks.committed >= 0) & (tracks.log_end > tracks.committed)
        stands = waits & (now_ms - tracks.standing_ms >= _SOON_JUDGED * self._window.seconds * 1000)
        names = map(layout.names.__getitem__, distinct(len(layout.names), layout.group[stands]).tolist())
        known = self._groups
        return {name: known[name].coordinator for name in names if name in known and not known[name].tells_no_members}

    def note_rhythms(self, rhythms: Mapping[str, Rhythms]) -> None:
        """Notes how groups committed before they were watched."""
        for group, places in rhythms.items():
            for partition, rhythm in places.items():
                self._tracks.learn(group, partition, rhythm)

    def note_stored(self, at_ms: int, groups: Collection[str], changes: MembershipChanges | None) -> None:
        """Stores what coordinators have written of the members of these groups; None where that is unknown."""
        self._looks.note_stored(at_ms, groups, changes)

    def group_detail(self, name: str) -> GroupDetail | None:
        """Returns one group in full."""
        group, table = self._groups.get(name), self._sampler.table
        if group is None or table is None:
            return None
        return group_detail(group, table, self._sampler.bounds, self._history.totals(name))

    def topic_detail(self, name: str, stuck: Sequence[Stuck]) -> TopicDetail | None:
        """Returns one topic in full; `stuck` are the verdicts of the whole cluster."""
        sampler = self._sampler
        if sampler.table is None:
            return None
        known = topic_detail(
            name, sampler.table, sampler.bounds, sampler.sizes, self._groups.values(), _by_group(stuck), sampler.moves
        )
        if known is None:
            return None
        unseen = {one.group: one.sentence for one in self._unseen}
        readers = tuple(replace(one, unseen=unseen.get(one.group, "")) for one in known.readers)
        return replace(known, readers=readers)

    def committed(self, group: str, partition: TopicPartition) -> int | None:
        """Returns the last known committed offset of a group on a partition; None where it is not known."""
        layout = self._tracks.layout
        row = -1 if layout is None else layout.row_of(group, partition)
        return none_if_negative(int(self._tracks.committed[row])) if row >= 0 else None

    def history(self, group: str, partition: TopicPartition) -> tuple[Point, ...]:
        """Returns the last hour of one partition of one group."""
        points = self._history.points(group, partition)
        columns = (points.at_ms.tolist(), points.committed.tolist(), points.log_end.tolist())
        return tuple(
            Point(at, none_if_negative(committed), none_if_negative(end))
            for at, committed, end in zip(*columns, strict=True)
        )

    def sparklines(self, names: Collection[str]) -> Sparklines:
        """Returns the total lag of groups over the last hour."""
        return self._history.sparklines(names)

    def view(
        self,
        stuck: tuple[Stuck, ...],
        *,
        failure: ClusterError | None,
        next_try_at_ms: int | None,
        late_since_ms: int | None,
    ) -> View:
        """Returns the view for the pages; `stuck` are the verdicts, completed by the records that were read."""
        sampler, by_group = self._sampler, _by_group(stuck)
        table, groups, bounds = sampler.table, sampler.groups, sampler.bounds
        layout = self._tracks.layout
        fits = layout is not None and table is not None and same_places(layout.table, table)
        unjudged = [one.group for one in self._unseen if one.group and one.kind is not UnseenKind.UNSUPPORTED]
        return View(
            at_ms=time.time_ns() // 1_000_000 if self._at_ms is None else self._at_ms,
            info=sampler.info,
            topics=topic_columns(
                table,
                bounds,
                sampler.sizes,
                layout if fits else None,
                by_group,
                sampler.moves,
                unjudged,
                self._doubts.rows if self._doubts is not None else None,
                groups_known=self._are_groups_known,
            )
            if table is not None
            else None,
            groups=None if groups is None else group_columns(groups, bounds, by_group),
            stuck=stuck,
            errors=self._errors if failure is None else (failure,),
            samples=self.samples,
            judged=self._told,
            seconds_to_verdict=max(0.0, self._window.seconds - self._window.span),
            stale=failure is not None,
            next_try_at_ms=next_try_at_ms,
            silent=self._silent.found,
            late_since_ms=late_since_ms,
            unseen=self._unseen if self.samples else list_gaps_of(sampler),
            omissions=sampler.omissions,
        )

    # Taking in

    @property
    def _are_groups_known(self) -> bool:
        """Whether every group and what it reads is known."""
        hides_some = self._sampler.unlisted or Omission.GROUPS in self._sampler.omissions
        return not hides_some and all(group.error is None for group in self._groups.values())

    @property
    def _groups(self) -> dict[str, KnownGroup]:
        return self._sampler.groups or {}

    def _note_silence(self, at_ms: int) -> None:
        info, table = self._sampler.info, self._sampler.table
        if info is not None and table is not None:
            known = [broker.id for broker in info.brokers]
            self._silent.take(at_ms, known, self._sampler.unlisted, table.replica_sets)

    def _log_starts(self) -> Longs:
        """Returns where the logs start, in the order of the partitions of the layout that is judged."""
        layout, table, starts = self._tracks.layout, self._sampler.table, self._sampler.bounds.start
        if layout is None or table is None or same_places(layout.table, table):
            return starts
        return move_column(starts, place_map(layout.table, table))

    def _is_whole(self, sample: Sample) -> Flags:
        """Returns, by group, whether all its committed offsets are known."""
        groups = (self._groups[name] for name in sample.layout.names)
        return np.array([group.error is None and not group.elsewhere for group in groups], np.bool_)

    def _look_at(self, at_ms: int, group: KnownGroup) -> None:
        """Adds a look at a group's members if they are known now."""
        if group.tells_no_members:
            self._looks.add(group.name, at_ms, frozenset())
        elif group.description is not None and not group.listed_since:
            self.look(at_ms, group.description)

    def _choose_focus(self, sample: Sample) -> None:
        """Chooses the groups with lag or with a committed offset beyond a log's end, and those that stand, for a
        look between full samples.
        """
        layout, tracks = sample.layout, self._tracks
        beyond = (tracks.log_end >= 0) & (tracks.committed > tracks.log_end)
        waits = (tracks.committed < 0) | (tracks.log_end > tracks.committed) | beyond
        waiting = distinct(len(layout.names), layout.group[waits])
        names = (name for name in map(layout.names.__getitem__, waiting.tolist()))
        self._waiting = tuple(name for name in names if self._groups[name].listing.type in _TELL_MEMBERS)
        stands = distinct(len(layout.names), layout.group[waits & (tracks.standing_ms < sample.at_ms)])
        self._sampler.standing = frozenset(self._few(layout, stands.tolist()))

    def _few(self, layout: Layout, groups: Iterable[int]) -> list[str]:
        """Returns as many of these groups as may be looked at often, the small ones first; groups without members are
        left out.
        """
        rows = np.diff(layout.first)
        chosen: list[str] = []
        left = _FOCUSED_ROWS
        for at in sorted(groups, key=lambda group: int(rows[group])):
            name = layout.names[at]
            if self._groups[name].tells_no_members:
                continue
            left -= int(rows[at])
            if left < 0 or len(chosen) == _FOCUSED_GROUPS:
                break
            chosen.append(name)
        return chosen

    def _judge_again(self, sample: Sample) -> None:
        if not self.judged:
            return
        layout = self._tracks.layout
        names = [name for name in sample.layout.names if layout and name in layout.index]
        judged = self._judge.judge(self._groups.values(), sample.at_ms, only=None if sample.full else names)
        for name, before in self._standing.items():
            if sample.full or name in sample.layout.index:
                judged[name] = self._with_unseen(judged.get(name, ()), before)
            else:
                judged[name] = before
        self._judged_ms = sample.at_ms
        self._standing = dict(sorted((name, stuck) for name, stuck in judged.items() if stuck))
        self._stuck = tuple(chain.from_iterable(judged.values()))

    def _with_unseen(self, judged: tuple[Stuck, ...], before: Iterable[Stuck]) -> tuple[Stuck, ...]:
        """Returns the verdicts on a group with those from before that nothing known since then denies: its coordinator
        or a leader is silent.
        """
        places = {one.topic_partition for one in judged}
        whole = {one.topic_partition.topic for one in judged if one.partitions > 1 or one.verdict is Verdict.NO_MEMBERS}
        gone = (one for one in before if one.topic_partition not in places and one.topic_partition.topic not in whole)
        kept = [one for one in map(self._as_last_seen, gone) if one is not None]
        return tuple(sorted((*judged, *kept), key=lambda one: one.topic_partition)) if kept else judged

    def _as_last_seen(self, stuck: Stuck) -> Stuck | None:
        """Returns a verdict as of when it was last seen; None if the partition is known not to stand there any more."""
        layout, tracks = self._tracks.layout, self._tracks
        row = -1 if layout is None else layout.row_of(stuck.group, stuck.topic_partition)
        if layout is None or row < 0:
            return None
        sparse = self._looks.turnover(stuck.group).sparse  # what tells of short-lived members is silent
        if not sparse and self._window.knows(stuck.group, layout, np.array([row])):
            return None
        committed = -1 if stuck.committed_offset is None else stuck.committed_offset
        if tracks.committed[row] != committed or tracks.log_end[row] == committed:
            return None
        if stuck.last_seen_ms is not None:
            return stuck
        known_ms = self._window.last_known_ms(stuck.group, layout, row)
        at_ms = self._judged_ms if known_ms is None else known_ms
        return replace(stuck, last_seen_ms=at_ms, evidence=(LAST_SEEN, *stuck.evidence))

    def _is_seen_to_stand(self, group: str) -> bool:
        return any(one.last_seen_ms is None for one in self._standing.get(group, ()))

    def _find_doubts(self, at_ms: int) -> Doubts | None:
        layout = self._tracks.layout
        return None if layout is None else find_doubts(layout, self._tracks, self._window, at_ms)

    def _find_unseen(
        self, sample: Sample, of_lists: Sequence[UnseenGroups], doubts: Doubts
    ) -> tuple[UnseenGroups, ...]:
        """Returns the incomplete lists, and the groups that were not seen in full or not for long enough."""
        layout, sampler = sample.layout, self._sampler
        too_short = self._window.watched_ms(layout) < SHARE * self._window.seconds * 1000
        without_end = sums(layout, (sample.log_end < 0).astype(np.int64))
        found = [*of_lists]
        for at, name in enumerate(layout.names):
            group = self._groups[name]
            gap = group_gap(group, int(without_end[at]), sampler.omissions)
            if gap is None and self._has_committed_nothing(group, layout, sample):
                gap = UnseenGroups(name, group.coordinator, NOTHING_COMMITTED, UnseenKind.UNSUPPORTED)
            if gap is None:
                waits = self._why_not_judged(group, layout, sample.at_ms, doubts, too_short=bool(too_short[at]))
                gap = UnseenGroups(name, group.coordinator, waits, UnseenKind.WAITING) if waits else None
            if gap is not None and (not group.error or not self._is_seen_to_stand(name)):
                found.append(gap)
        return tuple(found)

    def _has_committed_nothing(self, group: KnownGroup, layout: Layout, sample: Sample) -> bool:
        """Returns whether nothing shows that a group moves: it has committed nothing, and it has no partition or one
        with records; it may have read them, or not.
        """
        if self._is_seen_to_stand(group.name) or np.any(group.committed >= 0):
            return False
        return not group.partitions or bool(np.any(sample.log_end[layout.rows(group.name)] > 0))

    def _why_not_judged(
        self, group: KnownGroup, layout: Layout, now_ms: int, doubts: Doubts, *, too_short: bool
    ) -> str:
        """Returns why a group has no verdict yet: it was not seen for long enough, was looked at too seldom, or has not
        stood as long as its kind may. Empty if nothing is so.
        """
        if too_short:
            return NEW_IN_SIGHT
        tracks, rows = self._tracks, layout.rows(group.name)
        waits = (tracks.committed[rows] >= 0) & (tracks.log_end[rows] > tracks.committed[rows])
        stands_ms = now_ms - tracks.standing_ms[rows]
        if np.any(doubts.new_in_sight[rows]):  # it may have stood there for long
            return NEW_IN_SIGHT
        if not np.any(waits & (stands_ms >= SHARE * self._window.seconds * 1000)):
            return ""
        if not self._is_seen_to_stand(group.name) and np.any(doubts.end_unknown[rows]):
            return ENDS_UNKNOWN
        stood_ms = stands_ms[waits].max(initial=0)
        turnover, kind = self._looks.turnover(group.name), find_slow_committer(group)
        if turnover.sparse:
            return SPARSE_LOOKS
        if kind is None or group.tells_no_members or stood_ms >= kind.patience_ms:
            return ""
        stood, least = f"{stood_ms / 1000:.0f} s", f"{kind.patience_ms / 1000:.0f} s"
        return (
            f"{kind.name} commits every {kind.interval_ms / 1000:.0f} s; it stands for {stood} while records wait, and "
            f"would have to stand for {least} to be called stuck"
        )


def _by_group(stuck: Sequence[Stuck]) -> dict[str, list[Stuck]]:
    """Returns the verdicts by group, without those that were only last seen so: of now they say nothing."""
    found: dict[str, list[Stuck]] = {}
    for one in stuck:
        if one.last_seen_ms is None:
            found.setdefault(one.group, []).append(one)
    return found
