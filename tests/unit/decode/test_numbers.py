"""Numbers and UUIDs as Kafka's serializers write them, and bytes as they are."""

from __future__ import annotations

import pytest

from kafkaview.decode.registry import parse_rule
from kafkaview.decode.result import Decoded


@pytest.mark.parametrize(
    ("rule", "data", "shown"),
    [
        ("short", "fffe", "-2"),
        ("int", "00000007", "7"),
        ("long", "8000000000000000", str(-(2**63))),
        ("float", "3dcccccd", "0.1"),
        ("double", "3fb999999999999a", "0.1"),
        ("double", "7ff8000000000000", "NaN"),
        ("uuid", b"00112233-4455-6677-8899-AABBCCDDEEFF".hex(), "00112233-4455-6677-8899-AABBCCDDEEFF"),
        ("hex", "00ff", "00 ff"),
        ("base64", "00ff", "AP8="),
    ],
)
def test_bytes_are_shown(rule: str, data: str, shown: str) -> None:
    found = parse_rule(rule).decode(bytes.fromhex(data))
    assert isinstance(found, Decoded)
    assert found.text == shown


@pytest.mark.parametrize(
    ("rule", "data", "reason", "position"),
    [
        ("long", b"1234", "the key has 4 bytes, a long has 8", 3),
        ("long", b"123456789", "the key has 9 bytes, a long has 8", 8),
        ("short", b"", "the key has 0 bytes, a short has 2", None),
        ("uuid", b"nonsense", "the key is not the text of a UUID, which has 36 characters", 0),
        ("uuid", b"1-2-3-4-5", "Java's UUID takes shorter parts", 0),
        ("uuid", b"\xff" * 16, "byte 0 of the key is not UTF-8", 0),
        ("uuid", b"", "the key is empty: 0 bytes", None),
    ],
)
def test_what_is_none_is_named(rule: str, data: bytes, reason: str, position: int | None) -> None:
    found = parse_rule(rule).problem(data, "key")
    assert found is not None
    assert reason in found.reason
    assert found.position == position
