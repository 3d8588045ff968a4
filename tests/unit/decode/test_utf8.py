from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.decode.result import Decoded, Undecodable
from kafkaview.decode.utf8 import Utf8

UTF8 = Utf8()


@pytest.mark.parametrize(
    ("data", "position", "detail"),
    [
        (b"Ren\xe9 Faure", 3, "byte 3: E9 opens a 3-byte character, 20 cannot follow it"),
        (b"a\x80", 1, "byte 1: 80 continues a character that no byte opens"),
        (b"\xff", 0, "byte 0: FF never occurs in UTF-8"),
        (b"ab\xe2\x82", 2, "byte 2: E2 82 opens a 3-byte character, the value ends inside it"),
        (b"\xf0\x9f\x98x", 0, "byte 0: F0 9F 98 opens a 4-byte character, 78 cannot follow it"),
        (b"\xed\xa0\x80", 0, "byte 0: ED opens a 3-byte character, A0 cannot follow it"),
    ],
)
def test_the_byte_that_is_not_utf8_is_named(data: bytes, position: int, detail: str) -> None:
    problem = UTF8.problem(data)
    assert problem is not None
    assert (problem.position, problem.detail) == (position, detail)


def test_an_empty_value_is_text() -> None:
    assert UTF8.decode(b"") == Decoded("utf8", "", "")


@given(st.binary(max_size=60))
def test_it_agrees_with_python_on_every_byte_string(data: bytes) -> None:
    result = UTF8.decode(data)
    readable = data.decode(errors="ignore").encode() == data
    assert isinstance(result, Decoded if readable else Undecodable)
    if isinstance(result, Undecodable):
        assert result.position is not None
        data[: result.position].decode()
