"""The records of a bulk re-route looked through before anything is sent: which are there, and which fit the queue.

What stays of a record is a mark, by which its copy can be told. Bytes are kept up to a bound alone: records beyond it
are read again when they are sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import UnknownTopicOrPartition
from kafkaview.records.one_record import why_missing
from kafkaview.terms import PartitionOffsets, Record, RecordId, Topic, TopicPartition
from kafkaview.triage.record_reads import keeps_time, whole_records
from kafkaview.triage.reroute.bulk.copy_maker import CopyMaker
from kafkaview.triage.reroute.plan import CopyPlan
from kafkaview.triage.reroute.queue_refusals import refusals_of_copy
from kafkaview.writes.records.read_back import add_bytes
from kafkaview.writes.topic_limits import record_parts

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch
    from kafkaview.session import Session

MOST_NAMED: Final = 100  # records that are left, each with its reason; and payloads in the journal
_PAYLOAD_BYTES: Final = 1_048_576
_KEPT_RECORDS: Final = 50_000
_KEPT_BYTES: Final = 33_554_432


@dataclass(frozen=True, slots=True)
class SourceMark:
    """What tells the copy of a record, without its bytes."""

    digest: bytes
    headers: int
    timestamp_ms: int | None
    leader_epoch: int | None

    @classmethod
    def of(cls, record: Record) -> SourceMark:
        """Returns the mark of a record whose headers are known."""
        headers = record.headers or ()
        return cls(_digest(record), len(headers), record.timestamp_ms, record.leader_epoch)

    def is_copy(self, found: Record) -> bool:
        """Returns whether a dead letter holds the record byte for byte, its timestamp where it could be kept."""
        if found.headers is None or not keeps_time(found, self.timestamp_ms):
            return False
        return _digest(replace(found, headers=found.headers[: self.headers])) == self.digest


def _digest(record: Record) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    add_bytes(digest, record)
    return digest.digest()


@dataclass(slots=True)
class LeftRecords:
    """The records that are not sent: how many, the first of them with the reason, and the offsets of all."""

    named: list[tuple[RecordId, str]] = field(default_factory=list)
    offsets: dict[TopicPartition, set[int]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many are left."""
        return sum(map(len, self.offsets.values()))

    def add(self, record: RecordId, reason: str) -> None:
        """Leaves a record."""
        self.offsets.setdefault(record.topic_partition, set()).add(record.offset)
        if len(self.named) < MOST_NAMED:
            self.named.append((record, reason))


def failed_documents(named: Sequence[tuple[RecordId, str]]) -> list[dict[str, str]]:
    """Returns the first of the records that are left as JSON."""
    return [{"record": str(record), "reason": reason} for record, reason in named[:MOST_NAMED]]


@dataclass(slots=True)
class SourceSurvey:
    """The records that can be sent, each by its mark, in the order of their offsets, and their size in bytes. `kept`
    are the first of them as they are; `payloads` are those that the journal keeps.
    """

    marks: dict[TopicPartition, dict[int, SourceMark]] = field(default_factory=dict)
    left: LeftRecords = field(default_factory=LeftRecords)
    size: int = 0
    zero_stamped: int = 0
    kept: list[Record] = field(default_factory=list)
    payloads: list[Record] = field(default_factory=list)
    _kept_bytes: int = 0

    @property
    def count(self) -> int:
        """How many can be sent."""
        return sum(map(len, self.marks.values()))

    def add(self, record: Record) -> None:
        """Adds a record that can be sent."""
        size = sum(map(len, record_parts(record.key, record.value, record.headers or ())))
        self.marks.setdefault(record.topic_partition, {})[record.offset] = SourceMark.of(record)
        whole = len(self.kept) == self.count - 1
        self.size += size
        self.zero_stamped += record.timestamp_ms == 0
        if whole and len(self.kept) < _KEPT_RECORDS and self._kept_bytes + size <= _KEPT_BYTES:
            self.kept.append(record)
            self._kept_bytes += size
            if len(self.payloads) < MOST_NAMED and self._kept_bytes <= _PAYLOAD_BYTES:
                self.payloads.append(record)

    def fits(self, source: RecordId, found: Record) -> bool:
        """Returns whether a dead letter is the copy of one of the records."""
        mark = self.marks.get(source.topic_partition, {}).get(source.offset)
        return mark is not None and mark.is_copy(found)


async def survey_sources(
    session: Session,
    topic: Topic,
    offsets: Mapping[TopicPartition, Collection[int]],
    reasons: dict[int, dict[int, str]],
    maker: CopyMaker,
) -> SourceSurvey:
    """Reads the records through. A reason that is empty becomes what the topic's decoder says. Raises ClusterError."""
    missing = [place for place in offsets if place.partition >= len(topic.partitions)]
    if missing:
        known = f"{topic.name} has partitions 0 to {len(topic.partitions) - 1}"
        raise UnknownTopicOrPartition(f"There is no partition {missing[0]}: {known}")
    bounds = await session.cluster.offsets(offsets)
    found, now = SourceSurvey(), now_ms()
    unseen = {place: set(own) for place, own in offsets.items()}
    opened = session.cluster.read_at(offsets)
    async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
        async for batch in batches:
            records = await whole_records(session.cluster, batch.records)
            await _explain(session, topic.name, records, reasons)
            for record in records:
                unseen[record.topic_partition].discard(record.offset)
                copy = CopyPlan(record, maker.headers(record))
                refusals = refusals_of_copy(maker.queue, copy, now)
                if refusals:
                    found.left.add(record.id, refusals[0].message)
                else:
                    found.add(record)
    for place, gone in unseen.items():
        _leave_missing(found.left, place, gone, bounds[place])
    return found


def _leave_missing(left: LeftRecords, place: TopicPartition, gone: Collection[int], bounds: PartitionOffsets) -> None:
    for offset in sorted(gone):
        id_ = RecordId(place.topic, place.partition, offset)
        left.add(id_, f"There is no committed record at {id_}. {why_missing(offset, bounds)}")


async def _explain(session: Session, topic: str, records: list[Record], reasons: dict[int, dict[int, str]]) -> None:
    """Fills the reasons that are empty."""
    unexplained = [record for record in records if not reasons[record.partition][record.offset]]
    if not unexplained:
        return
    decoder = await session.decoders.of(session.cluster, topic)
    await session.decoders.learn(decoder, unexplained)
    for record in unexplained:
        problem = decoder.problem(record)
        judged = problem is not None and problem.judged
        reasons[record.partition][record.offset] = problem.reason if problem and judged else "re-routed by hand"
