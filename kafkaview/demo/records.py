"""The demo's records: synthetic, from a seed, and like real ones; some are broken."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from random import Random
from typing import Any

import orjson

_CUSTOMERS = 997
_RENE = 740  # his orders go to partition 3, where the pictures have him
_FIRST = ("Ada", "Björn", "Chloé", "Diego", "Emma", "Farid", "Grace", "Hana", "Ivo", "Jürgen", "Kofi", "Lena", "Zoë")
_LAST = ("Adler", "Brandt", "Castro", "Dubois", "Eriksen", "Fischer", "García", "Huber", "Ito", "Jansen", "Müller")
_CURRENCIES = ("EUR", "EUR", "EUR", "USD", "GBP", "CHF")
_METHODS = ("card", "card", "transfer", "wallet")
_SHOPS = ("shop-web", "shop-app", "shop-till")
_ONE_IN_NULL_KEY = 80
_ONE_IN_TOMBSTONE = 120


class PoisonKind(StrEnum):
    """What is wrong with a poison record."""

    NOT_UTF8 = "not_utf8"
    TRUNCATED = "truncated_json"
    EMPTY = "empty_value"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"


@dataclass(frozen=True, slots=True)
class DemoRecord:
    """A record to be produced."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp_ms: int


def partition_of(key: bytes, partitions: int) -> int:
    """Returns the partition of a key, as librdkafka's own partitioner chooses it."""
    return zlib.crc32(key) % partitions


def order(number: int, random: Random, timestamp_ms: int, partitions: int) -> DemoRecord:
    """Returns one order, sometimes with a null key or as a tombstone, which are both healthy."""
    customer = random.randrange(_CUSTOMERS)
    key = _customer_id(customer).encode()
    value: bytes | None = orjson.dumps(_order(number, customer, random, timestamp_ms))
    placed = partition_of(key, partitions)
    chance = random.random()
    if chance < 1 / _ONE_IN_NULL_KEY:
        return DemoRecord("orders", number % partitions, None, value, _headers(number, random), timestamp_ms)
    if chance > 1 - 1 / _ONE_IN_TOMBSTONE:
        value = None
    return DemoRecord("orders", placed, key, value, _headers(number, random), timestamp_ms)


def payment(number: int, random: Random, timestamp_ms: int, partitions: int) -> DemoRecord:
    """Returns one payment, keyed by its order."""
    key = f"o-{number:05d}".encode()
    payer = random.randrange(_CUSTOMERS)
    value: bytes | None = orjson.dumps(_payment(number, payer, random, timestamp_ms))
    if random.random() < 1 / _ONE_IN_TOMBSTONE:
        value = None
    return DemoRecord("payments", partition_of(key, partitions), key, value, _headers(number, random), timestamp_ms)


def broken_order(number: int, fault: PoisonKind, random: Random, timestamp_ms: int, partition: int) -> DemoRecord:
    """Returns an order that no consumer can read as JSON: René Faure's where the name is not UTF-8, else another
    customer's.
    """
    customer = _RENE if fault is PoisonKind.NOT_UTF8 else _customer_on(partition, random)
    whole = orjson.dumps(_order(number, customer, random, timestamp_ms))
    key = _customer_id(customer).encode()
    return DemoRecord("orders", partition, key, _break(whole, fault), _headers(number, random), timestamp_ms)


def broken_payment(number: int, fault: PoisonKind, random: Random, timestamp_ms: int, partition: int) -> DemoRecord:
    """Returns a payment that breaks the format or only the schema."""
    content = _payment(number, _RENE, random, timestamp_ms)
    if fault is PoisonKind.MISSING_FIELD:
        del content["currency"]
    elif fault is PoisonKind.WRONG_TYPE:
        content["amount"] = f"{content['amount']:.2f} EUR"
    value = _break(orjson.dumps(content), fault)
    return DemoRecord("payments", partition, f"o-{number:05d}".encode(), value, _headers(number, random), timestamp_ms)


def _break(whole: bytes, fault: PoisonKind) -> bytes:
    match fault:
        case PoisonKind.NOT_UTF8:
            # What a producer writes that takes ISO-8859-1 for granted: every accent is one byte.
            return whole.decode().encode("latin-1")
        case PoisonKind.TRUNCATED:
            return whole[: len(whole) * 2 // 3]
        case PoisonKind.EMPTY:
            return b""
        case _:
            return whole


def _order(number: int, customer: int, random: Random, timestamp_ms: int) -> dict[str, Any]:
    items = [
        {"sku": f"A-{random.randrange(1000, 1400)}", "qty": random.randrange(1, 5)}
        for _ in range(random.randrange(1, 4))
    ]
    return {
        "order_id": f"o-{number:05d}",
        "customer": _customer_id(customer),
        "name": _customer_name(customer),
        "amount": round(random.uniform(4, 240), 2),
        "currency": random.choice(_CURRENCIES),
        "items": items,
        "placed_at": _iso(timestamp_ms),
    }


def _payment(number: int, payer: int, random: Random, timestamp_ms: int) -> dict[str, Any]:
    return {
        "payment_id": f"p-{number:05d}",
        "order_id": f"o-{number:05d}",
        "payer": _customer_name(payer),
        "amount": round(random.uniform(4, 240), 2),
        "currency": random.choice(_CURRENCIES),
        "method": random.choice(_METHODS),
        "paid_at": _iso(timestamp_ms),
    }


def _headers(number: int, random: Random) -> tuple[tuple[str, bytes], ...]:
    """Returns three headers, two with the same name: a copy must keep both and their order."""
    trace = f"{random.getrandbits(64):016x}".encode()
    shop = _SHOPS[number % len(_SHOPS)].encode()
    return (("source", shop), ("trace-id", trace), ("source", b"gateway"))


def _customer_id(customer: int) -> str:
    return f"c-{customer:04d}"


def _customer_name(customer: int) -> str:
    if customer == _RENE:
        return "René Faure"
    return f"{_FIRST[customer % len(_FIRST)]} {_LAST[customer % len(_LAST)]}"


def _customer_on(partition: int, random: Random, partitions: int = 6) -> int:
    there = [n for n in range(_CUSTOMERS) if partition_of(_customer_id(n).encode(), partitions) == partition]
    return random.choice(there)


def _iso(timestamp_ms: int) -> str:
    return datetime.fromtimestamp(timestamp_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
