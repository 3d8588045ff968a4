"""Finds out how far a redrive came whose process has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import RefusedHere
from kafkaview.journal.entry import EntryState
from kafkaview.triage.redrive.earlier_redrives import TRUSTED_MS
from kafkaview.triage.redrive.execution import recall
from kafkaview.triage.redrive.offset_set import OffsetSet
from kafkaview.triage.redrive.outcome import RedriveOutcome, redrive_words
from kafkaview.triage.redrive.progress import AGAIN, REDRIVEN, RedriveProgress
from kafkaview.words import number, plural
from kafkaview.writes.execution import ResumableExecution, reason_of
from kafkaview.writes.memory_groups import memory_group
from kafkaview.writes.steps import LOOKING_UP, Progress, WriteStepName

if TYPE_CHECKING:
    from kafkaview.journal.entry import JournalEntry
    from kafkaview.session import Session
    from kafkaview.triage.redrive.plan import RedrivePlan

_ENDED: Final = "kafkaview ended before all were sent"
_OF_EVERY_OUTCOME: Final = ("message", "effective", "doubt")


class RedriveResumption(ResumableExecution[RedriveOutcome]):
    """Ends the transaction that was open, and reads from the group what stands. It sends nothing: what is left is
    planned anew.
    """

    def __init__(self, session: Session, plan: RedrivePlan, journal_id: int, progress: Progress) -> None:
        super().__init__(session, journal_id, progress)
        self._plan = plan
        self._done = RedriveProgress()
        self._sent = 0
        self._unsure = False  # of some nobody can tell any more whether they stand

    async def check(self) -> None:
        """Checks nothing."""

    async def write(self) -> None:
        """Writes nothing."""

    async def follow(self) -> RedriveOutcome:
        """Returns what stands."""
        return self.unfollowed()

    def recorded(self, entry: JournalEntry) -> RedriveOutcome | None:
        """Returns what the redrive came to where it had ended by itself. Raises RefusedHere if it was refused."""
        outcome = entry.outcome or {}
        if entry.state is EntryState.ABORTED:
            raise RefusedHere(outcome.get("message") or "It was refused", "Nothing was sent. Make the plan again.")
        if entry.state not in (EntryState.COMMITTED, EntryState.NONE):
            return None
        self._done = RedriveProgress.read(outcome[REDRIVEN])
        self._sent = outcome["counts"]["sent"]
        result = {name: value for name, value in outcome.items() if name not in _OF_EVERY_OUTCOME}
        unseen = outcome["effective"] is None
        return self._outcome(outcome["doubt"] or "", outcome["hint"] or "", result, unseen=unseen)

    async def resume(self) -> RedriveOutcome:
        """Looks up what stands of the plan. Raises ClusterError where nobody says."""
        plan = self._plan
        self.progress.begin(WriteStepName.LOOK_UP, LOOKING_UP)
        async with self.session.cluster.transactor(memory_group(plan.queue)):  # what was open is ended now
            entry = await self.session.journal.entry(self.journal_id)
            told = (entry.outcome or {}).get(REDRIVEN) if entry is not None else None
            noted = RedriveProgress.read(told) if told else RedriveProgress()
            memory = await recall(self.session.cluster, plan.queue, plan.topic_id, plan.letters, noted.sending)
        for partition, offsets in plan.letters.items():
            own, known = memory.partitions[partition], noted.sent[partition]  # the group may be gone, the journal stays
            self._done.sent[partition] = OffsetSet.of(one for one in offsets if one in own or one in known)
            self._sent += len(self._done.sent[partition])
        gone = {one: some for one, some in noted.sending.items() if memory.partitions[one].first is None}
        self._done.sending = gone
        expired = entry is not None and now_ms() - entry.begun_at_ms > TRUSTED_MS
        self._unsure = any(expired or noted.sent[one] for one in gone)  # else the group was never needed: none was sent
        self.progress.end("What stands is known", self._words())
        return self.unfollowed()

    def unfollowed(self) -> RedriveOutcome:
        """Returns what stands."""
        complete = self._sent == self._plan.counts.to_send
        counts = replace(self._plan.counts, sent=self._sent)
        result = {
            "counts": counts.document(),
            "failed": [one.document() for one in self._plan.staying],
            "transaction": "unknown" if self._unsure else "committed" if self._sent else "none",
            "groups": [],
            REDRIVEN: self._done.document(),
            "read_back": None,
            "hint": None if complete else AGAIN,
        }
        if complete:
            return self._outcome("it was not read back", "", result, unseen=True)
        return self._outcome(_ENDED, AGAIN, result, unseen=False)

    async def refusal(self, error: BaseException) -> dict[str, Any]:
        """Returns the error with what stands."""
        return {"message": reason_of(error), "hint": AGAIN, REDRIVEN: self._done.document()}

    def _outcome(self, doubt: str, hint: str, result: Mapping[str, Any], *, unseen: bool) -> RedriveOutcome:
        said = redrive_words(replace(self._plan.counts, sent=self._sent), None)
        title, sent = self._plan.title, self._sent
        return RedriveOutcome(
            self.journal_id,
            title,
            doubt,
            detail=said,
            hint=hint,
            unseen=unseen,
            result=result,
            sent=sent,
            unsure=self._unsure,
        )

    def _words(self) -> str:
        return f"{number(self._sent)} of {plural(self._plan.counts.to_send, 'dead letter')}"
