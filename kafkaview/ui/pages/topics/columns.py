"""The columns of the tables on Topics."""

from __future__ import annotations

from kafkaview.cluster.ports.brokers import Setting
from kafkaview.coordination.fields import SETTING_OF_TOPIC_FIELDS
from kafkaview.terms import Partition
from kafkaview.triage.watch.columns import Reader
from kafkaview.triage.watch.fields import PARTITION_FIELDS, READER_FIELDS, TOPIC_FIELDS, PartitionRow
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Column, Look, cell_columns, mark_column, row_columns
from kafkaview.ui.pages.topics.rows import URGENCY, TopicRow
from kafkaview.words import plural


def _health(row: PartitionRow) -> tuple[Mark, str]:
    if row.partition.leader is None:
        return Mark.BAD, "offline: no leader"
    partition = row.partition
    if partition.under_replicated is None:
        return Mark.UNKNOWN, "replicas out of sync: missing, or being added"
    move = _move(partition)
    if partition.under_replicated:
        return Mark.WARN, f"under-replicated, {move}" if move else "under-replicated"
    return Mark.OK, move or "healthy"


def _move(partition: Partition) -> str:
    adding, removing = partition.adding_replicas or (), partition.removing_replicas or ()
    said = [
        f"{plural(len(replicas), 'replica')} to be {deed}"
        for replicas, deed in ((adding, "added"), (removing, "removed"))
        if replicas
    ]
    return f"being moved: {', '.join(said)}" if said else ""


def _verdict(row: Reader) -> str:
    if row.verdict:
        return row.verdict.row.label
    if row.error is not None:
        return "unknown"
    return "No members" if row.members == 0 else "moves"


def _mark(row: Reader) -> Mark:
    if row.verdict:
        return Mark.of_tone(row.verdict.row.tone)
    if row.error is not None:
        return Mark.UNKNOWN
    return Mark.IDLE if row.members == 0 else Mark.OK


TOPICS: tuple[Column[TopicRow], ...] = (
    mark_column(lambda row: row.mark, lambda row: row.state, lambda row: URGENCY.index(row.mark)),
    *cell_columns(
        TOPIC_FIELDS,
        {
            "topic": Look[TopicRow](strong=True, stretch=True, elide_middle=True),
            "under_replicated": Look[TopicRow](tone=lambda row: "warn_text" if row.under_replicated > 0 else None),
            "records_upper_bound": Look[TopicRow](
                tip=lambda _row: "log end minus log start: an upper bound, compaction and transactions leave gaps"
            ),
            "size_bytes": Look[TopicRow](tip=lambda _row: "the leader replicas on disk"),
            "stuck": Look[TopicRow](
                value=lambda row: len(row.stuck),
                tip=lambda row: ", ".join(row.stuck),
                tone=lambda row: "bad_text" if row.poisoned else "warn_text" if row.stuck else None,
            ),
        },
    ),
)

PARTITIONS: tuple[Column[PartitionRow], ...] = (
    mark_column(lambda row: _health(row)[0], lambda row: _health(row)[1], lambda row: row.partition.out_of_sync),
    *row_columns(PARTITION_FIELDS, {"isr": Look[PartitionRow](stretch=True)}),
)

SETTINGS: tuple[Column[Setting], ...] = row_columns(
    SETTING_OF_TOPIC_FIELDS,
    {
        "name": Look[Setting](mono=True, elide_middle=True),
        "value": Look[Setting](
            mono=True,
            italic=lambda row: row.sensitive or not row.value,
            tone=lambda row: None if row.is_default else "accent",
        ),
        "inherited": Look[Setting](mono=True),
        "documentation": Look[Setting](stretch=True),
    },
)

READERS: tuple[Column[Reader], ...] = (
    mark_column(_mark, _verdict, lambda row: row.verdict is not None),
    *row_columns(
        READER_FIELDS,
        {
            "group": Look[Reader](strong=True, stretch=True),
            "state": Look[Reader](
                unknown=lambda row: row.error.message if row.error is not None else "the broker did not say"
            ),
        },
    ),
    Column("Stands", _verdict, width=150),
)
