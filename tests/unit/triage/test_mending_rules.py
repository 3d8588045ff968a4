"""Rules in JSON merge patches, CEL and Python: what they give, what they leave alone, and why they fail."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.terms import Header
from kafkaview.triage.mending.cel_rule import CelRule
from kafkaview.triage.mending.exact_json import read_json, same
from kafkaview.triage.mending.json_rewriting import write_json
from kafkaview.triage.mending.letter_value import LetterValue
from kafkaview.triage.mending.python_rule import PythonRule
from kafkaview.triage.mending.rules import (
    Acceptance,
    AcceptKind,
    MendRule,
    RuleKind,
    UnusableRule,
    read_acceptance,
    read_edited,
    read_rule,
)
from tests.unit.triage.json_texts import NAMES, OBJECTS, VALUES
from tests.unit.triage.mending import brief, cel, letter, mend, merge, python

ODD = b'{"id": 12345678901234567890123, "price": 0.10, "big": 1E400, "n": 3, "s": "a,b", "n2": 1, "n2": 2}'


async def test_a_merge_patch_leaves_alone_what_it_does_not_name() -> None:
    found = await mend(merge('{"n": 4}'), [ODD, b'{"n":4}', b"[1]", None, b"{", b"\xff"])
    assert brief(found) == [
        ODD.replace(b'"n": 3', b'"n": 4'),
        "=",
        b'{"n":4}',
        "=",
        "the value ends inside an object at byte 0",
        "byte 0 of the value is not UTF-8",
    ]


@pytest.mark.parametrize(
    ("expression", "value", "found"),
    [
        ("value", ODD, "="),
        ('merge(value, {"n": value.n + 1})', ODD, ODD.replace(b'"n": 3', b'"n": 4')),
        ('without(value, "s", "n")', ODD, ODD.replace(b' "n": 3, "s": "a,b",', b"")),
        ('merge(value, {"s": value.s.replace(",", ";")})', ODD, ODD.replace(b"a,b", b"a;b")),
        ('merge(value, {"s": value.s.split(",")})', ODD, ODD.replace(b'"a,b"', b'["a", "b"]')),
        ('{"to": {"id": value.id, "b": value.big}, "p": value.price}', ODD,
         b'{"to": {"id": 12345678901234567890123, "b": 1E400}, "p": 0.10}'),
        ('{"zeta": 1, "alpha": 2, "mid": value.n}', b'{"n":1}', b'{"zeta":1,"alpha":2,"mid":1}'),
        ('{"n": value.n}', b'{"n": 1.0, "x": 2}', b'{"n": 1.0}'),
        ('{"n": double(value.n)}', b'{"n": 1}', b'{"n": 1.0}'),
        ('{"n": int(value.n)}', b'{"n": "7"}', b'{"n": 7}'),
        ('{"at": string(timestamp)}', b"{}", b'{"at":"2026-09-21T14:13:20+00:00"}'),
        ('{"k": key, "o": offset, "h": headers.h}', b"{}", b'{"k":"k","o":0,"h":"x"}'),
        ("value.inner", b'{"inner": {"a": 0.50}}', b'{"a": 0.50}'),
        ("value.text", b'{"text": "{}"}', b"{}"),
        ('value + "}"', b'{"a": 1', b'{"a": 1}'),
        ('{"raw": value}', b"plain", b'{"raw":"plain"}'),
        ('value + "!"', b'"text"', b'"text!"'),
        ('b"\\x00\\xff"', b"{}", b"\x00\xff"),
        ("value.big", ODD, b"1E400"),
        ('value == null ? {"gone": true} : value', None, b'{"gone":true}'),
        ("value", None, "="),
        ("value", b"\xff", "="),
        ("value", b"plain", "="),
        ("value", b"null", "="),
    ],
)  # fmt: skip
async def test_a_rule_in_cel_gives_the_new_value(expression: str, value: bytes | None, found: bytes | str) -> None:
    record = letter(value, headers=(Header("h", b"x"),))
    assert brief(await mend(cel(expression), [record])) == [found]


@pytest.mark.parametrize(
    ("expression", "value", "reason"),
    [
        ("value.missing", b"{}", "the rule fails: there is no missing"),
        ('{"a": value.id + 1}', ODD, "the rule fails: Unsupported operation: bytes + int"),
        ("value.big > 1.0", ODD, "(CEL cannot calculate with a number such as 12345678901234567890123)"),
        ('{"a": string(value.id)}', ODD, "the rule makes text of a number that CEL cannot hold"),
        ("string(value.id)", ODD, "the rule makes text of a number that CEL cannot hold"),
        ("value.id + value.id", ODD, "the rule joins a number that CEL cannot hold to something else"),
        ('{"a": value.id + value.id}', ODD, "what JSON cannot hold: a value of the type bytes"),
        ('{"a": 1.0 / 0.0}', b"{}", "what JSON cannot hold: inf is no number of JSON"),
        ('{"a": timestamp}', b"{}", "the rule gives a time as such: write string(...) around it"),
        ("{1: 2}", b"{}", "what JSON cannot hold: a name in JSON is text, 1 is not"),
        ("null", b"{}", "the rule gives null, and no rule makes a tombstone"),
        ("null", b"x", "the rule gives null, and no rule makes a tombstone"),
        ("merge(value, 1)", b"{}", "the rule fails: merge takes two objects"),
        ("value.a", b"\xff", "the rule fails: "),
        ('{"a": value.a}', rb'{"a": "\ud800"}', "the rule fails: "),
        ("value", b"[" * 300 + b"]" * 300, "the rule fails: it is nested deeper than 200 levels"),
    ],
)
async def test_a_rule_in_cel_that_fails_on_a_record_says_why(expression: str, value: bytes, reason: str) -> None:
    good = b'{"missing": 1, "id": 1, "big": 2.0, "a": 3}'
    results = await mend(cel(expression), [value, good])
    found = brief(results)[0]
    assert isinstance(found, str)
    assert reason in found
    assert len(results) == 2


HALF_PAIR = "ud800"  # of a surrogate pair, which CEL cannot hold


@given(OBJECTS.filter(lambda text: HALF_PAIR not in text), NAMES)
def test_cel_takes_over_any_document_but_the_member_that_it_sets(text: str, name: str) -> None:
    rule = CelRule(f'merge(value, {{{json.dumps(name, ensure_ascii=False)}: "set"}})')
    document = read_json(text)
    assert isinstance(document.value, dict)
    found = rule.apply(letter(b""), LetterValue(document))
    assert isinstance(found, str)
    assert same(read_json(found).value, {**document.value, name: "set"})


@given(st.dictionaries(NAMES, VALUES.filter(lambda text: HALF_PAIR not in text), min_size=1))
def test_cel_moves_any_value_whole(members: dict[str, str]) -> None:
    text = write_json({name: read_json(one).value for name, one in members.items()})
    found = CelRule('{"moved": [value]}').apply(letter(b""), LetterValue(read_json(text)))
    assert isinstance(found, str)
    assert same(read_json(found).value, {"moved": [read_json(text).value]})


SOURCE = """
import json, os, time
from decimal import Decimal
print("this goes nowhere")
def mend(record):
    if record.value == b"slow":
        time.sleep(60)
    if record.value == b"exit":
        os._exit(3)
    if record.value is None:
        return None
    if record.value == b"bytes":
        return b"\\xff" + record.key
    if record.value == b"text":
        return record.text.upper()
    if record.value == b"place":
        return {"o": record.offset, "p": record.partition, "t": record.topic, "ms": record.timestamp_ms,
                "h": [[name, data.decode()] for name, data in record.headers]}
    if record.value == b"nan":
        return {"a": float("nan")}
    if record.value == b"set":
        return {1}
    value = record.json()
    if "raw" in value:
        value = json.loads(record.value)
    value["n"] = value["n"] + 1
    return value
"""


async def test_a_rule_in_python_gives_the_new_value(tmp_path: Path) -> None:
    odd = ODD.replace(b"1E400", b"0.1234567890123456789")
    values = [ODD, odd.replace(b'"s"', b'"raw"'), None, b"bytes", b"text", b'{"n": "x"}', b"nan", b"set", b"x"]
    found = brief(await mend(python(tmp_path, SOURCE), values))
    assert found == [
        ODD.replace(b'"n": 3', b'"n": 4'),
        odd.replace(b'"n": 3', b'"n": 4').replace(b'"s"', b'"raw"'),
        "=",
        b"\xffk",
        b"TEXT",
        'rule.py: TypeError: can only concatenate str (not "int") to str',
        "rule.py: ValueError: Out of range float values are not JSON compliant",
        "rule.py: TypeError: Object of type set is not JSON serializable",
        "rule.py: JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    ]


async def test_a_rule_in_python_sees_the_record(tmp_path: Path) -> None:
    record = letter(b"place", 7, (Header("a", b"b"), Header("a", b"c")))
    (found,) = await mend(python(tmp_path, SOURCE), [record])
    assert json.loads(found.value or b"") == {
        "o": 7, "p": 0, "t": "orders-dlq", "ms": 1_790_000_000_000, "h": [["a", "b"], ["a", "c"]]
    }  # fmt: skip


def test_a_function_that_gives_no_answer_or_ends_its_process_spoils_no_other_record(tmp_path: Path) -> None:
    rule = PythonRule(str(tmp_path / "rule.py"), SOURCE.encode(), seconds=0.5)
    values = [b'{"n": 1}', b"slow", b'{"n": 2}', b"exit", b'{"n": 3}']
    pairs = [(letter(value), LetterValue(read_json(value.decode()) if value[:1] == b"{" else None)) for value in values]
    found = [one for _, _, one in rule.results(pairs)]
    assert [str(one) for one in found] == [
        '{"n": 2}',
        "rule.py gives no answer within 0.5 s",
        '{"n": 3}',
        "rule.py cannot be run: its process has ended",
        '{"n": 4}',
    ]
    began = time.monotonic()
    last = [str(one) for _, _, one in rule.results([(letter(b"slow"), LetterValue(None))] * 20)]
    assert time.monotonic() - began < 10
    assert last[-1] == "rule.py gave no answer within 0.5 s, 3 times in a row"
    rule.close()


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (merge("{"), "The merge patch is not JSON that can be used"),
        (merge('{"a": 1, "a": 2}'), 'it names "a" twice'),
        (MendRule(RuleKind.MERGE, b"\xff"), "The rule cannot be used"),
        (cel("value +"), "The rule cannot be used: this is no CEL expression"),
        (cel("valu"), "there is no variable valu"),
        (cel(""), "a rule is a CEL expression, as merge"),
        (MendRule(RuleKind.PYTHON, b"1 / 0", "r.py"), "r.py cannot be used: ZeroDivisionError"),
        (MendRule(RuleKind.PYTHON, b"x = 1", "r.py"), r"it defines no function mend\(record\)"),
    ],
)
async def test_a_rule_that_cannot_be_used_is_refused_before_a_record_is_looked_at(rule: MendRule, message: str) -> None:
    with pytest.raises(UnusableRule, match=message) as refused:
        await mend(rule, [])
    assert refused.value.hint
    assert refused.value.exit_code == 2


def test_a_byte_that_is_not_utf8_is_no_cel_expression() -> None:
    with pytest.raises(UnusableRule, match="is not UTF-8"):
        read_rule("cel:'\udcff'")


async def test_a_value_that_was_edited_by_hand_is_sent_as_it_was_saved(tmp_path: Path) -> None:
    file = tmp_path / "value"
    for content in (b'{"a": 0.10}\n', b"\xff\x00", b"", b"\0\0\0\0\7x"):
        file.write_bytes(content)
        assert brief(await mend(read_edited(str(file)), [b"{"])) == [content]


def test_rules_are_read_as_they_are_written(tmp_path: Path) -> None:
    file = tmp_path / "patch.json"
    file.write_bytes(b"{}")
    rule = read_rule(f"merge:{file}")
    assert (rule, str(rule)) == (MendRule(RuleKind.MERGE, b"{}", str(file)), f"merge:{file}")
    assert read_rule("cel:value.a ? 1 : 2") == cel("value.a ? 1 : 2")
    assert str(cel("value")) == "cel:value"
    assert read_rule(f"python:{file}").kind is RuleKind.PYTHON
    assert read_acceptance("registry") == read_acceptance("registry:latest") == Acceptance(AcceptKind.REGISTRY)
    assert read_acceptance("registry:3") == Acceptance(AcceptKind.REGISTRY, version=3)
    assert read_acceptance(f"jsonschema:{file}") == Acceptance(AcceptKind.JSON_SCHEMA, b"{}", str(file))
    for one in ("json", "none", "topic", "registry", "registry:3", f"jsonschema:{file}"):
        assert str(read_acceptance(one)) == one
    for bad in ("merge", "merge:", "cel:", "cel", "jq:.", "edit:x", f"merge:{tmp_path}/missing", f"python:{tmp_path}"):
        with pytest.raises(UnusableRule):
            read_rule(bad)
    for bad in ("", "jsonschema", "jsonschema:", "registry:0", "registry:x", "json:1", "avro", "jsonschema:/missing"):
        with pytest.raises(UnusableRule):
            read_acceptance(bad)
