"""A process that inspects records for a scan: `python -m kafkaview.triage.scan.worker`, started by records/pool.py.
Imports little, because many of them start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kafkaview.cluster.kafka.span_reader import Slice
from kafkaview.decode.registry import find_sieve, parse_rule
from kafkaview.records.worker import Look, Sight, run_worker
from kafkaview.triage.scan.inspection import Inspection, Rule


def make_inspector(parameters: dict[str, Any]) -> Look:
    """Returns the inspection of the order's rules."""
    described = parameters["value_rules"]
    value_rules = {topic: rule for text, topics in described if (rule := _rule(text)) is not None for topic in topics}
    inspection = Inspection(value_rules, _rule(parameters["key_rule"]))

    def look(records: Slice) -> Sight:
        return Sight(inspection.flaws(records))

    return look


def _rule(description: Sequence[Any] | None) -> Rule | None:
    if description is None:
        return None
    name, content = description
    return Rule(find_sieve(name), lambda: parse_rule(name, content))


if __name__ == "__main__":
    run_worker(make_inspector)
