"""The outcome of a write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from kafkaview.journal.entry import EntryState
from kafkaview.terms import RecordId, TopicPartition
from kafkaview.words import first_lines
from kafkaview.writes.offsets.plan import OffsetPlan
from kafkaview.writes.one_time_secret import ShownOnce


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """What a group did on one partition after its committed offset was changed. `effective` is None if nobody watched.
    `advice` is what to do if it is False.
    """

    group: str
    topic_partition: TopicPartition
    before: int | None
    after: int | None
    committed_now: int | None
    lag: int | None
    evicted: tuple[str, ...]
    effective: bool | None
    detail: str
    advice: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether it was seen to commit further on by itself."""
        now, target = self.committed_now, self.after
        return bool(self.effective) and now is not None and target is not None and now > target

    def document(self) -> dict[str, Any]:
        """Returns the outcome as JSON, in the command line's contract."""
        return {
            "group": self.group,
            "topic": self.topic_partition.topic,
            "partition": self.topic_partition.partition,
            "before": self.before,
            "after": self.after,
            "committed_offset": self.committed_now,
            "lag": self.lag,
            "evicted": len(self.evicted),
            "effective": self.effective,
            "detail": self.detail,
            "advice": list(self.advice),
        }


def advice_of(groups: Iterable[GroupOutcome]) -> tuple[str, ...]:
    """Returns what to do about some groups; of very many the first, for the journal's entry has all."""
    return first_lines(line for group in groups for line in group.advice)


@dataclass(frozen=True, slots=True)
class ChangeOutcome:
    """A write that the cluster took. `doubt` names what did not read back as planned, or did not hold; empty if all
    did. With `unseen` the doubt is only that it could not be seen. `groups` has each partition of a change of committed
    offsets, `detail` says what else came of it, and `result` the same as fields of the JSON. Where it is `partial`,
    something of the plan was not done though nothing failed, and `detail` says why. `hint` is what to do where it ended
    in its middle, `record` the place of one that was produced.
    """

    journal_id: int
    message: str
    doubt: str = ""
    groups: tuple[GroupOutcome, ...] = ()
    offsets: OffsetPlan | None = None  # the plan that was carried out: made anew where it waited
    detail: str = ""
    hint: str = ""
    record: RecordId | None = None
    unseen: bool = False
    partial: bool = False
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> EntryState:
        """The state of the journal entry."""
        return EntryState.COMMITTED

    @property
    def succeeded(self) -> bool:
        """Whether all went as planned, as far as seen."""
        return not self.doubt

    def with_doubt(self, doubt: str) -> Self:
        """Returns the outcome with one more doubt of what was seen."""
        unseen = self.unseen or not self.doubt
        return replace(self, doubt=f"{self.doubt}; {doubt}" if self.doubt else doubt, unseen=unseen)

    @property
    def effective(self) -> bool | None:
        """Whether the change has its effect; None if nobody saw it."""
        known = {group.effective for group in self.groups}
        if False in known or (self.doubt and not self.unseen and None not in known):
            return False
        return None if self.unseen or None in known else True

    def document(self) -> Mapping[str, Any]:
        """Returns the outcome as JSON, for the journal and `--json`."""
        document = {"message": self.message, "effective": self.effective, "doubt": self.doubt or None, **self.result}
        return {**document, "groups": [group.document() for group in self.groups]} if self.groups else document


@dataclass(frozen=True, slots=True)
class ChangeEnd:
    """The outcome of a write, and the secret that the cluster returned, which is shown once."""

    outcome: ChangeOutcome
    secret: ShownOnce | None = None
