"""A write before it is made, whatever it changes: its rows, its cautions, what forbids it, and what carries it out."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol, Self

from kafkaview.cluster.errors import ClusterError, RefusedHere
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.command_words import printed_line, with_option
from kafkaview.fields import RowField
from kafkaview.journal.discretion import without_reasons
from kafkaview.journal.entry import JournalEntry, OffsetChange
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import Record
from kafkaview.writes.execution import DirectExecution, Execution, O_co, ResumableExecution
from kafkaview.writes.offsets.plan import OffsetPlan
from kafkaview.writes.one_time_secret import SecretHolder
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.steps import Progress

if TYPE_CHECKING:
    from kafkaview.session import Session

ExecutionMaker = Callable[["Session", "ChangePlan", int, Progress], Execution[ChangeOutcome]]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One thing that changes. `before` and `after` in words; None is "none yet" and "no more"."""

    what: str
    before: str | None
    after: str | None


NOT_SENT: Final = "not sent"  # after, of a row about records that stay, with the reason before

CHANGE_FIELDS: Final[tuple[RowField[ChangeRow], ...]] = (
    RowField("what", lambda row: row.what, "What"),
    RowField("before", lambda row: row.before, "Before", shown=lambda row: row.before or "none"),
    RowField("after", lambda row: row.after, "After", shown=lambda row: row.after or "none"),
)


@dataclass(frozen=True, slots=True)
class Caution:
    """What could go wrong: the consequence first, then why."""

    consequence: str
    why: str


class Plan(Protocol[O_co]):
    """A write that is shown before it is made: a ChangePlan, or a re-route. `kafkaview.writes.carrying_out` carries out
    all of them.
    """

    @property
    def id(self) -> str:
        """The id of this one plan: the journal keeps it."""
        ...

    @property
    def kind(self) -> str:
        """The kind of write in the journal: "acls.create", "users.set", "reroute", ..."""
        ...

    @property
    def title(self) -> str:
        """The deed with its numbers: "Create 3 ACLs for User:billing"."""
        ...

    @property
    def deed(self) -> str:
        """The words on the button: "Create 3 ACLs"."""
        ...

    @property
    def subject(self) -> str:
        """What a production profile has to have typed."""
        ...

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What could go wrong."""
        ...

    @property
    def problems(self) -> tuple[ClusterError, ...]:
        """Why the plan cannot be carried out; the first is raised."""
        ...

    @property
    def line(self) -> tuple[str, ...]:
        """The verb of the command line that does the same, with its options."""
        ...

    @property
    def document(self) -> Mapping[str, Any]:
        """The plan as JSON, for `--json` and the journal."""
        ...

    @property
    def rows(self) -> Sequence[ChangeRow]:
        """What changes, before and after, in words."""
        ...

    @property
    def payloads(self) -> tuple[Record, ...]:
        """The records that the journal keeps with their bytes."""
        ...

    @property
    def changes(self) -> tuple[OffsetChange, ...]:
        """The committed offsets before and after that undo needs."""
        ...

    @property
    def given(self) -> SecretHolder | None:
        """The holder of a secret that the cluster gives."""
        ...

    @property
    def undoable(self) -> bool:
        """Whether an undo can be planned from its journal entry, without a question."""
        ...

    @property
    def bounded(self) -> bool:
        """Whether the time limit of the command line holds for it; it does not where its effect is watched."""
        ...

    async def prepare(self, progress: Progress) -> Plan[O_co]:
        """Waits, writing nothing, for what has to come before; returns the plan that is carried out then."""
        ...

    def execution(self, session: Session, journal_id: int, progress: Progress) -> Execution[O_co]:
        """Returns what carries it out."""
        ...

    def resumable(self, session: Session, journal_id: int, progress: Progress) -> ResumableExecution[O_co] | None:
        """Returns what completes it after its process has ended; None if only the journal tells what became of it."""
        ...

    def copy_for_window(self) -> Self:
        """Returns what of the plan may leave the process that made it."""
        ...

    def without_payload(self) -> Plan[O_co]:
        """Returns what the journal is told of the plan where it does not keep records as they are: rows, line and
        document quote none of their bytes.
        """
        ...


def refuse_copy(*_arguments: object) -> NoReturn:
    """Stands for a function that has stayed in the process that made the plan."""
    raise RefusedHere("This plan is no longer kept", "Nothing was written. Make the plan again.")


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """One write. It holds no secret in what is shown, printed or journalled: only `write` may carry one.

    `check` looks again just before the write and raises PlanNoLongerHolds where the cluster has moved on; `write` makes
    it; `verify` reads back and returns what does not fit, in words, or an empty text, and raises ClusterError where
    that cannot be seen. A kind that does more brings its own Execution as `make_execution` instead.
    """

    kind: str  # of the journal: "acls.create", "users.set", "voters.remove", ...
    title: str  # the deed with numbers: "Create 3 ACLs for User:billing"
    deed: str  # the button: "Create 3 ACLs"
    subject: str  # what a production profile has to have typed
    rows: tuple[ChangeRow, ...]
    command: tuple[str, ...]  # the verb and its options: ("acls", "create", "--principal", ...)
    document: Mapping[str, Any]  # the plan as JSON: for --json and the journal
    write: Callable[[Cluster], Awaitable[None]] = field(default=refuse_copy, repr=False)
    check: Callable[[Cluster], Awaitable[None]] = field(default=refuse_copy, repr=False)
    verify: Callable[[Cluster], Awaitable[str]] = field(default=refuse_copy, repr=False)
    cautions: tuple[Caution, ...] = ()
    problems: tuple[ClusterError, ...] = ()  # why it cannot be made; the first is raised
    given: SecretHolder | None = field(default=None, repr=False)  # where `write` puts a secret that the cluster gives
    offsets: OffsetPlan | None = None  # the typed rows of a change of committed offsets
    # Waits, writing nothing, for what has to come before, and returns the plan made anew then.
    waiting: Callable[[Progress], Awaitable[ChangePlan]] | None = field(default=None, repr=False)
    make_execution: ExecutionMaker = field(
        default=DirectExecution, repr=False
    )  # of a kind without `write`, `check` and `verify`
    nothing: str = ""  # why it has nothing to do: a script may carry it out all the same, a window does not offer it
    destroys: bool = False  # whether records are lost for good: the window has the subject typed on every profile
    undoable: bool = False  # whether an undo can be planned from its journal entry, without a question
    stop: Callable[[], None] | None = field(default=None, repr=False)  # of a write that can end in its middle
    discreet: ChangePlan | None = field(default=None, repr=False)  # the same told without the bytes of its records
    payloads: tuple[Record, ...] = field(default=(), repr=False)  # the records that the journal keeps with their bytes
    id: str = field(default_factory=lambda: uuid.uuid4().hex, compare=False)

    def as_undo(self, entry: JournalEntry, *command: str) -> Self:
        """Returns the plan as the one that undoes a journal entry, by this verb."""
        return replace(
            self,
            title=f"Undo entry {entry.id}: {entry.intent.title}",
            deed=f"Undo entry {entry.id}",
            command=(*command, str(entry.id)),
            document={**self.document, "undoes": entry.id},
        )

    @property
    def line(self) -> tuple[str, ...]:
        """The verb and its options: it is not asked again."""
        return with_option(self.command, "--yes")

    @property
    def changes(self) -> tuple[OffsetChange, ...]:
        """The committed offsets before and after, for the journal."""
        return self.offsets.changes if self.offsets is not None else ()

    @property
    def bounded(self) -> bool:
        """Whether it is only read back: a change of committed offsets waits and watches, with limits of its own, and
        what can be stopped takes as long as it takes.
        """
        return self.offsets is None and self.stop is None

    async def prepare(self, progress: Progress) -> ChangePlan:
        """Waits, and returns the plan made anew."""
        return self if self.waiting is None else replace(await self.waiting(progress), id=self.id)

    def execution(self, session: Session, journal_id: int, progress: Progress) -> Execution[ChangeOutcome]:
        """Returns what carries it out."""
        return self.make_execution(session, self, journal_id, progress)

    def resumable(
        self, _session: Session, _journal_id: int, _progress: Progress
    ) -> ResumableExecution[ChangeOutcome] | None:
        """None: what writes has gone with its process."""

    def without_payload(self) -> Self | ChangePlan:
        """Returns `discreet`, else the plan without the reasons why records stay: they may quote values."""
        if self.discreet is not None:
            return self.discreet
        rows = tuple(row for row in self.rows if row.after != NOT_SENT)
        return replace(self, rows=rows, document=without_reasons(self.document))

    def copy_for_window(self) -> Self:
        """Returns the plan without what writes, checks and reads back, and without the bytes of records, which may be
        many. Carried out, the copy raises RefusedHere.
        """
        return replace(
            self,
            write=refuse_copy,
            check=refuse_copy,
            verify=refuse_copy,
            given=None,
            waiting=refuse_copy,
            make_execution=refuse_copy,
            stop=refuse_copy if self.stop is not None else None,
            payloads=(),
            discreet=None,
        )


def command_line(profile: ConnectionProfile, plan: Plan[Any]) -> str:
    """Returns the `kafkaview` line that does the same. It holds no secret: `--config` has those."""
    return printed_line(*profile.options, *plan.line)
