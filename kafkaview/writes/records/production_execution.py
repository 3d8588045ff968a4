"""Producing a record, and reading it back byte for byte."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import ClusterError, OffsetOutOfRange, PlanNoLongerHolds
from kafkaview.cluster.in_sync import write_refusal
from kafkaview.cluster.ports.cluster import Copy
from kafkaview.records.one_record import read_record
from kafkaview.terms import Isolation, Record, RecordId, TimestampType, Topic
from kafkaview.words import number
from kafkaview.writes.execution import SENT, UNWAITED, Execution, in_time
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.steps import Progress, WriteStepName

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.plan import ChangePlan

_LOOK_FOR_S: Final = 5.0
_PAUSE_S: Final = 0.1
_HINT: Final = "Nothing was written. Make a new plan."


class ProductionExecution(Execution[ChangeOutcome]):
    """One execution of one record's plan. `stamped`: brokers set its timestamp."""

    checking = "Topic as planned"

    def __init__(
        self,
        session: Session,
        plan: ChangePlan,
        journal_id: int,
        progress: Progress,
        *,
        copy: Copy,
        topic: Topic,
        stamped: bool,
    ) -> None:
        super().__init__(session, journal_id, progress)
        self.plan = plan
        self._copy = copy
        self._topic = topic
        self._stamped = stamped
        self._written: RecordId | None = None

    async def check(self) -> None:
        """Raises PlanNoLongerHolds if the topic was made anew or has other partitions, ClusterError if the partition
        takes no record now.
        """
        await check_topic(self.session, self._topic, {self._copy.partition or 0})

    async def write(self) -> None:
        """Produces the record: acks=all, an idempotent producer."""
        self.progress.begin(WriteStepName.WRITE, SENT)
        (self._written,) = await self.session.cluster.produce([self._copy])

    async def follow(self) -> ChangeOutcome:
        """Reads the record back."""
        written = self._written
        assert written is not None
        self.progress.begin(WriteStepName.VERIFY, "Read back", f"{written.topic_partition} @ {number(written.offset)}")
        doubt, unseen, found = await self._read_back(written)
        self.progress.end(failed=bool(doubt))
        outcome = self.unfollowed()
        stamp = found.timestamp_ms if found is not None else None
        result = {"record": {**outcome.result["record"], "timestamp_ms": stamp}}
        return replace(outcome, doubt=doubt, unseen=unseen, result=result)

    def unfollowed(self) -> ChangeOutcome:
        """Returns where it was written; it was not read back."""
        written = self._written
        assert written is not None
        place = {"topic": written.topic, "partition": written.partition, "offset": written.offset}
        said = f"It is {written.topic_partition} at offset {number(written.offset)}"
        result = {"record": {**place, "timestamp_ms": None}}
        title = self.plan.title
        return ChangeOutcome(self.journal_id, title, UNWAITED, detail=said, record=written, unseen=True, result=result)

    async def _read_back(self, written: RecordId) -> tuple[str, bool, Record | None]:
        """Returns what does not fit, whether it is only that nobody told, and the record as it is read."""
        until = time.monotonic() + _LOOK_FOR_S
        while True:
            try:
                async with in_time(self.session):
                    found = await read_record(self.session.cluster, written, Isolation.READ_UNCOMMITTED)
            except ClusterError as error:
                if time.monotonic() > until or self.session.limit.rest == 0:
                    gone = isinstance(error, OffsetOutOfRange)
                    return f"{written} could not be read back: {error.message}", not gone, None
            else:
                same = is_as_written(found, self._copy, stamped=self._stamped)
                return "" if same else f"{written} does not read back as it was written", False, found
            await asyncio.sleep(_PAUSE_S)


async def check_topic(session: Session, planned: Topic, partitions: set[int]) -> None:
    """Raises PlanNoLongerHolds if a topic is not the one of the plan, and ClusterError if one of the partitions that
    are written to has no leader now.
    """
    topic = await session.cluster.topic(planned.name)
    if topic.id != planned.id:
        raise PlanNoLongerHolds(f"{topic.name} was made anew meanwhile", _HINT)
    if len(topic.partitions) != len(planned.partitions):
        raise PlanNoLongerHolds(f"{topic.name} has {len(topic.partitions)} partitions meanwhile", _HINT)
    for number_ in sorted(partitions):
        refusal = write_refusal(topic.partitions[number_], None)
        if refusal is not None:
            raise refusal


def is_as_written(found: Record, copy: Copy, *, stamped: bool) -> bool:
    """Returns whether a record holds the bytes that were written, and the timestamp where one was given and brokers
    keep it; one that they set says so itself.
    """
    stamped = stamped or found.timestamp_type is TimestampType.LOG_APPEND_TIME
    kept = copy.timestamp_ms is None or stamped or found.timestamp_ms == copy.timestamp_ms
    return kept and (found.key, found.value, found.headers) == (copy.key, copy.value, copy.headers)
