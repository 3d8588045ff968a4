"""A sieve lets nothing through that its decoder refuses, and keeps little back that it takes."""

from __future__ import annotations

import json

import pytest

from kafkaview.decode.registry import FORMATS, find_sieve, parse_rule
from kafkaview.decode.sieves import keep_back
from tests.kit.broken_json import ODD, broken_json

RULES = (
    *(row.word for row in FORMATS if row.sieve and row.opening == row.word),
    *("json:jackson", "json:python", "max-bytes:0", "max-bytes:9"),
)
GOOD = [
    b'{"order_id":"o-%07d","name":"Rene","amount":42.90,"items":[{"qty":2}],"id":"550e8400-e29b-41d4-e123"}' % n
    for n in range(1_000)
]


def refused(rule: str, values: list[bytes | None]) -> set[int]:
    decoder = parse_rule(rule)
    return {place for place, value in enumerate(values) if value is not None and decoder.problem(value) is not None}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value[:40]))
def test_odd_values_are_kept_back_alone_and_among_others(rule: str, value: bytes) -> None:
    sieve = find_sieve(rule)
    for values in ([value], [b"1", value, b"1"], [value, value], [*ODD[:5], value]):
        assert refused(rule, list(values)) <= keep_back(sieve, values)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(40))
def test_nothing_that_is_refused_passes(rule: str, seed: int) -> None:
    values = broken_json(seed, 1 + seed * 10)
    assert refused(rule, values) <= keep_back(find_sieve(rule), values)


@pytest.mark.parametrize("rule", ["json", "utf8", "max-bytes:200"])
def test_plain_documents_pass(rule: str) -> None:
    assert keep_back(find_sieve(rule), GOOD) == set()
    assert keep_back(find_sieve(rule), []) == set()
    assert keep_back(find_sieve(rule), [None, None]) == set()


def test_numbers_that_a_double_holds_pass_and_a_larger_one_is_found_among_many() -> None:
    values = [json.dumps({"n": 10.0**power, "m": 5 * 10.0**-power}).encode() for power in range(300)]
    assert len(keep_back(find_sieve("json"), values)) <= 200  # powers of three digits are looked at, no others
    assert keep_back(find_sieve("json"), [*GOOD, b'{"n":1e999}', *GOOD]) == {len(GOOD)}


def test_a_rule_without_a_sieve_keeps_every_value_back() -> None:
    assert keep_back(find_sieve(""), [b"1", None, b"2"]) == {0, 2}
