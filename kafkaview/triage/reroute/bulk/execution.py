"""Sends the records of a bulk re-route in transactions of bounded size, each with the offsets that groups move by it.

Whoever goes on after a cut plans anew and finds by the copies themselves what stands: they name their sources. While it
runs, one producer holds the transactional id of the topic: another re-route of it fences this one, or is fenced.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from kafkaview.cluster.errors import (
    ClientStuck,
    ClusterError,
    OutcomeUnknown,
    RefusedByPolicy,
    RefusedHere,
    TopicExists,
)
from kafkaview.cluster.ports.cluster import GroupMove, TransactionStage, Transactor
from kafkaview.terms import RecordId, TopicPartition
from kafkaview.triage.record_reads import find_copies
from kafkaview.triage.reroute.bulk.batches import SourceBatch, SourceBatches, offsets_of, one_ahead
from kafkaview.triage.reroute.bulk.earlier import without
from kafkaview.triage.reroute.bulk.moving import GroupHasMoved, MovingGroups
from kafkaview.triage.reroute.bulk.survey import LeftRecords, SourceMark, failed_documents
from kafkaview.triage.reroute.bulk.work import BulkWork
from kafkaview.triage.reroute.outcome import BulkOutcome, empty_queue_words, message_of
from kafkaview.triage.reroute.recheck import check_still_missing, made_meanwhile
from kafkaview.words import number, plural
from kafkaview.writes.follow_up import follow_groups, unwatched_outcomes
from kafkaview.writes.kind import UNWAITED, Execution, cancel_again, reason_of
from kafkaview.writes.outcome import ChangeOutcome, GroupOutcome
from kafkaview.writes.records.production_execution import check_topic
from kafkaview.writes.records.read_back import WrittenRecords, wait_for_transactions
from kafkaview.writes.steps import Progress, WriteStepName

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.plan import ChangePlan

AGAIN: Final = "Re-route the same records again: it goes on behind those that stand."
_MOST_DONE: Final = 50_000  # records with their copies in the outcome
_TRIES: Final = 5  # of a transaction whose groups commit meanwhile, and of one whose commit has no answer
_MOST_REFUSED: Final = 100  # records that brokers refuse one by one, before it is taken for a fault of the queue


class BulkExecution(Execution[ChangeOutcome]):
    """One execution of a bulk re-route."""

    checking = "Topic and queue as planned"

    def __init__(self, session: Session, plan: ChangePlan, journal_id: int, progress: Progress, work: BulkWork) -> None:
        super().__init__(session, journal_id, progress)
        self._plan = plan
        self._work = work
        self._left = LeftRecords()  # what brokers refused, and what is gone since the plan
        self._source = SourceBatches(session.cluster, work, self._left)
        self._refused = 0
        self._already = work.already
        self._groups = self._make_groups()
        self._ends = dict(work.ends)  # of the queue, behind what is known to stand
        self._written = WrittenRecords()
        self._done: list[tuple[RecordId, RecordId]] = []
        self._sent = 0
        self._transactions = 0
        self._unanswered: SourceBatch = []  # of a transaction of which is not known whether it stands
        self._unanswered_moves: Sequence[GroupMove] = ()  # of the same
        self._pending: list[SourceBatch] = []  # parts of a batch that brokers refused as a whole
        self._seconds = 0.0
        self._ended_by = ""
        self._made_queue = False

    async def check(self) -> None:
        """Raises PlanNoLongerHolds if the topic or the queue is another one than planned."""
        work, cluster = self._work, self.session.cluster
        await check_topic(self.session, work.topic, set())
        if work.queue.topic is None:
            await check_still_missing(cluster, work.queue.name)
        else:
            await check_topic(self.session, work.queue.topic, {one.partition for one in work.queue_partitions})

    async def write(self) -> None:
        """Sends the records, a transaction after the other. What ends it once something stands is no error: `follow`
        says what does.
        """
        await self._make_queue()
        self.progress.begin(WriteStepName.WRITE, "Sending", self._words())
        began = time.monotonic()
        gc.freeze()  # what the plan has found stays: to look through it for garbage takes a third of the time
        try:
            await self._note_progress()
            await self._send_all()
        except ClusterError as error:
            if not self._transactions:
                raise
            self._end_early(error.message)
        except asyncio.CancelledError:
            if not self._transactions:
                raise
            self._end_early("It was interrupted")
            cancel_again()
        finally:
            self._seconds = time.monotonic() - began

    async def follow(self) -> ChangeOutcome:
        """Reads the copies back, and watches the groups that have moved."""
        self.progress.begin(WriteStepName.VERIFY, "Read back")
        try:
            found, doubts = await self._written.read_back(self.session.cluster, self.progress.update)
        except ClusterError as error:
            found, doubts = 0, [f"the copies could not be read back: {error.message}"]
        self.progress.end(detail=plural(found, "record"), failed=bool(doubts))
        groups = await follow_groups(
            self.session.cluster,
            self._groups.changes,
            self.progress,
            message_of,
            transactional_id=self._work.transactional_id,
            evict=self._work.evict,
        )
        if self._ended_by:
            doubts.insert(0, self._ending)
        doubts += [f"{one.group} on {one.topic_partition}: {one.detail}" for one in groups if one.effective is False]
        return self._outcome("; ".join(doubts), groups, found)

    def unfollowed(self) -> ChangeOutcome:
        """Returns what was committed; it was not read back."""
        doubt = "; ".join(filter(None, [self._ended_by and self._ending, UNWAITED]))
        return self._outcome(doubt, unwatched_outcomes(self._groups.changes), None)

    def may_stand(self, error: BaseException) -> bool:
        """Whether the first transaction may be committed: no clear answer came."""
        return isinstance(error, OutcomeUnknown)

    async def refusal(self, error: BaseException) -> dict[str, Any]:
        """Returns the error, and what to do. If the queue was already created, the error's hint says so."""
        left = self._work.queue.name if self._made_queue else None
        if left is not None and isinstance(error, ClusterError):
            error.hint = f"{error.hint} {empty_queue_words(self.session.profile, left)}".strip()
        return {"message": reason_of(error), "hint": AGAIN, "counts": self._counts(), "empty_queue": left}

    async def _note_progress(self) -> None:
        """Lets the journal say how far it is, for whoever finds it cut off; what stands is read from the queue."""
        await self.session.journal.note(self.journal_id, {"hint": AGAIN, "counts": self._counts()})

    async def _make_queue(self) -> None:
        queue = self._work.queue
        if queue.topic is not None:
            return
        self.progress.begin(WriteStepName.TOPIC, f"Creating {queue.name}")
        try:
            await self.session.cluster.create_topic(
                queue.name, queue.partitions, queue.replication_factor, dict(queue.changes)
            )
        except TopicExists as error:
            raise made_meanwhile(queue.name) from error
        self._made_queue = True
        self.progress.end(f"{queue.name} created", f"{plural(queue.partitions, 'partition')}, kept for ever")

    async def _send_all(self) -> None:
        """Sends all, with a new producer where a commit had no answer: opening it decides what became of that."""
        async with aclosing(self._source.batches()) as made, aclosing(one_ahead(made)) as batches:
            for _ in range(_TRIES):
                try:
                    async with self.session.cluster.transactor(
                        self._work.transactional_id, batch_bytes=self._work.queue.limits.largest
                    ) as transactor:
                        await self._settle()
                        await self._send_rest(transactor, batches)
                        return
                except (OutcomeUnknown, ClientStuck):
                    if not self._unanswered:
                        raise
        raise OutcomeUnknown("Commits were sent and no clear answer came", AGAIN)

    async def _settle(self) -> None:
        """Finds out what stands in the queue, now that nobody else can add to it: of a transaction without an answer
        all or nothing, and the copies that came in since the plan, of a run that was cut off in its commit.
        """
        cluster, places = self.session.cluster, self._work.queue_partitions
        await wait_for_transactions(cluster, places)
        if self._unanswered:
            await self._look_up()
            return
        starts = {place: self._ends.get(place, 0) for place in places}
        found = await find_copies(cluster, starts, self._work.survey.fits) if starts else {}
        if found:
            self._source.unsent = without(self._source.unsent, found)
            self._already += len(found)
            self._groups = self._make_groups()

    def _make_groups(self) -> MovingGroups:
        return MovingGroups(self._work.moves, self._work.handled, self._source.unsent, self._work.survey.marks)

    async def _look_up(self) -> None:
        """Notes the transaction without an answer as sent if it stands; else its records are sent again."""
        batch = {record.id: (record, copy) for record, copy in self._unanswered}
        targets = {TopicPartition(copy.topic, copy.partition or 0) for _, copy in self._unanswered}
        marks = {id_: SourceMark.of(record) for id_, (record, _) in batch.items()}
        found = await find_copies(
            self.session.cluster,
            {place: self._ends.get(place, 0) for place in targets},
            lambda source, copy: source in marks and marks[source].is_copy(copy),
        )
        if len(found) not in (0, len(batch)):
            count = f"{number(len(found))} of {number(len(batch))}"
            raise RefusedHere(f"{count} records of the last transaction are found in the queue", AGAIN)
        if found:
            self._groups.note(offsets_of(self._unanswered), self._unanswered_moves)
            self._note(self._unanswered, [found[record.id] for record, _ in self._unanswered])
            self._unanswered = []

    async def _send_rest(self, transactor: Transactor, batches: AsyncGenerator[SourceBatch, None]) -> None:
        if self._unanswered:
            await self._send(transactor, self._unanswered)
        while not self._work.stopping.wanted:
            batch = self._pending.pop(0) if self._pending else await anext(batches, None)
            if batch is None:
                await self._send(transactor, [])  # groups that stand at what was there already
                return
            await self._send(transactor, batch)
        self._end_early("It was stopped")

    async def _send(self, transactor: Transactor, batch: SourceBatch) -> None:
        """Sends one transaction. If brokers refuse one of its records, its halves are sent next, until it is found."""
        try:
            await self._transact(transactor, batch)
        except RefusedByPolicy as error:
            if len(batch) < 2:
                self._leave(batch, error)
                return
            half = len(batch) // 2
            self._unanswered = []
            self._pending[:0] = [batch[:half], batch[half:]]

    async def _transact(self, transactor: Transactor, batch: SourceBatch) -> None:
        cluster, sent = self.session.cluster, offsets_of(batch)
        for last in (*([False] * (_TRIES - 1)), True):
            moves = await self._groups.moves_with(cluster, sent)
            if not batch and not moves:
                return

            async def check(stage: TransactionStage) -> None:
                await self._groups.check(cluster, stage)

            try:
                places = await transactor.transact([copy for _, copy in batch], moves, check)
            except GroupHasMoved:
                if last:
                    raise
            except (OutcomeUnknown, ClientStuck):
                self._unanswered, self._unanswered_moves = batch, moves
                raise
            else:
                self._unanswered = []
                self._groups.note(sent, moves)
                self._note(batch, places)
                await self._note_progress()
                self.progress.update(self._words())
                return

    def _note(self, batch: SourceBatch, places: Sequence[RecordId]) -> None:
        """Notes a transaction that is committed."""
        self._transactions += 1
        self._sent += len(batch)
        for (record, copy), target in zip(batch, places, strict=True):
            self._written.add(target, copy)
            self._ends[target.topic_partition] = target.offset + 1
            if len(self._done) < _MOST_DONE:
                self._done.append((record.id, target))

    def _leave(self, batch: SourceBatch, error: RefusedByPolicy) -> None:
        """Leaves the one record of a batch that brokers refuse. Raises the error where it is none of a record."""
        if not batch or self._refused == _MOST_REFUSED:
            raise error
        self._refused += 1
        self._left.add(batch[0][0].id, error.message)

    def _end_early(self, why: str) -> None:
        self._ended_by = why
        self.progress.end(why, self._words(), failed=True)

    @property
    def _ending(self) -> str:
        if not self._unanswered:
            return self._ended_by
        unsure = number(len(self._unanswered))
        return f"{self._ended_by}; of {unsure} more it is not known whether they stand"

    def _words(self) -> str:
        return f"{number(self._sent)} of {plural(sum(map(len, self._source.unsent.values())), 'record')}"

    def _counts(self) -> dict[str, int]:
        return {
            "selected": self._work.survey.count + self._work.survey.left.count,
            "sent": self._sent,
            "already_sent": self._already,
            "failed": self._work.survey.left.count + self._left.count,
        }

    def _outcome(self, doubt: str, groups: tuple[GroupOutcome, ...], read_back: int | None) -> BulkOutcome:
        work = self._work
        hint = AGAIN if self._ended_by else ""
        rate = self._sent / self._seconds if self._sent and self._seconds else None
        result = {
            "transaction": "committed" if self._transactions else "none",
            "transactions": self._transactions,
            "counts": self._counts(),
            "failed": failed_documents((*self._left.named, *work.survey.left.named)),
            "done": [
                {"source": str(source), "target": str(target), "journal_id": self.journal_id}
                for source, target in self._done
            ],
            "read_back": read_back,
            "seconds": round(self._seconds, 3),
            "records_per_s": None if rate is None else round(rate),
            "left_alone": list(self._groups.dropped),
            "hint": hint or None,
            "empty_queue": work.queue.name if self._made_queue and not self._sent else None,
        }
        took = f" in {self._seconds:.1f} s" if self._sent else ""
        said = [f"{self._words()} sent to {work.queue.name}{took}"]
        if self._left.count:
            record, reason = self._left.named[0]
            said.append(f"{number(self._left.count)} left on the way, the first is {record}: {reason}")
        if groups:
            said.append(message_of(groups))
        said += self._groups.dropped
        return BulkOutcome(
            self.journal_id, self._plan.title, doubt, groups, detail="; ".join(said), hint=hint, result=result
        )
