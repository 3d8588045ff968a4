"""The scan: reads topics through for records that violate a rule, whether or not they stop a group."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kafkaview.decode.registered import Registered
from kafkaview.decode.registry import WrittenRule, attach_schemas, describe_rule, find_sieve
from kafkaview.decode.result import Decoder
from kafkaview.decode.schemas import Schemas
from kafkaview.records.passage import Instructions, Passage, PassageResult
from kafkaview.records.positions import BEGINNING, END, Position
from kafkaview.records.ranges import find_range, partitions_of
from kafkaview.terms import Record, RecordId, Topic, TopicPartition
from kafkaview.triage.scan.findings import Finding, ScanProgress
from kafkaview.triage.scan.inspection import Context, Inspection, Origin, Rule

if TYPE_CHECKING:
    from kafkaview.session import Session

__all__ = ["Finding", "ScanProgress", "scan"]

_WORKER = "kafkaview.triage.scan.worker"


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
    found_range = await find_range(cluster, partitions, start, end)
    passage = Passage(cluster, tuple(topics.values()), found_range, rules, divide=max_findings is None)
    found = 0
    async with aclosing(passage.steps(ScanProgress())) as steps:
        async for step, findings in steps:
            found += len(findings)
            if max_findings is not None and found >= max_findings:
                kept = len(findings) - (found - max_findings)
                yield replace(step, findings=findings[:kept], found=max_findings)
                return
            yield replace(step, findings=findings, found=found)


@dataclass(frozen=True, slots=True)
class _ScanWork:
    """The work of a scan: values are inspected by the rule of their topic, keys by one rule."""

    value: Mapping[str, Decoder]  # by topic
    key: Decoder | None
    schemas: Schemas
    inspection: Inspection

    @classmethod
    def of(cls, value: Mapping[str, Decoder], key: Decoder | None, schemas: Schemas) -> _ScanWork:
        """Returns the work of these rules. On its thread a schema that is not known is waited for."""
        waiting = schemas.waiting()
        made = {id(decoder): _rule(attach_schemas(decoder, waiting)) for decoder in value.values()}
        values = {topic: made[id(decoder)] for topic, decoder in value.items()}
        keys = _rule(attach_schemas(key, waiting)) if key is not None else None
        return cls(value, key, schemas, Inspection(values, keys))

    def instructions(self) -> Instructions | None:
        """Returns the rules for another process; None if one of them cannot be built there."""
        topics: dict[WrittenRule, list[str]] = {}
        for topic, decoder in self.value.items():
            text = describe_rule(decoder)
            if text is None:
                return None
            topics.setdefault(text, []).append(topic)
        key = describe_rule(self.key) if self.key is not None else None
        if self.key is not None and key is None:
            return None
        rules = {"value_rules": [list(pair) for pair in topics.items()], "key_rule": key}
        return Instructions(_WORKER, rules, self.schemas)

    def look(self, records: Sequence[Record], stop: Callable[[], bool]) -> PassageResult:
        """Inspects records."""
        return PassageResult([finding_of(*flaw) for flaw in self.inspection.flaws(_Records(records), stop)])

    def restore(self, thing: Sequence[Any]) -> Finding:
        """Returns the finding of a violation."""
        return finding_of(*thing)


def finding_of(
    origin: Sequence[Any], field: str, rule: str, reason: str, size: int, position: int | None, length: int
) -> Finding:
    """Returns the finding of a violation, in words for the user."""
    topic, partition, offset, timestamp_ms = origin
    return Finding(RecordId(topic, partition, offset), timestamp_ms, field, rule, reason, size, position, length)


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

    def has_header(self, name: str) -> bool:
        headers = [record.headers for record in self.records]
        return None in headers or any(header.key == name for own in headers for header in own or ())

    def origin(self, place: int) -> Origin:
        record = self.records[place]
        return record.topic, record.partition, record.offset, record.timestamp_ms

    def context(self, place: int) -> Context:
        record = self.records[place]
        headers = None if record.headers is None else [(header.key, header.value) for header in record.headers]
        return record.topic, record.key, headers


def _rule(decoder: Decoder) -> Rule:
    """Returns a rule. Only the rule of a declared format has a sieve."""
    return Rule(find_sieve(decoder.name if describe_rule(decoder) else ""), lambda: decoder)


async def _rules(session: Session, topics: set[str], value_rule: Decoder | None, key_rule: Decoder | None) -> _ScanWork:
    schemas = session.decoders.schemas
    if value_rule is not None or key_rule is not None:
        if not schemas.has_registry and any(isinstance(one, Registered) for one in (value_rule, key_rule)):
            raise ValueError("the rule registry needs a connection that names one: -X schema.registry.url=URL")
        return _ScanWork.of(dict.fromkeys(topics, value_rule) if value_rule else {}, key_rule, schemas)
    own: dict[str, Decoder] = {}
    for topic in sorted(topics):
        decoder = await session.decoders.of(session.cluster, topic)
        if decoder.decoder is None:
            raise ValueError(f"{topic} shows no format ({decoder.how}): a rule is needed")
        own[topic] = decoder.decoder
    return _ScanWork.of(own, None, schemas)


def _topic_name(target: str | TopicPartition) -> str:
    return target if isinstance(target, str) else target.topic


def _partitions(topics: Mapping[str, Topic], targets: Sequence[str | TopicPartition]) -> list[TopicPartition]:
    found: dict[TopicPartition, None] = {}
    for target in targets:
        numbers = None if isinstance(target, str) else (target.partition,)
        found |= dict.fromkeys(partitions_of(topics[_topic_name(target)], numbers))
    return list(found)
