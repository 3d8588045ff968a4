"""A re-route before it happens: what will be copied where, and which groups move past it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kafkaview.terms import CommittedOffset, GroupType, Header, Record, TopicPartition


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """One record to be copied, and the provenance headers that are added after its own."""

    record: Record
    added_headers: tuple[Header, ...]
    good: bool = False  # a readable record that lies between; copied only because the user ticked it


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """One group on one partition, before and after.

    `after` is None where the group is left alone; `note` says why, or what else happens. `records_between` are good
    records that the move would pass over: unless they are ticked too the group is not moved.
    """

    group: str
    type: GroupType
    topic_partition: TopicPartition
    before: CommittedOffset | None
    after: int | None
    members: int | None
    log_end_offset: int | None
    note: str = ""
    records_between: tuple[Record, ...] = ()

    @property
    def lag_after(self) -> int | None:
        """Records that wait once the group has moved."""
        stands = self.after if self.after is not None else (self.before.offset if self.before else None)
        if stands is None or self.log_end_offset is None:
            return None
        return max(0, self.log_end_offset - stands)


@dataclass(frozen=True, slots=True)
class ReroutePlan:
    """The whole deed: shown in full, printed as a command line, then carried out or not.

    `create_dlq` is set only if the topic is missing. `moves` are the groups that move, `left_alone` the others that
    were looked at. `cautions` are at most three (consequence, rest) sentences.
    """

    dlq: str
    dlq_exists: bool
    create_dlq: bool
    dlq_partitions: int
    dlq_replication_factor: int | None  # None: the cluster's default
    copies: tuple[CopyPlan, ...]
    moves: tuple[GroupPlan, ...]
    left_alone: tuple[GroupPlan, ...]
    evict: bool
    skip_between: bool
    dialect: str
    cautions: tuple[tuple[str, str], ...]
    problems: tuple[str, ...] = ()  # why it cannot be carried out as it is; empty: it can

    @property
    def title(self) -> str:
        """The deed with its numbers."""
        records = "1 record" if len(self.copies) == 1 else f"{len(self.copies)} records"
        groups = {move.group for move in self.moves}
        if not groups:
            return f"Copy {records} to {self.dlq}"
        them = "it" if len(self.copies) == 1 else "them"
        return f"Send {records} to {self.dlq}, move {len(groups)} group{'s' if len(groups) > 1 else ''} past {them}"

    def without_group(self, group: str) -> ReroutePlan:
        """The same plan with one group unticked."""
        gone = tuple(replace(m, after=None, note="left alone: not ticked") for m in self.moves if m.group == group)
        return replace(
            self, moves=tuple(m for m in self.moves if m.group != group), left_alone=(*gone, *self.left_alone)
        )
