"""A filter: a CEL expression that is true for the records it keeps.

Variables: `topic`, `partition`, `offset`, `timestamp` (a CEL timestamp), `timestamp_ms`, `key` (text; an object where
it is a JSON object or array; bytes where it is no UTF-8), `value` (what a JSON value holds; else text, else bytes),
`headers` (name to text or bytes, of a repeated name the last) and `size` (bytes of key and value).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Any, Final

import orjson

from kafkaview.clock import in_utc, is_time
from kafkaview.records.cel_text import find_bound, find_members, find_names, read_condition, read_tokens
from kafkaview.records.condition import Places, RecordSieve, text_of
from kafkaview.records.record_columns import ListedRecords, RecordColumns, RecordView
from kafkaview.terms import Header

if TYPE_CHECKING:
    from kafkaview.decode.result import Decoder
    from kafkaview.terms import Record

_LONGEST: Final = 4_000  # characters of an expression
_DEEPEST: Final = 200  # levels of a value: the library goes 1 KiB down its stack with each, and ends the process there
_CONTAINERS: Final = (dict, list)
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
        self._sieve = RecordSieve(read_condition(tokens, decoded=decoder is not None))

    def sift(self, columns: RecordColumns) -> Places:
        """Returns the places of the records that may match. One on which the expression fails is left out only where
        its bytes have not what the expression looks for.
        """
        return self._sieve.keep(columns)

    def matches(self, record: Record) -> bool:
        """Returns whether a record matches. Raises EvaluationError where the expression fails on it."""
        return self.matches_at(RecordColumns(ListedRecords([record]), 1), 0)

    def matches_at(self, columns: RecordColumns, place: int) -> bool:
        """Returns whether one of the records matches. Raises EvaluationError where the expression fails on it."""
        record = RecordView(columns, place)
        try:
            result = self._execute({name: make(record) for name, make in self._makers})
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of the library is no Exception
            raise EvaluationError(_why(error)) from error
        if not isinstance(result, bool):
            raise EvaluationError(f"it gives {_kind(result)}, neither true nor false")
        return result


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


def _key(record: RecordView) -> object:
    if record.key is None:
        return None
    if record.key[:1] in (b"{", b"["):
        return _json(record.key)
    return text_of(record.key)


def _json(data: bytes) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return text_of(data)


def _value(record: RecordView) -> object:
    return None if record.value is None else _json(record.value)


def _may_be_deep(data: bytes | None) -> bool:
    return data is not None and data.count(b"[") + data.count(b"{") > _DEEPEST


def _check_depth(value: object) -> object:
    """Returns a value that is not nested too deeply for the library, else raises EvaluationError."""
    level = [value]
    for _ in range(_DEEPEST):
        below = (one.values() if type(one) is dict else one for one in level if type(one) in _CONTAINERS)
        level = [one for ones in below for one in ones if type(one) in _CONTAINERS]  # type: ignore[attr-defined]
        if not level:
            return value
    raise EvaluationError(f"it is nested deeper than {_DEEPEST} levels")


def _headers(record: RecordView) -> object:
    if record.headers is None:
        raise EvaluationError("the name of a header is not UTF-8")
    return {name: text_of(data) for name, data in record.headers}


def _timestamp(record: RecordView) -> object:
    ms = record.timestamp_ms
    return in_utc(ms) if ms is not None and is_time(ms) else None


_MAKERS: Final[dict[str, Callable[[RecordView], object]]] = {
    "topic": lambda record: record.topic,
    "partition": lambda record: record.partition,
    "offset": lambda record: record.offset,
    "timestamp": _timestamp,
    "timestamp_ms": lambda record: record.timestamp_ms,
    "key": lambda record: _check_depth(_key(record)) if _may_be_deep(record.key) else _key(record),
    "value": _value,
    "headers": _headers,
    "size": lambda record: len(record.key or b"") + len(record.value or b""),
}
VARIABLES: Final = tuple(_MAKERS)


def _variables(
    names: set[str], members: frozenset[str] | None, decoder: Decoder | None
) -> list[tuple[str, Callable[[RecordView], object]]]:
    """Returns what makes the variables that an expression uses; of `value` only the members that it uses, because the
    conversion of a whole document costs more than all else.
    """
    read = _value if decoder is None else lambda record: _decode(record, decoder)

    def value(record: RecordView) -> object:
        whole = read(record)
        used = whole if members is None else _some(whole, members)
        return _check_depth(used) if decoder is not None or _may_be_deep(record.value) else used

    makers = {**_MAKERS, "value": value}
    return [(name, make) for name, make in makers.items() if name in names]


def _decode(record: RecordView, decoder: Decoder) -> object:
    from kafkaview.decode.result import Decoded, Surroundings, within

    if record.value is None:
        return None
    headers = None if record.headers is None else tuple(Header(name, data) for name, data in record.headers)
    result = within(decoder, Surroundings(record.topic, record.key, headers)).decode(record.value)
    if isinstance(result, Decoded):
        return result.value
    raise EvaluationError(result.reason)


def _some(value: object, members: frozenset[str]) -> object:
    return {name: value[name] for name in members if name in value} if isinstance(value, dict) else value
