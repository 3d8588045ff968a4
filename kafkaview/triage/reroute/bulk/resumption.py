"""Finds out how far a bulk re-route came whose process has ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from kafkaview.cluster.errors import ClusterError, RefusedHere, UnknownTopicOrPartition
from kafkaview.journal.entry import EntryState
from kafkaview.terms import Record, RecordId, Topic, TopicPartition
from kafkaview.triage.record_reads import find_copies
from kafkaview.triage.reroute.bulk.execution import AGAIN, MOST_DONE, done_documents
from kafkaview.triage.reroute.outcome import BulkOutcome, empty_queue_words
from kafkaview.triage.reroute.recheck import making_queue
from kafkaview.words import number, plural
from kafkaview.writes.execution import ResumableExecution
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.records.read_back import wait_for_transactions
from kafkaview.writes.settling import await_arrivals
from kafkaview.writes.steps import LOOKING_UP, Progress, WriteStepName

if TYPE_CHECKING:
    from kafkaview.journal.entry import JournalEntry
    from kafkaview.session import Session
    from kafkaview.triage.reroute.bulk.plan import BulkReroutePlan

_ENDED: Final = "kafkaview ended before it was done"


class BulkResumption(ResumableExecution[ChangeOutcome]):
    """Ends the transaction that was open, and reads from the queue what stands. It sends nothing: what is left is
    planned anew.
    """

    def __init__(self, session: Session, plan: BulkReroutePlan, journal_id: int, progress: Progress) -> None:
        super().__init__(session, journal_id, progress)
        self._plan = plan
        self._wanted = sum(map(len, plan.unsent.values()))
        self._found: dict[RecordId, RecordId] = {}  # the copies, by source
        self._moved = False  # whether every group stands where the plan moves it, or behind
        self._made_queue = False

    async def check(self) -> None:
        """Checks nothing."""

    async def write(self) -> None:
        """Writes nothing."""

    async def follow(self) -> ChangeOutcome:
        """Returns what stands."""
        return self.unfollowed()

    def recorded(self, entry: JournalEntry) -> ChangeOutcome | None:
        """Returns what it came to where it had ended by itself. Raises RefusedHere if it was refused."""
        told: Mapping[str, Any] = entry.outcome or {}
        if entry.state is EntryState.ABORTED:
            raise RefusedHere(told.get("message") or "It was refused", "Nothing was written. Make the plan again.")
        if entry.state is not EntryState.COMMITTED:
            return None
        unseen = told.get("effective", False) is None
        doubt, hint = told.get("doubt") or "", told.get("hint") or ""
        return ChangeOutcome(entry.id, entry.intent.title, doubt, hint=hint, unseen=unseen)

    async def resume(self) -> ChangeOutcome:
        """Looks up what stands of the plan. Raises ClusterError where nobody says."""
        self.progress.begin(WriteStepName.LOOK_UP, LOOKING_UP)
        async with self.session.cluster.transactor(self._plan.transactional_id):  # what was open is ended now
            await self._find_copies()
        self._moved = await self._have_groups_moved()
        self.progress.end("What stands is known", self._words())
        return self.unfollowed()

    def unfollowed(self) -> ChangeOutcome:
        """Returns what stands."""
        complete = len(self._found) == self._wanted and self._moved
        left = self._plan.queue if self._made_queue and not self._found else None
        hint = "" if complete else AGAIN
        if left is not None:
            hint = f"{hint} {empty_queue_words(self.session.profile, left)}".strip()
        result = {
            "transaction": "committed" if self._found or (complete and not self._wanted) else "none",
            "counts": {**self._plan.document["counts"], "sent": len(self._found)},
            "failed": self._plan.document["failed"],
            "done": done_documents(list(self._found.items())[:MOST_DONE], self.journal_id),
            "read_back": None,
            "hint": hint or None,
            "empty_queue": left,
        }
        title, words = self._plan.title, f"{self._words()} sent to {self._plan.queue}"
        doubt = "it was not read back" if complete else _ENDED
        return BulkOutcome(self.journal_id, title, doubt, detail=words, hint=hint, unseen=complete, result=result)

    async def _find_copies(self) -> None:
        """Reads the queue behind where it ended when the plan was made: no other run can have written there since."""
        plan, cluster = self._plan, self.session.cluster
        queue = await self._find_queue()
        if queue is None and plan.document["create_dlq"]:
            with making_queue(plan.queue):
                await await_arrivals(cluster)
            queue = await self._find_queue()
        if queue is None:
            return  # it was not made yet
        self._made_queue = bool(plan.document["create_dlq"])
        ends = {one["partition"]: one["offset"] for one in plan.document["dlq_ends"]}
        used = {partition % len(queue.partitions) for partition in plan.unsent}
        starts = {TopicPartition(plan.queue, one): ends.get(one, 0) for one in used}
        await wait_for_transactions(cluster, starts)
        self._found = await find_copies(cluster, starts, self._is_planned) if starts else {}

    async def _find_queue(self) -> Topic | None:
        try:
            return await self.session.cluster.topic(self._plan.queue)
        except UnknownTopicOrPartition:
            return None

    def _is_planned(self, source: RecordId, _found: Record) -> bool:
        own = self._plan.unsent.get(source.partition)
        return source.topic == self._plan.subject and own is not None and source.offset in own

    async def _have_groups_moved(self) -> bool:
        moves = [one for one in self._plan.document["groups"] if one["after"] is not None]
        if not moves:
            return True
        answers = await self.session.cluster.committed_offsets({one["group"] for one in moves}, require_stable=True)
        for move in moves:
            answer = answers[move["group"]]
            if isinstance(answer, ClusterError):
                raise answer
            now = answer.get(TopicPartition(move["topic"], move["partition"]))
            if now is None or now.offset < move["after"]:
                return False
        return True

    def _words(self) -> str:
        return f"{number(len(self._found))} of {plural(self._wanted, 'record')}"
