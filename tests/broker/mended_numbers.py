"""Orders of a bad release, whose numbers are text, and the rule that mends those that it can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Final

import orjson

from tests.broker.material import Broker

NUMBERS: Final = """{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
 "required": ["id", "cents"], "additionalProperties": false,
 "properties": {"id": {"type": "integer"}, "cents": {"type": "integer"}}}"""
TO_NUMBERS: Final = "cel:{'id': int(value.id), 'cents': int(value.cents)}"


def number_values(count: int, lost: Collection[int]) -> list[bytes]:
    """So many orders, some of them beyond help."""
    return [
        b'{"id": "%d", "cents": "none"}' % number
        if number in lost
        else b'{"id": "%d", "cents": "%d"}' % (number, number * 5)
        for number in range(count)
    ]


def check_numbers(broker: Broker, topic: str, wanted: Collection[int]) -> None:
    """Each of these has arrived once, mended, and nothing else."""
    found = Counter(value for _key, value, _headers in broker.read_committed(topic))
    assert {orjson.loads(value or b"")["id"]: many for value, many in found.items()} == dict.fromkeys(wanted, 1)
    assert all(orjson.loads(value or b"")["cents"] == 5 * orjson.loads(value or b"")["id"] for value in found)
