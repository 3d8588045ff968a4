"""JSON that is nearly right: what parsers differ in, and random documents broken at random."""

from __future__ import annotations

import random
from typing import Final

ODD: Final = (
    b"",
    b" ",
    b"\n",
    b"\x00",
    b"null",
    b"nul",
    b"nulll",
    b"true false",
    b"1 2",
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"nan",
    b"1e999",
    b"-1e999",
    b"1E400",
    b"1E+400",
    b"1e-999",
    b"1e308",
    b"1.7976931348623157e308",
    b"1.7976931348623159e308",
    b"1e0000000000000000001",
    b"0e999999",
    b"0.0e9999",
    b"1e99999999999999999999999",
    b"9" * 308,
    b"9" * 309,
    b"9" * 400,
    b"0." + b"0" * 400 + b"1",
    b"0." + b"0" * 400 + b"1e700",
    b"9" * 250 + b"e60",
    b"9" * 250 + b"e50",
    b"1" + b"0" * 210 + b".5e99",
    b"18446744073709551616",
    b"-9223372036854775809",
    b"-",
    b"-0",
    b"01",
    b"1.",
    b".5",
    b"1e",
    b"1e+",
    b"+1",
    b"0x1",
    b'"\xff"',
    b'"\xc0\x80"',
    b'"\xed\xa0\x80"',
    b'"\xf4\x90\x80\x80"',
    b'"\xe2\x82"',
    b'"\\\xff"',
    b"\xff",
    b'{"a":1}\xff',
    b'"\\ud800"',
    b'"\\udc00"',
    b'"\\ud800\\udc00"',
    b'"\\ud800x"',
    b'"\\ud800\\u0041"',
    b'"\\u12"',
    b'"\\u12G4"',
    b'"\\x"',
    b'"\\',
    b'"\x01"',
    b'"\x7f"',
    b'"\t"',
    b'"\n"',
    b'"\\u0000"',
    b"\xef\xbb\xbf{}",
    b"{}\xef\xbb\xbf",
    b'"\xef\xbb\xbf"',
    b"\xfe\xff\x00{",
    b"\x0b1",
    b"\x0c1",
    b"\xa01",
    b"\xc2\xa01",
    b"\r\n\t 1 \r\n",
    b"[1,]",
    b'{"a":1,}',
    b"{,}",
    b"[,]",
    b"[1 2]",
    b'{"a" 1}',
    b"[",
    b"]",
    b'{"a":1 "b":2}',
    b"{a:1}",
    b"{'a':1}",
    b'{"a":1,"a":2}',
    b"[]]",
    b"{}}",
    b'"abc',
    b"//c\n1",
    b"/*c*/1",
    b"1\x00",
    b'{"a":}',
    b"{1:2}",
    b"[" * 1023 + b"]" * 1023,
    b"[" * 1024 + b"]" * 1024,
    b"[" * 1025 + b"]" * 1025,
    b"[" * 3000 + b"]" * 3000,
    b"[" * 5000,
    b'{"a":' * 1024 + b"1" + b"}" * 1024,
    b'{"a":' * 1025 + b"1" + b"}" * 1025,
    b'{"a":[' * 700 + b"1" + b"]}" * 700,
    b'{"id":"3e123","h":"550e8400-e29b-41d4-a716-446655440000"}',
    b'{"t":"at 1e400 it ends"}',
    b'["1e400"]',
    b"[1e400]",
    b"[1e400 ]",
    b'{"n":1e400}',
    b'{"n":1e400\n}',
    b'"' + b"7" * 500 + b'"',
    b'{"n":"e","m":' + b"7" * 500 + b"}",
    b"\\n",
    b"'",
    b"[1e5,1E-5,-1.5e+3]",
    '{"é":"日本\U0001f600"}'.encode(),
    "é".encode("latin-1"),
    '["Ren\xe9"]'.encode("latin-1"),
    '{"a":1}'.encode("utf-16"),
)
_FRAGMENTS: Final = (
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"',
    b"\\",
    b"\\u",
    b"d800",
    b"\\ud83d\\ude00",
    b"1",
    b"0",
    b"-",
    b".",
    b"e",
    b"E",
    b"+",
    b"1e400",
    b"9" * 210,
    b"e99",
    b"true",
    b"null",
    b"NaN",
    b" ",
    b"\n",
    b"\x00",
    b"\xff",
    "é".encode(),
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b'"a"',
    b'"a":1',
    b'{"a":1}',
    b"[1,2]",
    b"\x1f",
    b"00",
    b"1.5e3",
)
_LEAVES: Final = (
    b"1",
    b"-0",
    b"0.1",
    b"1e5",
    b"1E+30",
    b"1e308",
    b"1e309",
    b"1e-400",
    b"12345678901234567890123",
    b'"x"',
    b'"\\u00e9"',
    '"é"'.encode(),
    b"true",
    b"null",
    b'"1e999"',
    b'"3e123"',
    b'""',
)


def broken_json(seed: int, count: int) -> list[bytes | None]:
    """Values of which some are JSON, many nearly are, and a few are null."""
    choose = random.Random(seed)
    return [_value(choose) for _ in range(count)]


def _value(choose: random.Random) -> bytes | None:
    kind = choose.random()
    if kind < 0.05:
        return None
    if kind < 0.15:
        return choose.choice(ODD)
    if kind < 0.3:
        return b"".join(choose.choice(_FRAGMENTS) for _ in range(choose.randint(0, 8)))
    document = _document(choose, 0)
    return document if kind < 0.6 else _broken(choose, document)


def _document(choose: random.Random, depth: int) -> bytes:
    kind = choose.random()
    if depth > 4 or kind < 0.3:
        if kind < 0.03:
            return b"9" * choose.randint(190, 330) + b"e%d" % choose.randint(0, 130)
        return choose.choice(_LEAVES)
    inner = [_document(choose, depth + 1) for _ in range(choose.randint(0, 4))]
    if kind < 0.65:
        return b"{" + b",".join(b'"k%d":%s' % (choose.randint(0, 3), value) for value in inner) + b"}"
    return b"[" + b",".join(inner) + b"]"


def _broken(choose: random.Random, document: bytes) -> bytes:
    made = bytearray(document)
    for _ in range(choose.randint(1, 2)):
        place, kind = choose.randint(0, len(made)), choose.random()
        if kind < 0.4:
            made[place:place] = choose.choice(_FRAGMENTS)
        elif kind < 0.7:
            del made[place : place + choose.randint(1, 3)]
        elif place < len(made):
            made[place] = choose.randint(0, 255)
    return bytes(made)
