"""Filters in CEL: what they keep, what they say, and that the look at bytes loses no match."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kafkaview.decode.registry import parse_rule
from kafkaview.records.cel_expression import EvaluationError, FilterError
from kafkaview.records.filter import RecordFilter
from kafkaview.records.record_columns import ListedRecords, RecordColumns
from kafkaview.records.search import RecordQuery, RecordSearch, pack_record, unpack_record
from kafkaview.terms import Header, Record, TimestampType

RECORD = Record(
    "orders",
    3,
    17,
    1_790_000_000_000,
    TimestampType.CREATE_TIME,
    b"c-7",
    b'{"status": "failed", "amount": 12.5, "n": 3, "lines": [{"sku": "a"}], "note": "Ren\xc3\xa9", "on": true,'
    b' "flag": false, "deep": {"deeper": {"id": "x"}}}',
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
    assert list(chosen.sift(RecordColumns(ListedRecords([RECORD]), 1))) == [0]
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
        ("(" * 3_000, "nested too deeply", None),
        ("value.status = 'open'", "no CEL expression: equal is written ==", 13),
        ("value.n === 3", "equal is written ==", 10),
        ("value.n <> 3", "not equal is written !=", 9),
        ("value.n > 3 AND key == 'a'", "and is written &&", 12),
        ("value.n > 3 | key == 'a'", r"or is written \|\|; there is no operator on bits", 12),
        ("value.n > = 3", "no blank may stand in >=", 10),
        ("value.n ! = 3", "no blank may stand in !=", 8),
        ("value.n += 3", "nothing is assigned in it", 9),
        ("not value.open", r"not is written !\(...\)", 4),
        ("value.and 3", "an operator is missing before 3", 10),
        ("value.s contains 'x'", "a part of a text is found by value.name.contains", 8),
        ("value.s.contains 'x'", "it is written value.name.contains", 17),
        ("value.s !~ 'x'", "what does not match is written !value.name.matches", 8),
        ("value.status LIKE 'o%'", "value.name.contains", 13),
        ("value.status =~ 'o.*'", "value.name.matches", 13),
        ("value.status == 'open", "the text has no closing '", 16),
        (r"value.status == 'o\q'", "a backslash that CEL does not know", 16),
        (r"value.status == 'o\'", "the text has no closing '", 16),
        ("value.status == 'invalid literal", "the text has no closing '", 16),
        ("value.status == 'o\nq'", r"a new line in a text is written \\n", 16),
        ("(value.n > 3", r"a \) is missing", 12),
        ("value.n > 3)", r"there is no \( for this \)", 11),
        ("value.n in [1, 3", "a ] is missing", 16),
        ("(value.n in [1, 3)", "a ] is missing", 17),
        ("value.n in (1, 3)", "a list is written", 13),
        ("value.n in [1,, 3]", "a value is missing between two commas", 14),
        ("value.n in [1 3]", "a comma is missing before 3", 14),
        ("value.n == 18446744073709551615", "no number, or too large a one", 11),
        ("value.ip == 10.0.0.1", "what is no number stands in quotes", 16),
        ("value.exists(i.n, i.n == 3)", "a variable of its own is a plain name", 14),
        ("value.`n`", 'is written value\\["order-id"\\]', 5),
        ("value.", "a name has to follow the dot", 6),
        ("value.n >", "it ends where a value has to follow", 9),
        ("value.n > * 3", r"a value has to stand before \*", 10),
        ("value.n 3", "an operator is missing before 3", 8),
        ("value[", r"between \[ and \] has to stand a value", 0),
        ("value.n > 3 ? 1", "a choice is written", 0),
        ("value.n == 3;", "; cannot stand there", 12),
        ("has(value)", "has\\(\\) asks for a member", 4),
        ("value == '\udcff'", "the expression is not UTF-8", 10),
        ("value..n", "a name has to follow the dot", 6),
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


def sifted(chosen: RecordFilter, records: Sequence[Record]) -> list[int]:
    return list(chosen.sift(RecordColumns(ListedRecords(records), len(records))))


PLAIN = [
    'value.status == "open"',
    '"open" == value["status"] && value.nothing > 3',
    'value.status != "failed"',
    '(value.n > 3) || (value.status.startsWith("o") && true)',
    'value.status in ["open", "done"]',
    "!(value.n < 7 && value.n >= 3)",
    "value.n != 3",
    "3.5 <= value.n",
    "value.n in [1, 2.0]",
    "value.flag",
    "!value.on",
    "value.on == false",
    "value.status == null",
    "value == null",
    "!has(value.note)",
    "has(value.nothing)",
    "has(value.deep.nothing)",
    'value.deep.deeper.id == "y"',
    'value.lines[0].sku == "none"',
    'value.status.contains("x")',
    'value.status.endsWith("x")',
    'value.status.matches("open[0-9]")',
    'value.status > "failed"',
    '"none" in value.lines',
    'key == "c-8"',
    'key != "c-7"',
    'key.startsWith("d")',
    'headers["trace"] == "abc"',
    'headers.trace != "def"',
    '"span" in headers',
    '!("trace" in headers)',
    "partition == 4 || offset < 17",
    "partition in [1, 2]",
    'topic != "orders"',
    "size > 5000",
    "timestamp_ms >= 1790000000001",
    'timestamp < timestamp("2026-09-21T16:13:20.000+02:00")',
]
UNCLEAR = [
    'value.n > 1 ? value.status == "open" : false',
    'value.lines.all(x, x == "x1")',
    'value.status == "o" + "pen"',
    "value.n + 1 > 9",
    "value.n > 9u",
    "value.n > 0x10",
    "value.n > 9007199254740993",
    "value.n == value.status",
    'value.lines.exists(value, value.sku == "b")',
    'value.status.matches("open|closed")',
    'value.status.matches("(?i)OPEN")',
    'value.status.matches("o?p*q{0}")',
    "value.status.size() == 1",
    "size(value.status) == 1",
    'timestamp < timestamp("2025-01-01T00:00:00.000000001Z")',
    "!" * 200 + "(value.n == 3)" + " && false",
    "(" * 60 + "value.n == 4" + ")" * 60 + " == true",
]


@pytest.mark.parametrize("expression", PLAIN)
def test_a_record_that_plainly_does_not_match_is_never_shown_to_cel(expression: str) -> None:
    chosen = RecordFilter(expression)
    assert sifted(chosen, [RECORD]) == []
    assert sifted(RecordFilter(f"!({expression})"), [RECORD]) == [0]


@pytest.mark.parametrize("expression", UNCLEAR)
def test_what_is_not_plain_is_left_to_cel(expression: str) -> None:
    assert sifted(RecordFilter(expression), [RECORD]) == [0]


def test_a_field_that_is_not_there_is_left_to_cel_which_fails_on_it() -> None:
    texts = [b"{}", b"[1]", b"plain", b"\xff", b'{"n": 3', b'{"n": 9223372036854775808}', None, b"", b"null"]
    records = [replace(RECORD, offset=place, value=text) for place, text in enumerate(texts)]
    for expression in ("value.n > 3", "value.n == 4", "has(value.n.m)", "!(value.n == 4 || value.n == 5)"):
        assert sifted(RecordFilter(expression), records) == list(range(len(texts)))


@pytest.mark.parametrize(
    ("expression", "key", "value"),
    [
        ('value.a == "fail"', None, b'{"a": "\\u0066ail"}'),
        ('value.a.startsWith("fail")', None, b'{"\\u0061": "fai\\u006Cure"}'),
        ('value.a == "zz" || value.b == 3', None, b'{"a": "x", "b": 3}'),
        ('value.b == 4 || value.a != "zz"', None, b'{"a": "x", "b": 3}'),
        ('!(value.a == "zz" && value.b == 3)', None, b'{"a": "x", "b": 3}'),
        ("value == null", None, b" null"),
        ("!(value == null)", None, b"n"),
        ('key != "[1]"', b"[1]", None),
        ('key == "[1"', b"[1", None),
        ('key != "x"', b"\xff", None),
        ("value.n == 3.0", None, b'{"n": 3}'),
        ("value.n != true", None, b'{"n": 1}'),
        ("value.n > 9007199254740991", None, b'{"n": 12345678901234567890123}'),
        ("value.n == 9007199254740992", None, b'{"n": 9007199254740993.0}'),
    ],
)
def test_what_is_written_in_another_way_matches_all_the_same(expression: str, key: bytes, value: bytes) -> None:
    record = replace(RECORD, key=key, value=value)
    assert sifted(RecordFilter(expression), [record]) == [0]


def test_the_last_of_two_members_of_a_name_counts_as_in_the_document() -> None:
    records = [
        replace(RECORD, offset=place, value=value)
        for place, value in enumerate([b'{"n":1,"n":2}', b'{"n":2,"n":1}', b'{"\\u006e":1}', b'{"m":{"n":1},"n":3}'])
    ]
    assert sifted(RecordFilter("value.n == 1"), records) == [1, 2]


def test_values_that_a_decoder_reads_are_not_looked_for_in_the_bytes() -> None:
    chosen = RecordFilter('value.status == "open" || value.n > 7', parse_rule("msgpack"))
    assert sifted(chosen, [RECORD]) == [0]
    assert sifted(RecordFilter('value.n == 3 && key == "x"', parse_rule("msgpack")), [RECORD]) == []


WORDS = st.sampled_from(["", "a", "x1", "Ren\u00e9", "a b", "0", "null", "a/b", 'a"b', "a\\b", "\n", "\U0001f600"])
NUMBERS = st.sampled_from([0, 1, -1, 3, 3.0, 3.5, -0.0, 0.1, 2**53 - 1, 2**53, -(2**53), 2**60, 2**64, 10**30, 1e300])
THINGS = st.recursive(
    WORDS | NUMBERS | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), THINGS, max_size=3)
CHANGES = st.sampled_from(
    [
        lambda text: text,
        lambda text: text.replace(b'"a"', b'"\\u0061"'),
        lambda text: text.replace(b"x", b"\\u0078"),
        lambda text: text.replace(b'"c":', b'"a":'),
        lambda text: text.replace(b": ", b" :\t"),
        lambda text: text[:-1],
        lambda text: text.replace(b"a", b"\xff"),
    ]
)
DOCUMENTS = st.builds(
    lambda thing, ascii_only, change: change(json.dumps(thing, ensure_ascii=ascii_only).encode()),
    OBJECTS | OBJECTS | THINGS,
    st.booleans(),
    CHANGES,
)
BYTES = st.none() | st.binary(max_size=3) | WORDS.map(str.encode)
RECORDS = st.builds(
    Record,
    st.sampled_from(["a", "x1"]),
    st.integers(0, 2),
    st.integers(0, 3),
    st.sampled_from([None, 0, 1_790_000_000_000, 1_790_000_000_001, 10**17]),
    st.just(TimestampType.CREATE_TIME),
    BYTES | DOCUMENTS,
    DOCUMENTS | DOCUMENTS | DOCUMENTS | BYTES,
    st.none() | st.lists(st.builds(Header, st.sampled_from(["h", "a"]), BYTES), max_size=2).map(tuple),
)
LITERALS = (
    WORDS.map(lambda text: json.dumps(text, ensure_ascii=False))
    | st.sampled_from([0, 1, -1, 3, 3.0, 3.5, -2, 0.1, 2**53 - 1, 2**53]).map(repr)
    | st.sampled_from(["true", "false", "null"])
)
PATHS = st.sampled_from(
    [
        *("value", "value.a", "value.b", "value.c", "value.a.b", "value.a.b.c", "value['a']", "value.a[0]"),
        *("value['a'].b", "value.a['b'][1]", "key", "key.a", "headers.h", "headers['a']"),
        *("partition", "offset", "size", "timestamp_ms", "topic"),
    ]
)
MOMENTS = st.sampled_from(["2026-09-21T14:13:20Z", "2026-09-21T16:13:20.001+02:00", "1970-01-01T00:00:00Z"])
PATTERNS = st.sampled_from(['"^a"', '"x1+$"', '"(a|x)1"', '"x1?"', 'r"x\\d"', '"a b{0,1}"', '"[ax]1"', '"xy*1"'])
RELATIONS = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
SEARCHES = st.sampled_from(["contains", "startsWith", "endsWith"])
TESTS = st.one_of(
    st.tuples(PATHS, RELATIONS, LITERALS).map(" ".join),
    st.tuples(LITERALS, RELATIONS, PATHS).map(" ".join),
    st.tuples(PATHS, st.lists(LITERALS, min_size=1).map(", ".join)).map("{0[0]} in [{0[1]}]".format),
    st.tuples(LITERALS, PATHS | st.just("headers")).map(" in ".join),
    st.tuples(PATHS, st.sampled_from(["contains", "startsWith", "endsWith"]), LITERALS).map(
        "{0[0]}.{0[1]}({0[2]})".format
    ),
    st.tuples(PATHS, PATTERNS).map("{0[0]}.matches({0[1]})".format),
    st.sampled_from(["has(value.a)", "has(value.a.b)", "has(headers.h)", "true", "value.a == value.b"]),
    PATHS,
    st.tuples(RELATIONS, MOMENTS).map('timestamp {0[0]} timestamp("{0[1]}")'.format),
)
EXPRESSIONS = st.recursive(
    TESTS,
    lambda inner: (
        st.tuples(inner, inner).map(" && ".join)
        | st.tuples(inner, inner).map(" || ".join)
        | inner.map("!({})".format)
        | inner.map("({})".format)
        | st.tuples(inner, inner, inner).map("({0[0]} ? {0[1]} : {0[2]})".format)
    ),
    max_leaves=5,
)


@settings(max_examples=500)
@given(EXPRESSIONS, st.lists(RECORDS, min_size=4, max_size=12))
def test_the_look_beforehand_never_loses_a_match(expression: str, records: list[Record]) -> None:
    chosen = RecordFilter(expression)
    kept = sifted(chosen, records)
    assert kept == sorted(set(kept))
    for place, record in enumerate(records):
        try:
            matches = chosen.matches(record)
        except EvaluationError:
            continue
        assert place in kept or not matches


def quoted(name: str, quote: str) -> str:
    """The name as a text of CEL, its characters as they are but for those that would end it."""
    name = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace(quote, f"\\{quote}")
    return f"{quote}{name}{quote}"


MEMBER_NAMES = st.text() | st.text(st.sampled_from("\"'\\\t\x00\x1f\x7f\r\n a.\u00e9"), max_size=4)


@given(MEMBER_NAMES, st.sampled_from("'\""))
@example('a"b', "'")
@example("a\tb", '"')
def test_a_filter_may_ask_for_a_member_of_any_name(name: str, quote: str) -> None:
    for expression, value in (
        (f"value[{quoted(name, quote)}] == 1", {name: 1}),
        (f"value.a[{quoted(name, quote)}].b == 1", {"a": {name: {"b": 1}}}),
        (f"{quoted(name, quote)} in value", {name: 1}),
    ):
        chosen = RecordFilter(expression)
        record = replace(RECORD, value=json.dumps(value).encode())
        assert sifted(chosen, [record]) == [0]
        assert chosen.matches(record)


@given(st.text(st.characters(exclude_categories=())))
def test_an_expression_of_any_characters_is_used_or_refused_in_our_words(text: str) -> None:
    for expression in (text, f"value['{text}'] == 1", f'has(value.a) && value["{text}"].b < headers["{text}"]'):
        with suppress(FilterError):
            sifted(RecordFilter(expression), [RECORD])


@given(st.binary(), st.binary() | st.none(), st.lists(st.tuples(st.text(), st.binary() | st.none())))
def test_a_record_comes_back_from_another_process_as_it_was(
    key: bytes, value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    record = replace(RECORD, key=key, value=value, headers=tuple(Header(*pair) for pair in headers))
    assert unpack_record(json.loads(json.dumps(pack_record(record)))) == record


_DEEP_PROGRAM = """
import sys, threading
from kafkaview.records.cel_expression import EvaluationError
from kafkaview.records.filter import RecordFilter
from kafkaview.terms import Record, TimestampType

def look():
    deep = b"[" * 1_000 + b"]" * 1_000
    whole, keyed = (b"k", deep, "value == 1"), (deep, b"", "key == 1")
    member = (b"k", b'{"a":' + deep + b"}", "value.a == 1")
    for key, value, where in (whole, member, keyed):
        record = Record("t", 0, 0, 0, TimestampType.CREATE_TIME, key, value, (), None, None)
        try:
            RecordFilter(where).matches(record)
        except EvaluationError as error:
            print(error)

threading.stack_size(512 * 1024)
thread = threading.Thread(target=look)
thread.start()
thread.join()
"""


def test_a_value_of_many_levels_fails_and_does_not_end_the_process() -> None:
    ended = subprocess.run([sys.executable, "-c", _DEEP_PROGRAM], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "it is nested deeper than 200 levels\n" * 3)


@pytest.mark.parametrize("levels", [150, 250])
def test_a_value_of_some_levels_is_seen(levels: int) -> None:
    value = b'{"a":' * levels + b"1" + b"}" * levels
    chosen = RecordFilter("has(value.a) && value.b == 1")
    with pytest.raises(EvaluationError, match="nested deeper" if levels > 200 else "there is no b"):
        chosen.matches(replace(RECORD, value=value))
    assert RecordFilter("value.b == 1").matches(replace(RECORD, value=b'{"b":1,"a":' + value + b"}"))
