"""What helps where no record is to blame, and why skipping one would not."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.triage.watch.verdict import Stuck, Verdict
from kafkaview.words import number


@dataclass(frozen=True, slots=True)
class Advice:
    """`helps` says what to do, `skipping` why a skip is not offered."""

    helps: str
    skipping: str


def advice(stuck: Stuck) -> Advice | None:
    """What to say instead of a skip; None for a poison record, where the skip is what helps."""
    match stuck.verdict:
        case Verdict.POISON:
            return None
        case Verdict.OPEN_TRANSACTION:
            return Advice(
                "Stop or restart the producer that holds the transaction open. Else the broker aborts it once that "
                "producer's transaction.timeout.ms is over, and the group goes on by itself.",
                f"Skipping would not help: read_committed ends at the last stable offset{_at(stuck)}.",
            )
        case Verdict.CORRUPT_BATCH:
            return Advice(
                "Let another replica lead this partition: its copy of the batch may be sound.",
                "No copy can be sent to a DLQ: the bytes cannot be read.",
            )
        case Verdict.NO_MEMBERS:
            return Advice(
                f"Start an instance of {stuck.group}. It goes on where the group committed last.",
                "Skipping would not help: nobody reads.",
            )
        case Verdict.REBALANCING:
            return Advice(
                "Look for a member that joins and leaves again, or that needs longer than max.poll.interval.ms for "
                "one poll. Groups shows the members.",
                "Skipping would not help: no member owns the partition before the rebalance ends.",
            )
        case Verdict.REWINDING:
            return Advice(
                "Look for a second application with this group id, or for one that seeks back and commits.",
                "Skipping would not help: the next commit goes back again.",
            )
        case Verdict.UNDECIDED:
            return Advice(
                "Look in the application's log for this offset, then at the record below. If that record is to blame, "
                "send it to a DLQ. If not, scan the topic for a rule that it breaks.",
                "Every record within reach decodes, so none is named here.",
            )


def _at(stuck: Stuck) -> str:
    return f" {number(stuck.last_stable_offset)}" if stuck.last_stable_offset is not None else ""
