"""What triage says of one group on one partition."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kafkaview.decode.result import Undecodable
from kafkaview.terms import Record, TopicPartition


class Verdict(StrEnum):
    """Why a partition of a group does not move; its row in `verdict_table` explains it.

    The words are a contract of the command line.
    """

    POISON = "poison"
    UNDECIDED = "undecided"
    OPEN_TRANSACTION = "open_transaction"
    CORRUPT_BATCH = "corrupt_batch"
    NO_MEMBERS = "no_members"
    REBALANCING = "rebalancing"
    REWINDING = "rewinding"


class Behaviour(StrEnum):
    """How the group's members behave while the partition stands, as seen from outside."""

    CRASH_LOOP = "crash_loop"  # members come and go
    RETRIES = "retries"  # the member stays
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of why we say so. `tone` is the mark beside it: bad, warn, ok, unknown."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """The first record from the committed offset on of which the topic's decoders cannot read the value or the key."""

    record: Record
    problem: Undecodable
    records_between: int  # good ones between the committed offset and this record


@dataclass(frozen=True, slots=True)
class Stuck:
    """One partition on which one group does not move.

    `since_ms` is when it was first seen to stand at this offset (it may have stood longer), Unix milliseconds. In a
    list for people, one partition may speak for all of its topic that the group leaves unread: the furthest behind,
    with how many `partitions` there are and what waits on all of them.
    """

    group: str
    topic_partition: TopicPartition
    committed_offset: int | None
    log_end_offset: int | None
    last_stable_offset: int | None
    verdict: Verdict
    behaviour: Behaviour
    reason: str
    since_ms: int
    evidence: tuple[Evidence, ...]
    suspect: Suspect | None = None
    partitions: int = 1  # how many it speaks for
    topic_lag: int | None = None  # records that wait on all of those, where it speaks for more than one
    log_start_offset: int | None = None

    @property
    def lag(self) -> int | None:
        """Records that wait: those that retention has removed are no more."""
        if self.committed_offset is None or self.log_end_offset is None:
            return None
        return max(0, self.log_end_offset - max(self.committed_offset, self.log_start_offset or 0))

    @property
    def beyond_end(self) -> bool:
        """Whether the committed offset lies beyond the log's end, where no record is."""
        end = self.log_end_offset
        return self.committed_offset is not None and end is not None and self.committed_offset > end

    @property
    def wants_record(self) -> bool:
        """Whether a record may say why it stands."""
        return self.verdict is Verdict.UNDECIDED and not self.beyond_end

    @property
    def total_lag(self) -> int | None:
        """Records that wait on all the partitions it speaks for."""
        return self.lag if self.partitions == 1 else self.topic_lag
