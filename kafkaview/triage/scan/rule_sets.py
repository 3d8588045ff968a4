"""Which rules the topics of a scan or a watch are held to: those that are given, else those that are kept for a topic,
else the format of its own records.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kafkaview.cluster.kafka.client_thread import run_aside
from kafkaview.decode.registered_schema import Registered
from kafkaview.decode.result import Undecodable
from kafkaview.decode.schemas import Schemas
from kafkaview.profiles.errors import StoreUnavailable
from kafkaview.terms import Record
from kafkaview.triage.scan.inspection import Inspection, InspectionRule
from kafkaview.triage.scan.kept_rules import RuleBook, TopicRules
from kafkaview.triage.scan.listed_records import InspectedRecords
from kafkaview.triage.scan.rules import inspection_rule, read_rules

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.triage.scan.rules import Rule

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules for the values and the keys of each topic, and the schemas that they read by."""

    values: Mapping[str, Sequence[Rule]]
    keys: Mapping[str, Sequence[Rule]]
    schemas: Schemas

    def inspection(self) -> Inspection:
        """Returns what inspects records by these rules. On its thread a schema that is not known is waited for."""
        waiting = self.schemas.waiting()
        made = {id(rule): inspection_rule(rule, waiting) for of in (self.values, self.keys) for rule in _all(of)}

        def by_topic(rules: Mapping[str, Sequence[Rule]]) -> dict[str, tuple[InspectionRule, ...]]:
            return {topic: tuple(made[id(rule)] for rule in own) for topic, own in rules.items()}

        return Inspection(by_topic(self.values), by_topic(self.keys))

    @property
    def names(self) -> dict[str, TopicRules]:
        """The rules of each topic, as they are written."""
        return {
            topic: TopicRules(
                tuple(rule.name for rule in self.values.get(topic, ())),
                tuple(rule.name for rule in self.keys.get(topic, ())),
            )
            for topic in sorted({*self.values, *self.keys})
        }


async def find_rules(
    session: Session, topics: Iterable[str], value_rules: Sequence[Rule] = (), key_rules: Sequence[Rule] = ()
) -> RuleSet:
    """Returns the rules of some topics. Raises ClusterError, and ValueError for a topic without a known format, and for
    a kept rule that cannot be used.
    """
    schemas, names = session.decoders.schemas, sorted(set(topics))
    if value_rules or key_rules:
        found = RuleSet(dict.fromkeys(names, tuple(value_rules)), dict.fromkeys(names, tuple(key_rules)), schemas)
    else:
        own = {topic: await _rules_of(session, topic) for topic in names}
        found = RuleSet(
            {topic: rules[0] for topic, rules in own.items()},
            {topic: rules[1] for topic, rules in own.items()},
            schemas,
        )
    if not schemas.has_registry and any(
        isinstance(rule, Registered) for of in (found.values, found.keys) for rule in _all(of)
    ):
        raise ValueError("the rule registry needs a connection that names one: -X schema.registry.url=URL")
    return found


@dataclass(frozen=True, slots=True)
class KeptInspection:
    """The rules that are kept for one topic, as records are held to them one by one."""

    name: str
    inspection: Inspection

    def problem(self, record: Record) -> Undecodable | None:
        """Returns the first reason why a record does not pass. Blocks where a schema is asked for. Raises
        DecoderUnavailable.
        """
        flaws = self.inspection.flaws(InspectedRecords([record]))
        if not flaws:
            return None
        flaw = flaws[0]
        return Undecodable(flaw.rule, flaw.reason, flaw.position, flaw.length, field=flaw.field)


async def find_kept_inspection(session: Session, topic: str) -> KeptInspection | None:
    """Returns the inspection by the rules that are kept for a topic; None where there are none that can be used, which
    the log says.
    """
    try:
        kept = await read_kept_rules(session, topic)
    except (ValueError, StoreUnavailable) as error:
        _log.warning("the rules that are kept for %s cannot be used: %s", topic, error)
        return None
    if kept is None:
        return None
    rules = RuleSet({topic: kept[0]}, {topic: kept[1]}, session.decoders.schemas)
    return KeptInspection(", ".join(rule.name for own in kept for rule in own), rules.inspection())


async def read_kept_rules(session: Session, topic: str) -> tuple[tuple[Rule, ...], tuple[Rule, ...]] | None:
    """Returns the rules that are kept for a topic, for values and for keys; None where none are. Raises ValueError for
    one that cannot be used, and StoreUnavailable.
    """
    kept = await run_aside("kafkaview-rules", RuleBook.of(session.profile).get, topic)
    if not kept:
        return None
    try:
        return await run_aside("kafkaview-rules", lambda: (read_rules(kept.values), read_rules(kept.keys)))
    except ValueError as error:
        raise ValueError(f"a rule that is kept for {topic} cannot be used: {error}") from error


async def describe_expectation(session: Session, topic: str) -> str:
    """Returns what the values of a topic are held to without rules of the user's, and how that is known; empty where
    nothing is known. Raises ClusterError.
    """
    try:
        kept = await read_kept_rules(session, topic)
    except (ValueError, StoreUnavailable):
        return ""
    if kept is not None:
        return f"the rules that are kept for it: {', '.join(rule.name for own in kept for rule in own)}"
    decoder = await session.decoders.of(session.cluster, topic)
    return decoder.how if decoder.decoder is not None else ""


async def _rules_of(session: Session, topic: str) -> tuple[Sequence[Rule], Sequence[Rule]]:
    kept = await read_kept_rules(session, topic)
    if kept is not None:
        return kept
    decoder = await session.decoders.of(session.cluster, topic)
    if decoder.decoder is None:
        raise ValueError(f"{topic} shows no format ({decoder.how}): a rule is needed")
    return (decoder.decoder,), ()


def _all(rules: Mapping[str, Sequence[Rule]]) -> list[Rule]:
    return [rule for own in rules.values() for rule in own]
