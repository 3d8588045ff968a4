"""A plan of a re-route: which records are copied to which queue, and which groups move past them."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError
from kafkaview.command_words import command_words, option_words
from kafkaview.fields import FieldKind, RowField, row_documents
from kafkaview.journal.entry import OffsetChange
from kafkaview.terms import CommittedOffset, GroupType, Header, Record, RecordId, TopicPartition
from kafkaview.triage.provenance_headers import Dialect, routed_at
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.words import name_text, number
from kafkaview.writes.effect import GroupChange
from kafkaview.writes.plan import Caution, ChangeRow
from kafkaview.writes.steps import Progress

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.triage.reroute.execution import RerouteExecution


@dataclass(frozen=True, slots=True)
class CopyPlan:
    """One record to be copied, with the provenance headers that are added after its own. `already` is a copy of this
    record that the dead letter queue holds; then no second copy is written.
    """

    record: Record
    added_headers: tuple[Header, ...]
    good: bool = False  # a readable record that lies between; copied only because the user ticked it
    already: RecordId | None = None


class GroupPosition(StrEnum):
    """The position of a group relative to the plan's records. It decides whether the group moves."""

    MOVES = "moves"
    PAST = "past"  # its committed offset is beyond them
    BETWEEN = "between"  # good records lie before them
    FAR = "far"  # more lies before them than a plan reads
    NO_COMMIT = "no_commit"
    UNKNOWN = "unknown"  # its coordinator did not say
    UNSUPPORTED = "unsupported"  # a share group keeps no committed offset
    UNNAMEABLE = "unnameable"  # no transaction can name it
    UNTICKED = "unticked"


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """One group on one partition, before and after. `after` is None if the group is left alone; `note` says why, or
    names a side effect. `records_between` are good records that the move would pass over: unless they are selected too,
    the group does not move.
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
    standing: GroupPosition = GroupPosition.MOVES
    error: ClusterError | None = None  # why its coordinator did not say where it stands

    @property
    def lag_after(self) -> int | None:
        """The group's lag after it has moved."""
        stands = self.after if self.after is not None else (self.before.offset if self.before else None)
        if stands is None or self.log_end_offset is None:
            return None
        return max(0, self.log_end_offset - stands)


GROUP_PLAN_FIELDS: Final[tuple[RowField[GroupPlan], ...]] = (
    RowField("group", lambda row: row.group, "Group", text=name_text, width=150),
    RowField("type", lambda row: row.type.value, "Type", width=78, listed=False),
    RowField("topic_partition", lambda row: str(row.topic_partition), "Partition", width=92, json=False),
    RowField("topic", lambda row: row.topic_partition.topic),
    RowField("partition", lambda row: row.topic_partition.partition),
    RowField("before", lambda row: row.before.offset if row.before else None, "Before", FieldKind.COUNT, width=84),
    RowField("before_metadata", lambda row: row.before.metadata if row.before else None),
    RowField("after", lambda row: row.after, "After", FieldKind.COUNT, width=84),
    RowField("members", lambda row: row.members, "Members", width=150, listed=False),
    RowField("lag_after", lambda row: row.lag_after, "Lag after", FieldKind.COUNT, width=84, listed=False),
    RowField("standing", lambda row: row.standing.value),
    RowField("note", lambda row: row.note, "Note"),
    RowField("records_between", lambda row: [str(record.id) for record in row.records_between]),
)


@dataclass(frozen=True, slots=True)
class ReroutePlan:
    """The whole plan: it is shown, printed as a command line, and then executed or dropped. `create_dlq` is set only if
    the topic is missing. `moves` are the groups that move, `left_alone` the other groups that were looked at, `unseen`
    what hides further groups. `cautions` are at most three.
    """

    dlq: str
    dlq_exists: bool
    create_dlq: bool
    dlq_partitions: int
    dlq_replication_factor: int | None  # None: unknown, the cluster's default if it is made
    copies: tuple[CopyPlan, ...]
    moves: tuple[GroupPlan, ...]
    left_alone: tuple[GroupPlan, ...]
    evict: bool
    skip_between: bool
    dialect: str
    cautions: tuple[Caution, ...]
    problems: tuple[ClusterError, ...] = ()  # why it cannot be carried out as it is; empty: it can
    dlq_settings: tuple[tuple[str, str], ...] = ()  # topic settings of a queue that is made
    dlq_ends: tuple[tuple[TopicPartition, int], ...] = ()  # log ends of the dead letter queue when this was planned
    other_dlq: str | None = None  # a queue that can be made, where this one cannot
    unseen: tuple[UnseenGroups, ...] = ()
    id: str = field(default_factory=lambda: uuid.uuid4().hex, compare=False)

    kind: ClassVar[str] = "reroute"
    bounded: ClassVar[bool] = False
    changes: ClassVar[tuple[OffsetChange, ...]] = ()  # it has no undo
    given: ClassVar[None] = None
    undoable: ClassVar[bool] = False

    @property
    def title(self) -> str:
        """The plan's title, with its numbers."""
        new, whole = len(self.new_copies), _count(len(self.copies), "record")
        records = f"{number(new)} of {whole}" if 0 < new < len(self.copies) else whole
        groups = len({move.group for move in self.moves})
        if not groups:
            return f"Copy {records} to {self.dlq}"
        if not new:
            which = "which is" if len(self.copies) == 1 else "which are"
            return f"Move {_count(groups, 'group')} past {records}, {which} in {self.dlq} already"
        them = "it" if len(self.copies) == 1 else "them"
        return f"Send {records} to {self.dlq}, move {_count(groups, 'group')} past {them}"

    @property
    def deed(self) -> str:
        """The words on the button that carries the plan out."""
        if self.moves and not self.new_copies:
            return "Skip"
        return "Send and skip" if self.moves else "Send the copy"

    @property
    def new_copies(self) -> tuple[CopyPlan, ...]:
        """What is written to the queue: of the others there is a copy already."""
        return tuple(copy for copy in self.copies if copy.already is None)

    @property
    def subject(self) -> str:
        """The topic of the records."""
        return self.copies[0].record.topic

    @property
    def rows(self) -> tuple[ChangeRow, ...]:
        """The copies, and the committed offsets that move."""
        copies = (ChangeRow(f"Copy of {one.record.id}", _name(one.already), self.dlq) for one in self.copies)
        moves = (
            ChangeRow(
                f"{name_text(move.group)} on {move.topic_partition}",
                number(move.before.offset) if move.before else None,
                number(move.after),
            )
            for move in self.moves
        )
        return (*copies, *moves)

    @property
    def payloads(self) -> tuple[Record, ...]:
        """The records that are copied."""
        return tuple(copy.record for copy in self.copies)

    @property
    def line(self) -> tuple[str, ...]:
        """The words of `reroute` that make this plan again."""
        records = [str(copy.record.id) for copy in self.copies if not copy.good]
        options = [*option_words("--to", self.dlq)]
        if self.create_dlq:
            options.append("--create-dlq")
        for group in dict.fromkeys(move.group for move in self.moves):
            options += option_words("--group", group)
        if not self.moves:
            options.append("--no-skip")
        if self.skip_between:
            options.append("--skip-between")
        if self.moves:
            options.append("--evict" if self.evict else "--no-evict")
        if self.dialect != Dialect.KAFKA:
            options += ["--dialect", self.dialect]
        return command_words(["reroute"], records, options)

    @property
    def document(self) -> dict[str, Any]:
        """The plan as JSON, with the headers to be added. The payloads are in the journal only."""
        return {
            "title": self.title,
            "to": self.dlq,
            "create_dlq": self.create_dlq,
            "dlq_partitions": self.dlq_partitions,
            "dlq_replication_factor": self.dlq_replication_factor,
            "dlq_settings": dict(self.dlq_settings),
            "records": [_copy_document(copy) for copy in self.copies],
            "groups": row_documents(GROUP_PLAN_FIELDS, (*self.moves, *self.left_alone)),
            "unseen": [one.document() for one in self.unseen],
            "evict": self.evict,
            "skip_between": self.skip_between,
            "dialect": self.dialect,
            "cautions": [f"{one.consequence} {one.why}" for one in self.cautions],
            "problems": [problem.message for problem in self.problems],
            "hints": [problem.hint for problem in self.problems],
        }

    async def prepare(self, _progress: Progress) -> ReroutePlan:
        """Returns the plan with the copies of now: it waits for nothing."""
        now = now_ms()
        copies = (replace(copy, added_headers=routed_at(copy.added_headers, now)) for copy in self.copies)
        return replace(self, copies=tuple(copies))

    def execution(self, session: Session, journal_id: int, progress: Progress) -> RerouteExecution:
        """Returns what carries it out."""
        from kafkaview.triage.reroute.execution import RerouteExecution  # the engine's

        return RerouteExecution(session, self, journal_id, progress)

    resumable = execution  # what stands says whether the transaction was committed

    def without_payload(self) -> ReroutePlan:
        """Returns the plan with the names alone of the headers that are added: a reason may quote a value."""
        names = (
            replace(copy, added_headers=tuple(Header(one.key, None) for one in copy.added_headers))
            for copy in self.copies
        )
        return replace(self, copies=tuple(names))

    def copy_for_window(self) -> ReroutePlan:
        """The plan itself: it holds nothing but values."""
        return self

    @property
    def transactional_id(self) -> str:
        """The transactional id. It is the same for everyone who re-routes from the topic, so that a second one fences
        the first.
        """
        return transactional_id_of(self.copies[0].record.topic)

    @property
    def new_queue(self) -> str:
        """The queue that will be created, in words."""
        replicas = self.dlq_replication_factor
        parts = [
            _count(self.dlq_partitions, "partition"),
            "the cluster's default replication" if replicas is None else _count(replicas, "replica"),
            *(["kept for ever"] if ("retention.ms", "-1") in self.dlq_settings else []),
        ]
        return f"{self.dlq}: {', '.join(parts)}"

    @property
    def group_changes(self) -> tuple[GroupChange, ...]:
        """The new committed offsets, without metadata: a client's metadata belongs to its old offset."""
        epochs = {copy.record.id: copy.record.leader_epoch for copy in self.copies}
        return tuple(
            GroupChange(
                move.group,
                move.type,
                move.topic_partition,
                move.before,
                CommittedOffset(
                    after, epochs.get(RecordId(move.topic_partition.topic, move.topic_partition.partition, after - 1))
                ),
            )
            for move in self.moves
            if (after := move.after) is not None
        )

    def without_group(self, group: str) -> ReroutePlan:
        """Returns the same plan without one group: it keeps its committed offset."""
        gone = tuple(
            replace(move, after=None, note="left alone: not ticked", standing=GroupPosition.UNTICKED)
            for move in self.moves
            if move.group == group
        )
        kept = tuple(move for move in self.moves if move.group != group)
        return replace(self, moves=kept, left_alone=(*gone, *self.left_alone))


def transactional_id_of(topic: str) -> str:
    """Returns the transactional id of every re-route from a topic."""
    return f"kafkaview-{topic}"


def _name(record: RecordId | None) -> str | None:
    return str(record) if record is not None else None


def _count(many: int, noun: str) -> str:
    return f"1 {noun}" if many == 1 else f"{many} {noun}s"


def _copy_document(copy: CopyPlan) -> dict[str, Any]:
    record = copy.record
    return {
        "source": str(record.id),
        "good": copy.good,
        "already": str(copy.already) if copy.already else None,
        "timestamp_ms": record.timestamp_ms,
        "key_size": _size(record.key),
        "value_size": _size(record.value),
        "headers": None if record.headers is None else len(record.headers),
        "added_headers": [_header_document(header) for header in copy.added_headers],
    }


def _size(data: bytes | None) -> int | None:
    return None if data is None else len(data)


def _header_document(header: Header) -> dict[str, Any]:
    value = header.value or b""
    return {
        "key": header.key,
        "value": value.decode("utf-8", "replace"),
        "value_b64": base64.b64encode(value).decode(),
    }
