from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.decode.json_spans import locate
from kafkaview.decode.json_text import Json
from kafkaview.decode.result import Decoded

JSON = Json()
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("data", "reason", "position"),
    [
        (b"", "the value is empty: 0 bytes. A tombstone would be null", None),
        (b"  ", "the value is white space only: 2 bytes", 0),
        (b'{"a": "\xe9"}', "byte 7 of the value is not UTF-8", 7),
        (b'{"a": "b', "the value ends inside a string at byte 7", 7),
        (b'{"a": "b\\', "the value ends inside a string at byte 8", 8),
        (b'{"a": {"b": 1', "the value ends inside an object at byte 12", 12),
        (b'{"a": [tru', "the value ends inside an array at byte 9", 9),
        ('{"é": NaN}'.encode(), "byte 7 of the value: NaN is not JSON", 7),
        (b'{"a":1}}', "byte 7 of the value: the document has ended, 1 more byte follows", 7),
        (b"\xef\xbb\xbf{}", "the value opens with a byte order mark", 0),
    ],
)
def test_the_reason_names_the_byte(data: bytes, reason: str, position: int | None) -> None:
    problem = JSON.problem(data)
    assert problem is not None
    assert (problem.reason.partition(" (")[0], problem.position) == (reason, position)


def test_json_that_other_parsers_accept_is_evidence_and_no_proof() -> None:
    problem = JSON.problem(b'{"a": NaN}')
    assert problem is not None
    assert problem.reason == "byte 6 of the value: NaN is not JSON (some parsers take it: evidence, not proof)"


def test_a_key_is_called_a_key() -> None:
    problem = JSON.problem(b"", "key")
    assert problem is not None
    assert problem.reason.startswith("the key is empty")


@given(DOCUMENTS)
def test_every_document_is_read(document: object) -> None:
    result = JSON.decode(json.dumps(document, ensure_ascii=False).encode())
    assert isinstance(result, Decoded)
    assert result.value == document


@given(st.dictionaries(st.text(), DOCUMENTS, min_size=1, max_size=3), st.data())
def test_a_document_cut_short_is_called_cut_short(document: dict[str, object], data: st.DataObject) -> None:
    whole = json.dumps(document).encode()
    cut = whole[: data.draw(st.integers(1, len(whole) - 1))]
    problem = JSON.problem(cut)
    assert problem is not None
    assert " ends inside a" in problem.reason
    assert problem.position == len(cut) - 1


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    below: list[tuple[str | int, ...]] = [path]
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in entries:
        below.extend(_paths(inner, (*path, name)))
    return below


@given(DOCUMENTS, st.sampled_from([None, 2]), st.booleans())
def test_the_bytes_located_are_the_value_at_the_path(document: Any, indent: int | None, ascii_only: bool) -> None:  # noqa: FBT001
    data = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode()
    for path in _paths(document):
        span = locate(data, path)
        assert span is not None
        value = document
        for step in path:
            value = value[step]
        assert orjson.loads(data[span.position : span.position + span.length]) == value


def test_the_last_of_two_equal_fields_is_located() -> None:
    span = locate(b'{"a": 1, "a": 22}', ["a"])
    assert span is not None
    assert (span.position, span.length) == (14, 2)
