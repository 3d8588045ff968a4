"""Sends the records of a bulk re-route in transactions of bounded size, each with the offsets that groups move by it.

Whoever goes on after a cut plans anew and finds by the copies themselves what stands: they name their sources. While it
runs, one producer holds the transactional id of the topic: another re-route of it fences this one, or is fenced.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from kafkaview.cluster.errors import ClientStuck, ClusterError, OutcomeUnknown, RefusedHere
from kafkaview.cluster.ports.cluster import GroupMove, TransactionStage
from kafkaview.terms import RecordId, TopicPartition
from kafkaview.triage.record_reads import find_copies
from kafkaview.triage.reroute.bulk.batches import RecordCopy, SourceBatch, SourceBatches, offsets_of, one_ahead
from kafkaview.triage.reroute.bulk.earlier_copies import without
from kafkaview.triage.reroute.bulk.group_progress import GroupHasMoved, MovingGroups
from kafkaview.triage.reroute.bulk.survey import LeftRecords, failed_documents
from kafkaview.triage.reroute.bulk.work import BulkWork
from kafkaview.triage.reroute.outcome import BulkOutcome, empty_queue_words, message_of
from kafkaview.triage.reroute.recheck import check_still_missing, making_queue
from kafkaview.words import first_lines, number, plural
from kafkaview.writes.execution import reason_of
from kafkaview.writes.follow_up import follow_groups, unwatched_outcomes
from kafkaview.writes.outcome import ChangeOutcome, GroupOutcome
from kafkaview.writes.records.production_execution import check_topic
from kafkaview.writes.records.read_back import wait_for_transactions
from kafkaview.writes.records.transactor_execution import TransactorExecution
from kafkaview.writes.steps import Progress, WriteStepName

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Transactor
    from kafkaview.session import Session
    from kafkaview.writes.plan import ChangePlan

AGAIN: Final = "Re-route the same records again: it goes on behind those that stand."
MOST_DONE: Final = 50_000  # records with their copies in the outcome
_TRIES: Final = 5  # of a transaction whose groups commit meanwhile


class BulkExecution(TransactorExecution[ChangeOutcome, RecordCopy]):
    """One execution of a bulk re-route."""

    checking = "Topic and queue as planned"
    repeated = (ClientStuck, OutcomeUnknown)

    def __init__(self, session: Session, plan: ChangePlan, journal_id: int, progress: Progress, work: BulkWork) -> None:
        super().__init__(session, plan, journal_id, progress, work.stopping)
        self._work = work
        self._left = LeftRecords()  # what brokers refused, and what is gone since the plan
        self._source = SourceBatches(session.cluster, work, self._left)
        self._already = len(work.earlier)
        self._groups = MovingGroups(work.moves, work.handled, work.unsent, work.survey.marks)
        self._watched: tuple[GroupOutcome, ...] | None = None
        self._ends = dict(work.ends)  # of the queue, behind what is known to stand
        self._found: set[RecordId] = set()  # in the queue when a producer was opened
        self._done: list[tuple[RecordId, RecordId]] = []
        self._sent = 0
        self._transactions = 0
        self._unanswered: SourceBatch = []  # of a transaction of which is not known whether it stands
        self._unanswered_moves: Sequence[GroupMove] = ()  # of the same
        self._seconds = 0.0
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
        """Creates the queue where it is missing, and sends the records."""
        await self._make_queue()
        began, collects = time.monotonic(), gc.isenabled()
        gc.disable()  # what the plan has found stays: to look through it for garbage takes a quarter of the time
        try:
            await super().write()
        finally:
            self._seconds = time.monotonic() - began
            if collects:
                gc.enable()

    async def follow(self) -> ChangeOutcome:
        """Reads the copies back, and watches the groups that have moved."""
        found, doubts = await self._read_back()
        self._watched = await follow_groups(
            self.session.cluster,
            self._groups.changes,
            self.progress,
            message_of,
            transactional_id=self._work.transactional_id,
            evict=self._work.evict,
        )
        unseen = found is None and not self._doubts()
        failed = [one for one in self._watched if one.effective is False]
        doubts += [f"{one.group} on {one.topic_partition}: {one.detail}" for one in failed]
        return self._outcome("; ".join(doubts), found, unseen=unseen and not failed)

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
        with making_queue(queue.name):
            await self.session.cluster.create_topic(
                queue.name, queue.partitions, queue.replication_factor, dict(queue.changes)
            )
        self._made_queue = True
        self.progress.end(f"{queue.name} created", f"{plural(queue.partitions, 'partition')}, kept for ever")

    async def _send_all(self) -> None:
        await self._note_progress()
        async with self._opened, aclosing(self._source.batches()) as made, one_ahead(made) as batches:
            await self._open()
            self._source.looked_up.set()
            async for batch in batches:
                await self._send(batch)
                if self._ended_by:
                    return
            await self._send([])  # groups that stand at what was there already

    @property
    def _has_sent(self) -> bool:
        return bool(self._transactions)

    @property
    def _unsure(self) -> int:
        return len(self._unanswered)

    def _producer(self) -> AbstractAsyncContextManager[Transactor]:
        work = self._work
        return self.session.cluster.transactor(work.transactional_id, batch_bytes=work.queue.limits.largest)

    async def _look_up(self) -> None:
        """Finds out what stands in the queue: of a transaction without an answer all or nothing, and copies that came
        in since the plan, of a run that was cut off in its commit, or of one that has fenced this one meanwhile.
        """
        cluster, places = self.session.cluster, self._work.queue_partitions
        await wait_for_transactions(cluster, places)
        starts = {place: self._ends.get(place, 0) for place in places}
        found = await find_copies(cluster, starts, self._work.survey.fits) if starts else {}
        own = [found.pop(record.id) for record, _ in self._unanswered if record.id in found]
        if len(own) not in (0, len(self._unanswered)):
            count = f"{number(len(own))} of {number(len(self._unanswered))}"
            raise RefusedHere(f"{count} records of the last transaction are found in the queue", AGAIN)
        if own:
            self._note(self._unanswered, own, self._unanswered_moves)
            self._found |= {record.id for record, _ in self._unanswered}
        self._unanswered = []
        if found:
            rest = without(self._source.unsent, found)
            self._already += _count(self._source.unsent) - _count(rest)
            self._source.unsent = self._groups.unsent = rest
            self._found |= found.keys()

    async def _transact(self, records: Sequence[RecordCopy]) -> None:
        """Sends one transaction, again where one of its groups has committed meanwhile."""
        batch = [(record, copy) for record, copy in records if record.id not in self._found]
        cluster, sent = self.session.cluster, offsets_of(batch)
        for last in (*([False] * (_TRIES - 1)), True):
            moves = await self._groups.moves_with(cluster, sent)
            if not batch and not moves:
                return

            async def check(stage: TransactionStage) -> None:
                await self._groups.check(cluster, stage)

            try:
                places = await self._transactor.transact([copy for _, copy in batch], moves, check)
            except GroupHasMoved:
                if last:
                    raise
            except OutcomeUnknown as error:
                self._unanswered, self._unanswered_moves = batch, moves
                raise OutcomeUnknown("The commit was sent and no clear answer came", AGAIN) from error
            else:
                self._note(batch, places, moves)
                await self._note_progress()
                self.progress.update(self._words())
                return

    def _note(self, batch: SourceBatch, places: Sequence[RecordId], moves: Sequence[GroupMove]) -> None:
        """Notes a transaction that is committed."""
        self._groups.note(offsets_of(batch), moves)
        self._transactions += 1
        self._sent += len(batch)
        for (record, copy), target in zip(batch, places, strict=True):
            self._written.add(target, copy)
            self._ends[target.topic_partition] = target.offset + 1
            if len(self._done) < MOST_DONE:
                self._done.append((record.id, target))

    def _leave(self, record: RecordCopy, reason: str) -> None:
        self._left.add(record[0].id, reason)

    def _words(self) -> str:
        return f"{number(self._sent)} of {plural(_count(self._source.unsent), 'record')}"

    def _counts(self) -> dict[str, int]:
        return {
            "selected": self._work.survey.count + self._work.survey.left.count,
            "sent": self._sent,
            "already_sent": self._already,
            "failed": self._work.survey.left.count + self._left.count,
        }

    def _outcome(self, doubt: str, read_back: int | None, *, unseen: bool) -> BulkOutcome:
        work = self._work
        groups = unwatched_outcomes(self._groups.changes) if self._watched is None else self._watched
        hint = AGAIN if self._ended_by else ""
        rate = self._sent / self._seconds if self._sent and self._seconds else None
        result = {
            "transaction": "committed" if self._transactions else "none",
            "transactions": self._transactions,
            "counts": self._counts(),
            "failed": failed_documents((*self._left.named, *work.survey.left.named)),
            "done": done_documents(self._done, self.journal_id),
            "read_back": read_back,
            "seconds": round(self._seconds, 3),
            "records_per_s": None if rate is None else round(rate),
            "left_alone": list(self._groups.dropped),
            "hint": hint or None,
            "empty_queue": work.queue.name if self._made_queue and not self._sent else None,
        }
        took = f" in {self._seconds:.1f} s" if self._sent else ""
        said = [f"{self._words()} sent to {work.queue.name}{took}"]
        others = self._already - len(work.earlier)
        partial = bool(others or self._left.count) and not self._ended_by
        if others:
            verb = "was" if others == 1 else "were"
            said.append(f"{number(others)} {verb} sent there by another run meanwhile")
        if self._left.count:
            record, reason = self._left.named[0]
            said.append(f"{number(self._left.count)} left on the way, the first is {record}: {reason}")
        moved = message_of(groups) if groups else ""
        if moved:
            said.append(moved)
        said += first_lines(self._groups.dropped)
        return BulkOutcome(
            self.journal_id,
            "; ".join(said) if partial else self._plan.title,
            doubt,
            groups,
            detail="; ".join(said),
            hint=hint,
            unseen=unseen,
            partial=partial,
            result=result,
            moved=moved,
            stood=frozenset(islice(chain(work.earlier, self._found), MOST_DONE)),
        )


def done_documents(done: Iterable[tuple[RecordId, RecordId]], journal_id: int) -> list[dict[str, Any]]:
    """Returns records with their copies as JSON."""
    return [{"source": str(source), "target": str(target), "journal_id": journal_id} for source, target in done]


def _count(offsets: Mapping[TopicPartition, Sequence[int]]) -> int:
    return sum(map(len, offsets.values()))
