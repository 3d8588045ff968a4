"""Sends the records of a file in transactions of bounded size, and reads them back.

Before each transaction the journal gets what stands, and which records are being sent. So whoever goes on after a cut
knows all but whether the last transaction was committed, and that is found out from the topic: its records lie there in
their order behind the log ends of before, or they do not.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from kafkaview.cluster.errors import (
    ClusterError,
    FencedTransaction,
    OutcomeUnknown,
    PlanNoLongerHolds,
    RefusedHere,
)
from kafkaview.cluster.leaders import find_silence
from kafkaview.cluster.ports.cluster import Batch, Copy, TransactionStage
from kafkaview.terms import RecordId, Topic, TopicPartition
from kafkaview.words import number, part_of, plural
from kafkaview.writes.execution import reason_of
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.records.batch_room import BatchRoom, batch_records
from kafkaview.writes.records.import_lines import ImportTarget, read_lines
from kafkaview.writes.records.import_progress import (
    AGAIN,
    IMPORTED,
    EarlierImport,
    ImportKey,
    ImportProgress,
    SentBatch,
    find_newer,
    find_progress,
)
from kafkaview.writes.records.import_scan import FileState, ImportScan
from kafkaview.writes.records.production_execution import check_topic, is_as_written
from kafkaview.writes.records.read_back import wait_for_transactions
from kafkaview.writes.records.transactions_execution import TransactionsExecution
from kafkaview.writes.steps import Progress
from kafkaview.writes.stopping import Stopping
from kafkaview.writes.topic_limits import TopicLimits

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.plan import ChangePlan


class ImportExecution(TransactionsExecution[ChangeOutcome]):
    """One execution of an import. `done` is what an earlier one had committed."""

    checking = "File and topic as planned"

    def __init__(
        self,
        session: Session,
        plan: ChangePlan,
        journal_id: int,
        progress: Progress,
        *,
        path: Path,
        topic: Topic,
        target: ImportTarget,
        scan: ImportScan,
        done: ImportProgress,
        limits: TopicLimits,
        stopping: Stopping,
        transactional_id: str,
        key: ImportKey,
        earlier: EarlierImport | None,
    ) -> None:
        super().__init__(session, plan, journal_id, progress, stopping)
        self._path = path
        self._topic = topic
        self._target = target
        self._scan = scan
        self._done = done
        self._stamped = limits.stamps
        self._may_compact = limits.may_compact
        self._batch_bytes = limits.largest
        self._batch_records = batch_records(limits.largest)
        self._transactional_id = transactional_id
        self._key = key
        self._earlier = earlier
        self._begun_at = done.records

    async def check(self) -> None:
        """Raises PlanNoLongerHolds if the file or the topic was changed, or another import of the file came further,
        and finds out whether the last transaction of an import that was cut off stands.
        """
        try:
            state = FileState.of(await asyncio.to_thread(self._path.stat))
        except OSError as error:
            raise self._unreadable(error) from error
        self._require_planned(state)
        await check_topic(self.session, self._topic, set(self._scan.by_partition))
        await self._transact(())  # ends what another one has open: what the journal says now is all that it has sent
        if await find_progress(self.session.journal, self._key) != self._earlier:
            raise PlanNoLongerHolds("Another import of the file has begun meanwhile", _AFTER_ANOTHER)
        sending = self._done.sending
        if sending is None:
            return
        ends = await self._find(sending)
        self._done = replace(self._done, sending=None) if ends is None else self._done.after(sending, ends)
        self._begun_at = self._done.records

    async def refusal(self, error: BaseException) -> dict[str, Any]:
        """Returns the error with how far it had come, from which the next import goes on."""
        return {"message": reason_of(error), "hint": AGAIN, IMPORTED: self._done.document()}

    async def _send_all(self) -> None:
        while not self._done.complete:
            if self._stopping.wanted:
                self._end_early("It was stopped")
                return
            await self._send_next()

    @property
    def _has_sent(self) -> bool:
        return self._done.records != self._begun_at

    @property
    def _unsure(self) -> int:
        return self._done.sending.records if self._done.sending is not None else 0

    def _doubts(self) -> list[str]:
        if self._done.complete and self._done.records != self._scan.records:
            sent = plural(self._done.records, "record was", "records were")
            return [f"{sent} sent, {number(self._scan.records)} were planned"]
        return super()._doubts()

    async def _send_next(self) -> None:
        """Sends the next transaction. Until its outcome is known, `sending` has it."""
        copies, line, position, ended = await asyncio.to_thread(self._next_copies, self._done, None)
        if not copies:
            self._done = replace(self._done, line=line, position=position, complete=ended)
            return
        batch = SentBatch(len(copies), line, position, await self._ends({copy.partition or 0 for copy in copies}))
        self._done = replace(self._done, sending=batch)
        try:
            await self._note()
            places = await self._transact(copies)
        except (ClusterError, asyncio.CancelledError) as error:
            if not isinstance(error, OutcomeUnknown):
                self._done = replace(self._done, sending=None)  # it was aborted
            raise
        for place, copy in zip(places, copies, strict=True):
            self._written.add(place, copy)
        ends = {place.partition: place.offset + 1 for place in places}
        self._done = replace(self._done.after(batch, ends), complete=ended)
        self.progress.update(self._words())

    async def _transact(self, copies: Sequence[Copy]) -> tuple[RecordId, ...]:
        """Sends one transaction. Raises the errors of one in the words of an import."""
        try:
            return await self.session.cluster.transact(
                self._transactional_id, copies, (), self._check_alone, batch_bytes=self._batch_bytes
            )
        except FencedTransaction as error:
            message = "Another import of the file has begun meanwhile, or brokers took too long"
            raise FencedTransaction(f"{message}; the transaction was aborted", _AFTER_ANOTHER) from error
        except OutcomeUnknown as error:
            raise OutcomeUnknown("The commit was sent and no clear answer came", AGAIN) from error

    async def _check_alone(self, stage: TransactionStage) -> None:
        """Raises PlanNoLongerHolds if another import of the file has begun. What it has open is ended by now, and it
        looks here in turn before it sends more.
        """
        if stage is TransactionStage.BEGUN:
            newer = await find_newer(self.session.journal, self._key, self.journal_id)
            if newer is not None:
                raise PlanNoLongerHolds(f"Journal entry {newer} imports the file too meanwhile", _AFTER_ANOTHER)

    def _next_copies(self, done: ImportProgress, most: int | None) -> tuple[list[Copy], int, int, bool]:
        """Reads the records of the next transaction, or the next `most`: with them the lines and bytes of the file
        behind them, and whether it ends there.
        """
        copies: list[Copy] = []
        room, line, position = BatchRoom(self._batch_records), done.line, done.position
        try:
            with self._path.open("rb") as file:
                self._require_planned(FileState.of(os.fstat(file.fileno())))
                for one in read_lines(file, self._target, done.line, done.position):
                    if one.copy is not None:
                        if len(copies) == most or (most is None and not room.takes(one.copy)):
                            return copies, line, position, False
                        copies.append(one.copy)
                    line, position = one.number, one.end
        except OSError as error:
            raise self._unreadable(error) from error
        return copies, line, position, True

    def _require_planned(self, state: FileState) -> None:
        if state != self._scan.state:
            raise PlanNoLongerHolds(f"{self._path} was changed meanwhile", "Make a new plan.")

    def _unreadable(self, error: OSError) -> RefusedHere:
        return RefusedHere(f"{self._path} cannot be read: {error.strerror or error}", AGAIN)

    async def _ends(self, partitions: set[int]) -> dict[int, int]:
        bounds = await self.session.cluster.offsets([TopicPartition(self._topic.name, one) for one in partitions])
        ends = {place.partition: of.log_end_offset for place, of in bounds.items()}
        silent = sorted(one for one in partitions if ends.get(one) is None)
        if silent:
            raise await find_silence(self.session.cluster, TopicPartition(self._topic.name, silent[0]))
        return {one: end for one, end in ends.items() if end is not None}

    async def _note(self) -> None:
        document = {"hint": AGAIN, IMPORTED: self._done.document()}
        await self.session.journal.note(self.journal_id, document)

    async def _find(self, sending: SentBatch) -> dict[int, int] | None:
        """Returns the offsets behind the records of a transaction whose outcome nobody saw; None if it is not
        committed. Raises RefusedHere where that cannot be told.
        """
        copies, _, position, _ = await asyncio.to_thread(self._next_copies, self._done, sending.records)
        by_partition: dict[int, list[Copy]] = {}
        for copy in copies:
            by_partition.setdefault(copy.partition or 0, []).append(copy)
        if by_partition.keys() != sending.ends.keys() or position != sending.position:
            raise RefusedHere("The partitions of the topic were changed since the import was cut off", _LOOK)
        places = [TopicPartition(self._topic.name, one) for one in by_partition]
        await wait_for_transactions(self.session.cluster, places)
        found, ends = 0, {}
        for partition, own in by_partition.items():
            place = TopicPartition(self._topic.name, partition)
            count, ends[partition] = await self._count_found(place, sending.ends[partition], own)
            found += count
        if 0 < found < len(copies):
            told = f"{number(found)} of {number(len(copies))} records of its last transaction are found"
            raise _untold(told)
        if not found and self._may_compact and await self._ends(set(by_partition)) != sending.ends:
            raise _untold("the topic may be compacted, so that what is not found may have stood")
        return ends if found else None

    async def _count_found(self, place: TopicPartition, start: int, copies: Sequence[Copy]) -> tuple[int, int]:
        """Returns how many of the records lie behind an offset, in their order, and the offset behind the last; records
        of others may lie between.
        """
        found, end = 0, start
        first = (await self.session.cluster.offsets([place]))[place].log_start_offset
        if first is None or first > start:
            now = "is not known to hold all" if first is None else f"begins at offset {number(first)} now"
            raise _untold(f"{place} {now}, it ended at {number(start)} before the transaction")
        opened = self.session.cluster.read({place: start})
        async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
            async for batch in batches:
                for record in batch.records:
                    if is_as_written(record, copies[found], stamped=self._stamped):
                        found, end = found + 1, record.offset + 1
                        if found == len(copies):
                            return found, end
        return found, end

    def _words(self) -> str:
        return f"{number(self._done.records)} of {plural(self._scan.records, 'record')}"

    def _outcome(self, doubt: str, read_back: int | None, *, unseen: bool) -> ChangeOutcome:
        hint = AGAIN if self._ended_by else ""
        result = {IMPORTED: self._done.document(), "read_back": read_back, "hint": hint or None}
        stand = "stands" if self._scan.records == 1 else "stand"
        said = f"{self._words()} {stand} in {self._topic.name}"
        if read_back and not doubt:
            said = f"{said}, {part_of(read_back, self._done.records, 'read back byte for byte')}"
        title = self._plan.title
        return ChangeOutcome(self.journal_id, title, doubt, detail=said, hint=hint, unseen=unseen, result=result)


_AFTER_ANOTHER: Final = "Let one end, then make a new plan: it goes on behind what stands."
_LOOK: Final = "Look at the end of the topic; a copy of the file without the records that stand can be imported."


def _untold(why: str) -> RefusedHere:
    return RefusedHere(f"What stands of the import that was cut off cannot be told: {why}", _LOOK)
