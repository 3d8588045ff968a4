"""The source records of dead letters that are no full copies: the broker that writes those of a share group leaves out
headers and timestamp, and, unless told otherwise, key and value too (KIP-1191).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import NotAuthorized, UnknownTopicOrPartition
from kafkaview.journal.errors import PayloadUnreadable
from kafkaview.terms import Record, RecordId, TopicPartition
from kafkaview.triage.record_reads import whole_records
from kafkaview.triage.redrive.offset_set import OffsetSet
from kafkaview.triage.redrive.restoration import Restored

if TYPE_CHECKING:
    from kafkaview.session import Session

_NOT_COPIED: Final = "its key and value were not copied"


async def complete(
    session: Session, cluster_id: str | None, some: Sequence[Restored]
) -> dict[RecordId, Restored | str]:
    """Returns each of these records completed from its source, from the journal where the source is gone, or as it is
    where only headers and timestamp stay unknown; else why its value cannot be had. By letter.
    """
    places = {one.letter: place for one in some if (place := one.origin.record) is not None}
    sources = await _read_sources(session, set(places.values()))
    found: dict[RecordId, Restored | str] = {}
    for one in some:
        place = places.get(one.letter)
        found[one.letter] = await _completed(session, cluster_id, one, place, sources)
    return found


async def _completed(
    session: Session,
    cluster_id: str | None,
    one: Restored,
    place: RecordId | None,
    sources: dict[RecordId, Record],
) -> Restored | str:
    source = sources.get(place) if place is not None else None
    if source is None and one.uncopied and place is not None:
        try:
            source = await session.journal.find_payload(place, cluster_id)
        except PayloadUnreadable as error:
            return f"{_NOT_COPIED}, and {place} is in the journal alone: {error.message}"
    if source is not None and source.headers is not None:
        try:
            return one.completed(source)
        except ValueError:
            return one
    if not one.uncopied:
        return one
    if place is None:
        return f"{_NOT_COPIED}, and its headers do not name its origin"
    if source is not None:
        return f"{_NOT_COPIED}, and the headers of {place} cannot be read"
    return f"{_NOT_COPIED}, and {place} is neither there any more nor in the journal"


async def _read_sources(session: Session, places: set[RecordId]) -> dict[RecordId, Record]:
    """Reads what is there of source records; a topic that is gone, or that may not be read, has none."""
    by_topic: dict[str, dict[TopicPartition, OffsetSet]] = {}
    for place in places:
        by_topic.setdefault(place.topic, {}).setdefault(place.topic_partition, OffsetSet()).add(place.offset)
    found: dict[RecordId, Record] = {}
    for name, wanted in by_topic.items():
        try:
            topic = await session.cluster.topic(name)
            there = {place: some for place, some in wanted.items() if place.partition < len(topic.partitions)}
            async for batch in session.cluster.read_at(there):
                found |= {record.id: record for record in await whole_records(session.cluster, batch.records)}
        except (UnknownTopicOrPartition, NotAuthorized):
            continue
    return found
