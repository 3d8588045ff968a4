"""Inspection of records by rules. Records that surely pass cost no object; a decoder reads only the others. Imports
little, because every scanning process loads it at its start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from kafkaview.cluster.errors import DecoderUnavailable
from kafkaview.decode.sieves import Sieve, keep_all, keep_back

if TYPE_CHECKING:
    from kafkaview.decode.result import Decoder, Undecodable


Origin = tuple[str, int, int, int | None]  # topic, partition, offset and timestamp in milliseconds of a record

# Topic, key and headers of a record; the headers are None where the client library cannot return them.
Context = tuple[str, bytes | None, Sequence[tuple[str, bytes | None]] | None]


class Columns(Protocol):
    """The records of a batch, as columns of equal length."""

    def topics(self) -> Sequence[str]:
        """The topic of each record."""
        ...

    def keys(self) -> Sequence[bytes | None]:
        """The key of each record."""
        ...

    def values(self) -> Sequence[bytes | None]:
        """The value of each record."""
        ...

    def unreadable_headers(self) -> Mapping[int, bytes]:
        """The header name that is not UTF-8, by the index of its record."""
        ...

    def has_header(self, name: str) -> bool:
        """Returns whether a record may have a header of this name."""
        ...

    def origin(self, place: int) -> Origin:
        """Returns the partition, offset and timestamp of one record."""
        ...

    def context(self, place: int) -> Context:
        """Returns topic, key and headers of one record, for formats that are read from more than their own bytes."""
        ...


class RuleViolation(NamedTuple):
    """A key, value or header name that violates a rule, in a form that can be sent through a pipe."""

    origin: Origin
    field: str
    rule: str
    reason: str
    size: int
    position: int | None
    length: int


class Rule:
    """A rule: its sieve, and its decoder, which is created when the sieve first keeps a value back."""

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

    def suspects(self, columns: Columns, field: str, data: Sequence[bytes | None]) -> set[int]:
        """Returns the places of the keys or values that may not pass."""
        if self._sieve is not keep_all:
            return keep_back(self._sieve, data)
        from kafkaview.decode.result import SiftingDecoder
        from kafkaview.decode.wire_format import schema_header

        decoder = self.decoder
        is_named = self.reads_record and columns.has_header(schema_header(field))
        if is_named or not isinstance(decoder, SiftingDecoder):
            return keep_all(data)
        return keep_back(decoder.doubtful, data)


class Inspection:
    """Checks keys by one rule, and values by the rule of their topic."""

    def __init__(self, value_rules: Mapping[str, Rule], key_rule: Rule | None) -> None:
        self._value_rules = value_rules
        self._key_rule = key_rule

    def flaws(self, columns: Columns, stop: Callable[[], bool] = lambda: False) -> list[RuleViolation]:
        """Returns the violations: for each record first the key, then the value, then the headers. Null passes. Ends
        early on a request to stop. Raises DecoderUnavailable where a record cannot be judged.
        """
        keys = columns.keys() if self._key_rule else ()
        values = columns.values() if self._value_rules else ()
        suspects = self._key_rule.suspects(columns, "key", keys) if self._key_rule else set()
        value_rules = {place: rule for rule, places in self._suspect_values(columns, values) for place in places}
        headers = columns.unreadable_headers()
        found: list[RuleViolation] = []
        for place in sorted(suspects | value_rules.keys() | headers.keys()):
            if stop():
                break
            key = self._flaw(columns, place, "key", keys[place], self._key_rule) if place in suspects else None
            rule = value_rules.get(place)
            value = self._flaw(columns, place, "value", values[place], rule) if rule else None
            name = _header_flaw(columns, place, headers[place]) if place in headers else None
            found += [flaw for flaw in (key, value, name) if flaw is not None]
        return found

    def _suspect_values(self, columns: Columns, values: Sequence[bytes | None]) -> Iterable[tuple[Rule, Iterable[int]]]:
        rules = set(self._value_rules.values())
        if len(rules) == 1:
            only = rules.pop()
            return [(only, only.suspects(columns, "value", values))]
        places: dict[str, list[int]] = {}
        for place, topic in enumerate(columns.topics() if rules else ()):
            places.setdefault(topic, []).append(place)
        return [
            (rule, [own[place] for place in rule.suspects(columns, "value", [values[place] for place in own])])
            for topic, own in places.items()
            if (rule := self._value_rules.get(topic)) is not None
        ]

    @staticmethod
    def _flaw(columns: Columns, place: int, field: str, data: bytes | None, rule: Rule | None) -> RuleViolation | None:
        if rule is None or data is None:
            return None
        decoder = rule.decoder
        if rule.reads_record:
            decoder = _decoder_within(decoder, columns.context(place))
        problem = decoder.problem(data, field)
        if problem is None:
            return None
        if not problem.judged:
            raise DecoderUnavailable(problem.reason, "A scan has to judge every record that it meets.")
        return _violation(columns, place, data, replace(problem, field=field))


def _decoder_within(decoder: Decoder, context: Context) -> Decoder:
    from kafkaview.decode.result import RecordDecoder, Surroundings
    from kafkaview.terms import Header

    topic, key, headers = context
    around = None if headers is None else tuple(Header(name, value) for name, value in headers)
    return cast("RecordDecoder", decoder).within(Surroundings(topic, key, around))


def _header_flaw(columns: Columns, place: int, name: bytes) -> RuleViolation:
    from kafkaview.decode.header_names import header_problem

    return _violation(columns, place, name, header_problem(name))


def _violation(columns: Columns, place: int, data: bytes, problem: Undecodable) -> RuleViolation:
    return RuleViolation(
        columns.origin(place),
        problem.field,
        problem.decoder,
        problem.reason,
        len(data),
        problem.position,
        problem.length,
    )
