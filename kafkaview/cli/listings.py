"""Topics, groups and lag as JSON of the command line's contract, straight from columns: unknown is null, never 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from kafkaview.terms import Member
from kafkaview.triage.watch.columns import LagColumns, TopicColumns
from kafkaview.triage.watch.groups import KnownGroup

_OF_LAG = ("group", "type", "state", "total_lag", "total_lag_at_least", "error")


def topic_rows(topics: TopicColumns) -> list[dict[str, Any]]:
    """The rows of `topics`. Offsets of aborted and compacted records count too: an upper bound. A sum of which a part
    is unknown is unknown.
    """
    records = np.where(topics.records_complete, topics.records, -1)
    sizes = np.where(topics.size_complete, topics.size, -1)
    columns = zip(
        topics.names,
        topics.internal.tolist(),
        topics.partitions.tolist(),
        optional(topics.replication),
        topics.under_replicated.tolist(),
        topics.offline.tolist(),
        optional(records),
        optional(sizes),
        strict=True,
    )
    return [
        {
            "topic": name,
            "internal": internal,
            "partitions": partitions,
            "replication_factor": replication,
            "under_replicated": under_replicated,
            "offline": offline,
            "records_upper_bound": records,
            "size_bytes": size,
        }
        for name, internal, partitions, replication, under_replicated, offline, records, size in columns
    ]


def group_row(group: KnownGroup, lag: int, *, complete: bool) -> dict[str, Any]:
    """One row of `groups`. Whether it is stuck takes a row of samples: `stuck` says that, not this."""
    described = group.description
    return {
        "group": group.name,
        "type": group.type.value,
        "state": group.state.value,
        "protocol": described.protocol if described else None,
        "members": len(described.members) if described else None,
        "coordinator": described.coordinator if described else None,
        "total_lag": lag if complete else None,
        "total_lag_at_least": None if lag < 0 else lag,
        "stuck": None,
        "error": str(group.error) if group.error else None,
    }


def lag_rows(columns: LagColumns, group: KnownGroup) -> list[dict[str, Any]]:
    """The partitions of one group of `lag`."""
    members = group.description.members if group.description else ()
    member_ids, client_ids, hosts = ([*some, None] for some in _of_members(members))  # the last one is nobody's
    behind = np.maximum(0, columns.log_end - columns.committed)
    known = (columns.committed >= 0) & (columns.log_end >= 0)
    rows = zip(
        columns.topic.tolist(),
        columns.partition.tolist(),
        optional(columns.committed),
        optional(columns.log_end),
        optional(columns.last_stable),
        optional(np.where(known, behind, -1)),
        _metadata(columns),
        columns.owners.tolist(),
        strict=True,
    )
    topics = columns.topics
    return [
        {
            "topic": topics[topic],
            "partition": partition,
            "committed_offset": committed,
            "log_end_offset": end,
            "last_stable_offset": stable,
            "lag": lag,
            "time_lag_ms": None,
            "metadata": metadata,
            "member_id": member_ids[owner],
            "client_id": client_ids[owner],
            "host": hosts[owner],
            "drain_ms": None,
        }
        for topic, partition, committed, end, stable, lag, metadata, owner in rows
    ]


def lag_chunks(groups: Iterator[tuple[Mapping[str, Any], list[dict[str, Any]]]]) -> Iterator[bytes]:
    """The document of `lag`, group after group: nobody holds 100,000 rows at once."""
    yield b'{"groups":['
    for at, (row, partitions) in enumerate(groups):
        document = orjson.dumps({**{name: row[name] for name in _OF_LAG}, "partitions": partitions})
        yield b"," + document if at else document
    yield b"]}"


def optional(column: NDArray[Any]) -> list[int | None]:
    """A column's numbers, None where they are unknown."""
    values: list[int | None] = column.tolist()
    if len(column) and column.min() < 0:
        return [None if value is None or value < 0 else value for value in values]
    return values


def _of_members(members: Sequence[Member]) -> tuple[list[str], list[str], list[str]]:
    return [m.member_id for m in members], [m.client_id for m in members], [m.host for m in members]


def _metadata(columns: LagColumns) -> list[str | None]:
    committed = columns.committed
    texts: list[str | None] = [""] * len(committed)
    for at in np.flatnonzero(committed < 0).tolist():
        texts[at] = None
    for at, text in columns.metadata.items():
        texts[at] = text
    return texts
