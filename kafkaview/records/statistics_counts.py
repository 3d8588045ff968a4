"""What is counted of a topic's records, from columns, in a bounded room: each process counts, and the counts are added
up.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
from datasketches import hll_sketch, hll_union, tgt_hll_type  # type: ignore[import-untyped]

from kafkaview.cluster.ports.record_source import FieldSource, HeaderPairs
from kafkaview.decode.wire_format import PREFIX, find_name, schema_header
from kafkaview.records.size_counts import Counts, SizeCounts

_HOUR_MS: Final = 3_600_000
_MOST_HOURS: Final = 50_000  # nearly six years; odd timestamps may lie in any year
_MOST_NAMES: Final = 1_000  # of headers, and of schemas
_PRECISION: Final = 14  # 2^14 registers of 6 bits: a standard error of 0.8 %
_NONE: Final = -1


class StatisticsCounts:
    """Counts records, and of `registered` fields, which a registry's schemas read, the schemas that they name."""

    def __init__(self, registered: Sequence[str]) -> None:
        self.registered = tuple(registered)
        self.records = self.null_keys = self.null_values = self.tombstones = 0
        self.key_sizes, self.value_sizes = SizeCounts(), SizeCounts()
        self.hours: Counter[int] = Counter()  # by Unix milliseconds of the hour's begin
        self.headers: Counter[str] = Counter()  # records by the names of their headers
        self.with_headers = self.unreadable_headers = 0
        self.schemas: Counter[tuple[str, str]] = Counter()  # by field and the bytes that name the schema, in hex
        self.without_time = self.other_hours = self.other_headers = self.other_schemas = 0
        self.first_ms: int | None = None
        self.last_ms: int | None = None
        self._distinct = _new_sketch()

    def add(self, records: FieldSource) -> None:
        """Counts some records."""
        keys, values = records.keys(), records.values()
        key_sizes, value_sizes = _sizes(keys), _sizes(values)
        no_key, no_value = key_sizes == _NONE, value_sizes == _NONE
        self.records += len(keys)
        self.null_keys += int(no_key.sum())
        self.null_values += int(no_value.sum())
        self.tombstones += int((no_value & ~no_key).sum())
        self.key_sizes.add(key_sizes[~no_key])
        self.value_sizes.add(value_sizes[~no_value])
        self._add_keys(keys)
        self._add_times(records.timestamps())
        headers = records.headers()
        names = self._add_headers(headers)
        for field in self.registered:
            naming = headers if schema_header(field) in names else ()
            self._add_schemas(field, values if field == "value" else keys, naming)

    def merge(self, other: StatisticsCounts) -> None:
        """Adds what another has counted."""
        for name in ("records", "null_keys", "null_values", "tombstones", "with_headers", "unreadable_headers"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.key_sizes.merge(other.key_sizes)
        self.value_sizes.merge(other.value_sizes)
        self.without_time += other.without_time
        self.other_hours += other.other_hours + _count(self.hours, other.hours, _MOST_HOURS)
        self.other_headers += other.other_headers + _count(self.headers, other.headers)
        self.other_schemas += other.other_schemas + _count(self.schemas, other.schemas)
        self._widen([one for one in (other.first_ms, other.last_ms) if one is not None])
        union = hll_union(_PRECISION)
        union.update(self._distinct)
        union.update(other._distinct)
        self._distinct = union.get_result(tgt_hll_type.HLL_8)

    @property
    def distinct_keys(self) -> int:
        """About how many different keys there are, null not counted."""
        estimate: float = self._distinct.get_estimate()
        return round(estimate)

    def pack(self) -> dict[str, Any]:
        """Returns the counts as JSON can carry them."""
        plain = ("records", "null_keys", "null_values", "tombstones", "with_headers", "unreadable_headers")
        others = ("without_time", "other_hours", "other_headers", "other_schemas", "first_ms", "last_ms", "registered")
        return {
            **{name: getattr(self, name) for name in (*plain, *others)},
            "key_sizes": self.key_sizes.pack(),
            "value_sizes": self.value_sizes.pack(),
            "hours": list(self.hours.items()),
            "headers": list(self.headers.items()),
            "schemas": [[*name, many] for name, many in self.schemas.items()],
            "distinct": base64.b64encode(self._distinct.serialize_compact()).decode(),
        }

    @classmethod
    def unpack(cls, packed: dict[str, Any]) -> StatisticsCounts:
        """Returns the counts of `pack`."""
        rest = dict(packed)
        made = cls(rest.pop("registered"))
        made.key_sizes = SizeCounts.unpack(rest.pop("key_sizes"))
        made.value_sizes = SizeCounts.unpack(rest.pop("value_sizes"))
        made.hours = Counter(dict(rest.pop("hours")))
        made.headers = Counter(dict(rest.pop("headers")))
        made.schemas = Counter({(field, name): many for field, name, many in rest.pop("schemas")})
        made._distinct = hll_sketch.deserialize(base64.b64decode(rest.pop("distinct")))
        for name, value in rest.items():
            setattr(made, name, value)
        return made

    def _add_keys(self, keys: Sequence[bytes | None]) -> None:
        update = self._distinct.update
        for key in set(keys):
            if key:
                update(key.decode("latin-1"))  # any bytes as a text of their own
            elif key is not None:
                update(0)  # the sketch passes over an empty text

    def _add_times(self, times: Sequence[int | None]) -> None:
        known = np.array([one for one in times if one is not None], np.int64)
        self.without_time += len(times) - len(known)
        if len(known):
            hours, counts = np.unique(known // _HOUR_MS * _HOUR_MS, return_counts=True)
            found = dict(zip(hours.tolist(), counts.tolist(), strict=True))
            self.other_hours += _count(self.hours, found, _MOST_HOURS)
            self._widen([int(known.min()), int(known.max())])

    def _add_headers(self, headers: Sequence[HeaderPairs | None]) -> Counter[str]:
        """Counts headers by their names, and returns the records of each name."""
        self.unreadable_headers += sum(one is None for one in headers)
        with_some = [{name for name, _ in one} for one in headers if one]
        self.with_headers += len(with_some)
        names = Counter(chain.from_iterable(with_some))
        self.other_headers += _count(self.headers, names)
        return names

    def _add_schemas(self, field: str, column: Sequence[bytes | None], headers: Sequence[HeaderPairs | None]) -> None:
        """Counts the schemas that a field names, by `find_frame`: in a header, else in front of its bytes."""
        wanted = schema_header(field)
        heads = [None if one is None else one[:PREFIX] for one in column]
        for place, pairs in enumerate(headers):
            named = next((data for name, data in pairs if name == wanted), None) if pairs else None
            if named and heads[place] is not None:
                heads[place] = named
        names: Counter[tuple[str, str]] = Counter()
        for head, many in Counter(heads).items():
            name = find_name(head or b"")
            if name:
                names[field, name.hex()] += many
        self.other_schemas += _count(self.schemas, names)

    def _widen(self, times: Iterable[int]) -> None:
        for time in times:
            self.first_ms = time if self.first_ms is None else min(self.first_ms, time)
            self.last_ms = time if self.last_ms is None else max(self.last_ms, time)


def _new_sketch() -> hll_sketch:
    return hll_sketch(_PRECISION, tgt_hll_type.HLL_8)


def _count(counts: Counter[Any], more: dict[Any, int] | Counter[Any], most: int = _MOST_NAMES) -> int:
    """Adds counts, and returns how many could not be added because there are too many names."""
    left = 0
    for name, many in more.items():
        if name in counts or len(counts) < most:
            counts[name] += many
        else:
            left += many
    return left


def _sizes(column: Sequence[bytes | None]) -> Counts:
    return np.fromiter((_NONE if one is None else len(one) for one in column), np.int64, len(column))
