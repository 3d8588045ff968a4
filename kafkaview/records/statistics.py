"""The statistics of a topic, found by reading a range of it through: sizes, nulls, keys, times, schemas, headers."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.cluster import BatchHead
from kafkaview.cluster.ports.schemas import SchemaReference
from kafkaview.decode.registered_schema import latest_subject
from kafkaview.decode.schemas import KnownSchema
from kafkaview.decode.wire_format import reference_of
from kafkaview.records.passage import Instructions, Passage, PassageResult
from kafkaview.records.positions import note_commits, parse_position
from kafkaview.records.progress import ReadProgress
from kafkaview.records.ranges import find_range, partitions_of
from kafkaview.records.record_columns import ListedRecords
from kafkaview.records.size_counts import SizeSummary
from kafkaview.terms import Isolation, Record, RecordId
from kafkaview.words import plural, size

if TYPE_CHECKING:
    from kafkaview.records.statistics_counts import StatisticsCounts
    from kafkaview.session import Session

K = TypeVar("K", str, tuple[str, str])

_WORKER: Final = "kafkaview.records.statistics_worker"
_NAMED: Final = 50  # schemas and header names that are shown, those of most records
_SCHEMAS_S: Final = 5.0  # for the registry's answers
_SAMPLED_PARTITIONS: Final = 20  # whose batches are looked at


@dataclass(frozen=True, slots=True)
class StatisticsRequest:
    """The range to read: `start` and `end` are positions as `--from` and `--to` take them, `partitions` numbers (None:
    all).
    """

    topic: str
    start: str = "beginning"
    end: str = "end"
    partitions: tuple[int, ...] | None = None
    isolation: Isolation = Isolation.READ_COMMITTED


@dataclass(frozen=True, slots=True)
class SchemaUse:
    """A schema that keys or values (`field`) name by its id or GUID, and on how many records. `label` says what the
    registry has under it, None where that is not known; `unknown` is true where the registry says that it has none.
    """

    field: str
    id: int | None
    guid: str | None
    records: int
    label: str | None = None
    unknown: bool = False

    @property
    def name(self) -> str:
        """The id or GUID in words."""
        return f"id {self.id}" if self.guid is None else f"GUID {self.guid}"


@dataclass(frozen=True, slots=True)
class BatchSample:
    """Some record batches of the range, from the begin and the middle of partitions: how many, their records and their
    bytes in the log, and how many of them are packed by which codec.
    """

    batches: int
    records: int
    size: int
    codecs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class TopicStatistics:
    """What was counted so far; `ended` at the end. `spans` are the offsets to be read of each partition, the last not
    included. `distinct_keys` is an estimate with a standard error of about 1 %, None where no record has a key. `hours`
    are begins of hours in Unix milliseconds with their records; `other_hours` records lie in hours beyond the most that
    are counted, `without_time` have no timestamp. `schemas` are those of most records, None where the topic is not read
    by a registry; `headers` are names with the records that have them. `batches` are looked at in the end, None where
    that cannot be.
    """

    topic: str
    progress: ReadProgress
    spans: tuple[tuple[int, int, int], ...]
    records: int
    null_keys: int
    null_values: int
    tombstones: int
    keys: SizeSummary
    values: SizeSummary
    distinct_keys: int | None
    first_ms: int | None
    last_ms: int | None
    hours: tuple[tuple[int, int], ...]
    other_hours: int
    without_time: int
    headers: tuple[tuple[str, int], ...]
    with_headers: int
    unreadable_headers: int
    schemas: tuple[SchemaUse, ...] | None
    batches: BatchSample | None = None
    notes: tuple[str, ...] = ()
    ended: bool = False


async def topic_statistics(session: Session, request: StatisticsRequest) -> AsyncGenerator[TopicStatistics, None]:
    """Reads a range of a topic through, by several processes where it is long, and yields what was counted so far, at
    least every 250 ms. Closing the iterator ends the read. Raises ClusterError, and ValueError for a position.
    """
    from kafkaview.records.statistics_counts import StatisticsCounts  # heavy: the sketch

    start, end = parse_position(request.start), parse_position(request.end)
    topic = await session.cluster.topic(request.topic)
    partitions = partitions_of(topic, request.partitions)
    span = await find_range(session.cluster, partitions, start, end, request.isolation)
    notes = await note_commits(session.cluster, partitions, start, end)
    decoder = await session.decoders.of(session.cluster, topic.name)
    registered = decoder.registered_fields
    counts = StatisticsCounts(registered)
    spans = tuple(sorted((tp.partition, *ends) for tp, ends in span.spans.items()))
    progress = ReadProgress()
    passage = Passage(session.cluster, (topic,), span, _StatisticsWork(registered), request.isolation)
    async with aclosing(passage.steps(progress)) as steps:
        async for progress, parts in steps:
            for part in parts:
                counts.merge(part)
            yield _describe(topic.name, progress, spans, counts, notes)
    whole = _describe(topic.name, progress, spans, counts, notes)
    schemas = await _look_up(session, topic.name, whole.schemas)
    yield replace(whole, schemas=schemas, batches=await _sample_batches(session, topic.name, spans), ended=True)


@dataclass(frozen=True, slots=True)
class _StatisticsWork:
    """The work: all records are counted."""

    registered: tuple[str, ...]

    def instructions(self) -> Instructions | None:
        """Returns what another process needs to know."""
        return Instructions(_WORKER, {"registered": self.registered})

    def look(self, records: Sequence[Record], _stop: Callable[[], bool]) -> PassageResult:
        """Counts records."""
        from kafkaview.records.statistics_counts import StatisticsCounts

        counts = StatisticsCounts(self.registered)
        counts.add(ListedRecords(records))
        return PassageResult([counts])

    def restore(self, thing: Any) -> StatisticsCounts:
        """Returns the counts that another process reported."""
        from kafkaview.records.statistics_counts import StatisticsCounts

        return StatisticsCounts.unpack(thing)


def _describe(
    topic: str,
    progress: ReadProgress,
    spans: tuple[tuple[int, int, int], ...],
    counts: StatisticsCounts,
    notes: tuple[str, ...],
) -> TopicStatistics:
    schemas = tuple(
        SchemaUse(field, named.id, named.guid, many)
        for (field, name), many in _most(counts.schemas)
        for named in (reference_of(bytes.fromhex(name)),)
    )
    return TopicStatistics(
        topic,
        progress,
        spans,
        counts.records,
        counts.null_keys,
        counts.null_values,
        counts.tombstones,
        counts.key_sizes.summary(),
        counts.value_sizes.summary(),
        counts.distinct_keys if counts.records > counts.null_keys else None,
        counts.first_ms,
        counts.last_ms,
        tuple(sorted(counts.hours.items())),
        counts.other_hours,
        counts.without_time,
        tuple(_most(counts.headers)),
        counts.with_headers,
        counts.unreadable_headers,
        schemas if counts.registered else None,
        notes=notes,
    )


async def _sample_batches(session: Session, topic: str, spans: tuple[tuple[int, int, int], ...]) -> BatchSample | None:
    """Looks at some batches of some partitions; None where no leader shows any."""
    filled = [span for span in spans if span[1] < span[2]]
    found: dict[tuple[int, int], BatchHead] = {}
    for partition, first, last in filled[:: -(-len(filled) // _SAMPLED_PARTITIONS) or 1]:
        for offset in {first, (first + last) // 2}:
            with suppress(ClusterError):  # what was read stands without it
                heads = await session.cluster.batch_heads(RecordId(topic, partition, offset))
                found |= {(partition, head.first): head for head in heads if not head.control}
    heads = tuple(found.values())
    if not heads:
        return None
    codecs = Counter(head.codec for head in heads)
    return BatchSample(
        len(heads), sum(head.records for head in heads), sum(head.size for head in heads), tuple(_most(codecs))
    )


def _most(counts: Mapping[K, int]) -> list[tuple[K, int]]:
    """Returns the names of most records, those of as many in the order of their names: the same each time."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_NAMED]


async def _look_up(session: Session, topic: str, uses: tuple[SchemaUse, ...] | None) -> tuple[SchemaUse, ...] | None:
    """Returns the schemas with what the registry has of them, as far as it answers."""
    if uses is None:
        return None
    schemas = session.decoders.schemas
    references = [SchemaReference(use.id, use.guid) for use in uses]
    await schemas.learn(references, _SCHEMAS_S)
    found = []
    for use, reference in zip(uses, references, strict=True):
        known = schemas.find(reference)
        if isinstance(known, KnownSchema):
            found.append(replace(use, label=str(known.label(reference, latest_subject(topic, use.field)))))
        else:
            found.append(replace(use, unknown=known.judged))
    return tuple(found)


def batch_text(sample: BatchSample) -> str:
    """Returns a sentence about some batches."""
    codecs = ", ".join(codec if many == sample.batches else f"{codec} {many:,}" for codec, many in sample.codecs)
    each = f"{sample.records / sample.batches:,.1f} records and {size(sample.size // sample.batches)} each"
    return f"{plural(sample.batches, 'batch', 'batches')} looked at: compression {codecs}, {each}"
