"""A change of committed offsets before it is made: each partition before and after, and who reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kafkaview.journal.entry import OffsetChange
from kafkaview.terms import CommittedOffset, PartitionOffsets, TopicPartition
from kafkaview.writes.offsets.group_facts import GroupFacts
from kafkaview.writes.offsets.request import LiveMembers


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

    def document(self) -> dict[str, Any]:
        """Returns the row as JSON, in the command line's contract."""
        before, after = self.before, self.after
        return {
            "topic": self.topic_partition.topic,
            "partition": self.topic_partition.partition,
            "before": before.offset if before else None,
            "after": after.offset if after else None,
            "clamped": self.clamped,
            "records_skipped": self.records_skipped,
            "records_repeated": self.records_repeated,
            "before_leader_epoch": before.leader_epoch if before else None,
            "before_metadata": before.metadata if before else None,
            "after_leader_epoch": after.leader_epoch if after else None,
            "after_metadata": after.metadata if after else None,
            "log_start_offset": self.log.log_start_offset,
            "log_end_offset": self.log.log_end_offset,
        }


@dataclass(frozen=True, slots=True)
class OffsetPlan:
    """A whole change of one group. `uncommitted` are partitions that the group has never committed: they are left
    alone. With `deletes_group` the group goes, and not only its offsets.
    """

    facts: GroupFacts
    rows: tuple[OffsetRow, ...]
    uncommitted: tuple[TopicPartition, ...] = ()
    live: LiveMembers = LiveMembers.REFUSE
    deletes_group: bool = False

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
            "plan": [row.document() for row in self.rows],
            "uncommitted": [{"topic": one.topic, "partition": one.partition} for one in self.uncommitted],
        }
