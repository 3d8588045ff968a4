"""Which decoder a topic's values are held to: the one that the user chose, else the one its records show. Keys are held
to the format that they show.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError
from kafkaview.decode.header_names import header_problem
from kafkaview.decode.registry import load_guessed
from kafkaview.decode.result import Decoder, Undecodable
from kafkaview.terms import PartitionOffsets, Record, TopicPartition

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster

_SAMPLE = 200  # records looked at per topic, spread over its partitions
_LEAST = 5  # records looked at per partition
_MOST = 0.8  # share of the sample that must be of the format
_ASK_AGAIN_S = 60.0  # a topic that showed no format is looked at again


@dataclass(frozen=True, slots=True)
class TopicDecoder:
    """A topic's decoder, None where its records show no format (nothing is judged then), and that of its keys. `how` is
    how we know.
    """

    decoder: Decoder | None
    how: str
    chosen: bool = False
    keys: Decoder | None = None

    def problem(self, record: Record) -> Undecodable | None:
        """Returns why the value of a record cannot be read, else its key, else its headers; None where all can."""
        return find_problem(record, self.decoder, self.keys)


class TopicDecoders:
    """The decoders of one connection's topics, each inferred once."""

    def __init__(self) -> None:
        self._chosen: dict[str, TopicDecoder] = {}
        self._inferred: dict[str, tuple[TopicDecoder, float]] = {}

    def choose(self, topic: str, decoder: Decoder | None) -> None:
        """Uses this decoder for a topic's values from now on; None goes back to what its records show."""
        if decoder is None:
            self._chosen.pop(topic, None)
        else:
            self._chosen[topic] = TopicDecoder(decoder, f"{decoder.title}, as chosen", chosen=True)

    async def of(self, cluster: Cluster, topic: str) -> TopicDecoder:
        """Returns the topic's decoder; reads a sample of its records the first time. Raises ClusterError."""
        if topic in self._chosen:
            return self._chosen[topic]
        known = self._inferred.get(topic)
        if known and (known[0].decoder or time.monotonic() < known[1] + _ASK_AGAIN_S):
            return known[0]
        records = await _sample(cluster, topic)
        inferred = infer_decoder([one.value for one in records if one.value is not None])
        inferred = replace(inferred, keys=infer_decoder([one.key for one in records if one.key is not None]).decoder)
        self._inferred[topic] = (inferred, time.monotonic())
        return inferred


def find_problem(record: Record, values: Decoder | None, keys: Decoder | None) -> Undecodable | None:
    """Returns why the value of a record cannot be read, else why its key cannot, else why its headers cannot; null can,
    and what has no decoder.
    """
    problem = values.problem(record.value) if values is not None and record.value is not None else None
    if problem is not None:
        return problem
    problem = keys.problem(record.key, "key") if keys is not None and record.key is not None else None
    if problem is not None:
        return replace(problem, field="key")
    return header_problem(record.unreadable_header) if record.unreadable_header is not None else None


def infer_decoder(values: Sequence[bytes]) -> TopicDecoder:
    """Returns the first format that at least 80 of 100 sampled values have and are likely meant as."""
    total = len(values)
    if not total:
        return TopicDecoder(None, "no record with a value to infer a format from")
    counts: list[str] = []
    for decoder in load_guessed():
        fitting = sum(decoder.is_likely(value) and decoder.problem(value) is None for value in values)
        if fitting >= _MOST * total:
            return TopicDecoder(decoder, f"{fitting:,} of {total:,} sampled records are {decoder.title}")
        counts.append(f"{fitting:,} are {decoder.title}")
    return TopicDecoder(None, f"of {total:,} sampled records {', '.join(counts)}: no format is inferred")


async def _sample(cluster: Cluster, topic: str) -> list[Record]:
    """Returns records from the end of every partition, and from its start if the end holds no value."""
    partitions = [p.topic_partition for p in (await cluster.topic(topic)).partitions if p.leader is not None]
    offsets = await cluster.offsets(partitions)
    each = max(_LEAST, _SAMPLE // max(1, len(partitions)))
    spans = {tp: span for tp in partitions if (span := _span(offsets[tp], each))}
    records = await _read(cluster, spans)
    if spans and all(record.value is None for record in records):
        records = await _read(cluster, {tp: _head(offsets[tp], span, each) for tp, span in spans.items()})
    return records


def _span(offsets: PartitionOffsets, records: int) -> tuple[int, int] | None:
    first, end = offsets.log_start_offset, offsets.last_stable_offset
    if first is None or end is None or first >= end:
        return None
    return max(first, end - records), end


def _head(offsets: PartitionOffsets, tail: tuple[int, int], records: int) -> tuple[int, int]:
    first = tail[0] if offsets.log_start_offset is None else offsets.log_start_offset
    return first, min(first + records, tail[1])


async def _read(cluster: Cluster, spans: dict[TopicPartition, tuple[int, int]]) -> list[Record]:
    if not spans:
        return []
    records: list[Record] = []
    start, end = {tp: span[0] for tp, span in spans.items()}, {tp: span[1] for tp, span in spans.items()}
    batches = cluster.read(start, end)
    try:
        async for batch in batches:
            records.extend(batch.records)
    except ClusterError:
        if not records:
            raise
    return records
