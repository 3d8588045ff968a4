"""Carrying out a change of committed offsets: look again, commit and delete, and watch whether it holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import ClusterError, GroupNotEmpty, OutcomeUnknown, PlanNoLongerHolds, Unreachable
from kafkaview.cluster.kafka.client_thread import to_its_end
from kafkaview.cluster.ports.cluster import Cluster, TransactionStage
from kafkaview.terms import CommittedOffset, Group, TopicPartition
from kafkaview.words import join_names, number, plural
from kafkaview.writes import follow_up
from kafkaview.writes.effect import GroupChange
from kafkaview.writes.execution import SENT, UNWAITED, Execution
from kafkaview.writes.offsets.group_facts import GroupFacts, read_group
from kafkaview.writes.offsets.plan import OffsetPlan, OffsetRow
from kafkaview.writes.offsets.request import LiveMembers
from kafkaview.writes.outcome import ChangeOutcome, GroupOutcome
from kafkaview.writes.steps import Progress, WriteStepName
from kafkaview.writes.topic_ids import read_topic_ids

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.plan import ChangePlan

_POLL_S: Final = 0.1  # a member that comes for a moment shall be seen
_LOOKS_AFTER_SILENCE: Final = 20
_HINT: Final = "Nothing was written. Make a new plan."


class OffsetExecution(Execution[ChangeOutcome]):
    """One execution of a change of committed offsets."""

    def __init__(self, session: Session, change: ChangePlan, journal_id: int, progress: Progress) -> None:
        super().__init__(session, journal_id, progress)
        assert change.offsets is not None
        self.title = change.title
        self.plan: OffsetPlan = change.offsets
        self.evicted: tuple[str, ...] = ()
        self.refused: dict[TopicPartition, ClusterError] = {}

    async def check(self) -> None:
        """Raises PlanNoLongerHolds where the group is not as it was planned on."""
        cluster = self.session.cluster
        await self._check_topics(cluster)
        if not self._evicts or self.plan.only_unmoved:
            await self._check_group(cluster)

    async def write(self) -> None:
        """Sends the change. Once it is sent, a cancellation waits for its answer, so that it is known."""
        self.progress.begin(WriteStepName.WRITE, SENT)
        cluster = self.session.cluster
        try:
            if self._evicts:
                await self._transact(cluster)
            else:
                self.refused = await to_its_end(self._send(cluster))
        except GroupNotEmpty as error:
            raise PlanNoLongerHolds(
                f"A member has joined {self.plan.group} meanwhile: {error.message}", _HINT
            ) from error
        except (Unreachable, OutcomeUnknown):
            if not await self._stands(cluster):
                raise
        if self.refused and len(self.refused) == len(self.plan.rows):
            raise next(iter(self.refused.values()))

    async def follow(self) -> ChangeOutcome:
        """Watches whether the change holds."""
        if not self._evicts:
            return await self.hold()
        return self._sum_up(
            await follow_up.follow_groups(
                self.session.cluster,
                self._moves,
                self.progress,
                _summary,
                transactional_id=self.plan.transactional_id,
                evict=True,
                evicted=self.evicted,
            )
        )

    async def hold(self) -> ChangeOutcome:
        """Watches whether what is committed stays."""
        return self._sum_up(await self._hold(self.progress))

    def _sum_up(self, groups: tuple[GroupOutcome, ...]) -> ChangeOutcome:
        doubts = [f"{one.topic_partition}: {one.detail}" for one in groups if not one.effective]
        return ChangeOutcome(
            self.journal_id, _summary(groups) or self._deleted, join_names(doubts, 5), groups, self.plan
        )

    def unfollowed(self) -> ChangeOutcome:
        """Returns that it was written and not watched."""
        return ChangeOutcome(self.journal_id, self.title, UNWAITED, unseen=True)

    @property
    def _deleted(self) -> str:
        return f"{self.plan.group} is deleted"

    @property
    def _moves(self) -> list[GroupChange]:
        facts = self.plan.facts
        return [
            GroupChange(facts.group, facts.type, row.topic_partition, row.before, row.after)
            for row in self.plan.rows
            if row.after is not None
        ]

    @property
    def _evicts(self) -> bool:
        return self.plan.live is LiveMembers.EVICT and self.plan.facts.has_members

    async def _check_group(self, cluster: Cluster) -> None:
        plan = self.plan
        facts = await read_group(cluster, plan.group, require_stable=True)
        if facts.has_members and not plan.facts.has_members:
            raise PlanNoLongerHolds(f"{facts} now", _HINT)
        self._check_rows(facts.committed)
        if plan.deletes_group and len(facts.committed) != len(plan.rows):
            raise PlanNoLongerHolds(f"{plan.group} has committed on other partitions meanwhile", _HINT)

    def _check_rows(self, committed: Mapping[TopicPartition, CommittedOffset]) -> None:
        for row in self.plan.rows:
            now = committed.get(row.topic_partition)
            if now != row.before:
                where = "has no committed offset" if now is None else f"has moved to {number(now.offset)}"
                raise PlanNoLongerHolds(f"{self.plan.group} {where} on {row.topic_partition} meanwhile", _HINT)

    async def _check_topics(self, cluster: Cluster) -> None:
        ids = await read_topic_ids(cluster, {row.topic_partition.topic for row in self.plan.rows})
        anew = [row for row in self.plan.rows if ids.get(row.topic_partition.topic) != row.topic_id]
        if anew:
            topic = anew[0].topic_partition.topic
            raise PlanNoLongerHolds(f"The topic {topic} was deleted or made anew meanwhile", _HINT)

    async def _transact(self, cluster: Cluster) -> None:
        """Commits while members read. They are removed when our offsets are added and only the commit is left: so
        nobody can commit between the look at what stands and our commit, and whoever rejoins waits for it (KIP-447).
        """

        async def check(stage: TransactionStage) -> None:
            if stage is TransactionStage.BEGUN:
                await read_group(cluster, self.plan.group, require_stable=True)
            else:
                await self._evict(cluster)

        moves = [follow_up.group_move(move) for move in self._moves]
        await cluster.transact(self.plan.transactional_id, (), moves, check)

    async def _evict(self, cluster: Cluster) -> None:
        """Removes the members, and stores in the journal where the group stands then."""
        facts = self.plan.facts
        group = Group(facts.group, facts.type, facts.state, None, None, facts.members)
        if self.plan.only_unmoved:
            self._check_rows((await read_group(cluster, facts.group)).committed)
        self.evicted = await cluster.remove_members(group, "kafkaview moves the group's committed offset")
        stands = (await read_group(cluster, facts.group)).committed
        if self.plan.only_unmoved:
            try:
                self._check_rows(stands)
            except PlanNoLongerHolds as moved:
                members = plural(len(self.evicted), "member was", "members were")
                hint = f"No offset was written; {members} removed and may rejoin. Make a new plan."
                raise PlanNoLongerHolds(moved.message, hint) from moved
        rows = tuple(replace(row, before=stands.get(row.topic_partition)) for row in self.plan.rows)
        if rows != self.plan.rows:
            self.plan = replace(self.plan, rows=rows)
            await self.session.journal.amend(self.journal_id, self.plan.changes)

    async def _send(self, cluster: Cluster) -> dict[TopicPartition, ClusterError]:
        group, offsets = self.plan.group, cluster.group_offsets
        if self.plan.deletes_group:
            await offsets.delete_group(group)
            return {}
        commits = {row.topic_partition: row.after for row in self.plan.rows if row.after is not None}
        deletions = [row.topic_partition for row in self.plan.rows if row.after is None and row.before is not None]
        refused = dict(await offsets.commit(group, commits)) if commits else {}
        if not deletions:
            return refused
        try:
            return refused | dict(await offsets.delete(group, deletions))
        except ClusterError as error:
            if not commits:
                raise
            return refused | dict.fromkeys(deletions, error)  # the commits stand

    async def _stands(self, cluster: Cluster) -> bool:
        """Whether a write that nobody answered was made."""
        for _ in range(_LOOKS_AFTER_SILENCE):
            with suppress(ClusterError):  # it is silent still
                committed = (await read_group(cluster, self.plan.group, require_stable=True)).committed
                if all(committed.get(row.topic_partition) == row.after for row in self.plan.rows):
                    return True
            await asyncio.sleep(_POLL_S)
        return False

    async def _hold(self, progress: Progress) -> tuple[GroupOutcome, ...]:
        """Watches a group that was empty: whoever joins reads the new offsets; whoever commits without joining has not
        read them.
        """
        started = time.monotonic()
        progress.begin(WriteStepName.WATCH, f"Watching {self.plan.group}", "whether anybody commits without joining")
        broken: dict[TopicPartition, CommittedOffset | None] = {}
        facts: GroupFacts | None = None
        while True:
            with suppress(ClusterError):  # a coordinator that is silent for a moment is asked again
                facts = await read_group(self.session.cluster, self.plan.group)
                broken = {} if facts.has_members else self._away(facts)
                if facts.has_members or broken:
                    break
            if time.monotonic() - started > follow_up.HOLD_SECONDS:
                break
            await asyncio.sleep(_POLL_S)
        outcomes = tuple(self._outcome(row, broken, facts) for row in self.plan.rows)
        progress.end(_summary(outcomes), failed=not all(one.effective for one in outcomes))
        return outcomes

    def _away(self, facts: GroupFacts) -> dict[TopicPartition, CommittedOffset | None]:
        return {
            row.topic_partition: facts.committed.get(row.topic_partition)
            for row in self.plan.rows
            if row.topic_partition not in self.refused and facts.committed.get(row.topic_partition) != row.after
        }

    def _outcome(
        self, row: OffsetRow, broken: dict[TopicPartition, CommittedOffset | None], facts: GroupFacts | None
    ) -> GroupOutcome:
        where, group = row.topic_partition, self.plan.group
        now = facts.committed.get(where) if facts is not None else None
        advice: tuple[str, ...] = ()
        effective: bool | None = True
        if where in self.refused:
            effective, detail = False, f"refused: {self.refused[where].message}"
        elif where in broken:
            effective = False
            stands = f"{number(now.offset)} is committed" if now else "its committed offset is gone"
            detail = f"did not hold: {stands} again, by a reader that is no member of {group}"
            advice = (f"Stop whatever reads as {group} without joining it, then make a new plan",)
        elif facts is None:
            effective, detail = None, "it could not be seen whether it holds"
            advice = (f"Look at {group} again",)
        elif row.after is None:
            detail = "has no committed offset any more"
        elif facts.has_members:
            detail = f"holds: {facts}, who read from {number(row.after.offset)}"
        else:
            detail = f"holds: no member reads now; the next one starts at {number(row.after.offset)}"
        end = row.log.log_end_offset
        return GroupOutcome(
            group=group,
            topic_partition=where,
            before=row.before.offset if row.before else None,
            after=row.after.offset if row.after else None,
            committed_now=now.offset if now else None,
            lag=max(0, end - now.offset) if now and end is not None else None,
            evicted=(),
            effective=effective,
            detail=detail,
            advice=advice,
        )


def _summary(groups: Sequence[GroupOutcome]) -> str:
    """The outcome in one sentence."""
    if not groups:
        return ""
    held = [one for one in groups if one.effective]
    away = [str(one.topic_partition) for one in groups if one.effective is False]
    unseen = [str(one.topic_partition) for one in groups if one.effective is None]
    parts = [f"{groups[0].group} moved to the planned offset on {plural(len(held), 'partition')}"] if held else []
    if away:
        parts.append(f"did not hold on {join_names(away)}")
    if unseen:
        parts.append(f"was not seen on {join_names(unseen)}")
    return f"{groups[0].group} {'; '.join(parts)}" if not held else "; ".join(parts)
