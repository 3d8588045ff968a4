"""Rules tried on the newest records of a topic, before they are kept for it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.kafka.client_thread import run_aside
from kafkaview.records.positions import parse_position
from kafkaview.triage.scan.findings import Finding
from kafkaview.triage.scan.kept_rules import RuleBook, TopicRules
from kafkaview.triage.scan.rules import read_rules
from kafkaview.triage.scan.scan import scan
from kafkaview.words import number, plural

if TYPE_CHECKING:
    from kafkaview.session import Session

NEWEST: Final = 1_000  # offsets of each partition
_FIRST: Final = 5


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """How many of the newest records fail some rules, and the first findings. `complete` is false where something could
    not be read.
    """

    records: int
    failed: int
    first: Sequence[Finding]
    complete: bool

    @property
    def sentence(self) -> str:
        """The trial in words."""
        if not self.records:
            return "There is no record to try the rules on"
        read = "" if self.complete else " that could be read"
        newest = plural(self.records, "newest record", "newest records")
        return f"{number(self.failed)} of the {newest}{read} {'fails' if self.failed == 1 else 'fail'}"


async def try_rules(session: Session, topic: str, rules: TopicRules, newest: int = NEWEST) -> RuleTrial:
    """Holds the newest records of each partition to rules. Raises ClusterError, and ValueError for a rule that cannot
    be used.
    """
    values, keys = await run_aside("kafkaview-rules", lambda: (read_rules(rules.values), read_rules(rules.keys)))
    failed, first, records, complete = set(), list[Finding](), 0, False
    steps = scan(session, [topic], value_rules=values, key_rules=keys, start=parse_position(f"-{newest}"))
    async with aclosing(steps):
        async for step in steps:
            failed |= {finding.record for finding in step.findings}
            first += step.findings[: _FIRST - len(first)]
            records, complete = step.scanned, step.complete
    return RuleTrial(records, len(failed), first, complete)


async def keep_rules(session: Session, topic: str, rules: TopicRules) -> None:
    """Keeps rules for a topic in place of those before. Raises StoreUnavailable."""
    await run_aside("kafkaview-rules", RuleBook.of(session.profile).keep, topic, rules)


async def kept_rules(session: Session, topic: str) -> TopicRules:
    """Returns the rules that are kept for a topic."""
    return await run_aside("kafkaview-rules", RuleBook.of(session.profile).get, topic)
