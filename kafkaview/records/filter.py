"""A filter: a CEL expression that is true for the records it keeps.

Variables: `topic`, `partition`, `offset`, `timestamp` (a CEL timestamp), `timestamp_ms`, `key` (text; an object where
it is a JSON object or array; bytes where it is no UTF-8), `value` (what a JSON value holds; else text, else bytes),
`headers` (name to text or bytes, of a repeated name the last) and `size` (bytes of key and value).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Sequence
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Any, Final

import orjson

from kafkaview.clock import in_utc, is_time
from kafkaview.records.cel_text import (
    EXACT,
    find_bound,
    find_bounds,
    find_members,
    find_names,
    find_needles,
    read_tokens,
)

if TYPE_CHECKING:
    from kafkaview.decode.result import Decoder
    from kafkaview.terms import Record

_Column = Callable[[], Sequence[bytes | None]]

_LONGEST: Final = 4_000  # characters of an expression
_SIGNS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_NUMBERS: Final = (int, float)
_ESCAPE: Final = b"\\u"  # any character may be written so in JSON
_SYNTAX_ERROR: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")


class FilterError(ValueError):
    """An expression cannot be used. `position` is the character at which it goes wrong, where that is known."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class EvaluationError(Exception):
    """A filter fails on a record: it is neither true nor false there."""


class RecordFilter:
    """One compiled expression. Values are what `decoder` makes of them; without one, JSON, text or bytes. Raises
    FilterError for an expression that cannot be compiled.
    """

    def __init__(self, expression: str, decoder: Decoder | None = None) -> None:
        tokens = read_tokens(expression)
        self._execute = _compile(expression, find_bound(tokens))
        self._makers = _variables(find_names(tokens), find_members(tokens, "value"), decoder)
        self._needles = find_needles(tokens)
        self._bounds = [(path, _SIGNS[sign], number) for path, sign, number in find_bounds(tokens)]
        if decoder is not None:  # its values need not stand in the bytes
            self._needles = tuple(one for one in self._needles if all(needle.field == "key" for needle in one))
            self._bounds = []

    def sift(self, keys: _Column, values: _Column) -> list[int] | None:
        """Returns the places of the records that may match, from their keys and values alone; None where all may. One
        on which the expression fails is left out only where its bytes have not what the expression looks for.
        """
        kept: list[int] | None = None
        columns = {"key": keys, "value": values}
        for needles in self._needles:
            fields = {needle.field for needle in needles}
            if len(fields) > 1:
                continue
            kept = _keep(columns[fields.pop()](), [needle.data for needle in needles], kept)
            if not kept:
                return kept
        if self._bounds:
            column = values()
            places = range(len(column)) if kept is None else kept
            kept = [place for place in places if self._may_hold(column[place])]
        return kept

    def _may_hold(self, data: bytes | None) -> bool:
        """Returns whether every comparison with a number may be true of a value."""
        try:
            document = orjson.loads(data or b"null")
        except orjson.JSONDecodeError:
            return True
        for path, compare, number in self._bounds:
            found = document
            for name in path:
                found = found.get(name) if type(found) is dict else None
            if type(found) in _NUMBERS and -EXACT < found < EXACT and not compare(found, number):
                return False
        return True

    def matches(self, record: Record) -> bool:
        """Returns whether a record matches. Raises EvaluationError where the expression fails on it."""
        try:
            result = self._execute({name: make(record) for name, make in self._makers})
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of the library is no Exception
            raise EvaluationError(_why(error)) from error
        if not isinstance(result, bool):
            raise EvaluationError(f"it gives {_kind(result)}, neither true nor false")
        return result


def _keep(column: Sequence[bytes | None], needles: Sequence[bytes], among: list[int] | None) -> list[int]:
    """Returns the places of the values that hold a needle, or an escape that may stand for it."""
    joined = b"\n".join([value or b"" for value in column])
    wanted = [needle for needle in (*needles, _ESCAPE) if needle in joined]
    places = range(len(column)) if among is None else among
    kept: set[int] = set()
    for needle in wanted:  # mostly none, or one
        kept.update([place for place in places if needle in (column[place] or b"")])
    return sorted(kept)


def _compile(expression: str, bound: Collection[str]) -> Callable[[dict[str, Any]], Any]:
    if not expression.strip():
        raise FilterError('a filter is a CEL expression, as value.status == "failed"')
    if len(expression) > _LONGEST:
        raise FilterError(f"a filter has at most {_LONGEST:,} characters, this one {len(expression):,}")
    try:
        program = _library().compile(expression)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the library is no Exception
        raise _syntax_error(expression, str(error)) from error
    unknown = [name for name in program.variables() if name not in VARIABLES and name not in bound]
    if unknown:
        place = re.search(rf"(?<![\w.]){re.escape(unknown[0])}\b", expression)
        raise FilterError(
            f"there is no variable {unknown[0]}. Variables: {', '.join(VARIABLES)}", place.start() if place else None
        )
    execute: Callable[[dict[str, Any]], Any] = program.execute
    return execute


@cache
def _library() -> Any:
    """Returns the Rust part of the library. The package itself would load a command line of its own first, which takes
    longer than a search of a million records.
    """
    spec = find_spec("cel")
    assert spec is not None
    name, places = "cel.cel", spec.submodule_search_locations
    found = PathFinder.find_spec(name, places)
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _syntax_error(expression: str, message: str) -> FilterError:
    found = _SYNTAX_ERROR.search(message)
    if found is None:
        return FilterError(f"this is no CEL expression: {message}")
    line, column, what = int(found[1]), int(found[2]), found[3]
    before = expression.splitlines(keepends=True)[: line - 1]
    position = min(len(expression), sum(map(len, before)) + max(0, column - 1))
    return FilterError(f"this is no CEL expression: {what.removeprefix('Syntax error: ')}", position)


def _why(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return f"there is no {error.args[0]}" if error.args else "a member is missing"
    return str(error).partition(". ")[0]


def _kind(value: object) -> str:
    kinds = {str: "text", int: "a number", float: "a number", list: "a list", dict: "an object", type(None): "null"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def _key(record: Record) -> object:
    if record.key is None:
        return None
    if record.key[:1] in (b"{", b"["):
        return _json(record.key)
    return _text(record.key)


def _json(data: bytes) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return _text(data)


def _text(data: bytes | None) -> object:
    try:
        return data if data is None else data.decode()
    except UnicodeDecodeError:
        return data


def _value(record: Record) -> object:
    return None if record.value is None else _json(record.value)


def _headers(record: Record) -> object:
    if record.headers is None:
        raise EvaluationError("the name of a header is not UTF-8")
    return {header.key: _text(header.value) for header in record.headers}


def _timestamp(record: Record) -> object:
    ms = record.timestamp_ms
    return in_utc(ms) if ms is not None and is_time(ms) else None


_MAKERS: Final[dict[str, Callable[[Record], object]]] = {
    "topic": lambda record: record.topic,
    "partition": lambda record: record.partition,
    "offset": lambda record: record.offset,
    "timestamp": _timestamp,
    "timestamp_ms": lambda record: record.timestamp_ms,
    "key": _key,
    "value": _value,
    "headers": _headers,
    "size": lambda record: len(record.key or b"") + len(record.value or b""),
}
VARIABLES: Final = tuple(_MAKERS)


def _variables(
    names: set[str], members: frozenset[str] | None, decoder: Decoder | None
) -> list[tuple[str, Callable[[Record], object]]]:
    """Returns what makes the variables that an expression uses; of `value` only the members that it uses, because the
    conversion of a whole document costs more than all else.
    """
    read = _value if decoder is None else lambda record: _decode(record, decoder)
    makers = {**_MAKERS, "value": read}
    if members is not None:
        makers["value"] = lambda record: _some(read(record), members)
    return [(name, make) for name, make in makers.items() if name in names]


def _decode(record: Record, decoder: Decoder) -> object:
    from kafkaview.decode.result import Decoded, Surroundings, within

    if record.value is None:
        return None
    result = within(decoder, Surroundings(record.topic, record.key, record.headers)).decode(record.value)
    if isinstance(result, Decoded):
        return result.value
    raise EvaluationError(result.reason)


def _some(value: object, members: frozenset[str]) -> object:
    return {name: value[name] for name in members if name in value} if isinstance(value, dict) else value
