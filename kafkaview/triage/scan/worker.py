"""A process that inspects records for a scan: `python -m kafkaview.triage.scan.worker`, started by records/pool.py.
Imports little, because many of them start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kafkaview.cluster.kafka.span_reader import Slice
from kafkaview.decode.registry import attach_schemas, find_sieve, parse_rule
from kafkaview.records.worker import Look, Parent, Sight, run_worker
from kafkaview.triage.scan.inspection import Inspection, Rule

if TYPE_CHECKING:
    from kafkaview.decode.result import Decoder
    from kafkaview.decode.schemas import Schemas


def make_inspector(parameters: dict[str, Any], parent: Parent) -> Look:
    """Returns the inspection of the order's rules."""
    rules = _RuleSet(parent)
    value_rules = {topic: rules.rule(*text) for text, topics in parameters["value_rules"] for topic in topics}
    key_rule = rules.rule(*parameters["key_rule"]) if parameters["key_rule"] is not None else None
    inspection = Inspection(value_rules, key_rule)

    def look(records: Slice) -> Sight:
        return Sight(inspection.flaws(records))

    return look


class _RuleSet:
    """The rules of an order, each made once, and the schemas that their decoders ask the parent for."""

    def __init__(self, parent: Parent) -> None:
        self._parent = parent
        self._made: dict[tuple[str, str | None], Rule] = {}
        self._schemas: Schemas | None = None

    def rule(self, name: str, content: str | None) -> Rule:
        """Returns a rule by its text and the content of its file."""
        known = (name, content)
        if known not in self._made:
            self._made[known] = Rule(find_sieve(name), lambda: self._decoder(name, content))
        return self._made[known]

    def _decoder(self, name: str, content: str | None) -> Decoder:
        decoder = parse_rule(name, content)
        if not name.startswith("registry"):
            return decoder
        self._schemas = self._schemas or self._parent.schemas()
        return attach_schemas(decoder, self._schemas)


if __name__ == "__main__":
    run_worker(make_inspector)
