"""The outcome of a write in words. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from kafkaview.terms import RecordId, TopicPartition
from kafkaview.writes.one_time_secret import ShownOnce


@dataclass(frozen=True, slots=True)
class MovedGroup:
    """A group that a write has moved: its lag shows whether it reads on. The time is Unix milliseconds."""

    group: str
    topic_partition: TopicPartition
    moved_at_ms: int


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a write: `tone` is the mark (ok, warn, bad, unknown), `advice` what to do next."""

    tone: str
    title: str
    text: str = ""
    advice: tuple[str, ...] = ()
    secret: ShownOnce | None = field(default=None, repr=False)  # that the write brought
    journal_id: int | None = None
    moved: MovedGroup | None = None
    moved_too: tuple[MovedGroup, ...] = ()  # the other groups that it has moved
    moves: bool = False  # the title says that the group moves
    record: RecordId | None = None  # that was produced
    empty_queue: str | None = None  # a topic that was made before nothing came of the write: it may be removed
    undoable: bool = False  # whether the journal's entry holds what stood before
    asks_members: bool = False  # whether its undo asks what is done with the members of a group

    @property
    def good(self) -> bool:
        """Whether all went as planned."""
        return self.tone == "ok"

    def with_empty_queue(self, queue: str) -> Self:
        """Returns the outcome of a write of which nothing stands but the queue that was made for it."""
        return replace(self, title="No record was copied, but the queue was made", empty_queue=queue)
