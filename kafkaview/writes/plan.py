"""A write before it is made: committed offsets, ACLs, users, quotas, voters, elections, transactions."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NoReturn, Protocol

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.command_words import printed_line, with_option
from kafkaview.fields import RowField
from kafkaview.journal.entry import OffsetChange
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.writes.offsets.plan import OffsetPlan
from kafkaview.writes.one_time_secret import Given
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.steps import Progress


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One thing that changes. `before` and `after` in words; None is "none yet" and "no more"."""

    what: str
    before: str | None
    after: str | None


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


class Plan(Protocol):
    """A write that is shown before it is made: a ChangePlan, or a re-route."""

    @property
    def title(self) -> str:
        """The deed with its numbers."""
        ...

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What could go wrong."""
        ...

    @property
    def problems(self) -> tuple[ClusterError, ...]:
        """Why the plan cannot be carried out; the first is raised."""
        ...


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """One write. It holds no secret in what is shown, printed or journalled: only `write` may carry one.

    `check` looks again just before the write and raises PlanNoLongerHolds where the cluster has moved on; `write` makes
    it; `verify` reads back and returns what does not fit, in words, or an empty text.
    """

    kind: str  # of the journal: "acls.create", "users.set", "voters.remove", ...
    title: str  # the deed with numbers: "Creates 3 ACLs for User:billing"
    deed: str  # the button: "Create 3 ACLs"
    subject: str  # what a production profile has to have typed
    rows: tuple[ChangeRow, ...]
    command: tuple[str, ...]  # the verb and its options: ("acls", "create", "--principal", ...)
    document: Mapping[str, Any]  # the plan as JSON: for --json and the journal
    write: Callable[[Cluster], Awaitable[None]] = field(repr=False)
    check: Callable[[Cluster], Awaitable[None]] = field(repr=False)
    verify: Callable[[Cluster], Awaitable[str]] = field(repr=False)
    cautions: tuple[Caution, ...] = ()
    problems: tuple[ClusterError, ...] = ()  # why it cannot be made; the first is raised
    given: Given | None = field(default=None, repr=False)  # where `write` puts a secret that the cluster gives
    offsets: OffsetPlan | None = None  # the typed rows of a change of committed offsets
    # Waits, writing nothing, for what has to come before, and returns the plan made anew then.
    waiting: Callable[[Progress], Awaitable[ChangePlan]] | None = field(default=None, repr=False)
    begun: Callable[[int], None] | None = field(default=None, repr=False)  # takes the number of the journal entry
    # In place of `verify`: watches whether the write holds.
    follow: Callable[[Progress], Awaitable[ChangeOutcome]] | None = field(default=None, repr=False)
    id: str = field(default_factory=lambda: uuid.uuid4().hex, compare=False)

    def copy_for_window(self) -> ChangePlan:
        """Returns what of the plan may leave the process that made it: all but what writes, checks and reads back."""
        return replace(
            self,
            write=_elsewhere,
            check=_elsewhere,
            verify=_elsewhere,
            given=None,
            waiting=None,
            begun=None,
            follow=None,
        )

    @property
    def changes(self) -> tuple[OffsetChange, ...]:
        """The committed offsets before and after, for the journal."""
        return self.offsets.changes if self.offsets is not None else ()


async def _elsewhere(_cluster: Cluster) -> NoReturn:
    raise RuntimeError("a plan is carried out where it was made")


def command_line(profile: ConnectionProfile, plan: ChangePlan) -> str:
    """Returns the `kafkaview` line that does the same."""
    return printed_line(*profile.options, *with_option(plan.command, "--yes"))
