"""The table of verdicts: the texts, the mark and the remedy of each. A new verdict needs a judge and a row here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from kafkaview.triage.watch.verdict import Stuck, Verdict
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
    """One verdict in words. `verdict` is its word in the command line. `headline` is for a place where the group's name
    stands beside it; `sentence` contains the name. The texts take `{group}`, `{partition}`, `{reason}` (the first
    sentence of the reason) and `{last_stable_offset}`. `advice` says what helps, `no_skip` why a skip is not offered;
    both are empty if a skip is what helps. `tone` is the mark: bad, warn, unknown or idle.
    """

    verdict: Verdict
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


_ROWS: Final = (  # the gravest first
    VerdictRow(
        Verdict.POISON,
        label="Poison record",
        headline="Stuck on a poison record",
        tone="bad",
        sentence="{group} cannot read this record: {reason}",
        section=IncidentSection.POISON,
        remedy=VerdictRemedy.SKIP,
    ),
    VerdictRow(
        Verdict.CORRUPT_BATCH,
        label="Corrupt batch",
        headline="Stuck on a corrupt batch",
        tone="bad",
        sentence="{group} cannot read {partition}: a record batch fails its checksum",
        advice="Let another replica lead this partition: its copy of the batch may be sound.",
        no_skip="No copy can be sent to a DLQ: the bytes cannot be read.",
    ),
    VerdictRow(
        Verdict.OPEN_TRANSACTION,
        label="Open transaction",
        headline="Held by an open transaction",
        tone="warn",
        sentence="{group} waits for an open transaction on {partition}",
        advice="Stop or restart the producer that holds the transaction open. Else the broker aborts it once that "
        "producer's transaction.timeout.ms is over, and the group goes on by itself.",
        no_skip="Skipping would not help: read_committed ends at the last stable offset{last_stable_offset}.",
        remedy=VerdictRemedy.TRANSACTION,
    ),
    VerdictRow(
        Verdict.REBALANCING,
        label="Rebalancing",
        headline="Does not get through its rebalance",
        tone="warn",
        sentence="{group} does not get through its rebalance",
        advice="Look for a member that joins and leaves again, or that needs longer than max.poll.interval.ms for "
        "one poll. Groups shows the members.",
        no_skip="Skipping would not help: no member owns the partition before the rebalance ends.",
    ),
    VerdictRow(
        Verdict.REWINDING,
        label="Rewinding",
        headline="Goes back again and again",
        tone="warn",
        sentence="{group} goes back and reads {partition} again",
        advice="Look for a second application with this group id, or for one that seeks back and commits.",
        no_skip="Skipping would not help: the next commit goes back again.",
    ),
    VerdictRow(
        Verdict.UNDECIDED,
        label="Undecided",
        headline="Stands still, undecided",
        tone="unknown",
        sentence="{group} stands still, and no record within reach says why",
        advice="Look in the application's log for this offset, then at the record below. If that record is to blame, "
        "send it to a DLQ. If not, scan the topic for a rule that it breaks.",
        no_skip="Every record within reach decodes, so none is named here.",
        remedy=VerdictRemedy.SKIP_ANYWAY,
    ),
    VerdictRow(
        Verdict.NO_MEMBERS,
        label="No members",
        headline="No members",
        tone="idle",
        sentence="No member is in {group}; a reader that assigns itself would not be seen",
        advice="Start an instance of {group}. It goes on where the group committed last.",
        no_skip="Without a member it is unknown which record is read next.",
        section=IncidentSection.NOBODY,
    ),
)
VERDICT_TABLE: Final = {row.verdict: row for row in _ROWS}
WORST_FIRST: Final = tuple(VERDICT_TABLE)


def _fill(text: str, stuck: Stuck) -> str:
    stable = stuck.last_stable_offset
    return text.format(
        group=name_text(stuck.group),
        partition=stuck.topic_partition,
        reason=stuck.reason.partition(". ")[0],
        last_stable_offset="" if stable is None else f" {number(stable)}",
    )
