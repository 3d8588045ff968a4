"""The scan: reads topics through for records that violate a rule, whether or not they stop a group."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kafkaview.records.passage import Instructions, Passage, PassageResult
from kafkaview.records.positions import BEGINNING, END, Position
from kafkaview.records.ranges import find_range, partitions_of
from kafkaview.terms import Record, RecordId, Topic, TopicPartition
from kafkaview.triage.scan.findings import Finding, ScanProgress
from kafkaview.triage.scan.inspection import Inspection
from kafkaview.triage.scan.listed_records import InspectedRecords
from kafkaview.triage.scan.rule_sets import RuleSet, find_rules
from kafkaview.triage.scan.rules import write_rule

if TYPE_CHECKING:
    from kafkaview.decode.registry import WrittenRule
    from kafkaview.session import Session
    from kafkaview.triage.scan.rules import Rule

__all__ = ["WORKER", "Finding", "ScanProgress", "scan"]

WORKER = "kafkaview.triage.scan.worker"


async def scan(
    session: Session,
    targets: Sequence[str | TopicPartition],
    *,
    value_rules: Sequence[Rule] = (),
    key_rules: Sequence[Rule] = (),
    start: Position = BEGINNING,
    end: Position = END,
    max_findings: int | None = None,
) -> AsyncGenerator[ScanProgress, None]:
    """Reads topics (or single partitions) from `start` to `end` and yields the progress at least every 250 ms. Several
    processes read a long range; all rules are held against a record when it is read. Without a rule, those that are
    kept for a topic count, else the format of its own records. Closing the iterator stops the scan at once. Raises
    ClusterError, and ValueError for a topic without a known format.
    """
    cluster = session.cluster
    topics = {name: await cluster.topic(name) for name in dict.fromkeys(map(_topic_name, targets))}
    partitions = _partitions(topics, targets)
    rules = await find_rules(session, {tp.topic for tp in partitions}, value_rules, key_rules)
    found_range = await find_range(cluster, partitions, start, end)
    work = _ScanWork(rules, rules.inspection())
    passage = Passage(cluster, tuple(topics.values()), found_range, work, divide=max_findings is None)
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
    """The work of a scan: keys and values are inspected by the rules of their topic."""

    rules: RuleSet
    inspection: Inspection

    def instructions(self) -> Instructions | None:
        """Returns the rules for another process; None if one of them cannot be built there."""
        values, keys = _write_all(self.rules.values), _write_all(self.rules.keys)
        if values is None or keys is None:
            return None
        return Instructions(WORKER, {"value_rules": values, "key_rules": keys}, self.rules.schemas)

    def look(self, records: Sequence[Record], stop: Callable[[], bool]) -> PassageResult:
        """Inspects records."""
        return PassageResult([finding_of(*flaw) for flaw in self.inspection.flaws(InspectedRecords(records), stop)])

    def restore(self, thing: Sequence[Any]) -> Finding:
        """Returns the finding of a violation."""
        return finding_of(*thing)


def _write_all(rules: Mapping[str, Sequence[Rule]]) -> list[list[Any]] | None:
    """Returns pairs of some rules and the topics that are held to them; None if a rule cannot be written down."""
    topics: dict[tuple[WrittenRule, ...], list[str]] = {}
    for topic, own in rules.items():
        written = [write_rule(rule) for rule in own]
        if None in written:
            return None
        topics.setdefault(tuple(one for one in written if one is not None), []).append(topic)
    return [list(pair) for pair in topics.items()]


def finding_of(
    origin: Sequence[Any], field: str, rule: str, reason: str, size: int, position: int | None, length: int
) -> Finding:
    """Returns the finding of a violation, in words for the user."""
    topic, partition, offset, timestamp_ms = origin
    return Finding(RecordId(topic, partition, offset), timestamp_ms, field, rule, reason, size, position, length)


def _topic_name(target: str | TopicPartition) -> str:
    return target if isinstance(target, str) else target.topic


def _partitions(topics: Mapping[str, Topic], targets: Sequence[str | TopicPartition]) -> list[TopicPartition]:
    found: dict[TopicPartition, None] = {}
    for target in targets:
        numbers = None if isinstance(target, str) else (target.partition,)
        found |= dict.fromkeys(partitions_of(topics[_topic_name(target)], numbers))
    return list(found)
