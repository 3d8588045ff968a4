"""The scan: reads topics through for records that violate a rule, whether or not they stop a group."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from kafkaview.cluster.errors import ClusterError, UnknownTopicOrPartition, Unreachable
from kafkaview.cluster.ports.cluster import Batch, Cluster
from kafkaview.decode.registry import RuleText, describe_rule, find_sieve
from kafkaview.decode.result import Decoder
from kafkaview.terms import PartitionOffsets, Record, RecordId, RemovalCause, RemovedOffsets, Topic, TopicPartition
from kafkaview.triage.scan.findings import MOST_DAMAGED, Finding, HeldBack, ScanProgress
from kafkaview.triage.scan.inspection import Inspection, Origin, Rule, RuleViolation
from kafkaview.triage.scan.pool import Order, Report, Silence, count_workers, finding_of, scan_beside, shares_of
from kafkaview.triage.scan.positions import BEGINNING, END, Anchor, Position, resolve

if TYPE_CHECKING:
    from kafkaview.session import Session

__all__ = ["Finding", "ScanProgress", "scan"]

_BATCH = 10_000
_DAMAGES: Final = (RemovalCause.DAMAGE, RemovalCause.MUCH_DAMAGE)
_ATTEMPTS, _BETWEEN_ATTEMPTS_S = 3, 1.0  # to learn where the next batch begins
_Spans = Mapping[TopicPartition, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _ScanRules:
    value: Mapping[str, Decoder]  # by topic
    key: Decoder | None

    def texts(self) -> tuple[dict[str, RuleText], RuleText | None] | None:
        """Returns the rules for another process; None if one of them cannot be built there."""
        value = {topic: describe_rule(decoder) for topic, decoder in self.value.items()}
        key = describe_rule(self.key) if self.key is not None else None
        portable = {topic: text for topic, text in value.items() if text is not None}
        if len(portable) < len(value) or (self.key is not None and key is None):
            return None
        return portable, key


async def scan(
    session: Session,
    targets: Sequence[str | TopicPartition],
    *,
    value_rule: Decoder | None = None,
    key_rule: Decoder | None = None,
    start: Position = BEGINNING,
    end: Position = END,
    max_findings: int | None = None,
) -> AsyncGenerator[ScanProgress, None]:
    """Reads topics (or single partitions) from `start` to `end` and yields the progress at least every 250 ms. Several
    processes read a long range. Without a rule, the format of each topic's own records is the rule. Closing the
    iterator stops the scan at once. Raises ClusterError, and ValueError for a topic without a known format.
    """
    cluster = session.cluster
    topics = {name: await cluster.topic(name) for name in dict.fromkeys(map(_topic_name, targets))}
    partitions = _partitions(topics, targets)
    rules = await _rules(session, {tp.topic for tp in partitions}, value_rule, key_rule)
    bounds = await cluster.offsets(partitions)
    first, last = await resolve(cluster, start, bounds), await resolve(cluster, end, bounds)
    spans = {tp: (first[tp], max(first[tp], last[tp])) for tp in first}
    silences: list[Silence] = []
    progress = ScanProgress(
        total=sum(end_ - start_ for start_, end_ in spans.values()),
        skipped=tuple(tp for tp in partitions if tp not in spans),
        held_back=await _find_held_back(cluster, start, end, bounds, spans),
    )
    yield progress
    began = time.monotonic()
    async with aclosing(_reports(cluster, spans, rules, divide=max_findings is None)) as reports:
        async for report in reports:
            silences += [report.silence] if report.silence is not None else ()
            progress = replace(
                progress,
                scanned=progress.scanned + report.scanned,
                passed=progress.passed + report.passed,
                found=progress.found + len(report.findings),
                findings=report.findings,
                removed=progress.removed + _without_damage(report.removed),
                damaged=progress.damaged + _damage(report.removed),
                seconds=time.monotonic() - began,
            )
            if max_findings is not None and progress.found >= max_findings:
                kept = len(progress.findings) - (progress.found - max_findings)
                yield replace(progress, findings=progress.findings[:kept], found=max_findings)
                return
            yield progress
    unread = dict.fromkeys(tp for silence in silences for tp in silence.partitions)
    if silences and len(unread) == sum(start_ < end_ for start_, end_ in spans.values()):
        raise silences[0].error  # not one partition was read to its end: the cluster is away, not a broker of it
    anew = await _find_recreated(cluster, topics.values())
    removed = [one for one in progress.removed if one.topic_partition.topic not in anew]
    removed += [
        RemovedOffsets(tp, *span, RemovalCause.DELETION)
        for tp, span in spans.items()
        if tp.topic in anew and span[0] < span[1]
    ]
    progress = replace(progress, skipped=(*progress.skipped, *unread), removed=tuple(removed))
    seconds = time.monotonic() - began
    complete = not (progress.skipped or progress.held_back or progress.removed or progress.damaged)
    yield replace(progress, passed=progress.total, findings=(), seconds=seconds, complete=complete)


async def _find_held_back(
    cluster: Cluster, start: Position, end: Position, bounds: Mapping[TopicPartition, PartitionOffsets], spans: _Spans
) -> tuple[HeldBack, ...]:
    """Returns the offsets between the last stable offset, or a later start, and the requested end."""
    if all(of.last_stable_offset == of.log_end_offset for of in bounds.values()):
        return ()
    logs = {tp: replace(bounds[tp], last_stable_offset=bounds[tp].log_end_offset) for tp in spans}
    reach = await resolve(cluster, end, logs)
    # The last N offsets are counted from the last stable one: what is held back lies behind all of them.
    begin = {} if start.anchor is Anchor.END else await resolve(cluster, start, logs)
    first = {tp: max(bounds[tp].last_stable_offset or 0, begin.get(tp, 0)) for tp in spans}
    behind = [tp for tp in spans if reach.get(tp, 0) > first[tp]]
    later = await cluster.offsets(behind)  # the two ends are read apart: what was written in between is not held back
    stable = {tp: of.last_stable_offset for tp, of in later.items()}
    held = [tp for tp in behind if (now := stable.get(tp)) is None or now < reach[tp]]
    return tuple(HeldBack(tp, first[tp], reach[tp] - first[tp]) for tp in held)


async def _reports(cluster: Cluster, spans: _Spans, rules: _ScanRules, *, divide: bool) -> AsyncGenerator[Report, None]:
    """Reads spans, and behind each batch that cannot be read what is left of its span; of a partition with very many
    such batches the rest is not read.
    """
    left, batches_of = list(spans.items()), Counter[TopicPartition]()
    while left:
        now: dict[TopicPartition, tuple[int, int]] = {}
        for tp, span in left:
            now.setdefault(tp, span)  # a partition that was divided may have several
        left = [(tp, span) for tp, span in left if now[tp] != span]
        again = bool(batches_of)  # what is behind a damaged batch is not worth other processes
        async with aclosing(await _reports_of(cluster, now, rules, divide=divide, here=again)) as reports:
            async for report in reports:
                batches: list[RemovedOffsets] = []
                if report.silence is not None:
                    report = await _tell_damage(cluster, report, report.silence)  # noqa: PLW2901
                for gap in _damage(report.removed):
                    batches_of[gap.topic_partition] += 1
                    many = batches_of[gap.topic_partition] > MOST_DAMAGED
                    try:
                        batch = (
                            replace(gap, cause=RemovalCause.MUCH_DAMAGE) if many else await _damaged_batch(cluster, gap)
                        )
                    except Unreachable as error:
                        span = (gap.from_offset, gap.to_offset)
                        yield Report(silence=Silence({gap.topic_partition: span}, error))
                        continue
                    batches.append(batch)
                    left.append((gap.topic_partition, (batch.to_offset, gap.to_offset)))
                passed = report.passed + sum(batch.offsets for batch in batches)
                yield replace(report, passed=passed, removed=_without_damage(report.removed) + tuple(batches))
        left = [(tp, (first, last)) for tp, (first, last) in left if first < last]


async def _tell_damage(cluster: Cluster, report: Report, silence: Silence) -> Report:
    """Returns a report of silence with the partitions moved into damage whose next batch cannot be read: a read waits
    for a batch whose length is damaged as it does for a leader that is away.
    """
    left, damage = dict(silence.left), []
    for place, span in silence.left.items():
        with suppress(ClusterError):  # its leader is away
            if not await cluster.is_batch_sound(RecordId(place.topic, place.partition, span[0])):
                damage.append(RemovedOffsets(place, *left.pop(place), RemovalCause.DAMAGE))
    silence_left = replace(silence, left=left) if left else None
    return replace(report, removed=(*report.removed, *damage), silence=silence_left)


async def _damaged_batch(cluster: Cluster, gap: RemovedOffsets) -> RemovedOffsets:
    """Returns the offsets of the batch with which a gap begins; all of the gap if its end cannot be told, or the broker
    does not find what is behind it. Raises Unreachable if the leader does not answer several times.
    """
    place = gap.topic_partition
    for attempts_left in reversed(range(_ATTEMPTS)):
        try:
            behind = await cluster.next_batch(RecordId(place.topic, place.partition, gap.from_offset))
        except Unreachable:
            if not attempts_left:
                raise
            await asyncio.sleep(_BETWEEN_ATTEMPTS_S)
        except ClusterError:  # the broker refuses to read behind it
            break
        else:
            return replace(gap, to_offset=min(gap.to_offset, behind or gap.to_offset))
    return gap


def _damage(gaps: tuple[RemovedOffsets, ...]) -> tuple[RemovedOffsets, ...]:
    return tuple(gap for gap in gaps if gap.cause in _DAMAGES)


def _without_damage(gaps: tuple[RemovedOffsets, ...]) -> tuple[RemovedOffsets, ...]:
    return tuple(gap for gap in gaps if gap.cause not in _DAMAGES)


async def _reports_of(
    cluster: Cluster, spans: _Spans, rules: _ScanRules, *, divide: bool, here: bool
) -> AsyncGenerator[Report, None]:
    """Returns the reports of the scan, made by several processes if the range is large, and the cluster and the rules
    allow it, and not if it is to be read `here`.
    """
    count = 0 if here else count_workers(sum(last - first for first, last in spans.values()))
    texts = rules.texts() if count else None
    settings = await cluster.reader_settings() if texts is not None else None
    if texts is None or settings is None:
        return _scan_here(cluster, spans, rules)
    return scan_beside(Order(settings, *texts), shares_of(spans, count, divide=divide))


async def _scan_here(cluster: Cluster, spans: _Spans, rules: _ScanRules) -> AsyncGenerator[Report, None]:
    checker = _Checker(rules)
    following: Mapping[TopicPartition, int] = {tp: first for tp, (first, _) in spans.items()}
    try:
        async with aclosing(_read(cluster, spans)) as batches:
            async for batch in batches:
                flaws = await checker.check(batch.records)
                passed = sum(offset - following[tp] for tp, offset in batch.next_offsets.items())
                following = batch.next_offsets
                yield Report(len(batch.records), passed, tuple(finding_of(*flaw) for flaw in flaws), batch.removed)
    except Unreachable as error:
        yield Report(silence=Silence.of(spans, following, error))
    finally:
        checker.close()


class _Checker:
    """Inspects records on a thread of its own. It can be stopped between two records."""

    def __init__(self, rules: _ScanRules) -> None:
        made = {id(decoder): _rule(decoder) for decoder in rules.value.values()}
        values = {topic: made[id(decoder)] for topic, decoder in rules.value.items()}
        self._inspection = Inspection(values, _rule(rules.key) if rules.key is not None else None)
        self._stop = False
        self._thread = ThreadPoolExecutor(1, "kafkaview-scan")

    async def check(self, records: Sequence[Record]) -> list[RuleViolation]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._flaws, records)

    def close(self) -> None:
        self._stop = True
        self._thread.shutdown()

    def _flaws(self, records: Sequence[Record]) -> list[RuleViolation]:
        return self._inspection.flaws(_Records(records), lambda: self._stop)


@dataclass(frozen=True, slots=True)
class _Records:
    """Records as columns."""

    records: Sequence[Record]

    def topics(self) -> list[str]:
        return [record.topic for record in self.records]

    def keys(self) -> list[bytes | None]:
        return [record.key for record in self.records]

    def values(self) -> list[bytes | None]:
        return [record.value for record in self.records]

    def unreadable_headers(self) -> dict[int, bytes]:
        names = ((place, record.unreadable_header) for place, record in enumerate(self.records))
        return {place: name for place, name in names if name is not None}

    def origin(self, place: int) -> Origin:
        record = self.records[place]
        return record.topic, record.partition, record.offset, record.timestamp_ms


def _rule(decoder: Decoder) -> Rule:
    """Returns a rule. Only the rule of a declared format has a sieve."""
    return Rule(find_sieve(decoder.name if describe_rule(decoder) else ""), lambda: decoder)


async def _rules(
    session: Session, topics: set[str], value_rule: Decoder | None, key_rule: Decoder | None
) -> _ScanRules:
    if value_rule is not None or key_rule is not None:
        return _ScanRules(dict.fromkeys(topics, value_rule) if value_rule else {}, key_rule)
    own: dict[str, Decoder] = {}
    for topic in sorted(topics):
        decoder = await session.decoders.of(session.cluster, topic)
        if decoder.decoder is None:
            raise ValueError(f"{topic} shows no format ({decoder.how}): a rule is needed")
        own[topic] = decoder.decoder
    return _ScanRules(own, None)


def _topic_name(target: str | TopicPartition) -> str:
    return target if isinstance(target, str) else target.topic


def _partitions(topics: Mapping[str, Topic], targets: Sequence[str | TopicPartition]) -> list[TopicPartition]:
    found: dict[TopicPartition, None] = {}
    for target in targets:
        topic = topics[_topic_name(target)]
        own = [partition.topic_partition for partition in topic.partitions]
        if isinstance(target, TopicPartition):
            if target not in own:
                raise UnknownTopicOrPartition(f"There is no partition {target}: {topic.name} has {len(own)} partitions")
            own = [target]
        found |= dict.fromkeys(own)
    return list(found)


async def _find_recreated(cluster: Cluster, topics: Iterable[Topic]) -> set[str]:
    """Returns the topics that were deleted and created again during the scan: the records may be from either."""
    found = set()
    for topic in topics:
        with suppress(ClusterError):  # it is gone: what was not read of it is known already
            now = await cluster.topic(topic.name)
            if None not in (now.id, topic.id) and now.id != topic.id:
                found.add(topic.name)
    return found


def _read(cluster: Cluster, spans: _Spans) -> AsyncGenerator[Batch, None]:
    starts, ends = {tp: span[0] for tp, span in spans.items()}, {tp: span[1] for tp, span in spans.items()}
    return cast("AsyncGenerator[Batch, None]", cluster.read(starts, ends, batch=_BATCH, pass_removed=True))
