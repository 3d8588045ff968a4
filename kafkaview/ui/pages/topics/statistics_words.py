"""The statistics of a topic as rows, bars and sentences. No Qt here but the bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kafkaview.records.size_counts import SizeSummary
from kafkaview.records.statistics import TopicStatistics, batch_text
from kafkaview.ui.kit.plots.bars import Bar
from kafkaview.ui.record.progress_words import describe_left_out
from kafkaview.words import DASH, about, duration, minute, number, plural, rate, size

_HOUR_MS: Final = 3_600_000
_MOST_BARS: Final = 96
_UNKNOWN: Final = ", unknown to the registry"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of keys and of values, as it is shown."""

    name: str
    keys: str
    values: str


@dataclass(frozen=True, slots=True)
class NamedCount:
    """A header or a schema, and on how many records it is."""

    kind: str
    name: str
    records: int


def figure_rows(found: TopicStatistics) -> list[FigureRow]:
    """Returns the figures of keys and values side by side; a dash where there is none."""
    keys, values = found.keys, found.values
    different = DASH if found.distinct_keys is None else about(found.distinct_keys)
    return [
        FigureRow("Not null", number(keys.count), number(values.count)),
        FigureRow("Null", number(found.null_keys), number(found.null_values)),
        FigureRow("Tombstones", DASH, number(found.tombstones)),
        FigureRow("Different", different, DASH),
        *(
            FigureRow(name, *(DASH if one is None else size(one) for one in pair))
            for name, pair in (
                ("Smallest", (keys.least, values.least)),
                ("Median", (keys.median, values.median)),
                ("p99", (keys.p99, values.p99)),
                ("Largest", (keys.most, values.most)),
            )
        ),
        FigureRow("In all", size(keys.total), size(values.total)),
    ]


def named_counts(found: TopicStatistics) -> list[NamedCount]:
    """Returns the schemas and the headers of most records."""
    rows = [
        NamedCount(f"schema of the {one.field}", one.label or f"{one.name}{_UNKNOWN * one.unknown}", one.records)
        for one in found.schemas or ()
    ]
    rows += [NamedCount("header", name, many) for name, many in found.headers]
    if found.unreadable_headers:
        rows.append(NamedCount("header", "a name that is not UTF-8", found.unreadable_headers))
    return rows


def hour_bars(found: TopicStatistics) -> tuple[Bar, ...]:
    """Returns the records per hour, also of hours without any; of a long time several hours together."""
    if not found.hours:
        return ()
    counts = dict(found.hours)
    first, last = found.hours[0][0], found.hours[-1][0]
    hours = (last - first) // _HOUR_MS + 1
    width = -(-hours // _MOST_BARS)
    sums = [0] * -(-hours // width)
    for hour, many in counts.items():
        sums[(hour - first) // _HOUR_MS // width] += many
    together = "" if width == 1 else f", {plural(width, 'hour')} together"
    return tuple(
        Bar(
            minute(begin := first + place * width * _HOUR_MS),
            many,
            f"{plural(many, 'record')} from {minute(begin)} on{together}",
        )
        for place, many in enumerate(sums)
    )


def size_bars(sizes: SizeSummary) -> tuple[Bar, ...]:
    """Returns how many values have which size, by powers of two."""
    return tuple(
        Bar(size(low), many, f"{plural(many, 'value')} of {size(low)} to {size(high - 1)}")
        for low, high, many in sizes.steps
    )


def describe_statistics(found: TopicStatistics) -> str:
    """Returns what was read, exactly, and what was left out."""
    progress = found.progress
    if not found.ended:
        left = f", {rate(progress.rate)}" if progress.rate else ""
        return f"{number(progress.scanned)} of {about(progress.total)} records read{left}"
    ranges = ", ".join(f"{partition}: {number(first)} to {number(last)}" for partition, first, last in found.spans)
    took = duration(round(progress.seconds * 1000))
    parts = [f"{plural(found.records, 'record')} read in {took}, of the partitions and offsets {ranges}"]
    if found.other_hours:
        parts.append(f"{plural(found.other_hours, 'record')} lie in further hours, which are not shown")
    if found.without_time:
        parts.append(f"{plural(found.without_time, 'record')} have no timestamp")
    if found.batches is not None:
        parts.append(batch_text(found.batches))
    return ". ".join([*parts, *found.notes, *describe_left_out(progress, "the count")])
