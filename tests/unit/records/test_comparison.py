"""Two records are compared by what they say."""

from __future__ import annotations

from kafkaview.decode.json_layout import lay_out
from kafkaview.records.comparison import compare_records
from kafkaview.records.decoding import DecodedField
from kafkaview.records.detail import FieldBytes, HeaderDetail, RecordDetail
from kafkaview.terms import RecordId, TimestampType


def _record(
    value: bytes | None, *, offset: int = 7, key: bytes | None = b"k", headers: tuple[HeaderDetail, ...] = ()
) -> RecordDetail:
    text = lay_out(value.decode()) if value is not None and value[:1] in (b"{", b"[") else None
    reading = DecodedField("JSON", text, len(text), None, None, 0, ()) if text is not None else None
    return RecordDetail(
        RecordId("orders", 1, offset),
        1_000,
        TimestampType.CREATE_TIME,
        None,
        FieldBytes.of(key),
        FieldBytes.of(value),
        headers,
        None,
        None,
        reading,
    )


def _differences(left: RecordDetail, right: RecordDetail) -> dict[str, tuple[str | None, str | None]]:
    return {one.path: (one.left, one.right) for one in compare_records(left, right).differences}


def test_order_space_and_escapes_make_no_difference_and_numbers_do() -> None:
    left = _record(b'{"a":1,"b":[1,2],"t":"\\u0041"}')
    right = _record(b'{"t": "A", "b": [1, 2.0], "a": 1, "n": null}')
    assert _differences(left, right) == {"value.b[1]": ("2", "2.0"), "value.n": (None, "null")}


def test_names_that_occur_twice_are_compared_each() -> None:
    assert _differences(_record(b'{"a":1,"a":2}'), _record(b'{"a":1,"a":3}')) == {"value.a (2)": ("2", "3")}


def test_metadata_headers_and_key_are_compared() -> None:
    one = HeaderDetail("source", FieldBytes.of(b"checkout"))
    other = HeaderDetail("source", None)
    left = _record(b"{}", headers=(one, one))
    right = _record(b"{}", offset=8, key=None, headers=(one, other))
    assert _differences(left, right) == {
        "offset": ("7", "8"),
        'headers["source"] (2)': ("checkout", "null"),
        "key": ("k", "null"),
    }


def test_what_has_no_structure_is_compared_by_its_bytes() -> None:
    assert _differences(_record(b"\x00abc\xff"), _record(b"\x00abd\xff")) == {
        "value, bytes from 3": ("5 bytes: 00 61 62 63 ff", "5 bytes: 00 61 62 64 ff")
    }
    assert _differences(_record(b"abc"), _record(b"abcd")) == {"value, bytes from 3": ("3 bytes: abc", "4 bytes: abcd")}
    assert not _differences(_record(b"\xff"), _record(b"\xff"))
    assert _differences(_record(None), _record(b"x")) == {"value": ("null", "x")}


def test_what_is_here_in_part_is_said() -> None:
    large = b'{"a":"' + b"x" * 100_000 + b'"}'
    assert compare_records(_record(large), _record(large)).note.startswith("Compared as far as is shown")
    assert not compare_records(_record(b"{}"), _record(b"{}")).note
