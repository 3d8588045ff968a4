"""Single offsets as spans that are read through. Does no I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final

from kafkaview.terms import PartitionOffsets, TopicPartition

_NEAR: Final = 50_000  # offsets: reading through so many takes about as long as a new client
Span = tuple[int, int]  # the second is not included


def within(
    offsets: Mapping[TopicPartition, Collection[int]], bounds: Mapping[TopicPartition, PartitionOffsets]
) -> dict[TopicPartition, list[int]]:
    """Returns the offsets, in order, at which there can be a committed record, by bounds that are all known."""
    found: dict[TopicPartition, list[int]] = {}
    for place, own in offsets.items():
        first, end = bounds[place].log_start_offset, bounds[place].last_stable_offset
        assert first is not None
        assert end is not None
        if present := sorted(one for one in set(own) if first <= one < end):
            found[place] = present
    return found


def span_rounds(offsets: Mapping[TopicPartition, Sequence[int]]) -> Iterator[dict[TopicPartition, Span]]:
    """Yields spans that hold all offsets, given in order: in each round one of every partition that has more."""
    by_partition = {place: _spans(own) for place, own in offsets.items()}
    for row in zip_longest(*by_partition.values()):
        yield {place: span for place, span in zip(by_partition, row, strict=True) if span is not None}


def _spans(offsets: Sequence[int]) -> list[Span]:
    spans: list[Span] = []
    for offset in offsets:
        if spans and offset - spans[-1][1] < _NEAR:
            spans[-1] = spans[-1][0], offset + 1
        else:
            spans.append((offset, offset + 1))
    return spans
