"""The verdict of triage on one group and one partition."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kafkaview.decode.result import Undecodable
from kafkaview.terms import Record, TopicPartition


class Verdict(StrEnum):
    """Why a partition of a group does not move; `verdict_table` explains each. The values are a contract of the command
    line.
    """

    POISON = "poison"
    UNDECIDED = "undecided"
    OPEN_TRANSACTION = "open_transaction"
    CORRUPT_BATCH = "corrupt_batch"
    NO_MEMBERS = "no_members"
    REBALANCING = "rebalancing"
    REWINDING = "rewinding"


class Behaviour(StrEnum):
    """The behaviour of the group's members while the partition stands, as seen from outside."""

    CRASH_LOOP = "crash_loop"  # members come and go
    RETRIES = "retries"  # the member stays
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a verdict. `tone` is its mark: bad, warn, ok or unknown."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Suspect:
    """The first record from the committed offset on whose key or value the topic's decoders cannot read."""

    record: Record
    problem: Undecodable
    records_between: int  # good ones between the committed offset and this record


@dataclass(frozen=True, slots=True)
class Stuck:
    """One partition on which one group does not move. `since_ms` is when it was first seen at this offset, in Unix
    milliseconds (it may have stood there longer). In a list for people one partition, the one with the largest lag, may
    represent its whole topic: `partitions` is then their number and `topic_lag` the lag of all.
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
        """The lag, without records that retention has removed."""
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
        """Whether a record may explain why it stands."""
        return self.verdict is Verdict.UNDECIDED and not self.beyond_end

    @property
    def total_lag(self) -> int | None:
        """The lag of all the partitions that it represents."""
        return self.lag if self.partitions == 1 else self.topic_lag
