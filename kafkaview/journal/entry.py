"""What one line of the journal holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kafkaview.terms import CommittedOffset, TopicPartition


class EntryState(StrEnum):
    """The outcome of a write. An entry that stays `begun` was cut off: nobody saw whether its write was made."""

    BEGUN = "begun"
    COMMITTED = "committed"
    ABORTED = "aborted"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OffsetChange:
    """A group's committed offset on one partition, before and after a write; None is "no committed offset". `topic_id`
    is None where the broker named none.
    """

    group: str
    topic_partition: TopicPartition
    topic_id: str | None
    before: CommittedOffset | None
    after: CommittedOffset | None


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that is about to be made: `plan` is its JSON document, `offsets` are the commits that it changes."""

    kind: str
    title: str
    command: str
    profile: str
    cluster_id: str | None
    plan: Mapping[str, Any]
    offsets: tuple[OffsetChange, ...] = ()


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One write made from here. Times in Unix milliseconds; `outcome` is None until it is known."""

    id: int
    begun_at_ms: int
    ended_at_ms: int | None
    intent: Intent
    state: EntryState
    outcome: Mapping[str, Any] | None
