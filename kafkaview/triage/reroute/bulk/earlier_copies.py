"""The copies of a bulk re-route that a queue holds already: of a run that was cut off, or of an older one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.leaders import find_silence
from kafkaview.terms import RecordId, Topic, TopicPartition
from kafkaview.triage.record_reads import find_copies
from kafkaview.triage.reroute.bulk.survey import SourceSurvey
from kafkaview.triage.reroute.queue import Queue, look_back
from kafkaview.writes.topic_ids import topic_id

if TYPE_CHECKING:
    from kafkaview.journal.entry import JournalEntry
    from kafkaview.session import Session

KIND: Final = "reroute.bulk"
_LOOKED_THROUGH: Final = 1_000  # newest entries of the journal


@dataclass(frozen=True, slots=True)
class EarlierCopies:
    """The copies that are there, by source; the last stable offsets of the queue's partitions that were looked at; and
    the entries of the journal from whose beginning on it was looked.
    """

    copies: dict[RecordId, RecordId] = field(default_factory=dict)
    ends: dict[TopicPartition, int] = field(default_factory=dict)
    entries: tuple[int, ...] = ()


async def find_earlier(session: Session, queue: Queue, source: Topic, survey: SourceSurvey) -> EarlierCopies:
    """Reads the queue for copies: its newest records, and all since the log ends that earlier bulk re-routes of the
    topic noted when they began. Raises Unreachable where a partition of the queue cannot be seen.
    """
    if queue.topic is None or not survey.marks:
        return EarlierCopies()
    partitions = {place.partition for place in survey.marks}
    starts, ends = await look_back(session.cluster, queue.topic, partitions)
    for one in partitions:
        place = TopicPartition(queue.name, one % queue.partitions)
        if place not in ends:
            silence = await find_silence(session.cluster, place)
            raise Unreachable(f"Whether {place} holds a copy already is unknown. {silence.message}", silence.hint)
    entries = await _entries(session, queue, source)
    bounds = await session.cluster.offsets(ends)
    for entry in entries:
        noted = {one["partition"]: one["offset"] for one in entry.intent.plan["dlq_ends"]}
        for place, start in starts.items():
            starts[place] = max(min(start, noted.get(place.partition, 0)), bounds[place].log_start_offset or 0)
    copies = await find_copies(session.cluster, starts, survey.fits)
    return EarlierCopies(copies, ends, tuple(entry.id for entry in entries))


def without(
    offsets: Mapping[TopicPartition, Sequence[int]], records: Collection[RecordId]
) -> dict[TopicPartition, tuple[int, ...]]:
    """Returns the offsets but those of some records, in order."""
    gone: dict[TopicPartition, set[int]] = {}
    for record in records:
        gone.setdefault(record.topic_partition, set()).add(record.offset)
    return {place: tuple(one for one in own if one not in gone.get(place, ())) for place, own in offsets.items()}


async def _entries(session: Session, queue: Queue, source: Topic) -> list[JournalEntry]:
    cluster_id = (await session.cluster.describe()).cluster_id

    def fits(entry: JournalEntry) -> bool:
        plan: Any = entry.intent.plan
        same = entry.intent.kind == KIND and entry.intent.cluster_id == cluster_id
        return same and plan["to"] == queue.name and plan["topic_id"] == topic_id(source)

    return [entry for entry in await session.journal.entries(limit=_LOOKED_THROUGH) if fits(entry)]
