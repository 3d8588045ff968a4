"""Lag as JSON and as rows of a table, made directly from columns: there may be 100,000 rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from kafkaview.columns import column_documents, column_rows
from kafkaview.fields import pick
from kafkaview.triage.watch.blind_spots import sample_gaps
from kafkaview.triage.watch.groups import KnownGroup
from kafkaview.triage.watch.listed_columns import GROUP_FIELDS, LAG_FIELDS, LagTable
from kafkaview.triage.watch.sampler import Sampler
from kafkaview.triage.watch.summaries import group_columns, lag_columns

_OF_GROUP = pick(GROUP_FIELDS, "group", "type", "state", "total_lag", "total_lag_at_least", "error")


def lag_chunks(sampler: Sampler) -> Iterator[bytes]:
    """Yields the document of `lag`, group after group."""
    groups = sampler.groups or {}
    rows = column_documents(_OF_GROUP, group_columns(groups, sampler.bounds, {}))
    yield b'{"groups":['
    for at, (row, group) in enumerate(zip(rows, groups.values(), strict=True)):
        members = unreadable_members(group)
        document = orjson.dumps({**row, **members, "partitions": column_documents(LAG_FIELDS, _table(sampler, group))})
        yield b"," + document if at else document
    yield b'],"unseen":' + orjson.dumps([one.document() for one in sample_gaps(sampler)]) + b"}"


def lag_rows(sampler: Sampler) -> Iterator[list[Any]]:
    """Yields the rows of the table: for each group, its partitions."""
    groups: Mapping[str, KnownGroup] = sampler.groups or {}
    for name, group in groups.items():
        for cells in column_rows(LAG_FIELDS, _table(sampler, group)):
            yield [name, *cells]


def unreadable_members(group: KnownGroup) -> dict[str, list[dict[str, str]]]:
    """Returns the JSON of the members whose assignment cannot be read."""
    members = group.unreadable_members
    rows = [{"member_id": one.member_id, "client_id": one.client_id, "host": one.host} for one in members]
    return {"unreadable_members": rows}


def _table(sampler: Sampler, group: KnownGroup) -> LagTable:
    assert sampler.table is not None
    columns = lag_columns(group, sampler.table, sampler.bounds)
    return LagTable(columns, group.description.members if group.description else ())
