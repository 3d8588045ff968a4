"""Numbers and UUIDs as Kafka's own serializers write them (org.apache.kafka.common.serialization): numbers in
big-endian order, a UUID as its text.
"""

from __future__ import annotations

import re
import struct
import uuid
from typing import ClassVar, Final

from kafkaview.decode.result import Decoded, Undecodable, doubt
from kafkaview.decode.utf8 import Utf8
from kafkaview.decode.walk import float_text
from kafkaview.words import plural

_UUID: Final = re.compile(rb"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_NEARLY: Final = re.compile(rb"[0-9a-fA-F]+(-[0-9a-fA-F]+){4}")
_UUID_SIZE: Final = 36


class _Number:
    """A number of a fixed size. Kafka's deserializer refuses every other size."""

    name: ClassVar[str]
    title: ClassVar[str]
    _packed: ClassVar[str]  # as `struct` has it

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns the bytes that are missing or too many."""
        size = struct.calcsize(self._packed)
        if len(data) == size:
            return None
        reason = f"the {field} has {plural(len(data), 'byte')}, {self.title} has {size}"
        if len(data) > size:
            return Undecodable(self.name, reason, size, len(data) - size)
        return Undecodable(self.name, reason, len(data) - 1 if data else None)

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns the number, with as many digits as tell it from its neighbours."""
        problem = self.problem(data, field)
        if problem is not None:
            return problem
        number = struct.unpack(self._packed, data)[0]
        text = str(number) if isinstance(number, int) else float_text(number, self._packed[1])
        return Decoded(self.name, number, text.strip('"'))


class ShortNumber(_Number):
    """Reads what ShortSerializer writes."""

    name, title, _packed = "short", "a short", ">h"


class IntegerNumber(_Number):
    """Reads what IntegerSerializer writes."""

    name, title, _packed = "int", "an int", ">i"


class LongNumber(_Number):
    """Reads what LongSerializer writes."""

    name, title, _packed = "long", "a long", ">q"


class FloatNumber(_Number):
    """Reads what FloatSerializer writes."""

    name, title, _packed = "float", "a float", ">f"


class DoubleNumber(_Number):
    """Reads what DoubleSerializer writes."""

    name, title, _packed = "double", "a double", ">d"


class UuidText:
    """Reads what UUIDSerializer writes."""

    name: str = "uuid"
    title: str = "a UUID"

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns why the bytes are not the text of a UUID."""
        if _UUID.fullmatch(data):
            return None
        not_text = Utf8().problem(data, field)
        if not_text is not None:
            return Undecodable(self.name, not_text.reason, not_text.position, not_text.length, "needs UTF-8")
        if not data:
            return Undecodable(self.name, f"the {field} is empty: 0 bytes. A tombstone would be null", detail="0 bytes")
        reason = f"the {field} is not the text of a UUID, which has {_UUID_SIZE} characters"
        problem = Undecodable(self.name, reason, 0, len(data))
        return doubt(problem, "Java's UUID takes shorter parts") if _NEARLY.fullmatch(data) else problem

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns the UUID."""
        problem = self.problem(data, field)
        return problem or Decoded(self.name, str(uuid.UUID(data.decode())), data.decode())
