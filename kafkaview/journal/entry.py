"""What one line of the journal holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kafkaview.profiles.journal_rules import PayloadForm
from kafkaview.terms import CommittedOffset, TopicPartition


class EntryState(StrEnum):
    """The outcome of a write. An entry that stays `begun` was cut off: nobody saw whether its write was made."""

    BEGUN = "begun"
    COMMITTED = "committed"
    ABORTED = "aborted"
    NONE = "none"
    UNKNOWN = "unknown"


OffsetMoves = Collection[tuple[str, TopicPartition, int]]  # group, partition, and the offset that was committed for it


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
class Author:
    """Who has made a write: the user of the operating system, the principal as far as the connection tells it, and the
    version of kafkaview.
    """

    os_user: str
    principal: str | None
    version: str


Row = tuple[str, str | None, str | None]  # what changes, before, and after, in words; None is "none yet", "no more"


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that is about to be made: `plan` is its JSON document, `offsets` are the commits that it changes, `rows`
    the first of what changes in words. `target` is the topic, group or user that it is about; it and `author` are None
    where a version before 3 of the journal's file has written it. `undoes` is the entry that it undoes. `undoable` is
    whether an undo can be planned from it.
    """

    kind: str
    title: str
    command: str
    profile: str
    cluster_id: str | None
    plan: Mapping[str, Any]
    offsets: tuple[OffsetChange, ...] = ()
    rows: tuple[Row, ...] = ()
    target: str | None = None
    author: Author | None = None
    profile_id: str | None = None
    undoes: int | None = None
    undoable: bool = False


@dataclass(frozen=True, slots=True)
class PayloadState:
    """The records of an entry: how many there were, in which form, and when retention has removed them."""

    count: int = 0
    form: PayloadForm = PayloadForm.KEPT
    removed_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One write made from here. Times in Unix milliseconds; `outcome` is None until it is known. `undone_by` is the
    entry that has undone it.
    """

    id: int
    begun_at_ms: int
    ended_at_ms: int | None
    intent: Intent
    state: EntryState
    outcome: Mapping[str, Any] | None
    payloads: PayloadState = PayloadState()
    undone_by: int | None = None
