"""Inspection of records by rules. Records that surely pass cost no object; a decoder reads only the others. Imports
little, because every scanning process loads it at its start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar, cast

from kafkaview.cluster.errors import DecoderUnavailable
from kafkaview.cluster.ports.record_source import Context, HeaderPairs, Origin, RecordSource
from kafkaview.decode.sieves import Sieve, keep_all, keep_back

if TYPE_CHECKING:
    from kafkaview.decode.result import Decoder, Undecodable

T = TypeVar("T")


class RuleViolation(NamedTuple):
    """A key, value or header that violates a rule, in a form that can be sent through a pipe."""

    origin: Origin
    field: str
    rule: str
    reason: str
    size: int
    position: int | None
    length: int


class InspectionRule(Protocol):
    """A rule of keys or values, or of whole records."""

    def suspects(self, columns: RecordSource, field: str, data: Sequence[bytes | None]) -> set[int]:
        """Returns the indexes of the keys or values (`field`, `data`) that may not pass."""
        ...

    def problem(self, columns: RecordSource, index: int, field: str, data: bytes | None) -> Undecodable | None:
        """Returns why one of the suspects does not pass, None if it does. Raises DecoderUnavailable where it cannot be
        judged.
        """
        ...


class FormatRule:
    """A rule of a format: its sieve, and its decoder, which is created when the sieve first keeps a value back."""

    def __init__(self, sieve: Sieve, decoder: Callable[[], Decoder]) -> None:
        self._sieve = sieve
        self._make = decoder
        self._decoder: Decoder | None = None
        self._reads_record: bool | None = None

    @property
    def reads_record(self) -> bool:
        """Whether the decoder needs more of a record than the bytes."""
        if self._reads_record is None:
            from kafkaview.decode.result import RecordDecoder

            self._reads_record = isinstance(self.decoder, RecordDecoder)
        return self._reads_record

    @property
    def decoder(self) -> Decoder:
        """The decoder that explains why a value does not pass."""
        if self._decoder is None:
            self._decoder = self._make()
        return self._decoder

    def suspects(self, columns: RecordSource, field: str, data: Sequence[bytes | None]) -> set[int]:
        """Returns the indexes of the keys or values that may not pass."""
        if self._sieve is not keep_all:
            return keep_back(self._sieve, data)
        from kafkaview.decode.result import SiftingDecoder
        from kafkaview.decode.wire_format import schema_header

        decoder = self.decoder
        is_named = self.reads_record and columns.has_header(schema_header(field))
        if is_named or not isinstance(decoder, SiftingDecoder):
            return keep_all(data)
        return keep_back(decoder.doubtful, data)

    def problem(self, columns: RecordSource, index: int, field: str, data: bytes | None) -> Undecodable | None:
        """Returns why a key or value is not of the format. Null is of every format."""
        if data is None:
            return None
        decoder = _decoder_within(self.decoder, columns.context(index)) if self.reads_record else self.decoder
        problem = decoder.problem(data, field)
        if problem is None:
            return None
        if not problem.judged:
            raise DecoderUnavailable(problem.reason, "A scan has to judge every record that it meets.")
        return problem if problem.field == field else replace(problem, field=field)


Rules = Mapping[str, Sequence[InspectionRule]]  # by topic


class Inspection:
    """Checks the keys and the values of each topic by its rules, all of them in one pass."""

    def __init__(self, value_rules: Rules, key_rules: Rules) -> None:
        self._rules = {"key": key_rules, "value": value_rules}

    def flaws(self, columns: RecordSource, stop: Callable[[], bool] = lambda: False) -> list[RuleViolation]:
        """Returns the violations: for each record first those of the key, then of the value, in the order of the rules,
        then of the headers. Ends early on a request to stop. Raises DecoderUnavailable where a record cannot be judged.
        """
        doubts: dict[int, list[_FieldDoubt]] = {}
        for field, rules in self._rules.items():
            for doubt in self._find_doubts(columns, field, rules):
                doubts.setdefault(doubt.record_index, []).append(doubt)
        headers = columns.unreadable_headers()
        found: list[RuleViolation] = []
        for index in sorted(doubts.keys() | headers.keys()):
            if stop():
                break
            for _, field, data, rule in doubts.get(index, ()):
                problem = rule.problem(columns, index, field, data)
                if problem is not None:
                    found.append(_violation(columns, index, data, problem))
            if index in headers:
                found.append(_header_flaw(columns, index, headers[index]))
        return found

    @staticmethod
    def _find_doubts(columns: RecordSource, field: str, by_topic: Rules) -> Iterator[_FieldDoubt]:
        if not any(by_topic.values()):
            return
        data = columns.keys() if field == "key" else columns.values()
        sets = {tuple(map(id, rules)): rules for rules in by_topic.values()}
        if len(sets) == 1:  # of one topic, or all are held to the same
            (rules,) = sets.values()
            for rule in rules:
                for index in rule.suspects(columns, field, data):
                    yield _FieldDoubt(index, field, data[index], rule)
            return
        topics: dict[str, list[int]] = {}
        for index, topic in enumerate(columns.topics()):
            topics.setdefault(topic, []).append(index)
        for topic, indexes in topics.items():
            own = _TopicPart(columns, indexes)
            values = [data[index] for index in indexes]
            for rule in by_topic.get(topic, ()):
                for index in rule.suspects(own, field, values):
                    yield _FieldDoubt(indexes[index], field, values[index], rule)


class _FieldDoubt(NamedTuple):
    """A key or value that may not pass a rule."""

    record_index: int
    field: str
    data: bytes | None
    rule: InspectionRule


class _TopicPart:
    """Some of the records of a batch."""

    def __init__(self, columns: RecordSource, indexes: Sequence[int]) -> None:
        self._columns = columns
        self._indexes = indexes

    def _pick(self, column: Sequence[T]) -> list[T]:
        return [column[index] for index in self._indexes]

    def topics(self) -> list[str]:
        return self._pick(self._columns.topics())

    def partitions(self) -> list[int]:
        return self._pick(self._columns.partitions())

    def offsets(self) -> list[int]:
        return self._pick(self._columns.offsets())

    def timestamps(self) -> list[int | None]:
        return self._pick(self._columns.timestamps())

    def keys(self) -> list[bytes | None]:
        return self._pick(self._columns.keys())

    def values(self) -> list[bytes | None]:
        return self._pick(self._columns.values())

    def headers(self) -> list[HeaderPairs | None]:
        return self._pick(self._columns.headers())

    def unreadable_headers(self) -> dict[int, bytes]:
        unreadable = self._columns.unreadable_headers()
        return {own: unreadable[index] for own, index in enumerate(self._indexes) if index in unreadable}

    def has_header(self, name: str) -> bool:
        return self._columns.has_header(name)

    def origin(self, index: int) -> Origin:
        return self._columns.origin(self._indexes[index])

    def context(self, index: int) -> Context:
        return self._columns.context(self._indexes[index])


def _decoder_within(decoder: Decoder, context: Context) -> Decoder:
    from kafkaview.decode.result import RecordDecoder, Surroundings
    from kafkaview.terms import Header

    topic, key, headers = context
    around = None if headers is None else tuple(Header(name, value) for name, value in headers)
    return cast("RecordDecoder", decoder).within(Surroundings(topic, key, around))


def _header_flaw(columns: RecordSource, index: int, name: bytes) -> RuleViolation:
    from kafkaview.decode.header_names import header_problem

    return _violation(columns, index, name, header_problem(name))


def _violation(columns: RecordSource, index: int, data: bytes | None, problem: Undecodable) -> RuleViolation:
    return RuleViolation(
        columns.origin(index),
        problem.field,
        problem.decoder,
        problem.reason,
        len(data or b""),
        problem.position,
        problem.length,
    )
