"""After the commit: evict the members so that they read the new offset, and watch until the groups have moved.

An accepted offset is not yet an effective one. A live member keeps its position in memory, and its next commit may
take the group back; so the members are removed (they rejoin and read the committed offset), and a group that is found
back at the old offset is moved again, at most three times.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds
from kafkaview.cluster.port import Cluster, GroupMove
from kafkaview.terms import CommittedOffset, Group, GroupListing, GroupState
from kafkaview.triage.outcome import GroupOutcome, Step, StepName, StepState
from kafkaview.triage.plan import GroupPlan, ReroutePlan

WATCH_SECONDS = 30.0
HOLD_SECONDS = 6.0  # longer than the default auto.commit.interval.ms (5 s): a late commit would have come by then
_POLL_SECONDS = 0.5
_RECOMMITS = 3
_REASON = "kafkaview moved the group past a poison record"


def group_move(plan: ReroutePlan, move: GroupPlan) -> GroupMove:
    """A group's new committed offset, without the metadata: what a client kept there belongs to the offset before."""
    after = _target(move)
    last = (move.topic_partition, after - 1)
    epochs = {(copy.record.topic_partition, copy.record.offset): copy.record.leader_epoch for copy in plan.copies}
    return GroupMove(move.group, move.topic_partition, CommittedOffset(after, epochs.get(last)))


def unwatched(plan: ReroutePlan) -> tuple[GroupOutcome, ...]:
    """What is known of the groups while nobody has watched them."""
    return tuple(
        _Followed(plan, move).outcome("committed; whether it follows was not seen", effective=None)
        for move in plan.moves
    )


def message_of(groups: Sequence[GroupOutcome]) -> str:
    """The outcome in one sentence."""
    if not groups:
        return "The copy is safe"
    moved = [group.group for group in groups if group.effective]
    still = [group.group for group in groups if not group.effective]
    if not still:
        return f"{_names(moved)} {'moves' if len(set(moved)) == 1 else 'move'} again"
    rest = f"; {_names(moved)} {'moves' if len(set(moved)) == 1 else 'move'} again" if moved else ""
    return f"The copy is safe, {_names(still)} did not move{rest}"


async def follow_groups(
    cluster: Cluster, plan: ReroutePlan, report: Callable[[Step], None]
) -> tuple[GroupOutcome, ...]:
    """Evict where the plan says so, then watch every group for up to 30 s; one outcome for each group and partition."""
    followed = [_Followed(plan, move) for move in plan.moves]
    if not followed:
        return ()
    if plan.evict:
        await _evict(cluster, followed, report)
    return await _watch(cluster, plan, followed, report)


@dataclass(slots=True)
class _Followed:
    """One group on one partition while it is watched."""

    plan: ReroutePlan
    move: GroupPlan
    old_members: frozenset[str] | None = None  # None: never told
    evicted: tuple[str, ...] = ()
    refusal: str = ""
    members: frozenset[str] | None = None
    committed: int | None = None
    log_end: int | None = None
    held_since: float | None = None
    recommits: int = 0
    ended: GroupOutcome | None = None

    @property
    def target(self) -> int:
        return _target(self.move)

    @property
    def before(self) -> int | None:
        return self.move.before.offset if self.move.before else None

    @property
    def old_are_gone(self) -> bool:
        """Whether nobody who holds the old position is in the group any more.

        A removed KIP-848 member comes back under the id that it gave itself, so ids alone do not tell.
        """
        if self.evicted and not self.refusal:
            return True
        return self.old_members is not None and self.members is not None and not self.old_members & self.members

    def outcome(self, detail: str, advice: tuple[str, ...] = (), *, effective: bool | None) -> GroupOutcome:
        lag = None
        if self.log_end is not None and self.committed is not None:
            lag = max(0, self.log_end - self.committed)
        return GroupOutcome(
            group=self.move.group,
            topic_partition=self.move.topic_partition,
            before=self.before,
            after=self.target,
            committed_now=self.committed,
            lag=lag,
            evicted=self.evicted,
            effective=effective,
            detail=detail,
            advice=advice,
        )


async def _evict(cluster: Cluster, followed: Sequence[_Followed], report: Callable[[Step], None]) -> None:
    started = time.monotonic()
    report(Step(StepName.EVICT, StepState.RUNNING, "Evicting the members"))
    described = await _describe(cluster, followed)
    gone = await asyncio.gather(*(_evict_group(cluster, group) for group in described.values()))
    by_group = dict(zip(described, gone, strict=True))
    for one in followed:
        one.evicted, one.refusal = by_group[one.move.group]
        group = described[one.move.group]
        one.old_members = _ids(group)
    refused = [f"{name}: {refusal}" for name, (_, refusal) in by_group.items() if refusal]
    count = sum(len(members) for members, _ in by_group.values())
    text = "No member was there to evict" if count == 0 else f"{count} member{'' if count == 1 else 's'} evicted"
    state = StepState.FAILED if refused else StepState.DONE
    report(Step(StepName.EVICT, state, text, "; ".join(refused), _ms(started)))


async def _evict_group(cluster: Cluster, group: Group | ClusterError) -> tuple[tuple[str, ...], str]:
    if isinstance(group, ClusterError):
        return (), group.message
    if not group.members:
        return (), ""
    try:
        return await cluster.remove_members(group, _REASON), ""
    except ClusterError as error:
        return (), error.message


async def _watch(
    cluster: Cluster, plan: ReroutePlan, followed: Sequence[_Followed], report: Callable[[Step], None]
) -> tuple[GroupOutcome, ...]:
    started = time.monotonic()
    ended: set[str] = set()
    report(Step(StepName.WATCH, StepState.RUNNING, "Watching the groups", _progress(followed)))
    while time.monotonic() - started < WATCH_SECONDS:
        await _observe(cluster, [one for one in followed if one.ended is None])
        for one in followed:
            if one.ended is None:
                await _decide(cluster, plan, one)
        now = {one.move.group for one in followed if one.ended is not None}
        if now != ended:
            ended = now
            report(Step(StepName.WATCH, StepState.RUNNING, "Watching the groups", _progress(followed), _ms(started)))
        if all(one.ended is not None for one in followed):
            break
        await asyncio.sleep(_POLL_SECONDS)
    outcomes = tuple(one.ended or _not_moved(one) for one in followed)
    state = StepState.DONE if all(outcome.effective for outcome in outcomes) else StepState.FAILED
    report(Step(StepName.WATCH, state, message_of(outcomes), "", _ms(started)))
    return outcomes


async def _observe(cluster: Cluster, followed: Sequence[_Followed]) -> None:
    committed, described, offsets = await asyncio.gather(
        cluster.committed({one.move.group for one in followed}),
        _describe(cluster, followed),
        cluster.offsets({one.move.topic_partition for one in followed}),
    )
    for one in followed:
        answer = committed[one.move.group]
        if not isinstance(answer, ClusterError):
            found = answer.get(one.move.topic_partition)
            one.committed = found.offset if found else None
        one.members = _ids(described[one.move.group])
        if one.old_members is None:
            one.old_members = one.members
        one.log_end = offsets[one.move.topic_partition].log_end_offset


async def _decide(cluster: Cluster, plan: ReroutePlan, one: _Followed) -> None:
    """End the watching of one group where it is clear what it does."""
    if one.committed is None:
        return
    if one.committed > one.target:
        one.ended = one.outcome(f"moves again: it has committed {one.committed:,}", effective=True)
    elif one.committed == one.target:
        _decide_at_target(one)
    elif one.committed == one.before:
        await _move_again(cluster, plan, one)
    else:
        one.ended = one.outcome(
            f"somebody has moved it to {one.committed:,} meanwhile",
            (f"Look at {one.move.group} again: it stands before the record",),
            effective=False,
        )


def _decide_at_target(one: _Followed) -> None:
    """The offset is ours. It is effective once nobody is left who read from before, and no late commit came."""
    now = time.monotonic()
    if one.held_since is None:
        one.held_since = now
    if now - one.held_since < HOLD_SECONDS or (one.old_members and not one.old_are_gone):
        return
    if not one.members:
        one.ended = one.outcome(f"no member reads now; the next one starts at {one.target:,}", effective=True)
    elif one.log_end == one.target:
        one.ended = one.outcome(f"stands at {one.target:,}, the log's end: nothing waits", effective=True)
    else:
        one.ended = one.outcome(f"stands at {one.target:,}, past the record, with new members", effective=True)


async def _move_again(cluster: Cluster, plan: ReroutePlan, one: _Followed) -> None:
    """A member took the group back to the record: commit again, evict again."""
    one.held_since = None
    if one.recommits == _RECOMMITS:
        one.ended = _not_moved(one)
        return
    one.recommits += 1
    try:
        await cluster.transact(
            f"kafkaview-again-{one.move.group}-{one.move.topic_partition.topic}-{one.move.topic_partition.partition}",
            (),
            [group_move(plan, one.move)],
            lambda _stage: _still_before(cluster, one),
        )
    except PlanNoLongerHolds:
        return  # it moves by itself: seen at the next look
    if plan.evict:
        described = await _describe(cluster, [one])
        group = described[one.move.group]
        one.old_members = _ids(group)
        again, one.refusal = await _evict_group(cluster, group)
        one.evicted = (*one.evicted, *again)


async def _still_before(cluster: Cluster, one: _Followed) -> None:
    answer = (await cluster.committed([one.move.group]))[one.move.group]
    if isinstance(answer, ClusterError):
        raise answer
    found = answer.get(one.move.topic_partition)
    if found is None or found.offset != one.before:
        raise PlanNoLongerHolds(f"{one.move.group} has moved meanwhile")


def _not_moved(one: _Followed) -> GroupOutcome:
    group = one.move.group
    stop = f"Stop the application {group}, so that nobody rewinds"
    again = f"Commit {one.target:,} again from here, then start {group}"
    if one.committed == one.before and one.recommits:
        detail = f"a member committed {one.before:,} again {one.recommits} times: it keeps the position in memory"
        return one.outcome(detail, (stop, again), effective=False)
    if one.refusal:
        return one.outcome(f"its members could not be evicted: {one.refusal}", (f"Restart {group}",), effective=False)
    if one.old_members and not one.old_are_gone:
        detail = f"its member keeps the old position in memory; {one.target:,} is committed"
        return one.outcome(
            detail, (f"Restart {group}: it then starts at {one.target:,}", "Or evict its members"), effective=False
        )
    return one.outcome("it could not be seen whether it moves", (f"Look at {group} again",), effective=None)


async def _describe(cluster: Cluster, followed: Collection[_Followed]) -> dict[str, Group | ClusterError]:
    listings = {one.move.group: GroupListing(one.move.group, one.move.type, GroupState.UNKNOWN) for one in followed}
    return dict(await cluster.describe_groups(list(listings.values())))


def _target(move: GroupPlan) -> int:
    if move.after is None:
        raise ValueError(f"{move.group} does not move in this plan")
    return move.after


def _ids(group: Group | ClusterError) -> frozenset[str] | None:
    return None if isinstance(group, ClusterError) else frozenset(member.member_id for member in group.members)


def _progress(followed: Sequence[_Followed]) -> str:
    moved = [one.move.group for one in followed if one.ended is not None and one.ended.effective]
    waiting = [one.move.group for one in followed if one.ended is None]
    parts = []
    if moved:
        parts.append(f"{_names(moved)} {'moves' if len(set(moved)) == 1 else 'move'}")
    if waiting:
        parts.append(f"{_names(waiting)} {'rejoins' if len(set(waiting)) == 1 else 'rejoin'}")
    return ", ".join(parts)


def _names(groups: Sequence[str]) -> str:
    unique = list(dict.fromkeys(groups))
    return " and ".join(part for part in (", ".join(unique[:-1]), "".join(unique[-1:])) if part)


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
