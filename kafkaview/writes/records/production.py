"""Producing one record: made anew, or a record that is edited and sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import (
    ClusterError,
    RecordTooLarge,
    RefusedByPolicy,
    RefusedHere,
    UnknownTopicOrPartition,
)
from kafkaview.cluster.in_sync import MIN_IN_SYNC, write_refusal
from kafkaview.cluster.ports.cluster import Copy
from kafkaview.decode.header_names import header_problem
from kafkaview.records.decoding import decode_record
from kafkaview.records.one_record import read_record
from kafkaview.records.partitioners import Partitioner
from kafkaview.terms import Header, Isolation, Record, TimestampType, Topic
from kafkaview.words import duration, number, plural, utc_iso
from kafkaview.writes.plan import Caution, ChangePlan, ChangeRow
from kafkaview.writes.records.production_execution import ProductionExecution
from kafkaview.writes.records.production_line import header_documents, production_words
from kafkaview.writes.records.request import ProductionRequest, SourcePart
from kafkaview.writes.topic_limits import TopicLimits, batch_size, read_limits, record_parts

if TYPE_CHECKING:
    from kafkaview.session import Session

NO_UNDO: Final = Caution("It cannot be undone.", "Kafka takes no single record back.")
UNWRITTEN_OFFSET: Final = -1  # in the journal, of a record that has no offset yet
_DECODERS_S: Final = 3.0  # for what the topic's own records show: the plan does not wait for a silent broker
_SHOWN: Final = 120  # characters of a key, value or header
_DAY_MS: Final = 86_400_000
_NULL: Final = "null"
_OF_PAYLOAD: Final = ("Key", "Value", "Header")  # rows that quote it
_KEY_FILE, _VALUE_FILE = "key.bin", "value.bin"
_TOMBSTONE: Final = "null (tombstone)"  # a value


@dataclass(frozen=True, slots=True)
class _Draft:
    """The record as it is to be written, where, and what it was made from."""

    topic: Topic
    partition: int
    chosen_by: str  # "option", "key" or "none": neither says
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    timestamp_ms: int | None
    source: Record | None
    limits: TopicLimits

    @property
    def size(self) -> int:
        return batch_size(self.key, self.value, self.headers)

    @property
    def target(self) -> str:
        return f"{self.topic.name}:{self.partition}"

    @property
    def record(self) -> Record:
        """The record for the journal and for the decoders: it has no offset yet."""
        return Record(
            self.topic.name,
            self.partition,
            UNWRITTEN_OFFSET,
            self.timestamp_ms,
            TimestampType.CREATE_TIME if self.timestamp_ms is not None else TimestampType.NOT_AVAILABLE,
            self.key,
            self.value,
            self.headers,
        )


async def plan_produce_record(session: Session, request: ProductionRequest) -> ChangePlan:
    """Plans one record: where it goes, its bytes, and why the topic would not take it. Raises ClusterError where there
    is no such topic, partition or source record.
    """
    draft = await _draft(session, request)
    # A key decides anew when the line is carried out; what nothing decides is decided here.
    partition = None if draft.chosen_by == "key" else draft.partition
    content = (draft.key, draft.value, draft.headers, draft.timestamp_ms)
    copy = Copy(draft.topic.name, draft.partition, *content)
    plan = ChangePlan(
        kind="records.produce",
        title=f"{'Send a record again' if draft.source is not None else 'Produce 1 record'} to {draft.target}",
        deed="Send it again" if draft.source is not None else "Produce it",
        subject=draft.topic.name,
        rows=tuple(_rows(draft)),
        command=production_words(draft.topic.name, partition, *content, request.key_file, request.value_file),
        document=_document(draft),
        cautions=tuple(await _cautions(session, draft)),
        problems=tuple(_problems(draft)),
        payloads=(draft.record,),
        make_execution=lambda session_, plan, entry, progress: ProductionExecution(
            session_, plan, entry, progress, copy=copy, topic=draft.topic, stamped=draft.limits.stamps
        ),
    )
    return replace(plan, discreet=_without_payload(plan, draft, partition))


def _without_payload(plan: ChangePlan, draft: _Draft, partition: int | None) -> ChangePlan:
    """Returns the plan without the bytes of its record: the line names files for them, and no header."""
    name, key, value, at_ms = draft.topic.name, draft.key, draft.value, draft.timestamp_ms
    return replace(
        plan,
        rows=tuple(row for row in plan.rows if row.what.split()[0] not in _OF_PAYLOAD),
        command=production_words(name, partition, key, value, (), at_ms, _KEY_FILE, _VALUE_FILE),
        document={
            **plan.document,
            "headers": [
                {"key": one.key, "size": None if one.value is None else len(one.value)} for one in draft.headers
            ],
        },
    )


async def _draft(session: Session, request: ProductionRequest) -> _Draft:
    topic = await session.cluster.topic(request.topic)
    limits = await read_limits(session.cluster, topic.name)
    source = None
    if request.source is not None:
        isolation = Isolation.READ_UNCOMMITTED if request.uncommitted else Isolation.READ_COMMITTED
        source = await read_record(session.cluster, request.source, isolation)
    key = source.key if isinstance(request.key, SourcePart) and source is not None else request.key
    value = source.value if isinstance(request.value, SourcePart) and source is not None else request.value
    headers: tuple[Header, ...] | SourcePart | None = request.headers
    if isinstance(headers, SourcePart):
        headers = source.headers if source is not None else ()
    if headers is None:
        assert source is not None
        reason = header_problem(source.unreadable_header or b"").reason
        raise RefusedHere(f"{source.id} cannot be sent again as it is: {reason}", "Send it with headers of your own.")
    assert not isinstance(key, SourcePart), "a part is kept of a source"
    assert not isinstance(value, SourcePart), "a part is kept of a source"
    partition, chosen_by = _choose_partition(topic, request.partition, key)
    return _Draft(topic, partition, chosen_by, key, value, headers, request.timestamp_ms, source, limits)


def _choose_partition(topic: Topic, wanted: int | None, key: bytes | None) -> tuple[int, str]:
    """Returns the partition, and what has chosen it. Without a key it is the first that has a leader, so that the plan
    says where the record goes; a producer of Java's takes any.
    """
    count = len(topic.partitions)
    if wanted is not None:
        if wanted >= count:
            raise UnknownTopicOrPartition(
                f"There is no partition {topic.name}:{wanted}: {topic.name} has partitions 0 to {count - 1}"
            )
        return wanted, "option"
    if key is not None:
        return Partitioner.MURMUR2.choose(key, count), "key"
    return next((one.partition for one in topic.partitions if one.leader is not None), 0), "none"


def _rows(draft: _Draft) -> list[ChangeRow]:
    why = {
        "option": "",
        "key": ", where murmur2 (Java clients) puts the key",
        "none": ", the first with a leader: there is no key",
    }[draft.chosen_by]
    source = draft.source
    headers: Sequence[Header] = source.headers or () if source is not None else ()
    rows = [
        ChangeRow("Partition", str(source.topic_partition) if source is not None else None, f"{draft.target}{why}"),
        _bytes_row("Key", source, source.key if source is not None else None, draft.key),
        _bytes_row("Value", source, source.value if source is not None else None, draft.value, null=_TOMBSTONE),
    ]
    for before, after in zip_longest(headers, draft.headers):
        rows.append(_header_row(before, after))
    limit = f" (the topic takes {number(draft.limits.largest)})" if draft.limits.largest else ""
    was = None if source is None or source.headers is None else batch_size(source.key, source.value, source.headers)
    at_ms = source.timestamp_ms if source is not None else None
    after_time = "the present time" if draft.timestamp_ms is None else _time(draft.timestamp_ms)
    return [
        *rows,
        ChangeRow("Timestamp", _time(at_ms) if at_ms is not None else None, after_time),
        ChangeRow(f"Size{limit}", None if was is None else plural(was, "byte"), plural(draft.size, "byte")),
    ]


def _bytes_row(
    what: str, source: Record | None, before: bytes | None, after: bytes | None, null: str = _NULL
) -> ChangeRow:
    first = _words(before, null) if source is not None else None
    then = _words(after, null)
    return ChangeRow(what, first, f"{then} (other bytes)" if first == then and before != after else then)


def _header_row(before: Header | None, after: Header | None) -> ChangeRow:
    named = after or before
    assert named is not None
    first, then = (None if one is None else f"{one.key}: {_words(one.value)}" for one in (before, after))
    same_words = first == then and before != after
    return ChangeRow(f"Header {named.key}", first, f"{then} (other bytes)" if same_words else then)


def _words(data: bytes | None, null: str = _NULL) -> str:
    """Returns bytes in short: their text, and how many there are where that does not say all, or where the text alone
    could be taken for null, or for the words about other bytes, which all end with a bracket.
    """
    if data is None:
        return null
    if not data:
        return "(empty, 0 bytes)"
    text = data.decode(errors="replace")
    shown = " ".join(text[:_SHOWN].split())
    if shown.encode() == data and shown != _NULL and not shown.endswith(")"):
        return shown
    flaw = "" if text.encode() == data else ", not UTF-8"
    return f"{shown}{'…' * (len(text) > _SHOWN)} ({plural(len(data), 'byte')}{flaw})"


def _time(ms: int) -> str:
    return utc_iso(ms) or ""


def _document(draft: _Draft) -> dict[str, Any]:
    return {
        "topic": draft.topic.name,
        "partition": draft.partition,
        "chosen_by": draft.chosen_by,
        "partitioner": Partitioner.MURMUR2.value if draft.chosen_by == "key" else None,
        "source": str(draft.source.id) if draft.source is not None else None,
        "timestamp_ms": draft.timestamp_ms,
        "key_size": None if draft.key is None else len(draft.key),
        "value_size": None if draft.value is None else len(draft.value),
        "headers": header_documents(draft.headers),
        "size": draft.size,
        "max_message_bytes": draft.limits.largest,
    }


def _problems(draft: _Draft) -> list[ClusterError]:
    """Returns why the topic would not take the record, as far as it can be known."""
    topic, limits = draft.topic, draft.limits
    found: list[ClusterError] = []
    if topic.internal:
        found.append(RefusedHere(f"{topic.name} is Kafka's own", "Choose another topic."))
    refusal = write_refusal(topic.partitions[draft.partition], limits.number(MIN_IN_SYNC))
    if refusal is not None:
        found.append(refusal)
    if draft.key is None and limits.compacts:
        found.append(RefusedByPolicy(f"{topic.name} is compacted: it takes no record without a key", "Give it a key."))
    parts = record_parts(draft.key, draft.value, draft.headers)
    if limits.is_too_large(parts, draft.size - sum(map(len, parts))):
        message = f"The record has {number(draft.size)} bytes, {topic.name} takes {number(limits.largest)}"
        found.append(RecordTooLarge(message, f"Make it smaller, or raise max.message.bytes of {topic.name}."))
    found += [
        RefusedHere(f"The name of a header holds NUL: {header.key!r}", "kafkaview's client ends a name there.")
        for header in draft.headers
        if "\0" in header.key
    ]
    return [*found, *_problems_of_time(draft)]


def _problems_of_time(draft: _Draft) -> list[ClusterError]:
    at_ms, name = draft.timestamp_ms, draft.topic.name
    if at_ms is None:
        return []
    if at_ms <= 0:
        hint = "Leave --timestamp out, or give a later time."
        return [RefusedHere(f"The timestamp {at_ms} cannot be written: the client takes it for the present time", hint)]
    found = draft.limits.timestamp_violation(at_ms, now_ms())
    if found is None:
        return []
    message = (
        f"{name} does not take the timestamp {_time(at_ms)}: it lies {duration(found.away_ms)} {found.side} now, and"
        f" {duration(found.limit_ms)} are allowed ({found.setting}={found.limit_ms})"
    )
    return [RefusedByPolicy(message, f"Leave the timestamp out, or change {found.setting} of {name}.")]


async def _cautions(session: Session, draft: _Draft) -> list[Caution]:
    name, at_ms = draft.topic.name, draft.timestamp_ms
    found = []
    key, value = await _flaws(session, draft)
    for what, flaw in (("value", value), ("key", key)):
        if flaw:
            found.append(Caution(f"A reader of {name} may stop on it.", f"Its {what} is not as the others: {flaw}."))
    if draft.value is None and draft.limits.compacts:
        found.append(Caution("It deletes its key.", f"{name} is compacted, and a null value is a tombstone."))
    if at_ms is not None and draft.limits.stamps:
        found.append(Caution("The timestamp is not kept.", f"Brokers stamp the records of {name} (LogAppendTime)."))
    elif at_ms is not None and not draft.limits.compacts and draft.limits.is_expired(at_ms, now_ms()):
        kept = duration(draft.limits.number("retention.ms"))
        found.append(Caution("It may be removed at once.", f"{name} keeps records for {kept} by their timestamp."))
    return [*found, NO_UNDO]


async def _flaws(session: Session, draft: _Draft) -> tuple[str, str]:
    """Returns why the topic's decoders do not read key and value; empty where they do, or none is known."""
    try:
        async with asyncio.timeout(_DECODERS_S):
            readings = await decode_record(session, draft.record)
    except (ClusterError, TimeoutError):
        return "", ""
    key, value = (one.problem or "" if one is not None else "" for one in readings)
    return key, value
