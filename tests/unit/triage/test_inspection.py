"""What is found by columns is what is found record by record."""

from __future__ import annotations

import json
import random

import pytest

from kafkaview.cluster.ports.record_source import Context, HeaderPairs, Origin
from kafkaview.cluster.ports.schemas import RegisteredSchema
from kafkaview.decode.registered_schema import Registered
from kafkaview.decode.registry import describe_rule, find_sieve, parse_rule
from kafkaview.decode.result import Decoder
from kafkaview.decode.schemas import Schemas
from kafkaview.decode.sieves import keep_all
from kafkaview.triage.scan.inspection import FormatRule, Inspection, RuleViolation
from tests.kit.broken_json import broken_json
from tests.unit.decode.registered import MemoryRegistry, avro, framed

TOPICS = ("orders", "payments")


class Rows:
    """Random keys and values of two topics."""

    def __init__(self, seed: int, count: int) -> None:
        self.has_named_schema = False
        self._topics = random.Random(seed).choices(TOPICS, k=count)
        self._keys, self._values = broken_json(seed, count), broken_json(seed + 1, count)

    def topics(self) -> list[str]:
        return self._topics

    def keys(self) -> list[bytes | None]:
        return self._keys

    def values(self) -> list[bytes | None]:
        return self._values

    def partitions(self) -> list[int]:
        return [0] * len(self._topics)

    def offsets(self) -> list[int]:
        return list(range(len(self._topics)))

    def timestamps(self) -> list[int | None]:
        return [None] * len(self._topics)

    def headers(self) -> list[HeaderPairs | None]:
        return [()] * len(self._topics)

    def unreadable_headers(self) -> dict[int, bytes]:
        return {}

    def has_header(self, name: str) -> bool:
        return self.has_named_schema and name == "__value_schema_id"

    def context(self, place: int) -> Context:
        return self._topics[place], self._keys[place], []

    def origin(self, place: int) -> Origin:
        return self._topics[place], 0, place, None


def one_after_the_other(rows: Rows, value_rules: dict[str, Decoder], key_rule: Decoder | None) -> list[RuleViolation]:
    found = []
    for place, topic in enumerate(rows.topics()):
        for field, data, rule in (
            ("key", rows.keys()[place], key_rule),
            ("value", rows.values()[place], value_rules.get(topic)),
        ):
            problem = rule.problem(data, field) if rule is not None and data is not None else None
            if problem is not None and data is not None:
                values = (problem.decoder, problem.reason, len(data), problem.position, problem.length)
                found.append(RuleViolation(rows.origin(place), field, *values))
    return found


def rule(decoder: Decoder) -> FormatRule:
    name, schema = describe_rule(decoder) or ("", None)
    return FormatRule(find_sieve(name), lambda: parse_rule(name, schema))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    ("values", "key"),
    [
        (("json", "json"), None),
        (("json", "json"), "json"),
        (("json", "utf8"), "max-bytes:4"),
        (("utf8", "utf8"), "utf8"),
        (("max-bytes:7", "json"), None),
        (None, "json"),
    ],
)
def test_the_same_is_found_in_the_same_order(seed: int, values: tuple[str, str] | None, key: str | None) -> None:
    rows = Rows(seed, 300)
    decoders = {topic: parse_rule(name) for topic, name in zip(TOPICS, values or (), strict=False)}
    rules = {name: rule(parse_rule(name)) for name in values or ()}
    value_rules = {topic: [rules[name]] for topic, name in zip(TOPICS, values or (), strict=False)}
    key_rules = dict.fromkeys(TOPICS, (rule(parse_rule(key)),) if key else ())
    found = Inspection(value_rules, key_rules).flaws(rows)
    assert found == one_after_the_other(rows, decoders, parse_rule(key) if key else None)
    assert found


def test_values_that_fit_their_avro_schema_pass_where_no_header_may_name_another() -> None:
    line = {"type": "record", "name": "Line", "fields": [{"name": "sku", "type": "string"}]}
    registry = MemoryRegistry({7: RegisteredSchema("AVRO", json.dumps(line), (), (("orders-value", 1),))})
    chosen = FormatRule(keep_all, lambda: Registered(Schemas(registry, waits=True)))
    good = avro(line, {"sku": "a"})
    values = [framed(7, good), framed(7, good + b"x"), framed(8, good), b"", None, b"\x00\x00", b"plain text"]
    rows = Rows(1, len(values))
    assert chosen.suspects(rows, "value", values) == {1, 2, 3, 5, 6}
    rows.has_named_schema = True
    assert chosen.suspects(rows, "value", values) == {0, 1, 2, 3, 5, 6}
    latest = FormatRule(keep_all, lambda: Registered(Schemas(registry, waits=True), latest=True))
    assert latest.suspects(Rows(1, 1), "value", values[:1]) == {0}


def test_an_inspection_ends_on_a_request_to_stop() -> None:
    looks = iter([False, False, True])
    found = Inspection(dict.fromkeys(TOPICS, (rule(parse_rule("max-bytes:0")),)), {}).flaws(
        Rows(1, 100), lambda: next(looks)
    )
    assert 0 < len(found) <= 2
