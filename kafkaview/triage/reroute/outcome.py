"""What came of a re-route."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kafkaview.terms import RecordId, TopicPartition


class TransactionState(StrEnum):
    """What became of the transaction (contract of the command line, plus `unknown`: the answer never came)."""

    COMMITTED = "committed"
    ABORTED = "aborted"
    NONE = "none"
    UNKNOWN = "unknown"


class RerouteStepName(StrEnum):
    """The steps of a re-route, in order."""

    JOURNAL = "journal"
    CHECK = "check"
    TOPIC = "topic"
    TRANSACTION = "transaction"
    EVICT = "evict"
    WATCH = "watch"


class StepState(StrEnum):
    """Where a step is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class RerouteStep:
    """One report of progress: `text` is what stands ("Transaction committed"), `detail` the figures under it."""

    name: RerouteStepName
    state: StepState
    text: str
    detail: str = ""
    ms: int | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """One record and its committed copy."""

    source: RecordId
    target: RecordId
    journal_id: int


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """What a group did after the commit. `effective` None: not watched. `advice` is what to do if it is False."""

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


@dataclass(frozen=True, slots=True)
class RerouteOutcome:
    """The end of a re-route, as it is journalled, shown and printed. `doubt` says what is not as it should be though
    it is committed (a copy that does not read back, a journal that failed), and is part of the message.
    """

    transaction: TransactionState
    done: tuple[Done, ...]
    groups: tuple[GroupOutcome, ...]
    journal_id: int | None
    message: str
    doubt: str = ""
