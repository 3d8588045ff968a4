"""A rule in CEL: an expression that gives the new value.

CEL knows whole numbers of 64 bits and doubles, and its objects have no order. What the new value shares with the old
one keeps its text, so neither shows; a number that CEL cannot hold is passed on whole, and an expression that
calculates with it fails.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import Any, Final

from kafkaview.records.cel_expression import CelExpression, EvaluationError
from kafkaview.records.cel_text import CelToken
from kafkaview.records.condition import text_of
from kafkaview.records.record_columns import ListedRecords, RecordColumns, RecordView
from kafkaview.terms import Record
from kafkaview.triage.mending.cel_functions import FUNCTIONS
from kafkaview.triage.mending.exact_json import MARK, SPOILT_MARK, number_text
from kafkaview.triage.mending.json_rewriting import NoJsonValue, rewrite, write_json
from kafkaview.triage.mending.letter_value import LetterValue
from kafkaview.triage.mending.result import CannotMend

_EXAMPLE: Final = 'merge(value, {"amount": double(value.amount)})'
_FUNCTION_FAILED: Final = re.compile(r"Function '.*' error: Python function call failed: \w+: ")
_LAST: Final = math.inf


class CelRule:
    """One compiled expression. Raises FilterError."""

    def __init__(self, expression: str) -> None:
        self._expression = CelExpression(expression, "a rule", _EXAMPLE, FUNCTIONS)
        self._places = _name_places(self._expression.tokens)

    def apply(self, record: Record, letter: LetterValue) -> str | bytes | None:
        """Returns what the expression gives for a record; None where that is its value. Raises CannotMend."""
        value = letter.document.value if letter.document is not None else _plain(record, letter)
        view = RecordView(RecordColumns(ListedRecords([record]), 1), 0)
        try:
            found = self._expression.evaluate(view, lambda _view: value)
        except EvaluationError as error:
            raise CannotMend(_explained(str(error), value) + _unread(record, letter)) from error
        if letter.document is None:
            return self._of_bytes(found, value)
        if isinstance(found, bytes) and MARK in found and number_text(found) is None:
            raise CannotMend("the rule joins a number that CEL cannot hold to something else")
        if isinstance(found, str) and not isinstance(value, str):
            return _checked_text(found)
        if found is None and value is not None:
            raise CannotMend("the rule gives null, and no rule makes a tombstone")
        if isinstance(found, bytes) and number_text(found) is None:
            return found
        try:
            return rewrite(letter.document, self._arrange(found))
        except NoJsonValue as error:
            raise CannotMend(f"the rule gives what JSON cannot hold: {error}") from error

    def _of_bytes(self, found: object, value: object) -> str | bytes | None:
        """Returns the new value of one that is not JSON."""
        if found is None and value is not None:
            raise CannotMend("the rule gives null, and no rule makes a tombstone")
        if found is None or found == value:
            return None
        if isinstance(found, (str, bytes)):
            return found
        try:
            return write_json(self._arrange(found))
        except NoJsonValue as error:
            raise CannotMend(f"the rule gives what JSON cannot hold: {error}") from error

    def _arrange(self, value: Any) -> Any:
        """Returns a value of plain data whose objects are in the order in which the expression names their members, for
        CEL's have none. Raises CannotMend.
        """
        if isinstance(value, dict):
            names = sorted(value, key=lambda name: (self._places.get(name, _LAST), str(name)))
            return {name: self._arrange(value[name]) for name in names}
        if isinstance(value, list):
            return [self._arrange(item) for item in value]
        if isinstance(value, str):
            return _checked_text(value)
        if isinstance(value, (datetime, timedelta)):
            raise CannotMend("the rule gives a time as such: write string(...) around it")
        return value


def _plain(record: Record, letter: LetterValue) -> object:
    """Returns a value that is not JSON as text, or as bytes."""
    if letter.frame is not None:
        return record.value
    return None if record.value is None else text_of(record.value)


def _checked_text(text: str) -> str:
    if SPOILT_MARK in text:
        raise CannotMend("the rule makes text of a number that CEL cannot hold")
    return text


def _explained(reason: str, value: object) -> str:
    """Returns why an expression failed, and names a number that it cannot calculate with."""
    reason = _FUNCTION_FAILED.sub("", reason)
    number = _odd_number(value)
    if number is None or "overload" not in reason.lower():
        return f"the rule fails: {reason}"
    return f"the rule fails: {reason} (CEL cannot calculate with a number such as {number})"


def _unread(record: Record, letter: LetterValue) -> str:
    """Returns why a value is not JSON, which is mostly why an expression fails on it."""
    return f"; {letter.problem}" if record.value is not None and letter.document is None else ""


def _odd_number(value: object) -> str | None:
    """Returns the first number of a document that CEL cannot hold."""
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return number_text(value) or next((found for one in below if (found := _odd_number(one))), None)


def _name_places(tokens: list[CelToken]) -> dict[object, int]:
    """Returns the names in an expression, each with the place where it stands first."""
    places: dict[object, int] = {}
    for place, token in enumerate(tokens):
        if token.kind in ("name", "string"):
            places.setdefault(token.text.strip("\"'"), place)
    return places
