"""Results that are held to what the readers of the target take, and values of a registry that are written again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kafkaview.cluster.errors import SchemaUnavailable, SchemaUnknown
from kafkaview.terms import Header
from kafkaview.triage.mending.mender import Mender
from kafkaview.triage.mending.result import MendOutcome
from kafkaview.triage.mending.rules import (
    Acceptance,
    AcceptKind,
    MendRule,
    RuleKind,
    UnusableRule,
    read_acceptance,
)
from tests.unit.decode.registered import MemoryRegistry, avro, framed
from tests.unit.triage.mending import TOPIC, brief, cel, letter, mend, merge, python, schema_of, session

OLD = {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"},
                                                      {"name": "amount", "type": "string"}]}  # fmt: skip
NOTE = {"name": "note", "type": ["null", "string"], "default": None}
NEW = {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"},
                                                      {"name": "amount", "type": "double"}, NOTE]}  # fmt: skip
LAST = {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"}]}
PAYMENT = """syntax = "proto3"; package shop; message Other { int32 a = 1; }
message Payment { string id = 1; int64 cents = 2; }"""
LATER_PAYMENT = PAYMENT.replace("int64 cents = 2;", "int64 cents = 2; string currency = 3;")
PRICE = {"type": "object", "properties": {"cents": {"type": "integer"}}, "required": ["cents"]}
AMOUNT = cel('merge(value, {"amount": double(value.amount)})')


def registry() -> MemoryRegistry:
    return MemoryRegistry({7: schema_of("AVRO", OLD, 7, 1), 8: schema_of("AVRO", NEW, 8, 2)})


def old(amount: str) -> bytes:
    return framed(7, avro(OLD, {"id": "o-1", "amount": amount}))


async def test_avro_of_an_old_schema_is_written_by_the_latest_of_the_target() -> None:
    newest = framed(8, avro(NEW, {"id": "o-2", "amount": 2.5, "note": "x"}))
    found = await mend(
        AMOUNT, [old("1.50"), old("soon"), newest, b'{"id": "o-3", "amount": "7"}', None], "registry", registry()
    )
    assert brief(found) == [
        framed(8, avro(NEW, {"id": "o-1", "amount": 1.5, "note": None})),
        "the rule fails: Function 'double' error: string parse error: invalid float literal",
        "=",
        framed(8, avro(NEW, {"id": "o-3", "amount": 7.0, "note": None})),
        "the rule fails: No such overload: the operation is not defined for the given operand types",
    ]


async def test_what_the_target_schema_does_not_take_is_not_sent() -> None:
    found = await mend(merge('{"color": "red"}'), [old("1.50")], "registry", registry())
    assert brief(found) == ["version 2 of orders-value does not take it: color is no field of the schema"]
    found = await mend(merge("{}"), [old("1.50")], "registry", registry())
    assert brief(found) == ["version 2 of orders-value does not take it: amount is text where a double belongs"]


async def test_a_value_that_a_reader_resolves_itself_stays_as_it_is() -> None:
    schemas = registry()
    schemas.schemas[9] = schema_of("AVRO", LAST, 9, 3)
    assert brief(await mend(None, [old("1.50")], "registry", schemas)) == ["="]
    assert brief(await mend(merge('{"id": "o-1"}'), [old("1.50")], "registry", schemas)) == ["="]
    found = brief(await mend(merge('{"id": "o-2"}'), [old("1.50")], "registry", schemas))
    assert found == ["version 3 of orders-value does not take it: amount is no field of the schema"]
    found = brief(await mend(merge('{"id": "o-2", "amount": null}'), [old("1.50")], "registry", schemas))
    assert found == [framed(9, avro(LAST, {"id": "o-2"}))]


async def test_without_a_rule_values_are_only_held_to_the_registry() -> None:
    found = brief(await mend(None, [old("1.50"), b"{}", framed(99, b""), old("1")[:-1]], "registry", registry()))
    assert found == [
        "version 2 of orders-value cannot read what schema id 7 wrote: Schema mismatch: string is not double",
        "byte 0 of the value is 7B, not the magic byte 00 of the wire format with a schema id",
        "its schema is not known: the registry has no schema id 99",
        "byte 9 of the value: a string has a length of 1, 0 bytes are left (amount)",
    ]


async def test_without_the_registry_as_judge_a_value_keeps_its_own_schema() -> None:
    found = await mend(merge('{"amount": "2"}'), [old("1.50"), old("2")], "none", registry())
    assert brief(found) == [old("2"), "="]


async def test_protobuf_is_written_by_the_target_with_the_path_to_its_type() -> None:
    schemas = MemoryRegistry({3: schema_of("PROTOBUF", PAYMENT, 3, 1), 4: schema_of("PROTOBUF", LATER_PAYMENT, 4, 2)})
    data = b"\x0a\x01p\x10\x07"
    own = framed(3, b"\x02\x02" + data)
    found = await mend(merge('{"currency": "EUR"}'), [own], "registry", schemas)
    assert brief(found) == [framed(4, b"\x02\x02" + data + b"\x1a\x03EUR")]
    assert brief(await mend(merge('{"cents": 7}'), [own], "registry", schemas)) == ["="]
    twice = framed(3, b"\x02\x02" + data + data)
    (reason,) = brief(await mend(merge('{"cents": 8}'), [twice], "registry", schemas))
    assert reason == 'what the rule gives is not JSON that can be encoded: it names "id" twice in one object'
    assert brief(await mend(merge('{"cents": 7}'), [twice], "registry", schemas)) == ["="]


async def test_json_with_a_schema_keeps_its_text_behind_the_new_id() -> None:
    schemas = MemoryRegistry({5: schema_of("JSON", {}, 5, 1), 6: schema_of("JSON", PRICE, 6, 2)})
    own = framed(5, b'{"cents": "7", "rate": 0.10, "big": 12345678901234567890123}')
    found = await mend(cel('merge(value, {"cents": int(value.cents)})'), [own, framed(5, b"{}")], "registry", schemas)
    assert brief(found) == [
        framed(6, b'{"cents": 7, "rate": 0.10, "big": 12345678901234567890123}'),
        "the rule fails: there is no cents",
    ]
    assert brief(await mend(merge('{"a": 1}'), [own], "registry", schemas)) == [
        "cents is a string where an integer belongs, at byte 15"
    ]
    plain = await mend(merge('{"a": 1}'), [b'{"cents": 1}'], "registry", schemas)
    assert brief(plain) == [framed(6, b'{"cents": 1, "a": 1}')]


async def test_a_value_whose_schema_a_header_names_is_mended_by_its_own_schema_alone() -> None:
    headers = (Header("__value_schema_id", b"\0\0\0\0\7"),)
    record = letter(avro(OLD, {"id": "o-1", "amount": "1"}), 0, headers)
    assert brief(await mend(merge('{"amount": "2"}'), [record], "none", registry())) == [
        avro(OLD, {"id": "o-1", "amount": "2"})
    ]
    assert brief(await mend(AMOUNT, [record], "registry", registry())) == [
        "a header names its schema, and only values are mended"
    ]


async def test_values_are_held_to_strict_json() -> None:
    values = [b'{"a": 1}', b'{"a": 1', b'{"a": NaN}', b"[1]x", b"\xff", None]
    assert [one.outcome for one in await mend(None, values, "json")] == [
        MendOutcome.UNCHANGED, *[MendOutcome.FAILED] * 4, MendOutcome.UNCHANGED
    ]  # fmt: skip
    assert brief(await mend(cel('value + "}"'), [b'{"a": 1', b'{"a":'], "json")) == [
        b'{"a": 1}', "byte 5 of the value is not JSON: unexpected character, expected a JSON value"
    ]  # fmt: skip


async def test_values_are_held_to_a_json_schema() -> None:
    acceptance = Acceptance(AcceptKind.JSON_SCHEMA, json.dumps(PRICE).encode(), "price.json")
    found = await mend(merge('{"cents": 5}'), [b'{"cents": "x"}', b'{"cents": 5}'], acceptance)
    assert brief(found) == [b'{"cents": 5}', "="]
    found = await mend(merge('{"cents": null}'), [b'{"cents": 1}'], acceptance)
    assert brief(found) == ["the field cents is missing"]
    schemas = MemoryRegistry({5: schema_of("JSON", {}, 5, 1)})
    assert brief(await mend(None, [framed(5, b'{"cents": 1}')], acceptance, schemas)) == ["="]
    (reason,) = brief(await mend(None, [framed(5, b'{"cents": "x"}')], acceptance, schemas))
    assert reason == "cents is a string where an integer belongs, at byte 15"


async def test_an_edited_text_is_encoded_as_the_target_takes_it() -> None:
    rule = MendRule(RuleKind.EDIT, b'{"id": "o-9", "amount": 3.5}')
    whole = framed(8, avro(NEW, {"id": "o-9", "amount": 3.5, "note": None}))
    assert brief(await mend(rule, [old("1"), b"poison"], "registry", registry())) == [whole, whole]
    same = MendRule(RuleKind.EDIT, b'{"amount": "1", "id": "o-1"}')
    assert brief(await mend(same, [old("1")], "none", registry())) == ["="]
    broken = MendRule(RuleKind.EDIT, b'{"id":')
    (reason,) = brief(await mend(broken, [old("1")], "registry", registry()))
    assert isinstance(reason, str)
    assert reason.startswith("what the rule gives is not JSON that can be encoded")


@pytest.mark.parametrize(
    ("accept", "ask", "error", "message"),
    [
        ("registry", None, SchemaUnavailable, "this connection names no schema registry"),
        ("registry", "down", SchemaUnavailable, "gives no answer within 10 s"),
        ("registry", "empty", SchemaUnknown, "the registry has no subject orders-value"),
        ("registry:9", "full", SchemaUnknown, "the registry has no version 9 of orders-value"),
    ],
)
async def test_what_values_cannot_be_held_to_is_said_before_a_record_is_looked_at(
    accept: str, ask: str | None, error: type[Exception], message: str
) -> None:
    schemas = registry() if ask == "full" else MemoryRegistry({})
    schemas.is_down = ask == "down"
    mender = Mender(None, read_acceptance(accept))
    with pytest.raises(error, match=message):
        await mender.prepare(session(schemas if ask else None), [TOPIC])


async def test_a_json_schema_that_is_none_is_refused() -> None:
    for text in (b"{", b'{"type": "nonsense"}', b"\xff"):
        with pytest.raises(UnusableRule, match="The JSON Schema cannot be used"):
            await mend(None, [], Acceptance(AcceptKind.JSON_SCHEMA, text, "s.json"))


async def test_a_chosen_version_counts_in_place_of_the_latest() -> None:
    assert brief(await mend(None, [old("1")], "registry:1", registry())) == ["="]
    assert brief(await mend(AMOUNT, [old("1")], "registry:1", registry())) == [
        "version 1 of orders-value does not take it: amount is a number with a fraction where a string belongs"
    ]


async def test_a_registry_that_falls_silent_fails_only_the_records_that_need_it() -> None:
    schemas = registry()
    mender = Mender(merge('{"id": "x"}'), read_acceptance("none"))
    await mender.prepare(session(schemas), [TOPIC])
    schemas.is_down = True
    found = brief(await mender.mend([letter(old("1")), letter(b"{}")], TOPIC))
    assert found[0] == "its schema is not known: http://registry gives no answer within 10 s"
    assert found[1] == b'{"id":"x"}'


async def test_the_difference_is_told_by_path() -> None:
    mender = Mender(AMOUNT, read_acceptance("registry"))
    await mender.prepare(session(registry()), [TOPIC])
    record = letter(old("1.50"))
    (found,) = await mender.mend([record], TOPIC)
    comparison = await mender.compare(record, found.value)
    assert [(one.path, one.left, one.right) for one in comparison.differences] == [
        ("value.amount", '"1.50"', "1.5"), ("value.note", None, "null")
    ]  # fmt: skip
    assert comparison.same == 1
    comparison = await mender.compare(letter(b"\xff"), b"{}")
    assert [(one.left, one.right) for one in comparison.differences] == [("ff", "{}")]


async def test_a_python_rule_sees_the_json_of_avro(tmp_path: Path) -> None:
    source = (
        "def mend(record):\n    value = record.json()\n    value['amount'] = float(value['amount'])\n    return value"
    )
    found = await mend(python(tmp_path, source), [old("1.50"), old("x")], "registry", registry())
    assert brief(found) == [
        framed(8, avro(NEW, {"id": "o-1", "amount": 1.5, "note": None})),
        "rule.py: ValueError: could not convert string to float: 'x'",
    ]
