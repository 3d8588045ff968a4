"""After the commit: evict the members so that they read the new offset, and watch until the groups have moved.

An accepted offset is not yet an effective one. A live member keeps its position in memory, and its next commit may
take the group back; so the members are removed (they rejoin and read the committed offset), and a group that is found
back at the old offset is moved again, at most three times.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds
from kafkaview.cluster.ports.cluster import Cluster, GroupMove, TransactionStage
from kafkaview.terms import CommittedOffset, Group, GroupListing, GroupState
from kafkaview.triage.reroute.effect import Followed, member_ids, message_of, progress
from kafkaview.triage.reroute.outcome import GroupOutcome, RerouteStep, RerouteStepName, StepState
from kafkaview.triage.reroute.plan import GroupPlan, ReroutePlan

WATCH_SECONDS = 30.0
HOLD_SECONDS = 6.0  # longer than the default auto.commit.interval.ms (5 s): a late commit would have come by then
_POLL_SECONDS = 0.5
_RECOMMITS = 3
_REASON = "kafkaview moved the group past a poison record"


def group_move(plan: ReroutePlan, move: GroupPlan) -> GroupMove:
    """A group's new committed offset, without the metadata: what a client kept there belongs to the offset before."""
    after = Followed(move).target
    last = (move.topic_partition, after - 1)
    epochs = {(copy.record.topic_partition, copy.record.offset): copy.record.leader_epoch for copy in plan.copies}
    return GroupMove(move.group, move.topic_partition, CommittedOffset(after, epochs.get(last)))


def unwatched(plan: ReroutePlan) -> tuple[GroupOutcome, ...]:
    """What is known of the groups while nobody has watched them."""
    return tuple(
        Followed(move).outcome("committed; whether it follows was not seen", effective=None) for move in plan.moves
    )


async def follow_groups(
    cluster: Cluster, plan: ReroutePlan, report: Callable[[RerouteStep], None]
) -> tuple[GroupOutcome, ...]:
    """Evict where the plan says so, then watch every group for up to 30 s; one outcome for each group and partition.

    The commit stands: a broker that does not answer keeps an outcome from being seen, and is no error here.
    """
    followed = [Followed(move) for move in plan.moves]
    if not followed:
        return ()
    if plan.evict:
        await _evict(cluster, followed, report)
    return await _watch(cluster, plan, followed, report)


async def _evict(cluster: Cluster, followed: Sequence[Followed], report: Callable[[RerouteStep], None]) -> None:
    started = time.monotonic()
    report(RerouteStep(RerouteStepName.EVICT, StepState.RUNNING, "Evicting the members"))
    described = await _describe(cluster, followed)
    gone = await asyncio.gather(*(_evict_group(cluster, group) for group in described.values()))
    by_group = dict(zip(described, gone, strict=True))
    for one in followed:
        one.evicted, one.refusal = by_group[one.move.group]
        one.old_members = member_ids(described[one.move.group])
    refused = [f"{name}: {refusal}" for name, (_, refusal) in by_group.items() if refusal]
    count = sum(len(members) for members, _ in by_group.values())
    text = "No member was there to evict" if count == 0 else f"{count} member{'' if count == 1 else 's'} evicted"
    state = StepState.FAILED if refused else StepState.DONE
    report(RerouteStep(RerouteStepName.EVICT, state, text, "; ".join(refused), _ms(started)))


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
    cluster: Cluster, plan: ReroutePlan, followed: Sequence[Followed], report: Callable[[RerouteStep], None]
) -> tuple[GroupOutcome, ...]:
    started = time.monotonic()
    ended = 0
    report(RerouteStep(RerouteStepName.WATCH, StepState.RUNNING, "Watching the groups", progress(followed)))
    while time.monotonic() - started < WATCH_SECONDS:
        waiting = [one for one in followed if one.ended is None]
        await _look(cluster, waiting)
        for one in waiting:
            if one.rewound:
                await _move_again(cluster, plan, one)
            else:
                one.ended = one.verdict(time.monotonic(), HOLD_SECONDS)
        now = sum(one.ended is not None for one in followed)
        if now != ended:
            ended = now
            report(
                RerouteStep(
                    RerouteStepName.WATCH, StepState.RUNNING, "Watching the groups", progress(followed), _ms(started)
                )
            )
        if ended == len(followed):
            break
        await asyncio.sleep(_POLL_SECONDS)
    outcomes = tuple(one.ended or one.at_the_end() for one in followed)
    state = StepState.DONE if all(outcome.effective for outcome in outcomes) else StepState.FAILED
    report(RerouteStep(RerouteStepName.WATCH, state, message_of(outcomes), "", _ms(started)))
    return outcomes


async def _look(cluster: Cluster, followed: Sequence[Followed]) -> None:
    """Note where the groups stand. Who is not answered for is not told about."""
    for one in followed:
        one.told = False
    try:
        committed, described, offsets = await asyncio.gather(
            cluster.committed({one.move.group for one in followed}),
            _describe(cluster, followed),
            cluster.offsets({one.move.topic_partition for one in followed}),
        )
    except ClusterError:
        return
    for one in followed:
        answer = committed[one.move.group]
        if not isinstance(answer, ClusterError):
            found = answer.get(one.move.topic_partition)
            one.committed = found.offset if found else None
            one.told = True
        one.members = member_ids(described[one.move.group])
        if one.old_members is None:
            one.old_members = one.members
        one.log_end = offsets[one.move.topic_partition].log_end_offset


async def _move_again(cluster: Cluster, plan: ReroutePlan, one: Followed) -> None:
    """A member took the group back to the record: commit again, evict again."""
    one.held_since = None
    if one.recommits == _RECOMMITS:
        one.ended = one.at_the_end()
        return
    try:
        await cluster.transact(
            f"kafkaview-again-{one.move.group}-{one.move.topic_partition.topic}-{one.move.topic_partition.partition}",
            (),
            [group_move(plan, one.move)],
            lambda stage: _still_before(cluster, one, stage),
        )
    except PlanNoLongerHolds:
        return  # it moves by itself: seen at the next look
    except ClusterError as error:
        one.trouble = error.message
        return
    one.recommits += 1
    one.trouble = ""
    if plan.evict:
        group = (await _describe(cluster, [one]))[one.move.group]
        one.old_members = member_ids(group)
        again, one.refusal = await _evict_group(cluster, group)
        one.evicted = (*one.evicted, *again)


async def _still_before(cluster: Cluster, one: Followed, stage: TransactionStage) -> None:
    """Right after our commit the old offset is still told until its marker is in: that is waited for, not redone."""
    stable = stage is TransactionStage.BEGUN
    answer = (await cluster.committed([one.move.group], require_stable=stable))[one.move.group]
    if isinstance(answer, ClusterError):
        raise answer
    found = answer.get(one.move.topic_partition)
    if found is None or found.offset != one.before:
        raise PlanNoLongerHolds(f"{one.move.group} has moved meanwhile")


async def _describe(cluster: Cluster, followed: Collection[Followed]) -> dict[str, Group | ClusterError]:
    listings = {one.move.group: GroupListing(one.move.group, one.move.type, GroupState.UNKNOWN) for one in followed}
    try:
        return dict(await cluster.describe_groups(list(listings.values())))
    except ClusterError as error:
        return dict.fromkeys(listings, error)


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
