"""A change of committed offsets before it is made: each partition before and after, and who reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kafkaview.fields import FieldKind, RowField, row_documents
from kafkaview.journal.entry import OffsetChange
from kafkaview.terms import CommittedOffset, PartitionOffsets, TopicPartition
from kafkaview.writes.offsets.group_facts import GroupFacts
from kafkaview.writes.offsets.request import LiveMembers

_NO_COMMIT: Final = "nothing is committed on one side"


@dataclass(frozen=True, slots=True)
class OffsetRow:
    """One partition before and after. `clamped` tells that the target lay outside the log."""

    topic_partition: TopicPartition
    topic_id: str | None
    before: CommittedOffset | None
    after: CommittedOffset | None
    log: PartitionOffsets
    clamped: bool = False

    @property
    def records_skipped(self) -> int | None:
        """Offsets that the group passes over; None where either side is unknown. It is an upper bound for records:
        transaction markers, aborted and compacted records count too.
        """
        span = self.skipped_span
        return None if span is None else max(0, span[1] - span[0])

    @property
    def skipped_span(self) -> tuple[int, int] | None:
        """The offsets that the group passes over, from the first one to before the last one."""
        if self.before is None or self.after is None:
            return None
        return max(self.before.offset, self.log.log_start_offset or 0), self.after.offset

    @property
    def records_repeated(self) -> int | None:
        """Offsets that the group reads again; None where either side is unknown."""
        if self.before is None or self.after is None:
            return None
        end = (
            self.before.offset if self.log.log_end_offset is None else min(self.before.offset, self.log.log_end_offset)
        )
        return max(0, end - self.after.offset)


OFFSET_FIELDS: Final[tuple[RowField[OffsetRow], ...]] = (
    RowField("topic_partition", lambda row: str(row.topic_partition), "Partition", width=220, json=False),
    RowField("topic", lambda row: row.topic_partition.topic),
    RowField("partition", lambda row: row.topic_partition.partition),
    RowField("before", lambda row: row.before.offset if row.before else None, "Before", FieldKind.COUNT, width=110),
    RowField("after", lambda row: row.after.offset if row.after else None, "After", FieldKind.COUNT, width=110),
    RowField("clamped", lambda row: row.clamped),
    RowField(
        "records_skipped", lambda row: row.records_skipped, "Skipped", FieldKind.COUNT, width=96, unknown=_NO_COMMIT
    ),
    RowField(
        "records_repeated", lambda row: row.records_repeated, "Repeated", FieldKind.COUNT, width=96, unknown=_NO_COMMIT
    ),
    RowField("before_leader_epoch", lambda row: row.before.leader_epoch if row.before else None),
    RowField("before_metadata", lambda row: row.before.metadata if row.before else None),
    RowField("after_leader_epoch", lambda row: row.after.leader_epoch if row.after else None),
    RowField("after_metadata", lambda row: row.after.metadata if row.after else None),
    RowField("log_start_offset", lambda row: row.log.log_start_offset),
    RowField("log_end_offset", lambda row: row.log.log_end_offset),
    RowField("note", lambda row: "clamped to the log" if row.clamped else "", "Note", width=160, json=False),
)


@dataclass(frozen=True, slots=True)
class OffsetPlan:
    """A whole change of one group. `uncommitted` are partitions that the group has never committed: they are left
    alone. With `deletes_group` the group goes, and not only its offsets. With `only_unmoved` a group
    that moves before it is evicted is left alone.
    """

    facts: GroupFacts
    rows: tuple[OffsetRow, ...]
    uncommitted: tuple[TopicPartition, ...] = ()
    live: LiveMembers = LiveMembers.REFUSE
    deletes_group: bool = False
    only_unmoved: bool = False

    @property
    def group(self) -> str:
        """The group's name."""
        return self.facts.group

    @property
    def transactional_id(self) -> str:
        """The id of the transaction that moves the group while members read."""
        return f"kafkaview-offsets-{self.group}"

    @property
    def changes(self) -> tuple[OffsetChange, ...]:
        """Returns the typed values of the journal."""
        return tuple(
            OffsetChange(self.group, row.topic_partition, row.topic_id, row.before, row.after) for row in self.rows
        )

    @property
    def records_skipped(self) -> int:
        """The sum over all partitions, as far as known."""
        return sum(row.records_skipped or 0 for row in self.rows)

    @property
    def records_repeated(self) -> int:
        """The sum over all partitions, as far as known."""
        return sum(row.records_repeated or 0 for row in self.rows)

    def document(self) -> Mapping[str, Any]:
        """Returns the plan as JSON, for the journal and `--json`."""
        return {
            "group": self.group,
            "type": self.facts.type.value,
            "state": self.facts.state.value,
            "members": [
                {"member_id": one.member_id, "client_id": one.client_id, "host": one.host} for one in self.facts.members
            ],
            "live": self.live.value,
            "plan": row_documents(OFFSET_FIELDS, self.rows),
            "uncommitted": [{"topic": one.topic, "partition": one.partition} for one in self.uncommitted],
        }
