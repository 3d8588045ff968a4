"""The topics that hold dead letters: by the headers of their newest records, by their configuration, by their name, in
that order. Names and configuration choose the candidates, so that a large cluster costs few reads.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from kafkaview.cluster.errors import ClusterError, ReadRefused, attempt
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
    among the records that were looked at. `sampled`: all of its newest records were.
    """

    topic: str
    recognized_by: Recognition
    dialect: str | None = None
    by_kafkaview: bool = False
    origins: tuple[str, ...] = ()
    records: int | None = None
    newest_ms: int | None = None
    sampled: bool = True


@dataclass(frozen=True, slots=True)
class DeadLetterTopics:
    """The topics of dead letters by name. `unsampled` is the number of topics whose newest records were not looked at,
    or not all of them: there are too many, they may not be read, a leader does not answer, or they did not come in
    time. `errors` say what else may be missing.
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


@dataclass(slots=True)
class _Samples:
    """What was found by topic. `done` are the partitions whose newest records were all looked at."""

    topics: dict[str, _TopicSample] = field(default_factory=dict)
    done: set[TopicPartition] = field(default_factory=set)
    errors: list[ClusterError] = field(default_factory=list)


async def find_dead_letter_topics(cluster: Cluster, only: str | None = None, *, wanted: str = "") -> DeadLetterTopics:
    """Returns the topics that hold dead letters, as far as names, settings and newest records tell, or `only` this one
    where it does. A `wanted` topic is looked into as if it had the name of one, however many topics there are. Raises
    ClusterError where the topics cannot be read at all.
    """
    table = await cluster.partition_table()
    hidden = [one.as_error() for one in await cluster.omissions() if one.of_topics]
    names = [
        name
        for name, internal in zip(table.topics, table.internal.tolist(), strict=True)
        if not internal and only in (None, name)
    ]
    settings = await attempt(lambda: cluster.brokers.setting_of_topics(SETTING, names))
    errors = [*hidden, *([settings] if isinstance(settings, ClusterError) else [])]
    configured = (
        set() if isinstance(settings, ClusterError) else {name for name, value in settings.items() if value == "true"}
    )
    named = {name for name in names if is_named_as_queue(name)}
    likely = configured | named | {wanted}
    candidates = [name for name in names if name in likely]
    others = [name for name in names if name not in likely]
    looked = [*candidates, *(others if len(others) <= MOST_UNNAMED else ())]
    bounds = await cluster.log_bounds(table, _places(table, looked), stables=True)
    of_candidates: dict[TopicPartition, tuple[int, int]] = {}
    of_others: dict[TopicPartition, tuple[int, int]] = {}
    records: dict[str, int | None] = {}
    for name in looked:
        own = _spans(table, name, bounds.log_start, bounds.last_stable)
        known = all(last >= 0 and first >= 0 for first, last in own.values())
        records[name] = sum(last - first for first, last in own.values()) if known else None
        candidate = name in likely
        (of_candidates if candidate else of_others).update(_newest(own, candidate=candidate))
    samples = _Samples()
    room = max(0, MOST_SAMPLED - len(of_candidates))
    await asyncio.gather(
        _sample(cluster, _first(of_candidates, MOST_SAMPLED), samples),
        _sample(cluster, _first(of_others, room), samples),
    )
    missed = {place.topic for place in (*of_candidates, *of_others) if place not in samples.done}
    sampled = {name for name in looked if records[name] is not None and name not in missed}
    found = [
        replace(topic, sampled=name in sampled)
        for name in looked
        if (topic := _judge(name, samples.topics.get(name), records[name], configured, named)) is not None
    ]
    in_order = tuple(sorted(found, key=lambda one: one.topic))
    return DeadLetterTopics(in_order, len(names) - len(sampled), (*errors, *samples.errors))


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


def _first(spans: Mapping[TopicPartition, tuple[int, int]], most: int) -> dict[TopicPartition, tuple[int, int]]:
    return dict(list(spans.items())[:most])


async def _sample(cluster: Cluster, spans: Mapping[TopicPartition, tuple[int, int]], samples: _Samples) -> None:
    """Reads spans in the time that there is for them. A topic that may not be read ends a read, so that what is left of
    the others is read again without it.
    """
    left = dict(spans)
    try:
        async with asyncio.timeout(_SAMPLE_S):
            while left:
                try:
                    await _read(cluster, left, samples)
                except ReadRefused as error:
                    samples.errors.append(error)
                    readable = {place: span for place, span in left.items() if place.topic not in error.topics}
                    if len(readable) == len(left):
                        return
                    left = readable
    except TimeoutError:
        pass  # what did not come is counted as not looked at
    except ClusterError as error:
        samples.errors.append(error)


async def _read(cluster: Cluster, left: dict[TopicPartition, tuple[int, int]], samples: _Samples) -> None:
    """Reads spans and takes out of `left` what is read of them."""
    opened = cluster.read(
        {place: first for place, (first, _) in left.items()},
        {place: last for place, (_, last) in left.items()},
        pass_removed=True,
    )
    async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
        async for batch in batches:
            for record in batch.records:
                sample = samples.topics.setdefault(record.topic, _TopicSample())
                sample.add(read_letter(record.headers), record.timestamp_ms)
            for place, (_, last) in list(left.items()):
                following = batch.next_offsets[place]
                if following < last:
                    left[place] = (following, last)
                else:
                    samples.done.add(place)
                    del left[place]
    samples.done.update(left)  # they end before a batch that cannot be read
    left.clear()


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
