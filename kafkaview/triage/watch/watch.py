"""The watch of a cluster: sample after sample, and the verdicts that follow from them."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import AsyncGenerator, Collection
from contextlib import suppress
from functools import partial
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.journal.errors import JournalUnavailable
from kafkaview.terms import UNKNOWN_OFFSETS, PartitionOffsets, TopicPartition
from kafkaview.triage.scan.rule_sets import find_kept_inspection
from kafkaview.triage.watch.observations import Observations
from kafkaview.triage.watch.pace import Pace
from kafkaview.triage.watch.sample_arrays import GroupDetail, Sparklines, TopicDetail
from kafkaview.triage.watch.sampler import Sample, Sampler
from kafkaview.triage.watch.stored_members import StoredMembers
from kafkaview.triage.watch.stored_rhythms import LOOK_BACK_MS, StoredRhythms
from kafkaview.triage.watch.suspect import Suspects, gather_memberless
from kafkaview.triage.watch.verdict import Stuck
from kafkaview.triage.watch.view import Point, View

if TYPE_CHECKING:
    from kafkaview.session import Session

_LATE_S: Final = 8.0
_LOOKED_AT: Final = 30  # groups at most, at once
_QUICK_LOOKS: Final = 1_000  # at one group: those of half a minute
_LOOK_AGAIN_S: Final = 1.0
_SHOWN: Final = 200
_SOON_S: Final = 0.3  # what newly comes on the screen is asked for so soon
_VERDICTS_S: Final = 0.3  # between two views of what searches found


class Watch:
    """Samples a session's cluster until it is cancelled. `window` is how long a partition must stand before a verdict:
    ten seconds cover an auto-commit interval of five. `interval` is the shortest pause from one full sample to the
    next.
    """

    def __init__(
        self, session: Session, *, interval: float = 2.0, window: float = 10.0, groups: Collection[str] | None = None
    ) -> None:
        self._sampler = Sampler(session.cluster, groups)
        self._stored = StoredMembers(session.cluster)
        self._rhythms = StoredRhythms(session.cluster)
        self._journal = session.journal
        self._stored_at = -math.inf
        self._suspects = Suspects(session.cluster, session.decoders, partial(find_kept_inspection, session))
        self._seen = Observations(self._sampler, window)
        self._pace = Pace(interval)
        self._looks: Counter[str] = Counter()  # quick and slow ones at the members of a group
        self._first_pause_s = max(interval, window / 3)
        self._failure: ClusterError | None = None
        self._failures = 0
        self._next_try_at_ms: int | None = None
        self._late_since_ms: int | None = None
        self._late: asyncio.TimerHandle | None = None  # tells that the next full sample is overdue
        self._newest: View | None = None
        self._fresh = asyncio.Event()
        self._wake = asyncio.Event()
        self._paused = False
        self._due = False  # everything is to be asked for at once
        self._look_soon = False
        self._searching: asyncio.Task[None] | None = None

    async def views(self) -> AsyncGenerator[View, None]:
        """Yields the newest View: parts of the first sample as they come, then each whole sample, and again after
        suspect records were read. If the cluster does not answer, the view holds the last known values with the error,
        as of `at_ms`.
        """
        self._fresh.clear()
        watching = asyncio.create_task(self._watch())
        watching.add_done_callback(lambda _: self._fresh.set())
        try:
            while True:
                await self._fresh.wait()
                self._fresh.clear()
                if watching.done():
                    watching.result()
                assert self._newest is not None
                yield self._newest
        finally:
            await _end(watching)
            await _end(self._searching)
            await self._sampler.close()

    @property
    def hidden(self) -> bool:
        """Whether no user looks: then fewer requests are sent."""
        return self._pace.hidden

    @hidden.setter
    def hidden(self, hidden: bool) -> None:
        self._pace.hidden = hidden
        self._wake.set()

    @property
    def paused(self) -> bool:
        """Whether the cluster is asked for nothing but what `refresh_now` wants."""
        return self._paused

    @paused.setter
    def paused(self, paused: bool) -> None:
        self._paused = paused
        self._wake.set()

    def refresh_now(self) -> None:
        """Takes a sample of everything at once."""
        self._sampler.refresh()
        self._due = True
        self._wake.set()

    def look_at(self, groups: Collection[str], topics: Collection[str]) -> None:
        """Chooses what is on the screen: it is requested every second or two, also between full samples."""
        shown, read = frozenset(sorted(groups)[:_SHOWN]), frozenset(sorted(topics)[:_SHOWN])
        self._look_soon |= bool(shown - self._sampler.shown or read - self._sampler.topics)
        self._sampler.shown, self._sampler.topics = shown, read
        self._wake.set()

    def group_detail(self, name: str) -> GroupDetail | None:
        """Returns one group in full, from memory; None if it is not known."""
        return self._seen.group_detail(name)

    def topic_detail(self, name: str) -> TopicDetail | None:
        """Returns one topic in full, from memory; None if it is not known."""
        return self._seen.topic_detail(name, self.stuck())

    def bounds(self, partition: TopicPartition) -> PartitionOffsets:
        """Returns the last known bounds of a log."""
        table = self._sampler.table
        return UNKNOWN_OFFSETS if table is None else self._sampler.bounds.at(table.place_of(partition))

    def committed(self, group: str, partition: TopicPartition) -> int | None:
        """Returns the last known committed offset of a group on a partition."""
        return self._seen.committed(group, partition)

    def history(self, group: str, partition: TopicPartition) -> tuple[Point, ...]:
        """Returns the last hour of one partition of one group, oldest first."""
        return self._seen.history(group, partition)

    def sparklines(self, names: Collection[str]) -> Sparklines:
        """Returns the total lag of groups over the last hour, at up to 60 times that are common to all groups."""
        return self._seen.sparklines(names)

    def stuck(self) -> tuple[Stuck, ...]:
        """Returns the stuck partitions of a view, completed by the suspect records read since."""
        return gather_memberless(self._suspects.explain(self._seen.last_stuck()))

    def all_stuck(self) -> tuple[Stuck, ...]:
        """Returns every stuck partition by itself, completed by the suspect records read so far."""
        return self._suspects.explain(self._seen.all_standing())

    @property
    def reads_suspects(self) -> bool:
        """Whether records on which groups stand are still to be read."""
        return not self._suspects.is_read(self._seen.last_stuck())

    async def read_suspects(self, seconds: float) -> None:
        """Reads the records on which partitions stand, as far as the given seconds allow."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._suspects.search(self._seen.all_standing(), lambda: None)

    # The loop

    async def _watch(self) -> None:
        try:
            while True:
                while self._paused and not self._due:
                    self._expect_none()
                    self._wake.clear()
                    await self._wake.wait()
                started = time.monotonic()
                await self._sample_once(started)
                await self._pause(started)
        finally:
            self._expect_none()

    async def _sample_once(self, started: float) -> None:
        if self._late_since_ms is None:  # what is overdue stays so; a pause that was cut short has ended
            self._expect_sample(0)
        await self._read_own_moves()
        try:
            with self._pace.sample.measure():
                sample, *_ = await asyncio.gather(
                    self._sampler.sample(self._show_progress), self._read_stored(), self._read_rhythms()
                )
                self._take(sample)
        except ClusterError as failure:
            self._failure, self._failures = failure, self._failures + 1
            self._seen.break_off()
            left = max(0.0, started + self._pause_s() - time.monotonic())
            self._next_try_at_ms = _now_ms() + round(left * 1000)
        else:
            self._failure, self._failures, self._next_try_at_ms = None, 0, None
        self._expect_none()
        self._publish()
        if self._seen.samples == 1:
            await self._read_stored()  # from here on

    async def _read_stored(self) -> None:
        """Reads what coordinators have stored, since the last time, of groups in which no look has seen a member; with
        each sample while one of them is new among those, later less often.
        """
        groups = self._seen.empty_groups()
        soon = not set(groups).isdisjoint(self._seen.doubtful(_now_ms()))
        if time.monotonic() - self._stored_at < self._pace.stored_s(soon=soon):
            return
        with self._pace.stored.measure():
            changes = await self._stored.read(groups)
        self._stored_at = time.monotonic()
        self._seen.note_stored(_now_ms(), groups, changes)

    async def _read_rhythms(self) -> None:
        """Reads how groups that stand have committed before they were watched."""
        standing = self._seen.standing_groups(_now_ms())
        self._seen.note_rhythms(await self._rhythms.read(standing, self._seen.own_moves))

    async def _read_own_moves(self) -> None:
        """Reads where writes from here have moved groups to: that is no rhythm of theirs."""
        with suppress(JournalUnavailable):  # it is said where something is to be written
            self._seen.own_moves = await self._journal.moves(_now_ms() - LOOK_BACK_MS)

    def _take(self, sample: Sample) -> None:
        self._seen.take(sample)
        for gone in self._looks.keys() - (self._sampler.groups or {}).keys():
            del self._looks[gone]
        if self._searching is None or self._searching.done():
            self._searching = asyncio.create_task(self._search())

    def _pause_s(self) -> float:
        """Returns the seconds from one full sample's start to the next."""
        if self._failure is not None:
            return self._pace.retry_s(self._failures, refused=not isinstance(self._failure, Unreachable))
        return self._pace.sample_s if self._seen.judged else min(self._pace.sample_s, self._first_pause_s)

    async def _pause(self, started: float) -> None:
        """Waits for the next sample. Meanwhile it looks at what stands or is shown, and often at groups whose members
        come and go.
        """
        look_at, focused = -math.inf, time.monotonic()
        while not self._due and (now := time.monotonic()) < (until := started + self._pause_s()):
            self._expect_sample(until - now)
            if self._failure is None:
                if self._next_focus_s(focused) <= now:
                    await self._focus()
                    focused = time.monotonic()
                if look_at <= now:
                    look_at = now + await self._look_between()
                until = min(until, self._next_focus_s(focused), look_at)
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(until - time.monotonic()):
                    await self._wake.wait()
        self._due = False

    def _next_focus_s(self, focused: float) -> float:
        """Returns the monotonic time of the next partial sample, of what stands or is shown, after one at `focused`."""
        if self._look_soon:
            return focused + _SOON_S
        return focused + self._pace.focus_s if self._pace.focuses else math.inf

    async def _focus(self) -> None:
        self._look_soon = False
        with self._pace.focus.measure():
            sample = await self._sampler.look(self._sampler.standing | self._sampler.shown)
            if sample is not None:
                self._take(sample)
                self._publish()

    async def _look_between(self) -> float:
        """Looks at groups whose members may come and go. Returns the seconds until the next look; while no group needs
        one, until the next sample may change that.
        """
        began = time.process_time()
        groups, quick = self._choose_doubtful()
        if not groups:
            return _LOOK_AGAIN_S
        self._looks.update(groups)
        for group in (await self._sampler.describe(groups)).values():
            self._seen.look(_now_ms(), group)
        self._pace.look.add(time.process_time() - began)  # with the choice: it grows with the number of groups
        known = self._sampler.groups or {}
        coordinators = {known[group].coordinator for group in groups if group in known}
        return self._pace.look_s(len(coordinators), quick=quick)

    def _choose_doubtful(self) -> tuple[list[str], bool]:
        """Returns the groups whose turn it is, those with the fewest looks, and whether they get quick looks: each
        group gets those of half a minute in all.
        """
        doubtful = self._seen.doubtful(_now_ms())
        quick = [group for group in doubtful if self._looks[group] < _QUICK_LOOKS]
        chosen = nsmallest(_LOOKED_AT, quick or doubtful, key=self._looks.__getitem__)
        return chosen, bool(quick)

    async def _search(self) -> None:
        """Reads the records of undecided partitions, outside the samples."""
        due = 0.0

        def show() -> None:
            nonlocal due
            began = time.monotonic()
            if began >= due:
                self._publish()
                ended = time.monotonic()
                due = ended + max(_VERDICTS_S, 5 * (ended - began))

        before = self.stuck()
        await self._suspects.search(self._seen.last_stuck(), show)
        if before != self.stuck():
            self._publish()

    # What is shown

    def _show_progress(self) -> None:
        if not self._seen.samples:
            self._publish()

    def _expect_sample(self, pause_s: float) -> None:
        """Sees to it that the next full sample is called late if it is not there some seconds after its pause: a broker
        that is frozen during the pause holds up the looks in it, too.
        """
        if self._late is not None:
            self._late.cancel()
        due_ms = _now_ms() + round(1000 * pause_s)
        self._late = asyncio.get_running_loop().call_later(pause_s + _LATE_S, self._tell_late, due_ms)

    def _expect_none(self) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = self._late_since_ms = None

    def _tell_late(self, due_ms: int) -> None:
        self._late_since_ms = due_ms
        self._publish()

    def _publish(self) -> None:
        self._newest = self._seen.view(
            self.stuck(),
            failure=self._failure,
            next_try_at_ms=self._next_try_at_ms,
            late_since_ms=self._late_since_ms,
        )
        self._fresh.set()


async def _end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.wait([task])


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
