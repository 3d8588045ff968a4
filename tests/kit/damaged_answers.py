"""Answers of a broker that says something of everything, and what may become of them on the way."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, Final

from kafka.protocol.api_message import ResponseClassRegistry  # type: ignore[import-untyped]

from kafkaview.cluster.errors import UnsupportedByBroker
from kafkaview.cluster.kafka.connections import AnswerParser, UnreadableResponse
from kafkaview.cluster.kafka.kafka_python_errors import as_cluster_error
from kafkaview.terms import Broker, ClusterInfo

ROWS: Final = 3
BROKERS: Final = (0, 1, 2)
ASSIGNMENT: Final = struct.pack(">hihsi3ii", 1, 1, 1, b"t", 3, 0, 1, 2, -1)
_LENGTHS: Final = (
    b"\xff\xff",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x00",
    b"\x80\x80\x80\x80\x08",
    b"\xff" * 12,
)
_OF_ONE: Final = ("DescribeConfigsResponse", "CreateTopicsResponse")  # these are asked about one thing alone
_TEXTS: Final = (None, "", "\0", "\x1b[2J", "x" * 300, "é\u2028\u202e", "{", "1")
_NUMBERS: Final = (-1, -2, 0, 1, 7, 9_999, -(2**63), 2**63 - 1, -(2**31), 2**31 - 1)
_RANGES: Final = {
    **{f"int{bits}": range(-(2 ** (bits - 1)), 2 ** (bits - 1)) for bits in (8, 16, 32, 64)},
    "uint16": range(2**16),
}

Damage = Callable[[Any], object]  # of an answer's fields
Octets = Callable[[bytes], bytes]


class Sample:
    """Makes answers by their own schema: `values` are those of fields whose name alone does not make them sound, made
    from the number of their row.
    """

    def __init__(self, values: Mapping[str, Callable[[int], Any]]) -> None:
        self._values = values
        self._bodies: dict[tuple[str, int], bytes] = {}

    def body(self, kind: Any, version: int) -> bytes:
        """The bytes of an answer."""
        key = kind.name, version
        if key not in self._bodies:
            self._bodies[key] = bytes(self._answer(kind, version).encode(version=version))
        return self._bodies[key]

    def _answer(self, kind: Any, version: int) -> Any:
        """An answer of this class with some rows of everything."""
        fields = {field.name: self._value(field, version, 0) for field in _fields(kind._struct, version)}
        if kind.name in _OF_ONE:
            fields = {name: value[:1] if isinstance(value, list) else value for name, value in fields.items()}
        return kind(version=version, **fields)

    def _value(self, field: Any, version: int, row: int) -> Any:
        if field.name in self._values:
            return self._values[field.name](row)
        if field.is_struct_array():
            return [self._row(field.array_of, version, number) for number in range(ROWS)]
        if field.is_array():
            return [self._plain(field.array_of.type_str, field.name, number) for number in range(ROWS)]
        if field.is_struct():
            return self._row(field, version, row)
        return self._plain(field.type_str, field.name, row)

    def _row(self, shape: Any, version: int, row: int) -> Any:
        return shape.data_class(
            version=version, **{one.name: self._value(one, version, row) for one in _fields(shape, version)}
        )

    def _plain(self, kind: str, name: str, row: int) -> Any:
        if kind == "string":
            return f"{name}{row}"
        if kind == "bytes":
            return f"{name}{row}".encode()
        if kind in ("uuid", "bitfield"):
            return None if kind == "uuid" else set()
        return kind != "bool" and (0 if "error_code" in name or "throttle" in name else row)


def _fields(shape: Any, version: int) -> Iterator[Any]:
    return (field for field in shape._fields if field.for_version_q(version))


def damage_field(chance: random.Random, row: Any) -> None:
    """Gives one field of a row, or of what is in it, a value that it never has."""
    holder = row
    while True:
        fields = [field for field in holder._struct._fields if field.for_version_q(holder.version)]
        field = chance.choice(fields)
        inside = getattr(holder, field.name)
        inner = inside if isinstance(inside, list) else [inside]
        rows = [one for one in inner if hasattr(one, "_struct")]
        if not rows or (isinstance(inside, list) and chance.random() < 0.2):
            setattr(holder, field.name, _wrong(chance, field))
            return
        holder = chance.choice(rows)


def _wrong(chance: random.Random, field: Any) -> Any:
    kind = field.type_str
    if field.is_struct_array() or field.is_array():
        return chance.choice((None, []))
    if (numbers := _RANGES.get(kind)) is not None:
        code = chance.randrange(numbers.start, numbers.stop)
        if "error_code" in field.name:
            return code
        return max(numbers.start, min(numbers.stop - 1, chance.choice((*_NUMBERS, code))))
    wrong: dict[str, object] = {
        "string": chance.choice(_TEXTS),
        "bytes": chance.choice((None, b"", b"garbage-bytes", bytes(chance.randbytes(9)))),
        "records": chance.choice((None, b"", b"garbage-bytes", bytes(chance.randbytes(70)))),
        "float64": chance.choice((math.nan, math.inf, -math.inf, -1.0)),
        "bool": chance.random() < 0.5,
        "bitfield": set(),
        "uuid": None,
    }
    return wrong[kind]


def damage_bytes(chance: random.Random, data: bytes) -> bytes:
    """Flips, cuts, drops or adds bytes, or writes a length that is none; a few times."""
    octets = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at = chance.randrange(len(octets) + 1)
        match chance.randrange(5):
            case 0 if at < len(octets):
                octets[at] ^= 1 << chance.randrange(8)
            case 1:
                del octets[at:]
            case 2:
                del octets[at : at + chance.randrange(1, 5)]
            case 3:
                octets[at:at] = chance.randbytes(chance.randrange(1, 5))
            case _:
                length = chance.choice(_LENGTHS)
                octets[at : at + len(length)] = length
    return bytes(octets)


class DamagingWire:
    """Brokers in whose place `sample` answers, in versions that are the same for the same number. What an answer holds
    goes through `fields`, its bytes through `octets`, where its request has the name `of`.
    """

    def __init__(self, sample: Sample, versions: int) -> None:
        self._sample = sample
        self._versions = versions
        self.of = ""
        self.fields: Damage | None = None
        self.octets: Octets = bytes

    async def send(self, request: Any, _broker: int, doing: str, _seconds: float = 0.0, purpose: str = "") -> Any:
        assert isinstance(purpose, str)
        return self._answer(request, doing)

    async def send_any(self, request: Any, doing: str, among: Any = None, purpose: str = "") -> Any:
        assert among is None
        assert isinstance(purpose, str)
        return self._answer(request, doing)

    async def send_aside(self, request: Any, _node: Any, doing: str, _seconds: float) -> Any:
        return self._answer(request, doing)

    async def answering_broker(self, _doing: str) -> int:
        return BROKERS[0]

    async def broker_ids(self) -> tuple[int, ...]:
        return BROKERS

    async def info(self) -> ClusterInfo:
        return ClusterInfo("c", tuple(Broker(number, "h", 9092, None) for number in BROKERS), 0)

    async def api_versions(self) -> dict[int, tuple[int, int]]:
        return {55: (0, 2)}

    async def infer_release(self) -> str:
        return "4.4"

    def learn(self, _info: ClusterInfo) -> None:
        """A metadata's brokers are asked no more than others."""

    def _answer(self, request: Any, doing: str) -> Any:
        kind = ResponseClassRegistry.get_response_class(
            SimpleNamespace(request_api_key=request.API_KEY, request_api_version=None)
        )
        wished = kind.max_version if request._max_version is None else request._max_version
        least, most = request._min_version or 0, min(kind.max_version, request.max_version, wished)
        if least > most:
            raise UnsupportedByBroker(doing)
        version = request.API_VERSION = random.Random(f"{request.name} {self._versions}").randint(least, most)
        if request.name.removesuffix("Request") != self.of:
            return decode(request, self._sample.body(kind, version), doing)
        if self.fields is None:
            return decode(request, self.octets(self._sample.body(kind, version)), doing)
        answer = kind.decode(self._sample.body(kind, version), version=version)
        answer._header = None  # which encoding asks for
        self.fields(answer)
        return decode(request, bytes(answer.encode(version=version)), doing)


def decode(request: Any, body: bytes, doing: str) -> Any:
    """An answer's body as the connection hands it over. Raises as it does."""
    parser = AnswerParser(client_id="damaged")
    parser.send_request(request, correlation_id=1)
    flexible = getattr(request, "flexible_version_q", None)
    tagged = flexible(request.API_VERSION) if flexible else request.header.flexible
    head = (1).to_bytes(4, "big") + (b"\0" if tagged and request.name != "ApiVersionsRequest" else b"")
    ((_, answer),) = parser.receive_bytes((len(head) + len(body)).to_bytes(4, "big") + head + body)
    if isinstance(answer, UnreadableResponse):
        raise as_cluster_error(answer.failure, doing) from answer.failure
    return answer
