"""A record's JSON is laid out from its bytes."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.decode.json_layout import lay_out
from kafkaview.decode.json_text import Json
from kafkaview.decode.result import Decoded, Undecodable

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_no_number_and_no_name_is_changed_by_being_shown() -> None:
    text = '{"id":12345678901234567890123,"a":1,"a":2,"amount":0.10,"e":1E5,"t":"\\u0041\\/","none":{},"list":[ ]}'
    shown = Json().decode(text.encode())
    assert isinstance(shown, Decoded)
    assert shown.text.splitlines() == [
        "{",
        '  "id": 12345678901234567890123,',
        '  "a": 1,',
        '  "a": 2,',
        '  "amount": 0.10,',
        '  "e": 1E5,',
        '  "t": "\\u0041\\/",',
        '  "none": {},',
        '  "list": []',
        "}",
    ]


@given(_values, st.sampled_from([None, 0, 3]), st.booleans())
def test_the_layout_says_the_same_as_the_text(value: object, indent: int | None, ascii_only: bool) -> None:  # noqa: FBT001
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert json.loads(lay_out(text)) == value
    assert lay_out(lay_out(text)) == lay_out(text)


def test_a_layout_reads_as_those_of_other_tools() -> None:
    value = {"a": [1, {"b": [], "c": "{,:}"}], "d": None}
    assert lay_out(json.dumps(value)) == orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


@pytest.mark.parametrize("levels", [1_000, 100_000])
def test_no_depth_and_no_length_is_too_much(levels: int) -> None:
    text = "[" * levels + "]" * levels
    assert "".join(lay_out(text).split()) == text
    assert isinstance(Json().decode(text.encode()), Decoded | Undecodable)
    assert lay_out('["a","' + "x" * 1_000) == '[\n  "a",\n  "' + "x" * 1_000, "one that breaks off keeps its quote"
    assert lay_out('"' + "x" * 1_000_000 + '"') == '"' + "x" * 1_000_000 + '"'


@pytest.mark.parametrize("data", [rb'{"x":"\ud800"}', rb'{"x":"\udc00"}', b'{"x":1e400}', b"[" * 2_000 + b"]" * 2_000])
def test_what_some_parsers_take_is_evidence_and_no_proof(data: bytes) -> None:
    found = Json().problem(data)
    assert found is not None
    assert "evidence, not proof" in found.reason
