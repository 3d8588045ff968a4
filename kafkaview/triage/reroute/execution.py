"""Executes a re-route plan: journal, check, topic, one transaction, eviction, watch. Each step is reported as it
happens. Nothing stands until the transaction commits. After that the copies and every group's new offset stand
together; only whether the groups continue is still open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from kafkaview.cluster.errors import ClusterError, OutcomeUnknown, UnknownTopicOrPartition
from kafkaview.cluster.ports.cluster import Cluster, Copy, TransactionStage
from kafkaview.journal.entry import EntryState, Intent
from kafkaview.journal.store import JournalUnavailable
from kafkaview.terms import Record, RecordId
from kafkaview.triage.record_reads import is_copy, read_range
from kafkaview.triage.reroute.command_line import command_line, outcome_document, plan_document
from kafkaview.triage.reroute.outcome import (
    Done,
    RerouteOutcome,
    TransactionState,
    empty_queue_words,
    message_of,
)
from kafkaview.triage.reroute.plan import CopyPlan, ReroutePlan
from kafkaview.triage.reroute.recheck import check_plan, has_moved, new_copies
from kafkaview.writes.execution import find_entry
from kafkaview.writes.follow_up import follow_groups, group_move, unwatched_outcomes
from kafkaview.writes.outcome import GroupOutcome
from kafkaview.writes.steps import Progress, Report, WriteStepName

if TYPE_CHECKING:
    from kafkaview.session import Session

_MOST_NAMED = 5  # copies that a step names one by one
_LOOKS, _PAUSE = 50, 0.1  # seconds between looks: five seconds in all
_LOOKS_AFTER_FENCING = 20  # what was open has ended by then; only the marker may be on its way to the log


async def reroute(session: Session, plan: ReroutePlan, report: Report) -> RerouteOutcome:
    """Executes a plan and returns its outcome. If nothing could be written, the journal says so and one of these is
    raised: the plan's first problem, PlanNoLongerHolds if the cluster has changed, JournalUnavailable, or the broker's
    refusal. A cancel before the commit aborts the transaction; a later one only ends the watching.
    """
    if plan.problems:
        raise plan.problems[0]
    return await _Reroute(session, plan, report).run()


async def settle_reroute(session: Session, plan: ReroutePlan, since_ms: int, report: Report) -> RerouteOutcome:
    """Determines the outcome of a plan whose process ended during its execution, and completes what is left of it. A
    transaction that is still open is ended first, so that the answer is final: either everything was committed and the
    groups are watched as usual, or nothing was. Raises RefusedHere if the plan did not begin after `since_ms` (Unix
    milliseconds): then nothing was written.
    """
    document = orjson.loads(orjson.dumps(plan_document(plan)))  # as the journal keeps it
    entry = await find_entry(session, since_ms, lambda done: done == document)  # ended or not: of its end nobody knows
    return await _Reroute(session, plan, report, entry.id).settle()


class _Reroute:
    """One execution of one plan."""

    def __init__(self, session: Session, plan: ReroutePlan, report: Report, journal_id: int = 0) -> None:
        self.session = session
        self.plan = plan
        self.progress = Progress(report)
        self.journal_id = journal_id
        self.creates_queue = False  # whether the queue was begun to be made
        self.copies: dict[RecordId, RecordId] = {}  # source to committed copy

    async def run(self) -> RerouteOutcome:
        await self._write_journal()
        try:
            await self._check()
            await self._make_topic()
            committed = await self._transaction()
        except (ClusterError, asyncio.CancelledError) as error:
            await asyncio.shield(self._record_refusal(error))
            raise
        return await self._after_commit() if committed else await self._after_silence()

    async def settle(self) -> RerouteOutcome:
        """Determines what was committed before another process was cut off."""
        self.progress.begin(WriteStepName.TRANSACTION, "Looking up what stands")
        await self.session.cluster.transact(self.plan.transactional_id, (), (), _check_nothing)
        try:
            stands = await self._stands(_LOOKS_AFTER_FENCING)
        except UnknownTopicOrPartition:  # it was cut off before it had made the queue
            stands = False
        if stands:
            self._report_commit()
            return await self._after_commit()
        self.progress.end("Cut off before the commit", failed=True)
        nothing = "It was cut off before the commit: nothing was written"
        self.creates_queue = self.plan.create_dlq
        left = await self._find_empty_queue()
        message = f"{nothing}. {empty_queue_words(self.session.profile, left)}" if left else nothing
        return await self._close(TransactionState.ABORTED, (), message, left=left)

    async def _write_journal(self) -> None:
        self.progress.begin(WriteStepName.JOURNAL, "Plan and payload into the journal")
        intent = Intent(
            kind="reroute",
            title=self.plan.title,
            command=command_line(self.session.profile, self.plan),
            profile=self.session.profile.name,
            cluster_id=self.plan.cluster_id,
            plan=plan_document(self.plan),
        )
        payloads = [copy.record for copy in self.plan.copies]
        self.journal_id = await self.session.journal.begin(intent, payloads)
        self.progress.end("Plan and payload in the journal", f"entry {self.journal_id}")

    async def _make_topic(self) -> None:
        plan = self.plan
        if not plan.create_dlq:
            return
        self.progress.begin(WriteStepName.TOPIC, f"Creating {plan.dlq}")
        self.creates_queue = True
        await self.session.cluster.create_topic(
            plan.dlq, plan.dlq_partitions, plan.dlq_replication_factor, dict(plan.dlq_settings)
        )
        count = "1 partition" if plan.dlq_partitions == 1 else f"{plan.dlq_partitions} partitions"
        self.progress.end(f"{plan.dlq} created", f"{count}, kept for ever")

    async def _check(self) -> None:
        self.progress.begin(WriteStepName.CHECK, "Checking that nothing has changed")
        await check_plan(self.session.cluster, self.plan)
        offsets = sorted({move.before.offset for move in self.plan.moves if move.before})
        text = (
            f"Committed offsets still at {', '.join(f'{o:,}' for o in offsets)}" if offsets else "The records are there"
        )
        groups = len({move.group for move in self.plan.moves})
        detail = f"checked in {groups} group{'' if groups == 1 else 's'}" if groups else ""
        self.progress.end(text, detail)

    async def _transaction(self) -> bool:
        """Runs the transaction. Returns whether the broker answered the commit."""
        self.progress.begin(WriteStepName.TRANSACTION, "One transaction: copies and offsets")
        plan = self.plan
        missing = [copy for copy in plan.copies if copy.already is None]
        self.copies = {copy.record.id: copy.already for copy in plan.copies if copy.already is not None}
        try:
            targets = await self.session.cluster.transact(
                self.plan.transactional_id,
                [_message(plan, copy) for copy in missing],
                [group_move(change) for change in plan.group_changes],
                lambda stage: check_plan(self.session.cluster, plan, stage),
            )
        except OutcomeUnknown:
            return False
        self.copies |= {copy.record.id: target for copy, target in zip(missing, targets, strict=True)}
        self._report_commit()
        return True

    def _report_commit(self) -> None:
        first = [f"{target.topic_partition} @ {target.offset:,}" for target in list(self.copies.values())[:_MOST_NAMED]]
        more = len(self.copies) - len(first)
        detail = f"{', '.join(first)}{f' and {more:,} more' if more else ''}"
        self.progress.end("Transaction committed", detail)

    async def _after_silence(self) -> RerouteOutcome:
        """Determines whether a commit without an answer stands. The outcome is unknown if that cannot be seen."""
        unknown = "The broker never answered the commit. Look at the queue and the groups"
        try:
            stands = await self._stands()
        except ClusterError:
            stands = False
        except asyncio.CancelledError:
            await asyncio.shield(self._close(TransactionState.UNKNOWN, (), unknown))
            raise
        if stands:
            self._report_commit()
            return await self._after_commit()
        self.progress.end("Commit sent, no answer", failed=True)
        return await self._close(TransactionState.UNKNOWN, (), unknown)

    async def _stands(self, looks: int = _LOOKS) -> bool:
        """Returns whether something that only this transaction writes can be read as committed."""
        missing = {copy.record.id for copy in self.plan.copies if copy.already is None}
        for _ in range(looks):
            found = await new_copies(self.session.cluster, self.plan)
            if missing and missing <= set(found):
                self.copies |= {source: copy.id for source, copy in found.items()}
                return True
            if not missing and await has_moved(self.session.cluster, self.plan):
                return True
            await asyncio.sleep(_PAUSE)
        return False

    async def _after_commit(self) -> RerouteOutcome:
        """Does what follows the commit. The commit stands, so an error is put into the outcome and not raised."""
        try:
            doubt = await self._read_back()
            groups = await follow_groups(
                self.session.cluster,
                self.plan.group_changes,
                self.progress,
                message_of,
                transactional_id=self.plan.transactional_id,
                evict=self.plan.evict,
            )
        except asyncio.CancelledError:
            ended = self._close(
                TransactionState.COMMITTED,
                unwatched_outcomes(self.plan.group_changes),
                "Committed; the watching was ended",
            )
            await asyncio.shield(ended)
            raise
        return await self._close(TransactionState.COMMITTED, groups, message_of(groups), doubt)

    async def _read_back(self) -> str:
        """Compares each copy with its source byte for byte. Returns a sentence about the differences."""
        written = {self.copies[copy.record.id]: copy.record for copy in self.plan.copies if copy.already is None}
        try:
            found = await _read_soon(self.session.cluster, set(written))
        except ClusterError as error:
            return f"the copies could not be read back: {error.message}"
        for target, source in written.items():
            if target not in found:
                return f"the copy at {target} cannot be read yet: a transaction of somebody else is open before it"
            if not is_copy(found[target], source):
                return f"the copy at {target} does not read back as it was written"
        return ""

    async def _close(
        self,
        state: TransactionState,
        groups: tuple[GroupOutcome, ...],
        message: str,
        doubt: str = "",
        left: str | None = None,
    ) -> RerouteOutcome:
        done = tuple(Done(source, target, self.journal_id) for source, target in sorted(self.copies.items()))
        outcome = RerouteOutcome(state, done, groups, self.journal_id, message, empty_queue=left)
        outcome = _add_doubt(outcome, doubt) if doubt else outcome
        try:
            await self.session.journal.end(self.journal_id, EntryState(state.value), outcome_document(outcome))
        except JournalUnavailable as error:  # it is reported all the same
            return _add_doubt(outcome, f"the journal does not hold the outcome: {error.message}")
        return outcome

    async def _find_empty_queue(self) -> str | None:
        """Returns the queue's name if this run has created the queue."""
        if not self.creates_queue:
            return None
        try:
            await self.session.cluster.topic(self.plan.dlq)
        except UnknownTopicOrPartition:
            return None
        except ClusterError:  # it was asked for: to look at it once too often is better than to keep silent
            return self.plan.dlq
        return self.plan.dlq

    async def _record_refusal(self, error: BaseException) -> None:
        """Ends the journal entry of a refused plan. If the queue was already created, the error's hint says so."""
        left = await self._find_empty_queue()
        outcome = RerouteOutcome(
            TransactionState.ABORTED, (), (), self.journal_id, str(error) or "cancelled", empty_queue=left
        )
        if left is not None and isinstance(error, ClusterError):
            error.hint = f"{error.hint} {empty_queue_words(self.session.profile, left)}".strip()
        with suppress(JournalUnavailable):  # what kept it from being done is the graver news
            await self.session.journal.end(self.journal_id, EntryState.ABORTED, outcome_document(outcome))


async def _check_nothing(_stage: TransactionStage) -> None:
    """Accepts an empty transaction, which needs no check."""


def _add_doubt(outcome: RerouteOutcome, doubt: str) -> RerouteOutcome:
    doubts = f"{outcome.doubt}; {doubt}" if outcome.doubt else doubt
    return replace(outcome, doubt=doubts, message=f"{outcome.message}; but {doubt}")


def _message(plan: ReroutePlan, copy: CopyPlan) -> Copy:
    record = copy.record
    assert record.headers is not None, "a plan with such a record has a problem"
    return Copy(
        topic=plan.dlq,
        partition=record.partition % plan.dlq_partitions,  # as the broker's own share-group queue does (KIP-1191)
        key=record.key,
        value=record.value,
        headers=(*record.headers, *copy.added_headers),
        timestamp_ms=record.timestamp_ms or None,  # librdkafka takes 0 for "now"; the header keeps it then
    )


async def _read_soon(cluster: Cluster, targets: Collection[RecordId]) -> dict[RecordId, Record]:
    """Reads the committed copies, with a wait: a broker answers a commit before its marker is in every log, and until
    then read_committed consumers do not see the copies.
    """
    found: dict[RecordId, Record] = {}
    for _ in range(_LOOKS):
        for partition in sorted({target.topic_partition for target in targets}):
            offsets = [target.offset for target in targets if target.topic_partition == partition]
            copies = await read_range(cluster, partition, min(offsets), max(offsets) + 1)
            found |= {copy.id: copy for copy in copies}
        if set(targets) <= set(found):
            break
        await asyncio.sleep(_PAUSE)
    return found
