"""Sends dead letters back in transactions of bounded size, and reads them back.

Each transaction holds records and the commit of the group that remembers them, so that both stand or neither. What an
earlier redrive has sent is read behind the fence: once the transactional id is ours, nobody else adds to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from kafkaview.cluster.errors import ClientStuck, ClusterError, FencedTransaction, OutcomeUnknown, RefusedByPolicy
from kafkaview.cluster.ports.cluster import TransactionStage
from kafkaview.terms import RecordId, Topic, TopicPartition
from kafkaview.triage.redrive.memory import RedriveMemory, memory_group, read_memory
from kafkaview.triage.redrive.offset_set import OffsetSet, blocks_of, count_offsets
from kafkaview.triage.redrive.outcome import RedriveOutcome
from kafkaview.triage.redrive.preparation import PreparedLetter
from kafkaview.triage.redrive.progress import AGAIN, REDRIVEN, RedriveProgress
from kafkaview.triage.redrive.room import RedriveRoom
from kafkaview.triage.redrive.tally import MOST_NAMED, RedriveCounts, StayingLetter
from kafkaview.words import number, plural
from kafkaview.writes.kind import UNWAITED, Execution, cancel_again, reason_of
from kafkaview.writes.records.batch_room import batch_records
from kafkaview.writes.records.production_execution import check_topic
from kafkaview.writes.records.read_back import WrittenRecords
from kafkaview.writes.steps import Progress, WriteStepName

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch, Cluster, Transactor
    from kafkaview.session import Session
    from kafkaview.triage.redrive.preparation import Preparation
    from kafkaview.triage.redrive.recollection import Recollection
    from kafkaview.triage.redrive.targets import RedriveTargets
    from kafkaview.writes.plan import ChangePlan
    from kafkaview.writes.stopping import Stopping

MOST_PLACES: Final = 50_000  # of what was sent, that the outcome names
_MOST_REFUSED: Final = 100  # records that brokers do not take: then it is no matter of single ones
_MOST_STUCK: Final = 3  # clients that are given up
_LOOKS, _PAUSE_S = 10, 0.2  # until the end of a transaction that was cut off is applied


class RedriveExecution(Execution[RedriveOutcome]):
    """One execution of a redrive. `letters` are the offsets that are to be sent, by partition of the queue."""

    checking = "Topics as planned"

    def __init__(
        self,
        session: Session,
        plan: ChangePlan,
        journal_id: int,
        progress: Progress,
        *,
        queue: Topic,
        topic_id: str | None,
        letters: Mapping[int, OffsetSet],
        counts: RedriveCounts,
        staying: Sequence[StayingLetter],
        known: Recollection,
        voids: Mapping[int, OffsetSet],
        starts: Mapping[int, int],
        targets: RedriveTargets,
        preparation: Preparation,
        stopping: Stopping,
    ) -> None:
        super().__init__(session, journal_id, progress)
        self._plan = plan
        self._queue = queue
        self._topic_id = topic_id
        self._letters = letters
        self._counts = counts
        self._staying = list(staying)
        self._failed = counts.failed
        self._opened = AsyncExitStack()
        self._transactor: Transactor | None = None
        self._refused = self._stuck = 0
        self._already = counts.already_sent
        self._known = known
        self._memory = known.memory
        self._voids = voids
        self._starts = starts
        self._targets = targets
        self._preparation = preparation
        self._stopping = stopping
        self._done = RedriveProgress()
        self._sent = 0
        self._stands: dict[int, int | None] = {}  # where the group stands, by partition of the queue
        self._places: list[tuple[RecordId, RecordId]] = []
        self._written = WrittenRecords()
        self._ended_by = ""  # why it ended before all were sent

    async def check(self) -> None:
        """Raises PlanNoLongerHolds if the queue or a target was changed, ClusterError if a partition takes no record
        now.
        """
        await check_topic(self.session, self._queue, set())
        used: dict[str, set[int]] = {}
        for one in self._plan.document["targets"]:
            used.setdefault(one["topic"], set()).add(one["partition"])
        for name, partitions in used.items():
            await check_topic(self.session, self._targets.found[name].topic, partitions)

    async def write(self) -> None:
        """Sends the dead letters, a transaction after the other. What ends it once one is committed is no error:
        `follow` says what stands.
        """
        if not self._counts.to_send:
            return
        self.progress.begin(WriteStepName.TRANSACTION, "Sending back", self._words())
        try:
            await self._send_all()
        except ClusterError as error:
            if not self._sent and not isinstance(error, OutcomeUnknown):
                raise
            self._end_early(error.message)
        except asyncio.CancelledError:
            if not self._sent:
                raise
            self._end_early("It was interrupted")
            cancel_again()

    async def follow(self) -> RedriveOutcome:
        """Reads back what was written here, and compares it byte for byte."""
        self.progress.begin(WriteStepName.VERIFY, "Read back")
        try:
            if self._done.sending:
                await self._find_commit()
            found, doubts = await self._written.read_back(self.session.cluster, self.progress.update)
        except ClusterError as error:
            found, doubts = 0, [f"the records could not be read back: {error.message}"]
        if self._ended_by:
            doubts.insert(0, self._ending)
        self.progress.end(detail=plural(found, "record"), failed=bool(doubts))
        return self._outcome("; ".join(doubts), found)

    def unfollowed(self) -> RedriveOutcome:
        """Returns what was committed; it was not read back."""
        return self._outcome("; ".join(filter(None, [self._ended_by and self._ending, UNWAITED])), None)

    def may_stand(self, _error: BaseException) -> bool:
        """False: what raises has sent nothing."""
        return False

    async def refusal(self, error: BaseException) -> dict[str, Any]:
        """Returns the error with how far it had come."""
        return {"message": reason_of(error), "hint": AGAIN, REDRIVEN: self._done.document()}

    async def _send_all(self) -> None:
        try:
            async with self._opened, self._preparation:
                left = await self._open()
                async with aclosing(self._transactions(left)) as transactions:
                    async for prepared in transactions:
                        if self._stopping.wanted:
                            self._end_early("It was stopped")
                            return
                        await self._send(prepared)
        except FencedTransaction as error:
            message = f"Another redrive of {self._queue.name} has begun meanwhile, or brokers took too long"
            raise FencedTransaction(message, AGAIN) from error

    async def _open(self) -> dict[int, OffsetSet]:
        """Opens the producer, by which all others are fenced, reads what was sent until now, which nobody adds to any
        more, and returns what is left of the plan.
        """
        await self._opened.aclose()
        cluster, group = self.session.cluster, memory_group(self._queue.name)
        opening = cluster.transactor(group, batch_bytes=self._targets.batch_bytes)
        self._transactor = await self._opened.enter_async_context(opening)
        awaited = self._known.awaited(self._letters)
        self._memory = await recall(cluster, self._queue.name, self._topic_id, self._letters, awaited)
        left: dict[int, OffsetSet] = {}
        for partition, offsets in self._letters.items():
            memory = self._memory.partitions[partition]
            memory.sent.update(self._known.journalled.sent[partition])
            left[partition] = OffsetSet.of(offset for offset in offsets if offset not in memory)
        return left

    async def _transactions(self, left: Mapping[int, OffsetSet]) -> AsyncGenerator[list[PreparedLetter], None]:
        """Reads and prepares what is left, and yields it as transactions have room for it."""
        most = batch_records(self._targets.batch_bytes)
        self._already += count_offsets(self._letters) - count_offsets(left)
        wanted = {TopicPartition(self._queue.name, partition): some for partition, some in left.items() if len(some)}
        seen, count = 0, sum(map(len, wanted.values()))
        room, now = RedriveRoom(most), list[PreparedLetter]()
        opened = self.session.cluster.read_at(wanted)
        async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
            async for batch in batches:
                seen += len(batch.records)
                for one in await self._preparation.prepare(batch.records, planned=True):
                    if one.copy is None:
                        self._stay(one.letter, one.reason)
                        continue
                    if not room.takes(one.letter, one.copy):
                        yield now
                        room, now = RedriveRoom(most), []
                        room.takes(one.letter, one.copy)
                    now.append(one)
        if now:
            yield now
        if seen < count:
            self._failed += count - seen
            self._end_early(f"{plural(count - seen, 'dead letter is', 'dead letters are')} not there any more")

    async def _send(self, prepared: Sequence[PreparedLetter]) -> None:
        """Sends a transaction. One that brokers refuse is sent in halves, until what they do not take is alone and
        stays.
        """
        try:
            await self._send_one(prepared)
        except ClientStuck:
            if self._stuck == _MOST_STUCK:
                raise
            self._stuck += 1
            await self._open()  # by which the transaction that it has left open is ended
            await self._send(prepared)
        except RefusedByPolicy as error:
            if self._refused == _MOST_REFUSED:
                raise
            await self._open()  # behind several refusals librdkafka may miscount what it sends
            if len(prepared) == 1:
                self._refused += 1
                self._stay(prepared[0].letter, error.message)
                return
            middle = len(prepared) // 2
            await self._send(prepared[:middle])
            await self._send(prepared[middle:])

    async def _send_one(self, planned: Sequence[PreparedLetter]) -> None:
        """Sends one transaction. Until its outcome is known, `sending` has it."""
        assert self._transactor is not None
        memory = self._memory.partitions
        prepared = [one for one in planned if one.letter.offset not in memory[one.letter.partition]]
        self._already += len(planned) - len(prepared)
        if not prepared:
            return
        offsets: dict[int, OffsetSet] = {}
        for one in prepared:
            offsets.setdefault(one.letter.partition, OffsetSet()).add(one.letter.offset)
        copies = [one.copy for one in prepared if one.copy is not None]
        before = {partition: memory[partition].copy() for partition in offsets}
        self._memory.add(offsets, self._voids, self._starts)
        self._done.sending = offsets
        try:
            await self.session.journal.note(self.journal_id, {"hint": AGAIN, REDRIVEN: self._done.document()})
            places = await self._transactor.transact(copies, self._memory.moves(offsets), _check_nothing)
        except OutcomeUnknown as error:
            raise OutcomeUnknown("The commit was sent and no clear answer came", AGAIN) from error
        except (ClusterError, asyncio.CancelledError):
            self._done.sending = {}  # it was aborted
            memory.update(before)
            raise
        self._note_sent(offsets)
        for one, copy, place in zip(prepared, copies, places, strict=True):
            self._written.add(place, copy)
            if len(self._places) < MOST_PLACES:
                self._places.append((one.letter, place))
        self.progress.update(self._words())

    def _note_sent(self, offsets: Mapping[int, OffsetSet]) -> None:
        self._done.add_sent(offsets)
        self._sent += count_offsets(offsets)
        self._stands |= {partition: self._memory.partitions[partition].first for partition in offsets}

    async def _find_commit(self) -> None:
        """Looks whether the transaction whose commit got no answer stands: the group tells it."""
        sending = self._done.sending
        memory = await recall(self.session.cluster, self._queue.name, self._topic_id, sending, sending)
        if all(offset in memory.partitions[one] for one, offsets in sending.items() for offset in offsets):
            self._note_sent(sending)

    def _stay(self, letter: RecordId, reason: str) -> None:
        """Counts a dead letter that cannot be sent now, though the plan had it."""
        self._failed += 1
        if len(self._staying) < MOST_NAMED:
            self._staying.append(StayingLetter(letter, reason))

    def _end_early(self, why: str) -> None:
        self._ended_by = why
        self.progress.end(why, self._words(), failed=True)

    @property
    def _ending(self) -> str:
        unsure = count_offsets(self._done.sending)
        more = f"; of {number(unsure)} more it is not known whether they stand" if unsure else ""
        return f"{self._ended_by}{more}"

    def _words(self) -> str:
        return f"{number(self._sent)} of {plural(self._counts.to_send, 'dead letter')}"

    def _outcome(self, doubt: str, read_back: int | None) -> RedriveOutcome:
        counts = replace(self._counts, sent=self._sent, already_sent=self._already, failed=self._failed)
        unsure = bool(count_offsets(self._done.sending))
        result = {
            "counts": counts.document(),
            "failed": [one.document() for one in self._staying],
            "transaction": "unknown" if unsure else "committed" if self._sent else "none",
            "groups": self._group_documents(),
            REDRIVEN: self._done.document(),
            "read_back": read_back,
            "hint": (AGAIN if self._ended_by else "") or None,
        }
        said = f"{self._words()} {'is' if self._sent == 1 else 'are'} sent back"
        if read_back and not doubt:
            said = f"{said}, {number(read_back)} of them read back byte for byte"
        return RedriveOutcome(
            self.journal_id,
            self._plan.title,
            doubt,
            detail=said,
            hint=AGAIN if self._ended_by else "",
            result=result,
            sent=self._sent,
            places=tuple(self._places),
            unsure=unsure,
        )

    def _group_documents(self) -> list[dict[str, Any]]:
        """Returns where the group of this redrive stands, as JSON."""
        found = []
        for partition, after in sorted(self._stands.items()):
            before = self._known.memory.partitions[partition].first
            found.append(
                {
                    "group": memory_group(self._queue.name),
                    "topic": self._queue.name,
                    "partition": partition,
                    "before": before,
                    "after": after,
                    "evicted": 0,
                    "effective": True,
                    "detail": "remembers what was sent back",
                }
            )
        return found


async def recall(
    cluster: Cluster,
    queue: str,
    topic_id: str | None,
    letters: Mapping[int, OffsetSet],
    awaited: Mapping[int, OffsetSet],
) -> RedriveMemory:
    """Reads what was sent back from the blocks of these offsets. `awaited` was on its way when its process ended: it is
    looked for some times, because brokers may apply the end of a transaction later than they say so.
    """
    blocks = blocks_of(letters.values())
    for _ in range(_LOOKS):
        memory = await read_memory(cluster, queue, topic_id, blocks, require_stable=True)
        if all(offset in memory.partitions[one] for one, offsets in awaited.items() for offset in offsets):
            return memory
        await asyncio.sleep(_PAUSE_S)
    return memory


async def _check_nothing(_stage: TransactionStage) -> None:
    """Accepts: behind the fence nobody else sends."""
