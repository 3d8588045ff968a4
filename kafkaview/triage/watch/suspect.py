"""The record that a group stands on: the first one from the committed offset on that the topic's decoder cannot read.
It may lie behind the committed offset: a consumer that fails after a poll has committed the start of its batch.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import cast

from kafkaview.cluster.errors import ClusterError, CorruptBatch, DecoderUnavailable, Unreachable
from kafkaview.cluster.kafka.client_thread import run_aside
from kafkaview.cluster.ports.cluster import Batch, Cluster
from kafkaview.decode.result import Decoder
from kafkaview.decode.topics import TopicDecoder, TopicDecoders, find_problem
from kafkaview.terms import Record, RecordId, RemovalCause, RemovedOffsets, TopicPartition
from kafkaview.triage.scan.rule_sets import KeptInspection
from kafkaview.triage.watch.judge import SLOW_COMMITS_S
from kafkaview.triage.watch.verdict import Behaviour, Evidence, Stuck, Suspect, Verdict

REACH = 1_000  # records read from the committed offset on
NEIGHBOURS = 20  # looked at on each side of the suspect
_AT_ONCE = 8
_READ_S = 10.0
_KEPT_S = 60.0  # where no group stands any more
_READ_AGAIN_S = 10.0  # where the log ended before the reach: more may have come
_SLOW = (
    f"Some groups commit every two minutes: if it stands for {SLOW_COMMITS_S} s and longer, the fault is likely in the "
    "processing"
)
BEING_READ = "Its records are being read"

_Place = tuple[TopicPartition, int | None]
FindKept = Callable[[str], Awaitable[KeptInspection | None]]


@dataclass(slots=True)
class Search:
    """The results of reading from a committed offset on, added record by record. Where rules are kept for the topic,
    its records are held to those alone.
    """

    decoder: Decoder | None
    start: int
    good: int = 0
    keys: Decoder | None = None
    rules: KeptInspection | None = None
    suspect: Suspect | None = None
    before: deque[bool] = field(default_factory=lambda: deque(maxlen=NEIGHBOURS))
    after: list[bool] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether more records would add nothing."""
        return len(self.after) >= NEIGHBOURS if self.suspect else self.good >= REACH

    @property
    def neighbours(self) -> tuple[int, int]:
        """The number of neighbours that were looked at, and the number of those that decode."""
        near = [*self.before, *self.after]
        return len(near), sum(near)

    def pass_removed(self, gone: RemovedOffsets) -> None:
        """Continues behind records that retention removed meanwhile. Raises ClusterError if none is left to read."""
        if gone.cause is not RemovalCause.RETENTION:
            raise ClusterError(f"{gone.topic_partition} was cut or deleted while it was read")
        self.start = max(self.start, gone.to_offset)

    def take_all(self, records: Sequence[Record]) -> bool:
        """Adds the next records until the search is done; returns whether it is."""
        for record in records:
            if self.done:
                break
            self.take(record)
        return self.done

    def take(self, record: Record) -> None:
        """Adds the next record of the partition. Raises DecoderUnavailable if it cannot be judged."""
        problem = find_problem(record, self.decoder, self.keys) if self.rules is None else self.rules.problem(record)
        if problem is not None and not problem.judged:
            raise DecoderUnavailable(problem.reason)
        if self.suspect is not None:
            self.after.append(problem is None)
        elif problem is not None and record.offset >= self.start:
            self.suspect = Suspect(record, problem, self.good)
        else:
            self.before.append(problem is None)
            self.good += record.offset >= self.start


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A finished search, with the reason if it ended early."""

    search: Search | None
    how: str
    error: ClusterError | None
    at: float
    by: str = ""  # the decoder's name

    @property
    def final(self) -> bool:
        """Whether another search would find the same."""
        searched = self.search
        if searched is None or self.error is not None:
            return isinstance(self.error, CorruptBatch)
        return searched.suspect is not None or searched.good >= REACH


@dataclass(frozen=True, slots=True)
class _Explanation:
    """The verdict on a stuck partition after its records were read."""

    of: Stuck
    by: SearchResult | None
    result: Stuck | None


async def _find_none(_topic: str) -> KeptInspection | None:
    return None


class Suspects:
    """Searches for suspect records. Each partition and committed offset is searched once, for all groups there. `kept`
    finds the rules that are kept for a topic.
    """

    def __init__(self, cluster: Cluster, decoders: TopicDecoders, kept: FindKept = _find_none) -> None:
        self._cluster = cluster
        self._decoders = decoders
        self._kept = kept
        self._found: dict[_Place, SearchResult] = {}
        self._wanted_at: dict[_Place, float] = {}  # monotonic
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._explanations: dict[int, _Explanation] = {}  # by the id of what they explain

    def explain(self, stuck: Iterable[Stuck]) -> tuple[Stuck, ...]:
        """Returns the same list with verdicts on the undecided partitions whose records were read and explain it. A
        partition with no readable record ahead (only transaction markers) has caught up and is left out.
        """
        explanations: dict[int, _Explanation] = {}
        explained = []
        for one in stuck:
            if one.wants_record:
                known = explanations[id(one)] = self._explain(one)
                if known.result is not None:
                    explained.append(known.result)
            else:
                explained.append(one)
        self._explanations = explanations
        return tuple(explained)

    def is_read(self, stuck: Iterable[Stuck]) -> bool:
        """Returns whether the records of all undecided partitions were read."""
        return all(_place(one) in self._found for one in stuck if one.wants_record)

    async def search(self, stuck: Iterable[Stuck], found: Callable[[], None]) -> None:
        """Reads the records that undecided partitions stand on, unless known; calls `found` after each search. A search
        for an offset on which no group stands is forgotten after a minute: of very many, other partitions speak for
        the rest from one judgement to the next.
        """
        places, now = {_place(one) for one in stuck if one.wants_record}, time.monotonic()
        self._wanted_at |= dict.fromkeys(places, now)
        for gone in [place for place, at in self._wanted_at.items() if now - at > _KEPT_S]:
            del self._wanted_at[gone]
            self._found.pop(gone, None)
        by_topic: defaultdict[str, list[_Place]] = defaultdict(list)
        for place in places:
            by_topic[place[0].topic].append(place)
        await asyncio.gather(*(self._search_topic(topic, some, found) for topic, some in by_topic.items()))

    def _explain(self, stuck: Stuck) -> _Explanation:
        """Returns the partition with its search's result; the same object while nothing is new."""
        found, known = self._found.get(_place(stuck)), self._explanations.get(id(stuck))
        if known is not None and known.of is stuck and known.by is found:
            return known
        result = explain(stuck, found) if found else _begin_explaining(stuck)
        return _Explanation(stuck, found, result)

    async def _search_topic(self, name: str, places: Sequence[_Place], found: Callable[[], None]) -> None:
        try:
            async with self._room:
                rules = await self._kept(name)
                topic = await self._decoders.of(self._cluster, name)
        except ClusterError as error:
            self._found |= dict.fromkeys(places, SearchResult(None, "", error, time.monotonic()))
            found()
        else:
            due = [place for place in places if self._is_due(place, _name(topic, rules))]
            await asyncio.gather(*(self._find(place, topic, rules, found) for place in due))

    def _is_due(self, place: _Place, decoder: str) -> bool:
        known = self._found.get(place)
        if known is None or known.by != decoder:
            return True
        return not known.final and time.monotonic() >= known.at + _READ_AGAIN_S

    async def _find(
        self, place: _Place, topic: TopicDecoder, rules: KeptInspection | None, found: Callable[[], None]
    ) -> None:
        async with self._room:
            self._found[place] = await self._read(*place, topic, rules)
        found()

    async def _read(
        self, partition: TopicPartition, committed: int | None, topic: TopicDecoder, rules: KeptInspection | None
    ) -> SearchResult:
        if topic.decoder is None and rules is None:
            return SearchResult(None, topic.how, None, time.monotonic())
        search: Search | None = None
        at: int | None = None
        error: ClusterError | None = None
        try:
            async with asyncio.timeout(_READ_S):
                bounds = (await self._cluster.offsets([partition]))[partition]
                first, end = bounds.log_start_offset, bounds.last_stable_offset
                if first is None or end is None:
                    return SearchResult(None, topic.how, None, time.monotonic(), _name(topic, rules))
                search = Search(topic.decoder, max(first, committed or 0), keys=topic.keys, rules=rules)
                at = start = max(first, search.start - NEIGHBOURS)
                async with aclosing(_read(self._cluster, partition, start, end)) as batches:
                    async for batch in batches:
                        at = batch.next_offsets.get(partition, at)
                        damage = [gap for gap in batch.removed if gap.cause is RemovalCause.DAMAGE]
                        if batch.removed and not damage:
                            search.pass_removed(batch.removed[-1])
                        await self._decoders.learn(topic, batch.records)
                        if await _take_all(search, batch.records):
                            break
                        if damage:
                            raise CorruptBatch(f"The batch at offset {damage[0].from_offset:,} fails its checksum.")
        except ClusterError as failed:
            error = failed
        except TimeoutError:
            error = Unreachable(f"reading {partition} takes more than {_READ_S:.0f} s")
        if isinstance(error, Unreachable) and at is not None and not await self._is_sound(partition, at):
            error = CorruptBatch(f"The batch at offset {at:,} is damaged: its length or its checksum is wrong.")
        return SearchResult(search, topic.how, error, time.monotonic(), _name(topic, rules))

    async def _is_sound(self, partition: TopicPartition, offset: int) -> bool:
        """Returns whether the batch for which a read waited in vain can be read, or nobody knows."""
        try:
            async with asyncio.timeout(_READ_S):
                return await self._cluster.is_batch_sound(RecordId(partition.topic, partition.partition, offset))
        except (ClusterError, TimeoutError):
            return True


async def _take_all(search: Search, records: Sequence[Record]) -> bool:
    """Adds records. Rules may ask a registry or a user's own decoder: a thread of their own holds records to them."""
    if search.rules is None:
        return search.take_all(records)
    return await run_aside("kafkaview-suspects", search.take_all, records)


def _name(topic: TopicDecoder, rules: KeptInspection | None) -> str:
    return rules.name if rules is not None else topic.decoder.name if topic.decoder else ""


def _place(stuck: Stuck) -> _Place:
    return stuck.topic_partition, stuck.committed_offset


def _read(cluster: Cluster, partition: TopicPartition, start: int, end: int) -> AsyncGenerator[Batch, None]:
    batches = cluster.read({partition: start}, {partition: end}, batch=REACH, pass_removed=True)
    return cast("AsyncGenerator[Batch, None]", batches)


def gather_memberless(stuck: Sequence[Stuck]) -> tuple[Stuck, ...]:
    """Returns the same list with one verdict for each group and topic that nobody reads: it speaks for the others. They
    are judged one by one where their offsets were seen to move.
    """
    speakers: dict[tuple[str, str], Stuck] = {}
    others: list[Stuck] = []
    for one in stuck:
        if one.verdict is Verdict.NO_MEMBERS:
            key = one.group, one.topic_partition.topic
            known = speakers.get(key)
            speakers[key] = one if known is None else _speak_for_both(known, one)
        else:
            others.append(one)
    if len(others) + len(speakers) == len(stuck):
        return tuple(stuck)
    return tuple(sorted((*others, *speakers.values()), key=lambda one: (one.group, one.topic_partition)))


def _speak_for_both(one: Stuck, other: Stuck) -> Stuck:
    """Returns the one with more lag, with the count and the lag of both."""
    speaker = max(one, other, key=lambda stuck: stuck.lag or 0)
    lags = (one.total_lag, other.total_lag)
    lag = None if None in lags else sum(lag for lag in lags if lag is not None)
    return replace(speaker, partitions=one.partitions + other.partitions, topic_lag=lag)


def explain(stuck: Stuck, found: SearchResult) -> Stuck | None:
    """Returns the verdict after the records were read; None if no readable record waits. A group without members whose
    records are all readable gets NO_MEMBERS: perhaps a tool moved its offset.
    """
    explained = _explain_records(stuck, found)
    if explained is None or explained.behaviour is not Behaviour.ABSENT or explained.verdict is not Verdict.UNDECIDED:
        return explained
    return replace(explained, verdict=Verdict.NO_MEMBERS, reason=stuck.reason)


def _begin_explaining(stuck: Stuck) -> Stuck:
    """Returns the verdict while the records are read: what is known without them."""
    known = Verdict.NO_MEMBERS if stuck.behaviour is Behaviour.ABSENT else stuck.verdict
    return _with(replace(stuck, verdict=known), Evidence(BEING_READ, "unknown"))


def _explain_records(stuck: Stuck, found: SearchResult) -> Stuck | None:
    search = found.search
    if search is not None and _is_removed(stuck, search):
        return _report_removed(stuck, search)
    if search is not None and search.suspect is not None:
        return _poison(stuck, search, search.suspect)
    if isinstance(found.error, CorruptBatch):
        evidence = (Evidence(found.error.message, "bad"), *stuck.evidence)
        return replace(
            stuck, verdict=Verdict.CORRUPT_BATCH, reason="a record batch fails its checksum", evidence=evidence
        )
    if found.error is not None:
        return _with(stuck, Evidence(f"Its records could not be read: {found.error.message}", "unknown"))
    if search is None:
        return _with(stuck, Evidence(f"Nothing is judged: {found.how or 'its leader does not answer'}", "unknown"))
    if not search.good:
        return None
    if search.good == 1:
        words = f"The next record {_passes(search, 'decodes', 'passes')}, no more wait"
    else:
        words = f"The next {search.good:,} records {_passes(search, 'decode', 'pass')}"
    return _with(
        replace(stuck, reason=f"{stuck.reason}, and what it stands on decodes"),
        Evidence(f"{words}. {_SLOW}", "unknown"),
    )


def _passes(search: Search, decodes: str, passes: str) -> str:
    if search.rules is None and search.decoder is not None:
        return f"{decodes} as {search.decoder.title}"
    return f"{passes} the rules that are kept for the topic"


def _is_removed(stuck: Stuck, search: Search) -> bool:
    """Returns whether retention has passed the committed offset. A reader that starts at the log's start may then stand
    on a record there; with no record left, only one that fails has not gone on.
    """
    if stuck.committed_offset is None or search.start <= stuck.committed_offset:
        return False
    if search.suspect is not None:
        return search.suspect.records_between > 0
    return search.good > 0 or stuck.behaviour is Behaviour.CRASH_LOOP


def _report_removed(stuck: Stuck, search: Search) -> Stuck:
    reason = f"retention has removed the record at the committed offset: the log starts at {search.start:,}"
    evidence = (
        Evidence(f"Committed is {stuck.committed_offset:,}, the log starts at {search.start:,}", "bad"),
        Evidence("With auto.offset.reset=none a reader fails here; else it starts at an end of the log", "unknown"),
        *stuck.evidence,
    )
    return replace(stuck, reason=reason, log_start_offset=search.start, evidence=evidence)


def _poison(stuck: Stuck, search: Search, suspect: Suspect) -> Stuck:
    evidence = [*stuck.evidence[:-1], *_about(search, suspect), *stuck.evidence[-1:]]
    # Without a commit it is not known that the group reads from here on.
    verdict = Verdict.UNDECIDED if stuck.committed_offset is None else Verdict.POISON
    return replace(stuck, verdict=verdict, reason=suspect.problem.reason, evidence=tuple(evidence), suspect=suspect)


def _about(search: Search, suspect: Suspect) -> list[Evidence]:
    total, decode = search.neighbours
    if not total:
        does_not = "The record does not decode, and it has no neighbours"
    elif decode == total:
        does_not = f"The record does not decode. Its {total} neighbours do"
    else:
        does_not = f"The record does not decode. {decode} of its {total} neighbours do"
    evidence = [Evidence(does_not, "bad")]
    if suspect.records_between:
        between = f"{suspect.records_between:,} good record{'s lie' if suspect.records_between > 1 else ' lies'}"
        evidence.append(Evidence(f"{between} between the committed offset and it: committed per batch", "warn"))
    return evidence


def _with(stuck: Stuck, evidence: Evidence) -> Stuck:
    return replace(stuck, evidence=(*stuck.evidence, evidence))
