"""A filter: a CEL expression that is true for the records it keeps."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kafkaview.records.cel_expression import CelExpression, EvaluationError, ReadValue, kind_of
from kafkaview.records.cel_text import read_condition
from kafkaview.records.condition import Negation, Places, RecordSieve
from kafkaview.records.record_columns import ListedRecords, RecordColumns, RecordView
from kafkaview.terms import Header

if TYPE_CHECKING:
    from kafkaview.decode.result import Decoder
    from kafkaview.terms import Record


class RecordFilter:
    """One compiled expression. Values are what `decoder` makes of them; without one, JSON, text or bytes. Raises
    FilterError for an expression that cannot be compiled.
    """

    def __init__(self, expression: str, decoder: Decoder | None = None) -> None:
        self._expression = CelExpression(expression)
        self._read = _reader_of(decoder) if decoder is not None else None
        self._condition = read_condition(self._expression.tokens, decoded=decoder is not None)
        self._sieve = RecordSieve(self._condition)

    @cached_property
    def _failing(self) -> RecordSieve:
        return RecordSieve(Negation(self._condition))

    def sift(self, columns: RecordColumns) -> Places:
        """Returns the places of the records that may match. One on which the expression fails is left out only where
        its bytes have not what the expression looks for.
        """
        return self._sieve.keep(columns)

    def sift_failing(self, columns: RecordColumns) -> Places:
        """Returns the places of the records that may not match: the expression may be false, or fail, on them."""
        return self._failing.keep(columns)

    def matches(self, record: Record) -> bool:
        """Returns whether a record matches. Raises EvaluationError where the expression fails on it."""
        return self.matches_at(RecordColumns(ListedRecords([record]), 1), 0)

    def matches_at(self, columns: RecordColumns, place: int) -> bool:
        """Returns whether one of the records matches. Raises EvaluationError where the expression fails on it."""
        result = self._expression.evaluate(RecordView(columns, place), self._read)
        if not isinstance(result, bool):
            raise EvaluationError(f"it gives {kind_of(result)}, neither true nor false")
        return result


def _reader_of(decoder: Decoder) -> ReadValue:
    return lambda record: _decode(record, decoder)


def _decode(record: RecordView, decoder: Decoder) -> object:
    from kafkaview.decode.result import Decoded, Surroundings, within

    if record.value is None:
        return None
    headers = None if record.headers is None else tuple(Header(name, data) for name, data in record.headers)
    result = within(decoder, Surroundings(record.topic, record.key, headers)).decode(record.value)
    if isinstance(result, Decoded):
        return result.value
    raise EvaluationError(result.reason)
