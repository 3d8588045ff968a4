"""A process that searches records: `python -m kafkaview.records.search_worker`, started by records/worker_pool.py."""

from __future__ import annotations

import base64
from typing import Any

from kafkaview.cluster.kafka.records import record_in
from kafkaview.cluster.kafka.span_reader import Slice
from kafkaview.decode.registry import attach_schemas, parse_rule
from kafkaview.records.record_columns import RecordColumns
from kafkaview.records.search import RecordQuery, RecordSearch, pack_record
from kafkaview.records.worker import Look, Parent, Sight, run_worker


def make_search(parameters: dict[str, Any], parent: Parent) -> Look:
    """Returns the search of the order's query."""
    key = parameters["key"]
    decode = parameters["decode"]
    query = RecordQuery(parameters["where"], None if key is None else base64.b64decode(key))
    search = RecordSearch(query, None if decode is None else attach_schemas(parse_rule(*decode), parent.schemas()))

    def look(records: Slice) -> Sight:
        found = search.select(RecordColumns(records, len(records.messages)), lambda place: record_in(records, place))
        return Sight([pack_record(record) for record in found.things], found.failed, found.failure)

    return look


if __name__ == "__main__":
    run_worker(make_search)
