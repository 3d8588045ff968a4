"""The topics that hold dead letters: by the headers of their newest records, by their configuration, by their name, in
that order. Names and configuration choose the candidates, so that a large cluster costs few reads.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from kafkaview.cluster.errors import ClusterError, attempt
from kafkaview.terms import TopicPartition
from kafkaview.triage.dead_letters.letter import DeadLetter
from kafkaview.triage.dead_letters.reading import read_letter
from kafkaview.triage.dead_letters.topic_names import is_named_as_queue

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch, Cluster
    from kafkaview.cluster.ports.columns import PartitionTable

SETTING: Final = "errors.deadletterqueue.group.enable"  # of topics that take share groups' dead letters (KIP-1191)
MOST_UNNAMED: Final = 500  # topics of other names: of more of them none is looked into
MOST_SAMPLED: Final = 2_000  # partitions
_OFFSETS, _OFFSETS_OF_UNNAMED = 20, 4  # the newest of a partition; markers of transactions are among them
_SAMPLE_S: Final = 10.0


class Recognition(StrEnum):
    """What a topic of dead letters was recognized by."""

    HEADERS = "headers"
    CONFIG = "config"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class DeadLetterTopic:
    """A topic of dead letters. `dialect` and `origins` are those of its newest records; `records` is the number of
    offsets in its logs, which is an upper bound, None where a leader does not say. `newest_ms` is the newest timestamp
    among the records that were looked at.
    """

    topic: str
    recognized_by: Recognition
    dialect: str | None = None
    by_kafkaview: bool = False
    origins: tuple[str, ...] = ()
    records: int | None = None
    newest_ms: int | None = None


@dataclass(frozen=True, slots=True)
class DeadLetterTopics:
    """The topics of dead letters by name. `unsampled` is the number of topics whose records were not looked at, because
    there are too many, or because they did not come in time; `errors` say what else may be missing.
    """

    topics: tuple[DeadLetterTopic, ...]
    unsampled: int = 0
    errors: tuple[ClusterError, ...] = ()


@dataclass(slots=True)
class _TopicSample:
    """What was found in the newest records of one topic."""

    records: int = 0
    newest_ms: int | None = None
    letters: list[DeadLetter] | None = None

    def add(self, letter: DeadLetter | None, timestamp_ms: int | None) -> None:
        self.records += 1
        if timestamp_ms is not None:
            self.newest_ms = max(timestamp_ms, self.newest_ms or timestamp_ms)
        if letter is not None:
            self.letters = [*(self.letters or ()), letter]


async def find_dead_letter_topics(cluster: Cluster, only: str | None = None) -> DeadLetterTopics:
    """Returns the topics that hold dead letters, as far as names, settings and newest records tell, or `only` this one
    where it does. Raises ClusterError where the topics cannot be read at all.
    """
    table = await cluster.partition_table()
    names = [
        name
        for name, internal in zip(table.topics, table.internal.tolist(), strict=True)
        if not internal and only in (None, name)
    ]
    settings = await attempt(lambda: cluster.brokers.setting_of_topics(SETTING, names))
    errors = [settings] if isinstance(settings, ClusterError) else []
    configured = (
        set() if isinstance(settings, ClusterError) else {name for name, value in settings.items() if value == "true"}
    )
    named = {name for name in names if is_named_as_queue(name)}
    candidates = [name for name in names if name in configured or name in named]
    others = [name for name in names if name not in configured and name not in named]
    looked = [*candidates, *(others if len(others) <= MOST_UNNAMED else ())]
    bounds = await cluster.log_bounds(table, _places(table, looked), stables=True)
    spans: dict[TopicPartition, tuple[int, int]] = {}
    records: dict[str, int | None] = {}
    for name in looked:
        own = _spans(table, name, bounds.log_start, bounds.last_stable)
        known = all(last >= 0 and first >= 0 for first, last in own.values())
        records[name] = sum(last - first for first, last in own.values()) if known else None
        spans |= _newest(own, candidate=name in configured or name in named)
    samples, missed = await _sample(cluster, dict(list(spans.items())[:MOST_SAMPLED]))
    errors += missed
    found = [
        topic
        for name in looked
        if (topic := _judge(name, samples.get(name), records[name], configured, named)) is not None
    ]
    asked = {place.topic for place in spans}
    unsampled = len(asked - set(samples)) + (len(names) - len(looked))
    return DeadLetterTopics(tuple(sorted(found, key=lambda one: one.topic)), unsampled, tuple(errors))


def _places(table: PartitionTable, names: Collection[str]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    ranges = [
        np.arange(table.first[table.index[name]], table.first[table.index[name] + 1], dtype=np.int32) for name in names
    ]
    return np.concatenate(ranges) if ranges else np.empty(0, np.int32)


def _spans(
    table: PartitionTable, name: str, starts: np.ndarray[tuple[int], np.dtype[np.int64]],
    ends: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> dict[TopicPartition, tuple[int, int]]:  # fmt: skip
    at = table.index[name]
    first = int(table.first[at])
    return {
        TopicPartition(name, place - first): (int(starts[place]), int(ends[place]))
        for place in range(first, int(table.first[at + 1]))
    }


def _newest(own: Mapping[TopicPartition, tuple[int, int]], *, candidate: bool) -> dict[TopicPartition, tuple[int, int]]:
    """Returns the newest offsets of each partition; of a topic that is no candidate those of one partition."""
    filled = {place: span for place, span in own.items() if 0 <= span[0] < span[1]}
    offsets = _OFFSETS if candidate else _OFFSETS_OF_UNNAMED
    newest = {place: (max(first, last - offsets), last) for place, (first, last) in filled.items()}
    return newest if candidate else dict(list(newest.items())[:1])


async def _sample(
    cluster: Cluster, spans: Mapping[TopicPartition, tuple[int, int]]
) -> tuple[dict[str, _TopicSample], list[ClusterError]]:
    samples: dict[str, _TopicSample] = {}
    if not spans:
        return samples, []
    opened = cluster.read(
        {place: first for place, (first, _) in spans.items()},
        {place: last for place, (_, last) in spans.items()},
        pass_removed=True,
    )
    errors: list[ClusterError] = []
    try:
        async with asyncio.timeout(_SAMPLE_S), aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
            async for batch in batches:
                for record in batch.records:
                    sample = samples.setdefault(record.topic, _TopicSample())
                    sample.add(read_letter(record.headers), record.timestamp_ms)
    except TimeoutError:
        pass  # what did not come is counted as not looked at
    except ClusterError as error:
        errors.append(error)
    return samples, errors


def _judge(
    name: str, sample: _TopicSample | None, records: int | None, configured: Collection[str], named: Collection[str]
) -> DeadLetterTopic | None:
    """Returns the topic as one of dead letters. A topic of another name is one if all records that were looked at are
    dead letters: a copy that was sent back by other tools may still have their headers.
    """
    letters = (sample.letters or []) if sample is not None else []
    if letters and sample is not None and (name in configured or name in named or len(letters) == sample.records):
        by = Recognition.HEADERS
    elif name in configured:
        by = Recognition.CONFIG
    elif name in named:
        by = Recognition.NAME
    else:
        return None
    dialects = Counter(letter.dialect for letter in letters)
    return DeadLetterTopic(
        name,
        by,
        dialects.most_common(1)[0][0] if dialects else None,
        any(letter.routed_ms is not None for letter in letters),
        tuple(sorted({letter.origin.topic for letter in letters if letter.origin.topic is not None})),
        records,
        sample.newest_ms if sample is not None else None,
    )
