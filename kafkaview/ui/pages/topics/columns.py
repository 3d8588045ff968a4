"""What the tables on Topics show."""

from __future__ import annotations

from kafkaview.cluster.ports.cluster import TopicSetting
from kafkaview.triage.watch.columns import Reader
from kafkaview.triage.watch.verdict_table import VERDICT_TABLE
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column
from kafkaview.ui.pages.topics.rows import URGENCY, PartitionRow, TopicRow
from kafkaview.words import about, at_least, number, size


def _records(row: TopicRow) -> str:
    if row.records.value is None or row.records.value < 1000:
        return at_least(row.records.value, complete=row.records.complete)
    return about(row.records.value) if row.records.complete else f"≥ {number(row.records.value)}"


def _size(row: TopicRow) -> str:
    return size(row.size.value) if row.size.complete or row.size.value is None else f"≥ {size(row.size.value)}"


def _brokers(ids: tuple[int, ...]) -> str:
    return ", ".join(str(broker) for broker in ids)


def _health(row: PartitionRow) -> tuple[Mark, str]:
    if row.partition.leader is None:
        return Mark.BAD, "offline: no leader"
    if row.partition.under_replicated:
        return Mark.WARN, "under-replicated"
    return Mark.OK, "healthy"


def _verdict(row: Reader) -> str:
    return VERDICT_TABLE[row.verdict].label if row.verdict else "moves" if row.error is None else "unknown"


def _mark(row: Reader) -> Mark:
    if row.verdict:
        return Mark.of_tone(VERDICT_TABLE[row.verdict].tone)
    return Mark.OK if row.error is None else Mark.UNKNOWN


TOPICS: tuple[Column[TopicRow], ...] = (
    Column(
        "",
        lambda row: URGENCY.index(row.mark),
        text=lambda row: row.state,
        mark=lambda row: row.mark,
        width=36,
        align=Align.CENTER,
        tip=lambda row: row.state,
    ),
    Column("Topic", lambda row: row.name, strong=True, width=180, stretch=True, elide_middle=True),
    Column("Partitions", lambda row: row.partitions, align=Align.RIGHT, width=92),
    Column("Replicas", lambda row: row.replication, align=Align.RIGHT, width=84),
    Column(
        "Under-replicated",
        lambda row: row.under_replicated,
        align=Align.RIGHT,
        width=134,
        tone=lambda row: "warn_text" if row.under_replicated else None,
    ),
    Column(
        "Records",
        lambda row: row.records.value,
        text=_records,
        align=Align.RIGHT,
        width=128,
        tip=lambda _row: "log end minus log start: an upper bound, compaction and transactions leave gaps",
    ),
    Column(
        "Size",
        lambda row: row.size.value,
        text=_size,
        align=Align.RIGHT,
        width=96,
        tip=lambda _row: "the leader replicas on disk",
    ),
    Column("Groups", lambda row: row.groups, align=Align.RIGHT, width=76),
    Column(
        "Stuck",
        lambda row: len(row.stuck),
        align=Align.RIGHT,
        width=70,
        tip=lambda row: ", ".join(row.stuck),
        tone=lambda row: "bad_text" if row.poisoned else "warn_text" if row.stuck else None,
    ),
)

PARTITIONS: tuple[Column[PartitionRow], ...] = (
    Column(
        "",
        lambda row: row.partition.under_replicated,
        text=lambda row: _health(row)[1],
        width=36,
        mark=lambda row: _health(row)[0],
        align=Align.CENTER,
        tip=lambda row: _health(row)[1],
    ),
    Column("Partition", lambda row: row.partition.partition, align=Align.RIGHT, width=82),
    Column("Leader", lambda row: row.partition.leader, align=Align.RIGHT, width=72, unknown=lambda _row: "offline"),
    Column("Replicas", lambda row: _brokers(row.partition.replicas), width=110),
    Column("In sync", lambda row: _brokers(row.partition.isr), width=110, stretch=True),
    Column("Log start", lambda row: row.offsets.log_start_offset, align=Align.RIGHT, width=96),
    Column("Last stable", lambda row: row.offsets.last_stable_offset, align=Align.RIGHT, width=100),
    Column("Log end", lambda row: row.offsets.log_end_offset, align=Align.RIGHT, width=96),
    Column("Size", lambda row: row.size, text=lambda row: size(row.size), align=Align.RIGHT, width=92),
)

SETTINGS: tuple[Column[TopicSetting], ...] = (
    Column("Setting", lambda row: row.name, mono=True, width=300),
    Column(
        "Value",
        lambda row: "hidden" if row.sensitive else row.value,
        mono=True,
        width=200,
        stretch=True,
        italic=lambda row: row.sensitive,
        tone=lambda row: None if row.is_default else "accent",
    ),
    Column("Set by", lambda row: row.source.removesuffix("_CONFIG").replace("_", " ").lower(), width=180),
)

READERS: tuple[Column[Reader], ...] = (
    Column(
        "",
        lambda row: row.verdict is not None,
        width=36,
        align=Align.CENTER,
        text=_verdict,
        mark=_mark,
        tip=_verdict,
    ),
    Column("Group", lambda row: row.group, strong=True, width=160, stretch=True),
    Column(
        "State",
        lambda row: row.state.value if row.state is not None else None,
        width=130,
        unknown=lambda row: row.error.message if row.error is not None else "the broker did not say",
    ),
    Column("Partitions", lambda row: row.partitions, align=Align.RIGHT, width=92),
    Column(
        "Lag here",
        lambda row: row.lag,
        align=Align.RIGHT,
        width=110,
        text=lambda row: at_least(row.lag, complete=row.complete),
    ),
    Column("Stands", _verdict, width=150),
)
