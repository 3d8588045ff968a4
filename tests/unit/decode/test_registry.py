from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path

import pytest

from kafkaview.decode.registry import FORMATS, Format, describe_rule, find_sieve, load_guessed, parse_rule
from kafkaview.decode.result import Decoded, Undecodable
from kafkaview.decode.schemas import Schemas
from kafkaview.decode.sieves import keep_back

SCHEMA = {
    "type": "object",
    "required": ["order_id", "amount"],
    "properties": {
        "amount": {"type": "number", "minimum": 0},
        "items": {"type": "array", "items": {"required": ["sku"]}},
    },
}


@pytest.fixture
def schema(tmp_path: Path) -> str:
    file = tmp_path / "orders.json"
    file.write_text(json.dumps(SCHEMA))
    return f"jsonschema:{file}"


@pytest.mark.parametrize(
    ("data", "reason", "marked"),
    [
        (b'{"amount": 4}', "the field order_id is missing", b'{"amount": 4}'),
        (
            b'{"order_id": "o", "amount": "42"}',
            "amount is a string where a number belongs, at byte 28",
            b'"42"',
        ),
        (
            b'{"order_id": "o", "amount": 1, "items": [{}]}',
            "the field sku is missing in items[0], at byte 41",
            b"{}",
        ),
        (b"[]", "the value is an array where an object belongs", b"[]"),
        (b'{"order_id": "o', "the value ends inside a string at byte 14", b"o"),
    ],
)
def test_a_misfit_is_named_with_its_bytes(schema: str, data: bytes, reason: str, marked: bytes) -> None:
    problem = parse_rule(schema).problem(data)
    assert problem is not None
    assert problem.reason == reason
    assert problem.position is not None
    assert data[problem.position : problem.position + problem.length] == marked


def test_a_value_that_fits_the_schema_is_read(schema: str) -> None:
    assert isinstance(parse_rule(schema).decode(b'{"order_id": "o", "amount": 1}'), Decoded)


def test_a_schema_is_never_fetched_from_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    file.write_text('{"$ref": "http://127.0.0.1:1/other.json"}')
    with pytest.raises(ValueError, match="only this file is read"):
        parse_rule(f"jsonschema:{file}")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("xml", "there is no rule 'xml'. Rules: registry[:latest|known], utf8, json[:READER]"),
        ("thrift:x.thrift", "there is no rule 'thrift:x.thrift'"),
        ("jsonschema:", "needs a file"),
        ("jsonschema:/nowhere.json", f"cannot read the schema /nowhere.json: {os.strerror(errno.ENOENT)}"),
        ("registry:newest", "there is no rule registry:newest: registry, registry:latest or registry:known"),
        ("max-bytes:ten", "needs a whole number, not 'ten'"),
    ],
)
def test_a_wrong_rule_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        parse_rule(text)


@pytest.mark.parametrize("content", ["{", '{"type": "nonsense"}', "5"])
def test_a_broken_schema_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "s.json"
    file.write_text(content)
    with pytest.raises(ValueError, match="is not"):
        parse_rule(f"jsonschema:{file}")


def test_a_value_over_the_limit_is_marked_from_the_limit_on() -> None:
    rule = parse_rule("max-bytes:4")
    assert rule.problem(b"1234") is None
    problem = rule.problem(b"123456")
    assert problem is not None
    assert (problem.reason, problem.position, problem.length) == ("the value has 6 bytes, 4 are allowed", 4, 2)


FILES = {
    "jsonschema": json.dumps(SCHEMA),
    "avro": '{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"}]}',
    "protobuf": 'syntax = "proto3"; message Order { string id = 1; }',
    "python": "def decode(data, field):\n    return data.hex()",
}


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.word)
def test_a_declared_format_is_its_rules_decoder_here_and_in_another_process(row: Format, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text(FILES.get(row.word, ""))
    arguments = {"": row.word, "N": f"{row.word}:7", "FILE": f"{row.word}:{file}"}
    arguments |= {"[latest|known]": "registry:latest", "[READER]": "json:jackson"}
    rule = arguments.get(row.argument, f"{row.word}:{file}:Order")
    decoder = parse_rule(rule)
    assert decoder.name == rule
    described = describe_rule(decoder)
    assert described is not None
    file.unlink()  # its content goes along
    assert parse_rule(*described).name == rule
    assert keep_back(find_sieve(rule), [None]) == set()


def test_the_order_of_guessing_is_unambiguous() -> None:
    order = [row.guess for row in FORMATS if row.guess is not None]
    assert len(set(order)) == len(order)
    guessed = [decoder.name for decoder in load_guessed(Schemas())]
    assert len(guessed) == len(order)
    assert guessed[:3] == ["registry", "json", "utf8"]  # JSON is text too
    assert [decoder.name for decoder in load_guessed()] == guessed[1:]


def test_a_decoder_of_ones_own_is_not_taken_for_a_declared_one_of_its_name() -> None:
    class Json:
        name, title = "json", "JSON"

        def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
            raise NotImplementedError

        def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
            raise NotImplementedError

    assert describe_rule(Json()) is None
