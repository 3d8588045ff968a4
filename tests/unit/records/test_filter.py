"""Filters in CEL: what they keep, what they say, and that the look at bytes loses no match."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.decode.registry import parse_rule
from kafkaview.records.cel_text import find_bounds, find_needles, read_tokens
from kafkaview.records.filter import EvaluationError, FilterError, RecordFilter
from kafkaview.records.search import RecordQuery, RecordSearch, pack_record, unpack_record
from kafkaview.terms import Header, Record, TimestampType

RECORD = Record(
    "orders",
    3,
    17,
    1_790_000_000_000,
    TimestampType.CREATE_TIME,
    b"c-7",
    b'{"status": "failed", "amount": 12.5, "n": 3, "lines": [{"sku": "a"}], "note": "Ren\xc3\xa9"}',
    (Header("trace", b"abc"), Header("trace", b"def"), Header("raw", b"\xff")),
)


@pytest.mark.parametrize(
    "expression",
    [
        'topic == "orders" && partition == 3 && offset == 17',
        'timestamp > timestamp("2026-01-01T00:00:00Z") && timestamp_ms == 1790000000000',
        'key == "c-7"',
        'key.startsWith("c-")',
        'value.status == "failed"',
        "value.status == 'failed' && value.amount > 10",
        'value["status"] in ["open", "failed"]',
        '"a" in value.lines.map(line, line.sku)',
        'value.lines.exists(value, value.sku == "a")',
        "has(value.note) && !has(value.nothing)",
        'value.note == "René"',
        'value.note == "Ren\\u00e9"',
        'headers["trace"] == "def"',
        'headers.raw == b"\\xff"',
        "size > 50",
        'value.missing == "x" || value.n == 3',
        'value.status == "open" ? false : true',
        '// of today\nvalue.status == "failed"',
        "value != null",
    ],
)
def test_a_record_that_matches_is_kept(expression: str) -> None:
    chosen = RecordFilter(expression)
    assert chosen.sift(lambda: [RECORD.key], lambda: [RECORD.value]) in ([0], None)
    assert chosen.matches(RECORD)


@pytest.mark.parametrize("expression", ['value.status == "open"', "offset > 17", "value == null", "false"])
def test_a_record_that_does_not_match_is_left_out(expression: str) -> None:
    assert not RecordFilter(expression).matches(RECORD)


@pytest.mark.parametrize(
    ("expression", "reason", "position"),
    [
        ("value.status ==", "no CEL expression", 15),
        ("true &&\n value..n", "no CEL expression", 15),
        ("valu.status == 1", "no variable valu. Variables: topic", 0),
        ("", "a filter is a CEL expression", None),
        ("true" + " || true" * 1_000, "at most 4,000 characters", None),
        ("(" * 3_000, "no CEL expression", None),
    ],
)
def test_an_expression_that_cannot_be_used_is_refused_with_the_place(
    expression: str, reason: str, position: int | None
) -> None:
    with pytest.raises(FilterError, match=reason) as refused:
        RecordFilter(expression)
    if position is not None:
        assert refused.value.position == position


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("value.missing > 1", "there is no missing"),
        ("value.status", "gives text, neither true nor false"),
        ("value.n / 0 == 1", "division by zero"),
        ("value.lines[5] == 1", "out of bounds"),
        ('value.n < "a"', "No such overload"),
        ("value.n.lower() == 1", "lower"),
    ],
)
def test_a_filter_that_fails_on_a_record_says_why(expression: str, reason: str) -> None:
    with pytest.raises(EvaluationError, match=reason):
        RecordFilter(expression).matches(RECORD)


def test_a_search_counts_the_records_on_which_its_filter_fails() -> None:
    others = [replace(RECORD, offset=18, value=b"plain"), replace(RECORD, offset=19, value=None)]
    found = RecordSearch(RecordQuery("value.n == 3")).look([RECORD, *others])
    assert list(found.things) == [RECORD]
    assert found.failed == 2
    assert found.failure.startswith("orders:3:18: ")


def test_values_that_a_decoder_reads_are_what_it_reads() -> None:
    packed = replace(RECORD, value=b"\x82\xa1n\x07\xa1s\xa4open")  # {"n": 7, "s": "open"} in MessagePack
    search = RecordSearch(RecordQuery('value.n == 7 && value.s == "op" + "en"'), parse_rule("msgpack"))
    cut = replace(packed, offset=18, value=b"\x82\xa1n")
    found = search.look([packed, cut, replace(packed, offset=19, value=None)])
    assert [record.offset for record in found.things] == [17]
    assert found.failed == 2
    assert search.instructions() is not None
    assert RecordSearch(RecordQuery("value.n == 7")).look([packed]).failed == 1


def test_a_search_for_a_key_needs_all_of_its_bytes() -> None:
    others = [replace(RECORD, key=b"c-77"), replace(RECORD, key=None), replace(RECORD, key=b"")]
    assert list(RecordSearch(RecordQuery(key=b"c-7")).look([RECORD, *others]).things) == [RECORD]
    assert list(RecordSearch(RecordQuery(key=b"")).look([RECORD, *others]).things) == [others[2]]


def test_a_text_value_is_text_and_other_bytes_are_bytes() -> None:
    assert RecordFilter('value == "plain"').matches(replace(RECORD, value=b"plain"))
    assert RecordFilter('value == b"\\xff\\x00"').matches(replace(RECORD, value=b"\xff\x00"))
    assert RecordFilter("value == 7").matches(replace(RECORD, value=b"7"))
    assert RecordFilter('key == "7"').matches(replace(RECORD, key=b"7"))
    assert RecordFilter("key.id == 7").matches(replace(RECORD, key=b'{"id": 7}'))
    assert RecordFilter("key == null && value == null").matches(replace(RECORD, key=None, value=None))


@pytest.mark.parametrize(
    ("expression", "needles"),
    [
        ('value.a == "x1"', [{b"x1"}]),
        ('"x1" == value.a && value.n > 3', [{b"x1"}]),
        ('(value.a == "x1") && (value.b.contains("y") && true)', [{b"x1"}, {b"y"}]),
        ('value.a == "x1" || value.b == "y1"', [{b"x1", b"y1"}]),
        ('value.a in ["x", "y"]', [{b"x", b"y"}]),
        ('value.a == "x1" || value.n > 3', []),
        ('!(value.a == "x1")', []),
        ('value.a != "x1"', []),
        ('value.a == "x1" == false', []),
        ('value.a.contains("x1") == false', []),
        ('value.n > 1 ? value.a == "x1" : true', []),
        ('value.l.all(x, x == "x1")', []),
        ('value.a == "a\\"b"', []),
        ('value.a == "a/b"', []),
        ('value.a == r"x1"', []),
        ('value.a == ""', []),
        ('value.a == "x" + "1"', []),
        ('topic == "x1"', []),
        ('value.a == value.b || key == "x1"', []),
        ('value.size() == "x1"', []),
    ],
)
def test_only_what_a_match_must_hold_is_looked_for(expression: str, needles: list[set[bytes]]) -> None:
    found = find_needles(read_tokens(expression))
    assert [{needle.data for needle in one} for one in found] == needles


@pytest.mark.parametrize(
    ("expression", "bounds"),
    [
        ("value.n > 3", [(("n",), ">", 3)]),
        ("3.5 >= value.a.b && key == 'x'", [(("a", "b"), "<=", 3.5)]),
        ("(value.n == -7) && (value.m != 2 && true)", [(("n",), "==", -7), (("m",), "!=", 2)]),
        ("value.n > 3 || value.m > 3", []),
        ("value.n > 3 ? true : false", []),
        ("!(value.n > 3)", []),
        ("value.n > 3u", []),
        ("value.n > 0x10", []),
        ("value.n + 1 > 3", []),
        ("value.n > value.m", []),
        ("value.l.exists(x, x > 3)", []),
        ("value.l.size() > 3", []),
        ("value.l[0] > 3", []),
        ("value > 3", []),
        ("value.n > 9007199254740993", []),
        ("value.n > 3 == true", []),
    ],
)
def test_only_comparisons_that_a_match_must_pass_are_made_beforehand(
    expression: str, bounds: list[tuple[tuple[str, ...], str, float]]
) -> None:
    assert list(find_bounds(read_tokens(expression))) == bounds


NUMBERS = (
    st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0, -0.0, 2**53])
)
OTHERS = st.none() | st.booleans() | st.text(max_size=2) | st.lists(st.integers(), max_size=2)


@given(
    st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
    st.integers(-10, 10) | st.floats(-10, 10).map(lambda number: round(number, 3)),
    st.lists(st.dictionaries(st.sampled_from(["a", "b"]), NUMBERS | st.integers(-10, 10) | OTHERS), max_size=6),
)
def test_the_comparison_beforehand_never_loses_a_match_nor_a_failure(
    sign: str, number: float, documents: list[dict[str, object]]
) -> None:
    chosen = RecordFilter(f"value.a {sign} {number!r}")
    assert chosen._bounds or "e" in repr(number)
    records = [replace(RECORD, offset=place, value=json.dumps(one).encode()) for place, one in enumerate(documents)]
    kept = chosen.sift(lambda: [record.key for record in records], lambda: [record.value for record in records])
    for place, record in enumerate(records):
        try:
            may = chosen.matches(record)
        except EvaluationError:
            may = True
        assert not may or kept is None or place in kept


TEXTS = st.text(max_size=6)


@given(TEXTS, st.lists(st.dictionaries(st.sampled_from(["a", "b"]), TEXTS, min_size=1), max_size=8), st.booleans())
def test_the_look_at_bytes_never_loses_a_match(text: str, documents: list[dict[str, str]], ascii_only: bool) -> None:  # noqa: FBT001
    values = [json.dumps(one, ensure_ascii=ascii_only).encode(errors="surrogatepass") for one in documents]
    records = [replace(RECORD, offset=number, value=value) for number, value in enumerate(values)]
    literal = json.dumps(text, ensure_ascii=False)
    for expression in (f"value.a == {literal}", f"value.b.contains({literal})", f"value.a == {literal} || key == 'z'"):
        chosen = RecordFilter(expression)
        kept = chosen.sift(lambda: [record.key for record in records], lambda: [record.value for record in records])
        for number, record in enumerate(records):
            try:
                matches = chosen.matches(record)
            except EvaluationError:
                continue
            assert not matches or kept is None or number in kept


@given(st.binary(), st.binary() | st.none(), st.lists(st.tuples(st.text(), st.binary() | st.none())))
def test_a_record_comes_back_from_another_process_as_it_was(
    key: bytes, value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    record = replace(RECORD, key=key, value=value, headers=tuple(Header(*pair) for pair in headers))
    assert unpack_record(json.loads(json.dumps(pack_record(record)))) == record
