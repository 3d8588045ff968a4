"""The verdict of triage on one group and one partition: the words, the mark and the remedy of each. A new verdict needs
a judge and a member of `Verdict`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Self

from kafkaview.decode.result import Undecodable
from kafkaview.terms import Record, TopicPartition
from kafkaview.words import name_text, number


class IncidentSection(StrEnum):
    """The three headings of a list of stuck groups, in order of urgency."""

    POISON = "Poison"
    LOOK = "Needs a look"
    NOBODY = "No members"


class VerdictRemedy(Enum):
    """The action that the window offers beside the advice."""

    SKIP = "send the suspect record away and skip it"
    SKIP_ANYWAY = "send the record at the committed offset away and skip it, after a look or a scan"
    TRANSACTION = "look at the open transaction"


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One verdict in words. `headline` is for a place where the group's name stands beside it; `sentence` contains the
    name. The texts take `{group}`, `{partition}`, `{reason}` (the first sentence of the reason) and
    `{last_stable_offset}`. `advice` says what helps, `no_skip` why a skip is not offered; both are empty if a skip is
    what helps. `tone` is the mark: bad, warn, unknown or idle.
    """

    label: str
    headline: str
    tone: str
    sentence: str
    advice: str = ""
    no_skip: str = ""
    section: IncidentSection = IncidentSection.LOOK
    remedy: VerdictRemedy | None = None

    def say_sentence(self, stuck: Stuck) -> str:
        """Returns the verdict on one partition of a group."""
        return _fill(self.sentence, stuck)

    def say_advice(self, stuck: Stuck) -> str:
        """Returns what to do; empty if the remedy says it."""
        return _fill(self.advice, stuck)

    def say_no_skip(self, stuck: Stuck) -> str:
        """Returns why a skip is not offered; empty if it is offered."""
        return _fill(self.no_skip, stuck)


class Verdict(StrEnum):
    """Why a partition of a group does not move, the gravest first. The values are a contract of the command line."""

    row: VerdictRow

    def __new__(cls, word: str, row: VerdictRow) -> Self:
        """Makes the word the value, and keeps the row beside it."""
        made = str.__new__(cls, word)
        made._value_ = word
        made.row = row
        return made

    POISON = (
        "poison",
        VerdictRow(
            label="Poison record",
            headline="Stuck on a poison record",
            tone="bad",
            sentence="{group} cannot read this record: {reason}",
            section=IncidentSection.POISON,
            remedy=VerdictRemedy.SKIP,
        ),
    )
    CORRUPT_BATCH = (
        "corrupt_batch",
        VerdictRow(
            label="Corrupt batch",
            headline="Stuck on a corrupt batch",
            tone="bad",
            sentence="{group} cannot read {partition}: a record batch fails its checksum",
            advice="Let another replica lead this partition: its copy of the batch may be sound.",
            no_skip="No copy can be sent to a DLQ: the bytes cannot be read.",
        ),
    )
    OPEN_TRANSACTION = (
        "open_transaction",
        VerdictRow(
            label="Open transaction",
            headline="Held by an open transaction",
            tone="warn",
            sentence="{group} waits for an open transaction on {partition}",
            advice="Stop or restart the producer that holds the transaction open. Else the broker aborts it once that "
            "producer's transaction.timeout.ms is over, and the group goes on by itself.",
            no_skip="Skipping would not help: read_committed ends at the last stable offset{last_stable_offset}.",
            remedy=VerdictRemedy.TRANSACTION,
        ),
    )
    REBALANCING = (
        "rebalancing",
        VerdictRow(
            label="Rebalancing",
            headline="Does not get through its rebalance",
            tone="warn",
            sentence="{group} does not get through its rebalance",
            advice="Look for a member that joins and leaves again, or that needs longer than max.poll.interval.ms for "
            "one poll. Groups shows the members.",
            no_skip="Skipping would not help: no member owns the partition before the rebalance ends.",
        ),
    )
    REWINDING = (
        "rewinding",
        VerdictRow(
            label="Rewinding",
            headline="Goes back again and again",
            tone="warn",
            sentence="{group} goes back and reads {partition} again",
            advice="Look for a second application with this group id, or for one that seeks back and commits.",
            no_skip="Skipping would not help: the next commit goes back again.",
        ),
    )
    UNDECIDED = (
        "undecided",
        VerdictRow(
            label="Undecided",
            headline="Stands still, undecided",
            tone="unknown",
            sentence="{group} stands still, and no record within reach says why",
            advice="Look in the application's log for this offset, then at the record below. If that record is to "
            "blame, send it to a DLQ. If not, scan the topic for a rule that it breaks.",
            no_skip="Every record within reach decodes, so none is named here.",
            remedy=VerdictRemedy.SKIP_ANYWAY,
        ),
    )
    NO_MEMBERS = (
        "no_members",
        VerdictRow(
            label="No members",
            headline="No members",
            tone="idle",
            sentence="No member is in {group}; a reader that assigns itself would not be seen",
            advice="Start an instance of {group}. It goes on where the group committed last.",
            no_skip="Without a member it is unknown which record is read next.",
            section=IncidentSection.NOBODY,
        ),
    )


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
    """One partition on which one group does not move. `since_ms` is when it was first seen at this offset, or last seen
    to have caught up there, in Unix milliseconds (it may have stood there longer). In a list for people one partition,
    the one with the largest lag, may represent its whole topic: `partitions` is then their number and `topic_lag` the
    lag of all. Where it cannot be seen now, these are the last known values, of `last_seen_ms`.
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
    last_seen_ms: int | None = None  # None: it is seen now

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


def _fill(text: str, stuck: Stuck) -> str:
    stable = stuck.last_stable_offset
    return text.format(
        group=name_text(stuck.group),
        partition=stuck.topic_partition,
        reason=stuck.reason.partition(". ")[0],
        last_stable_offset="" if stable is None else f" {number(stable)}",
    )
