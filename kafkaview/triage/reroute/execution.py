"""Executes a re-route plan: check, topic, one transaction, eviction, watch. Nothing stands until the transaction
commits. After that the copies and every group's new offset stand together; only whether the groups continue is still
open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kafkaview.cluster.errors import (
    ClusterError,
    OutcomeUnknown,
    PlanNoLongerHolds,
    QueueUnsure,
    UnknownTopicOrPartition,
)
from kafkaview.cluster.ports.cluster import Cluster, TransactionStage
from kafkaview.terms import Record, RecordId
from kafkaview.triage.record_reads import is_copy, read_range
from kafkaview.triage.reroute.copies import make_copy
from kafkaview.triage.reroute.outcome import Done, RerouteOutcome, TransactionState, empty_queue_words, message_of
from kafkaview.triage.reroute.plan import ReroutePlan
from kafkaview.triage.reroute.recheck import check_plan, has_moved, making_queue, new_copies
from kafkaview.words import plural
from kafkaview.writes.execution import ResumableExecution, reason_of
from kafkaview.writes.follow_up import follow_groups, group_move, unwatched_outcomes
from kafkaview.writes.outcome import GroupOutcome
from kafkaview.writes.settling import await_arrivals
from kafkaview.writes.steps import LOOKING_UP, Progress, WriteStepName

if TYPE_CHECKING:
    from kafkaview.session import Session

_MOST_NAMED = 5  # copies that a step names one by one
_LOOKS, _PAUSE = 50, 0.1  # seconds between looks: five seconds in all
_LOOKS_AFTER_FENCING = 20  # what was open has ended by then; only the marker may be on its way to the log


class RerouteExecution(ResumableExecution[RerouteOutcome]):
    """One execution of one plan. If `check` or `write` raises, nothing was written but perhaps an empty queue."""

    checking = "Checking that nothing has changed"

    def __init__(self, session: Session, plan: ReroutePlan, journal_id: int, progress: Progress) -> None:
        super().__init__(session, journal_id, progress)
        self.plan = plan
        self.creates_queue = False  # whether the queue was begun to be made
        self.is_committed = False  # as far as known
        self.copies: dict[RecordId, RecordId] = {}  # source to committed copy

    async def check(self) -> None:
        """Raises PlanNoLongerHolds if the cluster has changed."""
        await check_plan(self.session.cluster, self.plan)
        offsets = sorted({move.before.offset for move in self.plan.moves if move.before})
        text = (
            f"Committed offsets still at {', '.join(f'{o:,}' for o in offsets)}" if offsets else "The records are there"
        )
        groups = len({move.group for move in self.plan.moves})
        self.progress.end(text, f"checked in {plural(groups, 'group')}" if groups else "")

    async def write(self) -> None:
        """Creates the queue and runs the transaction. A commit without an answer is no error: `follow` looks for it."""
        await self._make_topic()
        self.progress.begin(WriteStepName.TRANSACTION, "One transaction: copies and offsets")
        plan = self.plan
        missing = plan.new_copies
        self.copies = {copy.record.id: copy.already for copy in plan.copies if copy.already is not None}
        with suppress(OutcomeUnknown):
            targets = await self.session.cluster.transact(
                plan.transactional_id,
                [make_copy(plan.dlq, plan.dlq_partitions, copy.record, copy.added_headers) for copy in missing],
                [group_move(change) for change in plan.group_changes],
                lambda stage: check_plan(self.session.cluster, plan, stage),
            )
            self.copies |= {copy.record.id: target for copy, target in zip(missing, targets, strict=True)}
            self._note_commit()

    async def follow(self) -> RerouteOutcome:
        """Reads the copies back and watches the groups. The outcome is unknown if a commit without an answer cannot be
        seen; after the commit an error is put into the outcome and not raised.
        """
        if not self.is_committed:
            if not await self._find_commit():
                self.progress.end("Commit sent, no answer", failed=True)
                return self.unfollowed()
            self._note_commit()
        doubt, unseen = await self._read_back()
        groups = await follow_groups(
            self.session.cluster,
            self.plan.group_changes,
            self.progress,
            message_of,
            transactional_id=self.plan.transactional_id,
            evict=self.plan.evict,
        )
        outcome = self._outcome(TransactionState.COMMITTED, message_of(groups), groups)
        return replace(outcome.with_doubt(doubt), unseen=unseen) if doubt else outcome

    def unfollowed(self) -> RerouteOutcome:
        """Returns what is known: that it is committed, or that no answer came."""
        if not self.is_committed:
            message = "The broker never answered the commit. Look at the queue and the groups"
            return self._outcome(TransactionState.UNKNOWN, message)
        groups = unwatched_outcomes(self.plan.group_changes)
        return self._outcome(TransactionState.COMMITTED, "Committed; the watching was ended", groups)

    async def resume(self) -> RerouteOutcome:
        """Determines what was committed before another process was cut off, and completes what is left of it. A
        transaction that is still open is ended first, so that the answer is final.
        """
        self.progress.begin(WriteStepName.LOOK_UP, LOOKING_UP)
        await self.session.cluster.transact(self.plan.transactional_id, (), (), _check_nothing)
        try:
            stands = await self._stands(_LOOKS_AFTER_FENCING)
        except UnknownTopicOrPartition:  # it was cut off before it had made the queue
            stands = False
        if stands:
            self._note_commit()
            return await self.follow()
        cut_off = "It was cut off before the commit"
        self.creates_queue = self.plan.create_dlq
        left = await self._find_empty_queue()
        if left is None and self.creates_queue:
            with making_queue(self.plan.dlq):
                await await_arrivals(self.session.cluster)
            left = await self._find_empty_queue()
        self.progress.end("Cut off before the commit", failed=True)
        message = (
            f"{cut_off}. {empty_queue_words(self.session.profile, left)}" if left else f"{cut_off}: nothing was written"
        )
        return self._outcome(TransactionState.ABORTED, message, left=left)

    def may_stand(self, error: BaseException) -> bool:
        """Whether the queue may be there; the transaction was aborted, or never begun."""
        return isinstance(error, QueueUnsure)

    async def refusal(self, error: BaseException) -> dict[str, Any]:
        """Returns the outcome. If the queue was already created, the error's hint says so."""
        left = await self._find_empty_queue()
        if left is not None and isinstance(error, ClusterError):
            error.hint = f"{error.hint} {empty_queue_words(self.session.profile, left)}".strip()
        self.copies = {}
        expected = isinstance(error, ClusterError | asyncio.CancelledError)
        state = TransactionState.ABORTED if expected else TransactionState.UNKNOWN
        return self._outcome(state, reason_of(error), left=left).document()

    async def _make_topic(self) -> None:
        plan = self.plan
        if not plan.create_dlq:
            return
        self.progress.begin(WriteStepName.TOPIC, f"Creating {plan.dlq}")
        self.creates_queue = True
        try:
            with making_queue(plan.dlq):
                await self.session.cluster.create_topic(
                    plan.dlq, plan.dlq_partitions, plan.dlq_replication_factor, dict(plan.dlq_settings)
                )
        except PlanNoLongerHolds:
            self.creates_queue = False
            raise
        count = "1 partition" if plan.dlq_partitions == 1 else f"{plan.dlq_partitions} partitions"
        self.progress.end(f"{plan.dlq} created", f"{count}, kept for ever")

    def _note_commit(self) -> None:
        self.is_committed = True
        written = [self.copies[copy.record.id] for copy in self.plan.new_copies]
        first = [f"{target.topic_partition} @ {target.offset:,}" for target in written[:_MOST_NAMED]]
        more = len(written) - len(first)
        detail = f"{', '.join(first)}{f' and {more:,} more' if more else ''}"
        self.progress.end("Transaction committed", detail)

    async def _find_commit(self) -> bool:
        """Determines whether a commit without an answer stands."""
        try:
            return await self._stands()
        except ClusterError:
            return False

    async def _stands(self, looks: int = _LOOKS) -> bool:
        """Returns whether something that only this transaction writes can be read as committed."""
        missing = {copy.record.id for copy in self.plan.new_copies}
        for _ in range(looks):
            found = await new_copies(self.session.cluster, self.plan)
            if missing and missing <= set(found):
                self.copies |= found
                return True
            if not missing and await has_moved(self.session.cluster, self.plan):
                return True
            await asyncio.sleep(_PAUSE)
        return False

    async def _read_back(self) -> tuple[str, bool]:
        """Compares each copy with its source byte for byte. Returns a sentence about the differences, and whether it is
        only that a copy could not be read.
        """
        written = {self.copies[copy.record.id]: copy.record for copy in self.plan.new_copies}
        try:
            found = await _read_soon(self.session.cluster, set(written))
        except ClusterError as error:
            return f"the copies could not be read back: {error.message}", True
        for target, source in written.items():
            if target in found and not is_copy(found[target], source):
                return f"the copy at {target} does not read back as it was written", False
        hidden = next((target for target in written if target not in found), None)
        if hidden is not None:
            return f"the copy at {hidden} cannot be read yet: a transaction of somebody else is open before it", True
        return "", False

    def _outcome(
        self, state: TransactionState, message: str, groups: tuple[GroupOutcome, ...] = (), left: str | None = None
    ) -> RerouteOutcome:
        done = tuple(Done(source, target, self.journal_id) for source, target in sorted(self.copies.items()))
        return RerouteOutcome(
            transaction=state,
            done=done,
            groups=groups,
            journal_id=self.journal_id,
            message=message,
            empty_queue=left,
        )

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


async def _check_nothing(_stage: TransactionStage) -> None:
    """Accepts an empty transaction, which needs no check."""


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
