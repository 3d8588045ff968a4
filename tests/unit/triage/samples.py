"""Samples in the small, for judging: one group on one partition unless said otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from kafkaview.terms import (
    CommittedOffset,
    Group,
    GroupListing,
    GroupState,
    GroupType,
    Member,
    PartitionLag,
    PartitionOffsets,
    TopicPartition,
)
from kafkaview.triage.history import History
from kafkaview.triage.judge import judge
from kafkaview.triage.members import MemberLooks
from kafkaview.triage.verdict import Stuck
from kafkaview.triage.view import GroupView, View

ORDERS_3 = TopicPartition("orders", 3)
START_MS = 1_700_000_000_000


def group_view(
    committed: int | None,
    end: int | None,
    *,
    members: Sequence[str] = ("m1",),
    stable: int | None = None,
    state: GroupState = GroupState.STABLE,
    start: int = 0,
    protocol: str = "range",
) -> GroupView:
    listing = GroupListing("billing", GroupType.CLASSIC, state)
    rows = tuple(Member(name, name, "/127.0.0.1", None, (ORDERS_3,)) for name in members)
    offsets = PartitionOffsets(start, end, end if stable is None else stable)
    standing = CommittedOffset(committed) if committed is not None else None
    lag = PartitionLag("billing", ORDERS_3, standing, offsets, rows[0] if rows else None)
    return GroupView(listing, Group("billing", GroupType.CLASSIC, state, protocol, 1, rows), (lag,))


def view(at_s: float, *groups: GroupView) -> View:
    at_ms = START_MS + int(at_s * 1000)
    return View(at_ms, None, (), {}, {}, groups, (), (), 0, judged=False, seconds_to_verdict=0.0)


def verdicts(groups: Sequence[GroupView], interval: float = 1.0, window: float = 10.0) -> tuple[Stuck, ...]:
    """What is judged of one group seen so from sample to sample; only the last window's samples are judged."""
    views = [view(place * interval, group) for place, group in enumerate(groups)]
    history, looks = History(), MemberLooks()
    for sample in views:
        history.add(sample)
        for group in sample.groups:
            if group.group is not None:
                looks.add("billing", sample.at_ms, frozenset(m.member_id for m in group.group.members))
    last = [sample for sample in views if sample.at_ms >= views[-1].at_ms - window * 1000]
    return judge(last, window, looks.crowd, history.standing)
