"""Each library's JSON is what the library itself takes, where it is installed here."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from kafkaview.cluster.errors import ClusterError
from kafkaview.decode.json_readers import JSON_READERS
from kafkaview.decode.registry import find_sieve, parse_rule
from kafkaview.decode.result import Decoded
from kafkaview.decode.sieves import keep_back
from kafkaview.demo.jars import java, kafka_jars
from tests.kit.broken_json import ODD, broken_json

PROGRAMS = Path(__file__).parent / "json_programs"
READERS = tuple(JSON_READERS)
NESTED = (999, 1_000, 1_001, 9_999, 10_000, 10_001)
MADE = [
    *[b"[" * depth + b"]" * depth for depth in NESTED],
    *[b'{"a":' * depth + b"1" + b"}" * depth for depth in (1_000, 1_001)],
    *[b"1" * digits for digits in (300, 308, 309, 999, 1_000, 1_001, 4_300, 4_301)],
    *[b"[1." + b"0" * digits + b"]" for digits in (998, 999, 1_000)],
    b"[-" + b"9" * 1_000 + b"]",
    b"1." + b"5" * 500 + b"e" + b"0" * 500,
    *[b'{"' + b"n" * length + b'": 1}' for length in (49_999, 50_000, 50_001)],
    *[f"1e{power}".encode() for power in (308, 309, -400)],
    b"-1e999",
    b"1.797693134862315807e308",
    b"1.7976931348623159e308",
]
WORDS = [
    b"",
    b" ",
    b"\n",
    b"{}",
    b"[]",
    b'""',
    b"null",
    b"true",
    b"false",
    b"0",
    b"-0",
    b"-",
    b"+1",
    b"01",
    b"1.",
    b".5",
    b"1e",
    b"1e+",
    b"1E5",
    b"NaN",
    b"[NaN]",
    b"Infinity",
    b"-Infinity",
    b'{"a": NaN}',
    b"nul",
    b"truex",
    b"true x",
    b"true,",
    b"true]",
    b"true}",
    b"true:",
    b"true_",
    b"true$",
    b"true\xc3\xa9",
    b"true\xff",
    b"true/",
    b'true"',
    b"1 2",
    b"1,",
    b"1}",
    b"1]",
    b"1x",
    b'1"',
    b"1\x00",
    b"1 x",
    b"1\n}",
    b"{} x",
    b"{}x",
    b"{}}",
    b"{}\xff",
    b"{}\x00",
    b"{}{}",
    b"[1]]",
    b'"a"b',
    b'"a" "b"',
    b"{},",
    b"[1,]",
    b"[,1]",
    b"[1 2]",
    b'{"a"}',
    b'{"a":}',
    b'{"a":1,}',
    b"{,}",
    b"{a: 1}",
    b"{'a': 1}",
    b'{"a" : 1 }',
    b'{"a":1 "b":2}',
    b'{"a":1,"a":2}',
    b'["\\u12"]',
    b'["\\uD800"]',
    b'["\\ud83d\\ude00"]',
    b'["\\udc00"]',
    b'{"\\uD800": 1}',
    b'["\\x"]',
    b'["\\\'"]',
    b'["\\U0041"]',
    b'["a\nb"]',
    b'["a\tb"]',
    b'["a\x00b"]',
    b'["a\x1fb"]',
    b'["a\x7fb"]',
    b'{"a\nb": 1}',
    b"// x\n{}",
    b"{} // x",
    b"/* x */ {}",
    b"\xef\xbb\xbf",
    b"\xef\xbb\xbf{}",
    b"\xef\xbb\xbf1",
    b" \xef\xbb\xbf{}",
    b"\xc2\xa0{}",
    b"\x0b{}",
    b"\x0c{}",
    b"\x00{}",
    b'["Ren\xe9 "]',
    b'["Ren\xe9"]',
    b'{"Ren\xe9": 1}',
    b'{"Ren\xe9 x": 1}',
    b'["\xc3\xa9"]',
    b'["\xc0\x80"]',
    b'["\xc1\xbf"]',
    b'["\xe0\x80\x80"]',
    b'["\xed\xa0\x80"]',
    b'{"\xed\xa0\x80": 1}',
    b'["\xed\xa0\xbd\xed\xb8\x80"]',
    b'["\xf0\x9f\x98\x80"]',
    b'["\xf0\x80\x80\x80"]',
    b'["\xf4\x90\x80\x80"]',
    b'["\xf7\xbf\xbf\xbf"]',
    b'["\xf8\x88\x80\x80\x80"]',
    b'["\x80"]',
    b'["\xff"]',
    b'["\xe2\x82"]',
    b"\xff",
    b"[\xff]",
    b'["\xe2\x80\xa8"]',
    b'{"a": "\xf0\x9f\x98"}',
    *[
        '{"é": [1, "😀"]} '.encode(encoding)
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    ],
    *["12".encode(encoding) for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")],
    *["1".encode(encoding) for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")],
    *['{"a": "x}'.encode(encoding) for encoding in ("utf-16", "utf-16-be", "utf-32-le")],
    b"\x00\x00\xff\xfe1",
    b"\xfe\xff\x00\x00",
    b"\x00{\x00\x00",
    b"\x00\x00{\x00",
    b'{\x00"\x00a\x00"\x00:\x00"\x00\x00\xd8"\x00}\x00',
    b"[\x00]",
    b'{"\\ud83d\\ude00": 1}',
    b'{"\\ude00\\ud83d": 1}',
    b'{"\\\\ud83d": 1}',
    b'{"a\\ud83d": 1}',
    b'{"\xf4\x90\x80\x80": 1}',
    b'["' + b"a" * 600 + b'\xed\xa0\x80"]',
    '["\ud800x"]'.encode("utf-16-le", "surrogatepass"),
    '["\udc00x"]'.encode("utf-16-be", "surrogatepass"),
    '["\ud800x"]'.encode("utf-32-le", "surrogatepass"),
    "[1]".encode("utf-16-le") + b" ",
    "[1]".encode("utf-32-le") + b" ",
    '["x'.encode("utf-32-le") + b"\x00\x00\x11\x00" + '"]'.encode("utf-32-le"),
    "[1".encode("utf-32-le") + b"\x00\x00\x11\x00",
]


def documents() -> list[bytes]:
    random_ones = [value for seed in range(10) for value in broken_json(seed, 60) if value is not None]
    return [*WORDS, *MADE, *ODD, *random_ones, *damaged(1_500)]


def damaged(count: int) -> list[bytes]:
    """Documents with some bytes replaced, taken out or put in between."""
    choose = random.Random(20261130)
    good = [
        json.dumps(
            {"id": number, "name": "René 😀", "list": [1.5, -2e3, None, True], "o": {"a": '"\\'}},
            ensure_ascii=number % 2 == 0,
        )
        for number in range(20)
    ]
    odd = [
        b"\x00",
        b"\x1f",
        b"\xff",
        b"\xe9",
        b"\xed\xa0\x80",
        b"\\",
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"0",
        b"e",
        b".",
    ]
    odd += [b"\\ud800", b"NaN", b"\xef\xbb\xbf", b"\n", b" ", b"true", b"-"]
    found = []
    for _ in range(count):
        data = bytearray(choose.choice(good).encode())
        for _ in range(choose.randint(1, 2)):
            at = choose.randrange(len(data) + 1)
            data[at : at + choose.choice((0, 1, 3))] = choose.choice(odd)
        found.append(bytes(data))
    return found


def framed(values: Sequence[bytes]) -> bytes:
    return b"".join(len(value).to_bytes(4, "big") + value for value in values)


def ask_javascript(_folder: Path) -> list[str] | None:
    node = shutil.which("node")
    return None if node is None else [node, str(PROGRAMS / "takes.js")]


def ask_go(folder: Path) -> list[str] | None:
    go = shutil.which("go")
    if go is None:
        return None
    subprocess.run([go, "build", "-o", str(folder / "takes"), str(PROGRAMS / "takes.go")], check=True, timeout=300)
    return [str(folder / "takes")]


def ask_jackson(folder: Path) -> list[str] | None:
    compiler = shutil.which("javac")
    if compiler is None:
        return None
    try:
        jars = kafka_jars()  # the setup has fetched them
    except ClusterError:
        return None
    path = str(jars / "*")
    subprocess.run([compiler, "-cp", path, "-d", str(folder), str(PROGRAMS / "Takes.java")], check=True, timeout=300)
    return [java(), "-cp", f"{folder}:{path}", "Takes"]


@pytest.mark.parametrize(
    ("reader", "program"), [("javascript", ask_javascript), ("go", ask_go), ("jackson", ask_jackson)]
)
def test_a_reader_takes_what_its_library_takes(
    reader: str, program: Callable[[Path], list[str] | None], tmp_path: Path
) -> None:
    command = program(tmp_path)
    if command is None:
        pytest.skip(f"the library of {reader} is not installed here")
    values = documents()
    answered = subprocess.run(command, input=framed(values), capture_output=True, check=True, timeout=300).stdout
    assert len(answered) == len(values)
    rule = parse_rule(f"json:{reader}")
    differing = [
        (value[:80], "taken" if took else "refused")
        for value, took in zip(values, answered, strict=True)
        if (rule.problem(value) is None) is not bool(took)
    ]
    assert differing == []


@pytest.mark.parametrize("reader", ["jackson", "go", "javascript"])
def test_a_long_string_is_read_to_its_end(reader: str) -> None:
    rule = parse_rule(f"json:{reader}")
    text = "é\\n".encode() * 10_000
    assert rule.problem(b'["' + text + b'"]') is None
    broken = rule.problem(b'["' + text + b'\x01"]')
    assert broken is not None
    assert broken.position == 2 + len(text)


def test_pythons_reader_takes_what_python_takes() -> None:
    rule = parse_rule("json:python")
    for value in documents():
        try:
            json.loads(value)
        except (ValueError, RecursionError):
            assert rule.problem(value) is not None, value[:80]
        else:
            assert rule.problem(value) is None, value[:80]


@pytest.mark.parametrize("reader", READERS)
def test_a_sieve_lets_nothing_through_that_the_library_refuses(reader: str) -> None:
    values, rule, sieve = documents(), parse_rule(f"json:{reader}"), find_sieve(f"json:{reader}")
    refused = {place for place, value in enumerate(values) if rule.problem(value) is not None}
    assert refused <= keep_back(sieve, values)
    for value in [*WORDS, *MADE]:
        if rule.problem(value) is not None:
            assert keep_back(sieve, [value]) == {0}, value[:80]


@pytest.mark.parametrize(
    ("value", "takes"),
    [
        (b'{"a": 1} rubbish', {"jackson"}),
        (b'{"a": "\\ud800"}', {"jackson", "python", "go", "javascript"}),
        (b'{"a": NaN}', {"python"}),
        (b'{"a": "Ren\xe9 F"}', {"go", "javascript"}),
        (b'\xef\xbb\xbf{"a": 1}', {"jackson", "python"}),
        (b'{"a": 1e999}', {"jackson", "python", "javascript"}),
        (b"[" * 1_001 + b"]" * 1_001, {"go", "javascript"}),
        (b'{"a": 1', set()),
    ],
)
def test_the_libraries_differ_and_the_reason_says_which_one_refuses(value: bytes, takes: set[str]) -> None:
    problems = {reader: parse_rule(f"json:{reader}").problem(value) for reader in READERS}
    assert {reader for reader, problem in problems.items() if problem is None} == takes
    for reader, problem in problems.items():
        if problem is not None:
            assert problem.reason.startswith(f"{JSON_READERS[reader].library} refuses it: "), problem.reason


def test_a_refusal_names_the_byte() -> None:
    found = parse_rule("json:jackson").problem(b'{"a": NaN}')
    assert found is not None
    assert (found.reason, found.position, found.length) == (
        "Jackson refuses it: byte 6 of the value: NaN is not JSON", 6, 3,
    )  # fmt: skip
    found = parse_rule("json:go").problem(b'{"a": 1} x', "key")
    assert found is not None
    assert found.reason == "Go refuses it: byte 9 of the key: the document has ended, 1 more byte follows"
    empty = parse_rule("json:python").problem(b"")
    assert empty is not None
    assert empty.reason == "Python refuses it: the value is empty: 0 bytes. A tombstone would be null"


def test_what_a_library_takes_is_read_without_what_it_passes_over() -> None:
    found = parse_rule("json:jackson").decode(b'\xef\xbb\xbf{"a": 1} rubbish')
    assert isinstance(found, Decoded)
    assert (found.value, found.text) == ({"a": 1}, '{\n  "a": 1\n}')
    wide = parse_rule("json:jackson").decode('{"é": 1}'.encode("utf-16"))
    assert isinstance(wide, Decoded)
    assert wide.value == {"é": 1}
    long = parse_rule("json:javascript").decode(b"1" * 5_000)
    assert isinstance(long, Decoded)
    assert long.text == "1" * 5_000


def test_an_unknown_library_is_named() -> None:
    with pytest.raises(ValueError, match="there is no rule json:rust"):
        parse_rule("json:rust")
