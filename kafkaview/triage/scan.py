"""Reading through topics for records that do not pass a rule, whether they stop somebody or not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from kafkaview.cluster.errors import UnknownTopicOrPartition
from kafkaview.cluster.port import Batch, Cluster
from kafkaview.decode.result import Decoder
from kafkaview.terms import Record, RecordId, TopicPartition
from kafkaview.triage.positions import BEGINNING, END, Position, resolve

if TYPE_CHECKING:
    from kafkaview.session import Session

_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One key or value that does not pass. `position` and `length` are the bytes to mark."""

    record: RecordId
    timestamp_ms: int | None
    field: str
    rule: str
    reason: str
    size: int
    position: int | None
    length: int


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a scan is. `passed` of `total` offsets are behind it, `scanned` of them were records.

    `findings` are those of the last batch. `skipped` are partitions whose leader does not answer. `complete` is set
    in the last progress of a scan that left nothing out.
    """

    scanned: int = 0
    passed: int = 0
    total: int = 0
    found: int = 0
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    skipped: tuple[TopicPartition, ...] = ()
    complete: bool = False

    @property
    def rate(self) -> float:
        """Records per second so far."""
        return self.scanned / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time to the end at the pace so far; None before there is one."""
        return self.seconds * (self.total - self.passed) / self.passed if self.passed else None


@dataclass(frozen=True, slots=True)
class _Rules:
    value: Mapping[str, Decoder]  # by topic
    key: Decoder | None


@dataclass(slots=True)
class _Checker:
    """Holds records to the rules on a thread of its own; `stop` is seen from record to record."""

    rules: _Rules
    stop: bool = False
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "kafkaview-scan"))

    async def check(self, records: Sequence[Record]) -> list[Finding]:
        return await asyncio.get_running_loop().run_in_executor(self.thread, self._findings, records)

    def close(self) -> None:
        self.stop = True
        self.thread.shutdown()

    def _findings(self, records: Sequence[Record]) -> list[Finding]:
        findings: list[Finding] = []
        for record in records:
            if self.stop:
                break
            findings += findings_of(record, self.rules.value.get(record.topic), self.rules.key)
        return findings


def findings_of(record: Record, value_rule: Decoder | None, key_rule: Decoder | None) -> list[Finding]:
    """What does not pass in one record. A null key and a null value (tombstone) are healthy."""
    findings = []
    for name, data, rule in (("key", record.key, key_rule), ("value", record.value, value_rule)):
        problem = rule.problem(data, name) if rule is not None and data is not None else None
        if problem is not None and data is not None:
            findings.append(
                Finding(
                    record.id,
                    record.timestamp_ms,
                    name,
                    problem.decoder,
                    problem.reason,
                    len(data),
                    problem.position,
                    problem.length,
                )
            )
    return findings


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
    """Read topics (or single partitions) from `start` to `end` and yield the progress, at least every 250 ms.

    Without a rule values are held to each topic's own decoder; ValueError names a topic that shows none. Closing the
    iterator stops the scan at once. Raises ClusterError.
    """
    cluster = session.cluster
    partitions = await _partitions(cluster, targets)
    rules = await _rules(session, {tp.topic for tp in partitions}, value_rule, key_rule)
    bounds = await cluster.offsets(partitions)
    first, last = await resolve(cluster, start, bounds), await resolve(cluster, end, bounds)
    spans = {tp: (first[tp], max(first[tp], last[tp])) for tp in first}
    progress = ScanProgress(
        total=sum(end_ - start_ for start_, end_ in spans.values()),
        skipped=tuple(tp for tp in partitions if tp not in spans),
    )
    yield progress
    began = time.monotonic()
    checker = _Checker(rules)
    try:
        async with aclosing(_read(cluster, spans)) as batches:
            async for batch in batches:
                findings = await checker.check(batch.records)
                progress = _advance(progress, batch, spans, findings, time.monotonic() - began)
                if max_findings is not None and progress.found >= max_findings:
                    excess = progress.found - max_findings
                    kept = progress.findings[: len(progress.findings) - excess]
                    yield replace(progress, findings=kept, found=max_findings)
                    return
                yield progress
    finally:
        checker.close()
    seconds = time.monotonic() - began
    yield replace(progress, passed=progress.total, findings=(), seconds=seconds, complete=not progress.skipped)


def _advance(
    progress: ScanProgress,
    batch: Batch,
    spans: Mapping[TopicPartition, tuple[int, int]],
    findings: Sequence[Finding],
    seconds: float,
) -> ScanProgress:
    return replace(
        progress,
        scanned=progress.scanned + len(batch.records),
        passed=sum(offset - spans[tp][0] for tp, offset in batch.next_offsets.items()),
        found=progress.found + len(findings),
        findings=tuple(findings),
        seconds=seconds,
    )


async def _rules(session: Session, topics: set[str], value_rule: Decoder | None, key_rule: Decoder | None) -> _Rules:
    if value_rule is not None or key_rule is not None:
        return _Rules(dict.fromkeys(topics, value_rule) if value_rule else {}, key_rule)
    own: dict[str, Decoder] = {}
    for topic in sorted(topics):
        decoder = await session.decoders.of(session.cluster, topic)
        if decoder.decoder is None:
            raise ValueError(f"{topic} shows no format ({decoder.how}): a rule is needed")
        own[topic] = decoder.decoder
    return _Rules(own, None)


async def _partitions(cluster: Cluster, targets: Sequence[str | TopicPartition]) -> list[TopicPartition]:
    found: dict[TopicPartition, None] = {}
    for target in targets:
        topic = await cluster.topic(target if isinstance(target, str) else target.topic)
        own = [partition.topic_partition for partition in topic.partitions]
        if isinstance(target, TopicPartition):
            if target not in own:
                raise UnknownTopicOrPartition(f"There is no partition {target}: {topic.name} has {len(own)} partitions")
            own = [target]
        found |= dict.fromkeys(own)
    return list(found)


def _read(cluster: Cluster, spans: Mapping[TopicPartition, tuple[int, int]]) -> AsyncGenerator[Batch, None]:
    starts, ends = {tp: span[0] for tp, span in spans.items()}, {tp: span[1] for tp, span in spans.items()}
    return cast("AsyncGenerator[Batch, None]", cluster.read(starts, ends, batch=_BATCH))
