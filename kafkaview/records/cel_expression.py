"""A CEL expression over the fields of a record.

Variables: `topic`, `partition`, `offset`, `timestamp` (a CEL timestamp), `timestamp_ms`, `key` (text; an object where
it is a JSON object or array; bytes where it is no UTF-8), `value` (what a JSON value holds; else text, else bytes),
`headers` (name to text or bytes, of a repeated name the last) and `size` (bytes of key and value).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import MappingProxyType
from typing import Any, Final

import orjson

from kafkaview.clock import in_utc, is_time
from kafkaview.records.cel_errors import explain_syntax_error
from kafkaview.records.cel_text import CelToken, find_bound, find_members, find_names, read_tokens
from kafkaview.records.condition import text_of
from kafkaview.records.record_columns import RecordView

_LONGEST: Final = 4_000  # characters of an expression
_DEEPEST: Final = 200  # levels of a value: the library goes 1 KiB down its stack with each, and ends the process there
_HALF: Final = re.compile("[\ud800-\udfff]")
_CONTAINERS: Final = (dict, list)

ReadValue = Callable[[RecordView], object]


class FilterError(ValueError):
    """An expression cannot be used. `position` is the character at which it goes wrong, where that is known."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class EvaluationError(Exception):
    """An expression fails on a record."""


class CelExpression:
    """One compiled expression, which may call `functions`, too. `what` it is for and an `example` stand in the error of
    an empty one. Raises FilterError for an expression that cannot be compiled.
    """

    def __init__(
        self,
        expression: str,
        what: str = "a filter",
        example: str = 'value.status == "failed"',
        functions: Mapping[str, Callable[..., Any]] = MappingProxyType({}),
    ) -> None:
        self.tokens: list[CelToken] = read_tokens(expression)
        self._execute = _compile(expression, find_bound(self.tokens), what, example)
        names = find_names(self.tokens)
        called = {token.text for token in self.tokens}
        self._functions = {name: function for name, function in functions.items() if name in called}
        self._makers = [(name, make) for name, make in _MAKERS.items() if name in names and name != "value"]
        self._uses_value = "value" in names
        self._members = find_members(self.tokens, "value")

    def evaluate(self, record: RecordView, read: ReadValue | None = None) -> object:
        """Returns what the expression gives for a record, whose value is what `read` returns; without it JSON, text or
        bytes. Raises EvaluationError where the expression fails on it.
        """
        variables: dict[str, Any] = {name: make(record) for name, make in self._makers} | self._functions
        if self._uses_value:
            variables["value"] = self._value(record, read)
        try:
            return self._execute(variables)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of the library is no Exception
            raise EvaluationError(_why(error)) from error

    def _value(self, record: RecordView, read: ReadValue | None) -> object:
        """Returns the value, or only the members of it that are used, because the conversion of a whole document costs
        more than all else.
        """
        whole = (read or _value)(record)
        members = self._members
        if members is not None and isinstance(whole, dict):
            whole = {name: whole[name] for name in members if name in whole}
        return _check_depth(whole) if read is not None or _may_be_deep(record.value) else whole


def kind_of(value: object) -> str:
    """Returns what a value is, in words."""
    kinds = {str: "text", int: "a number", float: "a number", list: "a list", dict: "an object", type(None): "null"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def _compile(expression: str, bound: Collection[str], what: str, example: str) -> Callable[[dict[str, Any]], Any]:
    if not expression.strip():
        raise FilterError(f"{what} is a CEL expression, as {example}")
    if len(expression) > _LONGEST:
        raise FilterError(f"{what} has at most {_LONGEST:,} characters, this one {len(expression):,}")
    if not expression.isprintable() and (half := _HALF.search(expression)):
        raise FilterError('the expression is not UTF-8: CEL writes such a byte as b"\\xff"', half.start())
    try:
        program = _library().compile(expression)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the library is no Exception
        wrong, position = explain_syntax_error(expression, str(error))
        raise FilterError(f"this is no CEL expression: {wrong}", position) from error
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
    logging.getLogger("cel").setLevel(logging.CRITICAL + 1)  # every record on which a function fails would be a line
    return module


def _why(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return f"there is no {error.args[0]}" if error.args else "a member is missing"
    return str(error).partition(". ")[0]


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
