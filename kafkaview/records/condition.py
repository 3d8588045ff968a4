"""What a filter asks of a record's fields, as far as it is plain: `value.status == "failed"` and the like, joined by
`&&`, `||` and `!`; and the records for which that may be true.

CEL decides about a record. This only saves it the records for which the answer is known beforehand, so whatever is not
understood here may be true and may be false. Equality, order and errors are those of the CEL library: values of two
kinds are never equal, and only numbers, or two texts, have an order.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, Protocol

import msgspec

from kafkaview.clock import is_time
from kafkaview.cluster.ports.record_source import HeaderPairs
from kafkaview.records.record_columns import RecordColumns

Places = Sequence[int]
Judge = Callable[[Any], bool | None]
EXACT: Final = 2**53  # below it, every integer is a double, and both compare alike everywhere
_ABSENT: Final = msgspec.UNSET  # an object has no such member
_UNKNOWN: Final = object()  # only CEL can say what is there
_NOTHING: Final = (_ABSENT, _UNKNOWN)
_NUMBERS: Final = (int, float)
_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ESCAPE: Final = b"\\u"  # any character may be written so in JSON
_MAY_BEGIN_NULL: Final = b"n \t\n\r"  # RFC 8259, section 2
_COLUMNS: Final = {
    "topic": "topics", "partition": "partitions", "offset": "offsets", "timestamp_ms": "timestamps",
    "timestamp": "timestamps",
}  # fmt: skip
_NO_OBJECT: Final = (msgspec.MsgspecError, RecursionError, ValueError)
_COMPOUND: Final = (b"{", b"[")  # how a key begins that may be an object or a list


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A field of a record: `value.customer.id` is `("value", "customer", "id")`. One that is not `followed` goes on
    through a list, or a member whose name must be escaped in JSON.
    """

    names: tuple[str, ...]
    followed: bool = True

    @property
    def variable(self) -> str:
        """The variable with which it begins."""
        return self.names[0]


class Condition(Protocol):
    """What must hold of a record."""

    def possible(self, fields: SiftedFields, places: Places, *, wanted: bool) -> Places:
        """Returns those of some places where the condition may be `wanted`: true, or false. Where the expression fails
        it is neither; such a place is left out only where the bytes have not what a true condition needs.
        """
        ...

    def tests(self) -> Sequence[FieldTest]:
        """Returns the tests that it is made of."""
        ...


@dataclass(frozen=True, slots=True)
class Unclear:
    """What only CEL can decide."""

    def possible(self, fields: SiftedFields, places: Places, *, wanted: bool) -> Places:  # noqa: ARG002 - as all
        """Returns all places."""
        return places

    def tests(self) -> Sequence[FieldTest]:
        """Returns none."""
        return ()


@dataclass(frozen=True, slots=True)
class Negation:
    """The opposite of a condition."""

    part: Condition

    def possible(self, fields: SiftedFields, places: Places, *, wanted: bool) -> Places:
        """Returns the places where the part may be the opposite."""
        return self.part.possible(fields, places, wanted=not wanted)

    def tests(self) -> Sequence[FieldTest]:
        """Returns the tests of the part."""
        return self.part.tests()


@dataclass(frozen=True, slots=True)
class Junction:
    """Several conditions of which `every` one must hold, or any."""

    parts: tuple[Condition, ...]
    every: bool

    def possible(self, fields: SiftedFields, places: Places, *, wanted: bool) -> Places:
        """Returns the places where all parts may be `wanted`, or one of them."""
        if wanted is self.every:
            for part in self.parts:
                places = part.possible(fields, places, wanted=wanted)
            return places
        found: set[int] = set()
        for part in self.parts:
            left = [place for place in places if place not in found] if found else places
            found.update(part.possible(fields, left, wanted=wanted))
        return [place for place in places if place in found]

    def tests(self) -> Sequence[FieldTest]:
        """Returns the tests of all parts."""
        return [test for part in self.parts for test in part.tests()]


@dataclass(frozen=True, slots=True)
class FieldTest:
    """A test of one field. `judge` says of what the field holds whether it is true, and None where only CEL knows;
    without one only the bytes are looked at. Of a true one the key or the value has one of the `needles`, or JSON
    escapes that may stand for it; all may be true where there are none.
    """

    path: FieldPath
    judge: Judge | None = None
    needles: frozenset[bytes] = frozenset()

    def possible(self, fields: SiftedFields, places: Places, *, wanted: bool) -> Places:
        """Returns the places that have a needle and are not judged to be otherwise."""
        if wanted and self.needles:
            places = fields.holding(self.path.variable, self.needles, places)
        judge, unwanted = self.judge, not wanted
        if judge is None or not places:
            return places
        held = fields.read(self.path, places)
        return [place for place, one in zip(places, held, strict=True) if judge(one) is not unwanted]

    def tests(self) -> Sequence[FieldTest]:
        """Returns itself."""
        return (self,)

    @property
    def cost(self) -> int:
        """How much work it is beside others: a column, a search through bytes, a text or headers, a document."""
        if self.path.variable in ("key", "value", "headers"):
            return 1 if self.needles else 3 if self.path.variable == "value" else 2
        return 0


def equals(expected: str | float | bool | None) -> Judge:  # noqa: FBT001 - a value, no switch
    """Returns what judges whether a field is this text, number, bool or null."""
    return is_one_of((expected,))


def is_one_of(expected: Collection[str | float | bool | None]) -> Judge:
    """Returns what judges whether a field is one of some values."""
    kinds = {bool: bool, int: float, float: float}
    known = frozenset((kinds.get(type(one), type(one)), one) for one in expected)
    texts = frozenset(one for one in expected if type(one) is str)

    def judge(found: Any) -> bool | None:
        kind = type(found)
        if kind is str:
            return found in texts
        if found in _NOTHING or (kind in _NUMBERS and not -EXACT < found < EXACT):
            return None
        return kind not in (dict, list) and (kinds.get(kind, kind), found) in known

    return judge


def is_ordered(sign: str, number: float | str) -> Judge:
    """Returns what judges whether a field is less than, or more than, a number or a text."""
    compare = _ORDERS[sign]
    if isinstance(number, str):
        return lambda found: compare(found, number) if type(found) is str else None

    def judge(found: Any) -> bool | None:
        return compare(found, number) if type(found) in _NUMBERS and -EXACT < found < EXACT else None

    return judge


def is_moment(sign: str, ms: int) -> Judge:
    """Returns what judges whether a timestamp compares so with a moment."""
    compare = {"==": operator.eq, **_ORDERS}[sign]
    return lambda found: compare(found, ms) if type(found) is int and is_time(found) else None


def has_text(search: str, text: str) -> Judge:
    """Returns what judges a field by contains, startsWith or endsWith."""
    if search == "contains":
        return lambda found: text in found if type(found) is str else None
    if search == "startsWith":
        return lambda found: found.startswith(text) if type(found) is str else None
    return lambda found: found.endswith(text) if type(found) is str else None


def is_present(found: Any) -> bool | None:
    """Judges whether a member or a header is there."""
    return None if found is _UNKNOWN else found is not _ABSENT


def is_true(found: Any) -> bool | None:
    """Judges a field that is a condition by itself."""
    return found if type(found) is bool else None


class RecordSieve:
    """Keeps the records for which a condition may be true."""

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self._members = MemberReader(
            [
                test.path.names[1]
                for test in condition.tests()
                if test.judge and test.path.variable == "value" and len(test.path.names) > 1
            ]
        )

    def keep(self, columns: RecordColumns) -> Places:
        """Returns the places of the records that may match."""
        fields = SiftedFields(columns, self._members)
        return self._condition.possible(fields, range(columns.count), wanted=True)


class MemberReader:
    """Reads some members of JSON objects. All else is passed over, and nothing made of it: that takes a fifth of the
    time.
    """

    def __init__(self, names: Sequence[str]) -> None:
        places = {name: f"member_{number}" for number, name in enumerate(dict.fromkeys(names))}
        kind = msgspec.defstruct(
            "Members",
            [(place, object, _ABSENT) for place in places.values()],
            rename={place: name for name, place in places.items()},
            gc=False,
        )
        self._decode: Callable[[Any], Any] = msgspec.json.Decoder(kind).decode
        self._unknown: Any = kind(**dict.fromkeys(places.values(), _UNKNOWN))
        self._getters = {name: attrgetter(place) for name, place in places.items()}

    def read(self, values: Sequence[bytes | None]) -> list[Any]:
        """Returns the members of each value, for `pick`; unknown ones where it is no JSON object."""
        try:
            return list(map(self._decode, values))
        except (*_NO_OBJECT, TypeError):  # one of them is none, or null
            return list(map(self._read, values))

    def _read(self, value: bytes | None) -> Any:
        try:
            return self._decode(value) if value else self._unknown
        except _NO_OBJECT:
            return self._unknown

    def pick(self, name: str, members: Sequence[Any]) -> Sequence[object]:
        """Returns one member of each."""
        return list(map(self._getters[name], members))


class SiftedFields:
    """The fields of some records as conditions see them. Each is read once."""

    def __init__(self, columns: RecordColumns, members: MemberReader) -> None:
        self._columns = columns
        self._members = members
        self._read: list[Any] = [None] * columns.count  # the members of each value
        self._joined: dict[str, bytes] = {}

    def holding(self, variable: str, needles: Collection[bytes], places: Places) -> Places:
        """Returns the places whose key or value holds a needle, or an escape that may stand for it."""
        column = self._columns.keys if variable == "key" else self._columns.values
        joined = self._joined.get(variable)
        if joined is None:
            joined = self._joined[variable] = b"\n".join([one or b"" for one in column])
        wanted = [needle for needle in (*needles, _ESCAPE) if needle in joined]  # mostly none, or one
        if not wanted:
            return ()
        return [place for place in places if any(needle in (column[place] or b"") for needle in wanted)]

    def read(self, path: FieldPath, places: Places) -> Sequence[object]:
        """Returns what a field holds at some places."""
        columns, variable = self._columns, path.variable
        if variable == "value" and len(path.names) > 1:
            return self._member(path.names[1:], places)
        if variable == "value":
            return [_null_or(columns.values[place]) for place in places]
        if variable == "headers":
            return [_header(columns.headers[place], path.names[1]) for place in places]
        if variable == "size":
            keys, values = columns.keys, columns.values
            return [len(keys[place] or b"") + len(values[place] or b"") for place in places]
        if variable == "key":
            return [_key(columns.keys[place]) for place in places]
        column: Sequence[object] = getattr(columns, _COLUMNS[variable])
        return [column[place] for place in places]

    def _member(self, names: Sequence[str], places: Places) -> Sequence[object]:
        read, values = self._read, self._columns.values
        new = [place for place in places if read[place] is None]
        for place, members in zip(new, self._members.read([values[place] for place in new]), strict=True):
            read[place] = members
        found = self._members.pick(names[0], [read[place] for place in places])
        for name in names[1:]:
            found = [one.get(name, _ABSENT) if type(one) is dict else _UNKNOWN for one in found]
        return found


def _key(data: bytes | None) -> object:
    if data is not None and data.startswith(_COMPOUND):
        return _UNKNOWN
    return text_of(data)


def _null_or(data: bytes | None) -> object:
    """Returns None for null, and something else for what is surely not."""
    return None if data is None else _UNKNOWN if data[:1] in _MAY_BEGIN_NULL else data


def _header(pairs: HeaderPairs | None, name: str) -> object:
    """Returns the last header of a name."""
    if pairs is None:
        return _UNKNOWN
    return next((text_of(data) for one, data in reversed(pairs) if one == name), _ABSENT)


def text_of(data: bytes | None) -> str | bytes | None:
    """Returns the text of bytes; the bytes themselves where they are not UTF-8."""
    try:
        return data if data is None else data.decode()
    except UnicodeDecodeError:
        return data
