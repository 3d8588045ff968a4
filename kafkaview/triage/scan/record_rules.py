"""Rules of whole records: a header that must be there, null that must not, and an expression that must be true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kafkaview.decode.result import Undecodable
from kafkaview.records.cel_expression import EvaluationError
from kafkaview.records.filter import RecordFilter
from kafkaview.records.record_columns import RecordColumns

if TYPE_CHECKING:
    from kafkaview.cluster.ports.record_source import RecordSource


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """Every record has a header of a name. One whose headers cannot be read is a finding by itself."""

    header: str

    @property
    def name(self) -> str:
        """The rule as it is written."""
        return f"header:{self.header}"

    def suspects(self, columns: RecordSource, _field: str, _data: Sequence[bytes | None]) -> set[int]:
        """Returns the indexes of the records without such a header."""
        return {
            index
            for index, pairs in enumerate(columns.headers())
            if pairs is not None and all(pair[0] != self.header for pair in pairs)
        }

    def problem(self, _columns: RecordSource, _index: int, _field: str, _data: bytes | None) -> Undecodable:
        """Returns that it is missing."""
        return Undecodable(self.name, f"the header {self.header} is missing", field="headers")


@dataclass(frozen=True, slots=True)
class NotNullRule:
    """No key, or no value, is null."""

    name: str = "not-null"

    def suspects(self, _columns: RecordSource, _field: str, data: Sequence[bytes | None]) -> set[int]:
        """Returns the indexes of what is null."""
        return {index for index, one in enumerate(data) if one is None}

    def problem(self, _columns: RecordSource, _index: int, field: str, _data: bytes | None) -> Undecodable:
        """Returns that it is null."""
        return Undecodable(self.name, f"the {field} is null", field=field)


class ExpressionRule:
    """A CEL expression is true for every record whose key, or value, is not null. Raises FilterError for an expression
    that cannot be compiled.
    """

    def __init__(self, expression: str) -> None:
        self.name = f"cel:{expression}"
        self._expression = expression
        self._filter = RecordFilter(expression)
        self._seen: tuple[RecordSource, RecordColumns] | None = None  # each column is made once for all of a batch

    def suspects(self, columns: RecordSource, _field: str, data: Sequence[bytes | None]) -> set[int]:
        """Returns the indexes for which the expression may not be true."""
        doubtful = self._filter.sift_failing(self._columns(columns, len(data)))
        return {index for index in doubtful if data[index] is not None}

    def problem(self, columns: RecordSource, index: int, field: str, _data: bytes | None) -> Undecodable | None:
        """Returns that it is not true, or why it can be neither true nor false."""
        try:
            true = self._filter.matches_at(self._columns(columns, index + 1), index)
        except EvaluationError as error:
            return Undecodable(self.name, f"{self._expression} cannot be told: {error}", field=field)
        return None if true else Undecodable(self.name, f"{self._expression} does not hold", field=field)

    def _columns(self, columns: RecordSource, count: int) -> RecordColumns:
        if self._seen is None or self._seen[0] is not columns:
            self._seen = columns, RecordColumns(columns, count)
        return self._seen[1]


RecordRule = HeaderRule | NotNullRule | ExpressionRule
