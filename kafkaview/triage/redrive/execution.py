"""Sends dead letters back in transactions of bounded size, and reads them back.

Each transaction holds records and the commit of the group that remembers them, so that both stand or neither. What an
earlier redrive has sent is read behind the fence: once the transactional id is ours, nobody else adds to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from kafkaview.cluster.errors import ClusterError, FencedTransaction, OutcomeUnknown
from kafkaview.cluster.ports.cluster import TransactionStage
from kafkaview.terms import RecordId, Topic, TopicPartition
from kafkaview.triage.redrive.offset_set import OffsetSet, blocks_of, count_offsets
from kafkaview.triage.redrive.outcome import RedriveOutcome, redrive_words
from kafkaview.triage.redrive.preparation import PreparedLetter
from kafkaview.triage.redrive.progress import AGAIN, REDRIVEN, RedriveProgress
from kafkaview.triage.redrive.redrive_memory import RedriveMemory, read_memory
from kafkaview.triage.redrive.room import RedriveRoom
from kafkaview.triage.redrive.tally import MOST_NAMED, RedriveCounts, StayingLetter
from kafkaview.words import number, plural
from kafkaview.writes.execution import reason_of
from kafkaview.writes.memory_groups import memory_group
from kafkaview.writes.records.batch_room import batch_records
from kafkaview.writes.records.production_execution import check_topic
from kafkaview.writes.records.transactor_execution import TransactorExecution
from kafkaview.writes.steps import Progress

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch, Cluster, Transactor
    from kafkaview.session import Session
    from kafkaview.triage.redrive.earlier_redrives import Recollection
    from kafkaview.triage.redrive.preparation import Preparation
    from kafkaview.triage.redrive.targets import RedriveTargets
    from kafkaview.writes.plan import ChangePlan
    from kafkaview.writes.stopping import Stopping

MOST_PLACES: Final = 50_000  # of what was sent, that the outcome names
_LOOKS, _PAUSE_S = 10, 0.2  # until the end of a transaction that was cut off is applied


class RedriveExecution(TransactorExecution[RedriveOutcome, PreparedLetter]):
    """One execution of a redrive. `letters` are the offsets that are to be sent, by partition of the queue."""

    checking = "Topics as planned"
    writing = "Sending back"

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
        super().__init__(session, plan, journal_id, progress, stopping)
        self._queue = queue
        self._topic_id = topic_id
        self._letters = letters
        self._counts = counts
        self._staying = list(staying)
        self._failed = counts.failed
        self._already = counts.already_sent
        self._known = known
        self._memory = known.memory
        self._awaited: Mapping[int, OffsetSet] = known.awaited(letters)
        self._voids = voids
        self._starts = starts
        self._targets = targets
        self._preparation = preparation
        self._done = RedriveProgress()
        self._sent = 0
        self._stands: dict[int, int | None] = {}  # where the group stands, by partition of the queue
        self._places: list[tuple[RecordId, RecordId]] = []

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

    async def follow(self) -> RedriveOutcome:
        """Looks whether a commit without an answer stands, then reads back."""
        if self._done.sending:
            with suppress(ClusterError):  # it is told as unknown
                await self._find_commit()
        return await super().follow()

    async def refusal(self, error: BaseException) -> dict[str, Any]:
        """Returns the error with how far it had come."""
        return {"message": reason_of(error), "hint": AGAIN, REDRIVEN: self._done.document()}

    async def _send_all(self) -> None:
        if not self._counts.to_send:
            return
        try:
            async with self._opened, self._preparation:
                await self._open()
                async with aclosing(self._transactions()) as transactions:
                    async for prepared in transactions:
                        await self._send(prepared)
                        if self._ended_by:
                            return
        except FencedTransaction as error:
            message = f"Another redrive of {self._queue.name} has begun meanwhile, or brokers took too long"
            raise FencedTransaction(message, AGAIN) from error

    @property
    def _has_sent(self) -> bool:
        return bool(self._sent or self._unsure)

    @property
    def _unsure(self) -> int:
        return count_offsets(self._done.sending)

    def _producer(self) -> AbstractAsyncContextManager[Transactor]:
        group = memory_group(self._queue.name)
        return self.session.cluster.transactor(group, batch_bytes=self._targets.batch_bytes)

    async def _look_up(self) -> None:
        """Reads what was sent back until now. What the journal knows stands also where the group has forgotten it."""
        cluster, queue = self.session.cluster, self._queue.name
        self._memory = await recall(cluster, queue, self._topic_id, self._letters, self._awaited)
        self._awaited = {}  # what is not there now never comes
        for partition in self._letters:
            memory = self._memory.partitions[partition]
            memory.sent.update(self._known.journalled.sent[partition])
            memory.sent.update(self._done.sent[partition])

    def _left(self) -> dict[int, OffsetSet]:
        """Returns what of the plan is not sent back."""
        memory = self._memory.partitions
        return {
            partition: OffsetSet.of(offset for offset in offsets if offset not in memory[partition])
            for partition, offsets in self._letters.items()
        }

    async def _transactions(self) -> AsyncGenerator[list[PreparedLetter], None]:
        """Reads and prepares what is left, and yields it as transactions have room for it."""
        most, left = batch_records(self._targets.batch_bytes), self._left()
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

    async def _transact(self, records: Sequence[PreparedLetter]) -> None:
        """Sends one transaction. Until its outcome is known, `sending` has it."""
        memory = self._memory.partitions
        prepared = [one for one in records if one.letter.offset not in memory[one.letter.partition]]
        self._already += len(records) - len(prepared)
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

    def _leave(self, record: PreparedLetter, reason: str) -> None:
        self._stay(record.letter, reason)

    def _stay(self, letter: RecordId, reason: str) -> None:
        """Counts a dead letter that cannot be sent now, though the plan had it."""
        self._failed += 1
        if len(self._staying) < MOST_NAMED:
            self._staying.append(StayingLetter(letter, reason))

    def _words(self) -> str:
        return f"{number(self._sent)} of {plural(self._counts.to_send, 'dead letter')}"

    def _outcome(self, doubt: str, read_back: int | None, *, unseen: bool) -> RedriveOutcome:
        counts = replace(self._counts, sent=self._sent, already_sent=self._already, failed=self._failed)
        unsure = bool(self._unsure)
        result = {
            "counts": counts.document(),
            "failed": [one.document() for one in self._staying],
            "transaction": "unknown" if unsure else "committed" if self._sent else "none",
            "groups": self._group_documents(),
            REDRIVEN: self._done.document(),
            "read_back": read_back,
            "hint": (AGAIN if self._ended_by else "") or None,
        }
        short = self._shortfall()
        said = "; ".join((redrive_words(counts, None if doubt else read_back), *short))
        return RedriveOutcome(
            self.journal_id,
            said if short else self._plan.title,
            doubt,
            detail=said,
            hint=AGAIN if self._ended_by else "",
            unseen=unseen,
            partial=bool(short),
            result=result,
            sent=self._sent,
            places=tuple(self._places),
            unsure=unsure,
        )

    def _shortfall(self) -> list[str]:
        """Returns what of the plan was not sent though nothing failed, and why."""
        others, stay = self._already - self._counts.already_sent, self._failed - self._counts.failed
        said = []
        if others:
            verb = "was" if others == 1 else "were"
            unmended = ", so they are not mended by this one" if self._counts.mended else ""
            said.append(f"{number(others)} {verb} sent back meanwhile by another redrive{unmended}")
        if stay and not self._ended_by:
            verb, last = "stays" if stay == 1 else "stay", self._staying[-1]
            said.append(f"{number(stay)} {verb} in {self._queue.name}, the last is {last.record}: {last.reason}")
        return said

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
