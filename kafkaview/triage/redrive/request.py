"""What a user asks of a redrive. Each choice makes a new request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kafkaview.terms import RecordId


class RedrivePartition(StrEnum):
    """Which partition a dead letter goes back to."""

    SAME = "same"  # that of its origin
    KEY = "key"  # the one to which Java's clients send its key (murmur2)


@dataclass(frozen=True, slots=True)
class RedriveRequest:
    """The dead letters of `queue` to send back: `records`, or all where it is empty; of them those for which `where`, a
    CEL expression, is true. `to` is a topic in place of each one's own origin.
    """

    queue: str
    records: tuple[RecordId, ...] = ()
    where: str = ""
    to: str | None = None
    partition: RedrivePartition = RedrivePartition.SAME
