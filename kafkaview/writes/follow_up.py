"""After the commit: evict the members so that they read the new offset, and watch until the groups have moved.

An accepted offset is not yet an effective one. A live member keeps its position in memory, and its next commit may
take the group back; so the members are removed (they rejoin and read the committed offset), and a group that is found
back at the old offset is moved again, at most three times.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence

from kafkaview.cluster.errors import ClusterError, FencedTransaction, PlanNoLongerHolds
from kafkaview.cluster.ports.cluster import Cluster, GroupMove, TransactionStage
from kafkaview.terms import Group, GroupListing, GroupState
from kafkaview.words import first_lines, plural
from kafkaview.writes.effect import GroupChange, WatchedChange, member_ids, watching_words
from kafkaview.writes.outcome import GroupOutcome
from kafkaview.writes.steps import Progress, WriteStepName

WATCH_SECONDS = 30.0
HOLD_SECONDS = 6.0  # longer than the default auto.commit.interval.ms (5 s): a late commit would have come by then
_POLL_SECONDS = 0.5
_RECOMMITS = 3
_REASON = "kafkaview moved the group's committed offset"


def group_move(change: GroupChange) -> GroupMove:
    """Returns what a transaction commits for a change."""
    return GroupMove(change.group, change.topic_partition, change.after)


def unwatched_outcomes(changes: Sequence[GroupChange]) -> tuple[GroupOutcome, ...]:
    """Returns what is known of the groups while nobody has watched them."""
    unseen = "committed; whether it follows was not seen"
    return tuple(WatchedChange(change).outcome(unseen, effective=None) for change in changes)


async def follow_groups(
    cluster: Cluster,
    changes: Sequence[GroupChange],
    progress: Progress,
    message_of: Callable[[Sequence[GroupOutcome]], str],
    *,
    transactional_id: str,
    evict: bool,
    evicted: tuple[str, ...] = (),
) -> tuple[GroupOutcome, ...]:
    """Evicts the members if that is wanted, then watches every group for up to 30 s. Returns one outcome for each group
    and partition. `evicted` are members that were removed just before the commit. If an offset must be committed
    again, the plan's `transactional_id` is used, because the right to it was checked.

    The commit stands: if a broker does not answer, the outcome is unknown, and no error is raised.
    """
    watched = [WatchedChange(change, evicted=evicted) for change in changes]
    if not watched:
        return ()
    if evict:
        await _evict(cluster, watched, progress)
    return await _watch(cluster, watched, progress, message_of, transactional_id, evict=evict)


async def _evict(cluster: Cluster, followed: Sequence[WatchedChange], progress: Progress) -> None:
    progress.begin(WriteStepName.EVICT, "Evicting the members")
    described = await _describe(cluster, followed)
    gone = await asyncio.gather(*(_evict_group(cluster, group) for group in described.values()))
    by_group = dict(zip(described, gone, strict=True))
    for one in followed:
        gone_now, one.refusal = by_group[one.change.group]
        one.evicted = (*one.evicted, *gone_now)
        one.old_members = member_ids(described[one.change.group])
    refused = [f"{name}: {refusal}" for name, (_, refusal) in by_group.items() if refusal]
    count = len({(one.change.group, member) for one in followed for member in one.evicted})  # before the commit, too
    text = f"{plural(count, 'member')} evicted" if count else "No member was there to evict"
    await _look(cluster, followed, stable=True)  # at once: whoever rejoins has not read far yet
    progress.end(text, "; ".join(first_lines(refused)), failed=bool(refused))


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
    cluster: Cluster,
    followed: Sequence[WatchedChange],
    progress: Progress,
    message_of: Callable[[Sequence[GroupOutcome]], str],
    transactional_id: str,
    *,
    evict: bool,
) -> tuple[GroupOutcome, ...]:
    started = time.monotonic()
    ended = 0
    progress.begin(WriteStepName.WATCH, "Watching the groups", watching_words(followed))
    while time.monotonic() - started < WATCH_SECONDS:
        waiting = [one for one in followed if one.ended is None]
        await _look(cluster, waiting)
        for one in waiting:
            if one.rewound:
                await _move_again(cluster, one, transactional_id, evict=evict)
            else:
                one.ended = one.verdict(time.monotonic(), HOLD_SECONDS)
        now = sum(one.ended is not None for one in followed)
        if now != ended:
            ended = now
            progress.update(watching_words(followed))
        if ended == len(followed):
            break
        await asyncio.sleep(_POLL_SECONDS)
    outcomes = tuple(one.ended or one.at_the_end() for one in followed)
    progress.end(message_of(outcomes), failed=any(outcome.effective is False for outcome in outcomes))
    return outcomes


async def _look(cluster: Cluster, followed: Sequence[WatchedChange], *, stable: bool = False) -> None:
    """Notes the committed offsets of the groups, except of a group whose coordinator does not answer."""
    for one in followed:
        one.answered = False
    try:
        committed, described, offsets = await asyncio.gather(
            cluster.committed_offsets({one.change.group for one in followed}, require_stable=stable),
            _describe(cluster, followed),
            cluster.offsets({one.change.topic_partition for one in followed}),
        )
    except ClusterError:
        return
    for one in followed:
        answer = committed[one.change.group]
        if not isinstance(answer, ClusterError):
            found = answer.get(one.change.topic_partition)
            one.committed = found.offset if found else None
            one.answered = True
            one.held = one.held or (bool(one.evicted) and not one.refusal and one.committed == one.target)
        one.members = member_ids(described[one.change.group])
        if one.old_members is None:
            one.old_members = one.members
        one.log_end = offsets[one.change.topic_partition].log_end_offset


async def _move_again(cluster: Cluster, one: WatchedChange, transactional_id: str, *, evict: bool) -> None:
    """Commits and evicts again, after a member took the group back to the record."""
    one.held_since = None
    if one.recommits == _RECOMMITS:
        one.ended = one.at_the_end()
        return
    try:
        await cluster.transact(
            transactional_id,
            (),
            [group_move(one.change)],
            lambda stage: _still_before(cluster, one, stage),
        )
    except FencedTransaction as error:  # another one does this work too: who tries again at once fences that in turn
        one.recommits, one.trouble = one.recommits + 1, error.message
        return
    except PlanNoLongerHolds:
        return  # it moves by itself: seen at the next look
    except ClusterError as error:
        one.trouble = error.message
        return
    one.recommits += 1
    one.trouble = ""
    if evict:
        group = (await _describe(cluster, [one]))[one.change.group]
        one.old_members = member_ids(group)
        again, one.refusal = await _evict_group(cluster, group)
        one.evicted = (*one.evicted, *again)


async def _still_before(cluster: Cluster, one: WatchedChange, stage: TransactionStage) -> None:
    """Raises PlanNoLongerHolds if the group is no longer at the offset that a member committed again. At the first
    stage it waits until the markers of earlier commits are in.
    """
    stable = stage is TransactionStage.BEGUN
    answer = (await cluster.committed_offsets([one.change.group], require_stable=stable))[one.change.group]
    if isinstance(answer, ClusterError):
        raise answer
    found = answer.get(one.change.topic_partition)
    if found is None or found.offset != one.committed:
        raise PlanNoLongerHolds(f"{one.change.group} has moved meanwhile")


async def _describe(cluster: Cluster, followed: Collection[WatchedChange]) -> dict[str, Group | ClusterError]:
    listings = {
        one.change.group: GroupListing(one.change.group, one.change.type, GroupState.UNKNOWN) for one in followed
    }
    try:
        return dict(await cluster.describe_groups(list(listings.values())))
    except ClusterError as error:
        return dict.fromkeys(listings, error)
