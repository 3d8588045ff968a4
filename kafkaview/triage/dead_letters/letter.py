"""A dead letter as its headers describe it. What they do not say is None."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.terms import RecordId


@dataclass(frozen=True, slots=True)
class LetterOrigin:
    """The place that a dead letter came from, and its timestamp there in Unix milliseconds."""

    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    timestamp_ms: int | None = None

    @property
    def record(self) -> RecordId | None:
        """The record that it is a copy of; None where a part of its place is unknown."""
        if self.topic is None or self.partition is None or self.offset is None:
            return None
        return RecordId(self.topic, self.partition, self.offset)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What the headers of a dead letter tell of its last hop. `cause` is the innermost exception's class, `wrapper` the
    class around it where there is one, `readers` the groups (or the connector) that could not read it. `hops` are the
    origins of all hops, the first one first. `routed_ms` is the time when kafkaview copied it, None for other writers.
    `fields` has what else the dialect says, as title and text. `problems` are sentences on headers that do not hold
    what their name says.
    """

    dialect: str
    origin: LetterOrigin = LetterOrigin()
    cause: str | None = None
    wrapper: str | None = None
    message: str | None = None
    stack_trace: str | None = None
    readers: tuple[str, ...] = ()
    hops: tuple[LetterOrigin, ...] = ()
    routed_ms: int | None = None
    fields: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
