"""The columns of the tables on Topics."""

from __future__ import annotations

from collections.abc import Callable

from kafkaview.cluster.ports.brokers import Setting
from kafkaview.coordination.listed_columns import SETTING_OF_TOPIC_FIELDS
from kafkaview.terms import Partition
from kafkaview.triage.watch.listed_columns import PARTITION_FIELDS, READER_FIELDS, TOPIC_FIELDS, PartitionRow
from kafkaview.triage.watch.sample_arrays import Reader
from kafkaview.ui.kit.health_sight import HealthSight
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Column, Look, cell_columns, mark_column, row_columns
from kafkaview.ui.pages.topics.rows import URGENCY, TopicRow
from kafkaview.words import plural
from kafkaview.writes.memory_groups import memberless_words


def _health(row: PartitionRow, current: bool) -> tuple[Mark, str]:  # noqa: FBT001  # as `partition_columns` has it
    if row.partition.leader is None:
        return Mark.BAD, "offline: no leader"
    partition = row.partition
    if partition.under_replicated is None:
        return Mark.UNKNOWN, "replicas out of sync: missing, or being added"
    move = _move(partition)
    if partition.under_replicated:
        return Mark.WARN, f"under-replicated, {move}" if move else "under-replicated"
    if not current:
        return Mark.IDLE, f"healthy when last seen{move and ', ' + move}"
    if row.offsets.log_end_offset is None:
        return Mark.UNKNOWN, "the leader does not say where the log ends"
    return Mark.OK, move or "healthy"


def _move(partition: Partition) -> str:
    adding, removing = partition.adding_replicas or (), partition.removing_replicas or ()
    said = [
        f"{plural(len(replicas), 'replica')} to be {deed}"
        for replicas, deed in ((adding, "added"), (removing, "removed"))
        if replicas
    ]
    return f"being moved: {', '.join(said)}" if said else ""


def _verdict(row: Reader, sight: HealthSight) -> tuple[Mark, str]:
    if row.verdict:
        return Mark.of_tone(row.verdict.row.tone), row.verdict.row.label
    if row.error is not None:
        return Mark.UNKNOWN, "unknown"
    if row.elsewhere:
        return Mark.WARN, f"stands on {row.elsewhere}"
    if row.unseen:
        return Mark.UNKNOWN, row.unseen[:1].lower() + row.unseen[1:]
    if row.members == 0:
        return Mark.IDLE, memberless_words(row.group)
    return sight.mark, sight.movement


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
                value=lambda row: row.stuck_count,
                unknown=lambda row: row.silence or "not every group that reads it is judged",
                tip=lambda row: ", ".join(row.stuck),
                tone=lambda row: "bad_text" if row.poisoned else "warn_text" if row.stuck else None,
            ),
        },
    ),
)


def partition_columns(current: Callable[[], bool]) -> tuple[Column[PartitionRow], ...]:
    """Returns the columns of the table of partitions; `current` says whether the cluster answers."""
    return (
        mark_column(
            lambda row: _health(row, current())[0],
            lambda row: _health(row, current())[1],
            lambda row: row.partition.out_of_sync,
        ),
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


def reader_columns(sight: Callable[[], HealthSight]) -> tuple[Column[Reader], ...]:
    """Returns the columns of the table of the groups that read a topic; `sight` says when they were seen to move."""
    return (
        mark_column(
            lambda row: _verdict(row, sight())[0],
            lambda row: _verdict(row, sight())[1],
            lambda row: row.verdict is not None,
        ),
        *row_columns(
            READER_FIELDS,
            {
                "group": Look[Reader](strong=True, stretch=True),
                "state": Look[Reader](
                    unknown=lambda row: row.error.message if row.error is not None else "the broker did not say"
                ),
            },
        ),
        Column("Stands", lambda row: _verdict(row, sight())[1], width=150),
    )
