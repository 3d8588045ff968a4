"""A process that inspects records for a scan: `python -m kafkaview.triage.scan.worker`, started by
records/worker_pool.py. Imports little, because many of them start.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from kafkaview.cluster.kafka.span_reader import Slice
from kafkaview.records.worker import Look, Parent, Sight, run_worker
from kafkaview.triage.scan.inspection import Inspection, InspectionRule
from kafkaview.triage.scan.rules import written_rule

if TYPE_CHECKING:
    from kafkaview.decode.schemas import Schemas


def make_inspector(parameters: dict[str, Any], parent: Parent) -> Look:
    """Returns the inspection of the order's rules."""
    rules = _OrderedRules(parent)
    inspection = Inspection(*(rules.by_topic(parameters[name]) for name in ("value_rules", "key_rules")))

    def look(records: Slice) -> Sight:
        return Sight(inspection.flaws(records))

    return look


class _OrderedRules:
    """The rules of an order, each made once, and the schemas that their decoders ask the parent for."""

    def __init__(self, parent: Parent) -> None:
        self._parent = parent
        self._made: dict[tuple[str, str | None], InspectionRule] = {}

    def by_topic(self, ordered: list[Any]) -> dict[str, tuple[InspectionRule, ...]]:
        """Returns the rules of each topic, of pairs of some rules and the topics that are held to them."""
        return {topic: tuple(self._rule(*text) for text in texts) for texts, topics in ordered for topic in topics}

    def _rule(self, name: str, content: str | None) -> InspectionRule:
        known = (name, content)
        if known not in self._made:
            self._made[known] = written_rule(name, content, lambda: self._schemas)
        return self._made[known]

    @cached_property
    def _schemas(self) -> Schemas:
        return self._parent.schemas()


if __name__ == "__main__":
    run_worker(make_inspector)
