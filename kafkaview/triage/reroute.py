"""Carrying out a re-route plan: journal, check, topic, one transaction, eviction, watch.

Each step is reported as it happens. Until the transaction is committed nothing stands; after that the copy and every
group's new offset stand together, and only whether the groups follow is still open.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from kafkaview.cluster.errors import ClusterError, OutcomeUnknown
from kafkaview.cluster.port import Cluster, Copy
from kafkaview.journal.entry import EntryState, Intent
from kafkaview.session import Session
from kafkaview.terms import Record, RecordId, TimestampType
from kafkaview.triage.following import follow_groups, group_move, message_of, unwatched
from kafkaview.triage.outcome import (
    Done,
    GroupOutcome,
    RerouteOutcome,
    Step,
    StepName,
    StepState,
    TransactionState,
)
from kafkaview.triage.plan import CopyPlan, ReroutePlan
from kafkaview.triage.printed import command_line, outcome_document, plan_document
from kafkaview.triage.reading import read_range
from kafkaview.triage.recheck import check_plan, new_copies

Report = Callable[[Step], None]
_READ_BACK_LOOKS, _READ_BACK_PAUSE = 50, 0.1  # seconds between looks: five seconds in all


async def reroute(session: Session, plan: ReroutePlan, report: Report) -> RerouteOutcome:
    """Carry out a plan and say what came of it.

    Raises what kept it from being done (nothing was written then, and the journal says so): the plan's first problem,
    PlanNoLongerHolds where the cluster has moved on, JournalUnavailable, or the broker's refusal. Cancelling
    before the commit aborts the transaction; after it, only the watching ends.
    """
    if plan.problems:
        raise plan.problems[0]
    return await _Reroute(session, plan, report).run()


class _Reroute:
    """One run of one plan."""

    def __init__(self, session: Session, plan: ReroutePlan, report: Report) -> None:
        self.session = session
        self.plan = plan
        self.report = report
        self.journal_id = 0
        self.copies: dict[RecordId, RecordId] = {}  # source to committed copy

    async def run(self) -> RerouteOutcome:
        await self._write_journal()
        try:
            await self._check()
            await self._make_topic()
            state = await self._transaction()
        except (ClusterError, asyncio.CancelledError) as error:
            await asyncio.shield(self._refused(error))
            raise
        if state is TransactionState.UNKNOWN:
            return await self._close(
                state, (), "The broker never answered the commit. Look at the queue and the groups"
            )
        return await self._after_commit()

    async def _write_journal(self) -> None:
        started = self._running(StepName.JOURNAL, "Plan and payload into the journal")
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
        self._done(StepName.JOURNAL, "Plan and payload in the journal", f"entry {self.journal_id}", started)

    async def _make_topic(self) -> None:
        plan = self.plan
        if not plan.create_dlq:
            return
        started = self._running(StepName.TOPIC, f"Creating {plan.dlq}")
        await self.session.cluster.create_topic(
            plan.dlq, plan.dlq_partitions, plan.dlq_replication_factor, dict(plan.dlq_settings)
        )
        self._done(StepName.TOPIC, f"{plan.dlq} created", f"{plan.dlq_partitions} partitions, kept for ever", started)

    async def _check(self) -> None:
        started = self._running(StepName.CHECK, "Checking that nothing has changed")
        await check_plan(self.session.cluster, self.plan)
        offsets = sorted({move.before.offset for move in self.plan.moves if move.before})
        text = (
            f"Committed offsets still at {', '.join(f'{o:,}' for o in offsets)}" if offsets else "The records are there"
        )
        groups = len({move.group for move in self.plan.moves})
        detail = f"checked in {groups} group{'' if groups == 1 else 's'}" if groups else ""
        self._done(StepName.CHECK, text, detail, started)

    async def _transaction(self) -> TransactionState:
        started = self._running(StepName.TRANSACTION, "One transaction: copies and offsets")
        plan = self.plan
        missing = [copy for copy in plan.copies if copy.already is None]
        self.copies = {copy.record.id: copy.already for copy in plan.copies if copy.already is not None}
        messages = [_message(plan, copy) for copy in missing]
        first = min(copy.record.topic_partition for copy in plan.copies)
        try:
            targets = await self.session.cluster.transact(
                f"kafkaview-{first.topic}-{first.partition}",  # the same for everyone: a second one fences the first
                messages,
                [group_move(plan, move) for move in plan.moves],
                lambda stage: check_plan(self.session.cluster, plan, stage),
            )
        except OutcomeUnknown:
            if not await self._stands():
                self._failed(StepName.TRANSACTION, "Commit sent, no answer", started)
                return TransactionState.UNKNOWN
        else:
            self.copies |= {copy.record.id: target for copy, target in zip(missing, targets, strict=True)}
        detail = ", ".join(f"{target.topic_partition} @ {target.offset:,}" for target in self.copies.values())
        self._done(StepName.TRANSACTION, "Transaction committed", detail, started)
        return TransactionState.COMMITTED

    async def _stands(self) -> bool:
        """Whether the copies can be read as committed, though no answer to the commit came."""
        sources = {copy.record.id for copy in self.plan.copies if copy.already is None}
        found = await new_copies(self.session.cluster, self.plan)
        self.copies |= {source: copy.id for source, copy in found.items()}
        return sources <= set(found)

    async def _after_commit(self) -> RerouteOutcome:
        """What follows can no longer undo the commit: a failure here is told in the outcome, not raised."""
        groups = unwatched(self.plan)
        try:
            await self._read_back()
            groups = await follow_groups(self.session.cluster, self.plan, self.report)
        except ClusterError as error:
            return await self._close(TransactionState.COMMITTED, groups, f"Committed, but not watched: {error}")
        except asyncio.CancelledError:
            ended = self._close(TransactionState.COMMITTED, groups, "Committed; the watching was ended")
            await asyncio.shield(ended)
            raise
        return await self._close(TransactionState.COMMITTED, groups, message_of(groups))

    async def _read_back(self) -> None:
        """Hold each committed copy against its source, byte for byte."""
        for copy in self.plan.copies:
            target = self.copies[copy.record.id]
            found = await _read_soon(self.session.cluster, target)
            if found is None or not _same(copy.record, found):
                raise OutcomeUnknown(f"the copy at {target} does not read back as it was written")

    async def _close(self, state: TransactionState, groups: tuple[GroupOutcome, ...], message: str) -> RerouteOutcome:
        done = tuple(Done(source, target, self.journal_id) for source, target in sorted(self.copies.items()))
        outcome = RerouteOutcome(state, done, groups, self.journal_id, message)
        await self.session.journal.end(self.journal_id, EntryState(state.value), outcome_document(outcome))
        return outcome

    async def _refused(self, error: BaseException) -> None:
        words = str(error) or "cancelled"
        outcome = RerouteOutcome(TransactionState.ABORTED, (), (), self.journal_id, words)
        state = EntryState.UNKNOWN if isinstance(error, OutcomeUnknown) else EntryState.ABORTED
        await self.session.journal.end(self.journal_id, state, outcome_document(outcome))

    def _running(self, name: StepName, text: str) -> float:
        self.report(Step(name, StepState.RUNNING, text))
        return time.monotonic()

    def _done(self, name: StepName, text: str, detail: str, started: float) -> None:
        self.report(Step(name, StepState.DONE, text, detail, _elapsed_ms(started)))

    def _failed(self, name: StepName, text: str, started: float) -> None:
        self.report(Step(name, StepState.FAILED, text, "", _elapsed_ms(started)))


def _message(plan: ReroutePlan, copy: CopyPlan) -> Copy:
    record = copy.record
    return Copy(
        topic=plan.dlq,
        partition=record.partition % plan.dlq_partitions,  # as the broker's own share-group queue does (KIP-1191)
        key=record.key,
        value=record.value,
        headers=(*record.headers, *copy.added_headers),
        timestamp_ms=record.timestamp_ms or None,  # librdkafka takes 0 for "now"; the header keeps it then
    )


async def _read_soon(cluster: Cluster, target: RecordId) -> Record | None:
    """A committed copy. The broker answers a commit before its marker is in every log: until then nobody reads it."""
    for _ in range(_READ_BACK_LOOKS):
        found = await read_range(cluster, target.topic_partition, target.offset, target.offset + 1)
        if found:
            return found[0]
        await asyncio.sleep(_READ_BACK_PAUSE)
    return None


def _same(source: Record, copy: Record) -> bool:
    stamped_by_broker = copy.timestamp_type is TimestampType.LOG_APPEND_TIME
    return (copy.key, copy.value, copy.headers[: len(source.headers)]) == (
        source.key,
        source.value,
        source.headers,
    ) and (stamped_by_broker or not source.timestamp_ms or copy.timestamp_ms == source.timestamp_ms)


def _elapsed_ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
