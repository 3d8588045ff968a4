"""Observing how a group commits: in the log of its coordinator, where each commit is kept with its own time, or by
polling where that log may not be read.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError, NotAuthorized, RefusedHere, UnknownGroup, UnknownTopicOrPartition
from kafkaview.terms import GroupType, TopicPartition
from kafkaview.triage.commits.commit import (
    LOOK_BACK_S,
    POLLING_S,
    Commit,
    CommitSource,
    GroupCommitStyles,
    ObservedCommits,
)
from kafkaview.triage.commits.stored import read_stored_commits
from kafkaview.triage.commits.style import judge_commits
from kafkaview.words import name_text
from kafkaview.writes.offsets.group_facts import read_group

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster

_LOOK_S: Final = 0.5


async def observe_commits(cluster: Cluster, group: str, seconds: float | None = None) -> GroupCommitStyles:
    """Returns how a group commits on each of its partitions: by what its coordinator stored in the last `seconds`
    (default 600), or by polling for so long (default 30) where that may not be read. Raises UnknownGroup, and
    ClusterError where neither is possible.
    """
    facts = await read_group(cluster, group)
    if not facts.exists and not facts.committed:
        raise UnknownGroup(f"There is no group {name_text(group)}, or it may not be seen")
    if facts.type is GroupType.SHARE:
        raise RefusedHere(f"{name_text(group)} is a share group: it commits no offsets", "Look at `lag` for its start.")
    why_polled = ""
    try:
        look_back_ms = round(1_000 * (seconds or LOOK_BACK_S))
        observed = await read_stored_commits(cluster, group, facts.coordinator, look_back_ms)
    except (NotAuthorized, UnknownTopicOrPartition) as error:
        denied = isinstance(error, NotAuthorized)
        why_polled = (
            f"READ on Topic {CommitSource.LOG.value} is missing." if denied else f"{error.message.rstrip('.')}."
        )
        observed = await poll_commits(cluster, group, seconds or POLLING_S)
        hidden = [one.as_error() for one in await cluster.omissions() if one.of_topics]
        if hidden:
            observed = replace(observed, complete=False)
            why_polled = f"{why_polled} {hidden[0].message}, nor what is committed on the others."
    owned = {place for member in facts.members for place in member.assignment or ()}
    span = observed.until_ms - observed.since_ms
    rows = [
        judge_commits(place, observed.commits.get(place, ()), observed.source, span, committed=place in facts.committed)
        for place in sorted({*facts.committed, *owned, *observed.commits})
    ]
    return GroupCommitStyles(
        group, observed.source, observed.since_ms, observed.until_ms, observed.complete, tuple(rows), why_polled
    )


async def poll_commits(cluster: Cluster, group: str, seconds: float) -> ObservedCommits:
    """Returns each change of the group's committed offsets that was seen by looking each half second."""
    found: dict[TopicPartition, list[Commit]] = defaultdict(list)
    known: dict[TopicPartition, int] | None = None
    since = now_ms()
    ends_at = time.monotonic() + seconds
    while True:
        offsets = (await cluster.committed_offsets([group]))[group]
        if isinstance(offsets, ClusterError):
            raise offsets
        now = {place: committed.offset for place, committed in offsets.items()}
        for place, offset in now.items():
            if known is not None and known.get(place) != offset:
                found[place].append(Commit(now_ms(), offset))
        known = now
        if time.monotonic() >= ends_at:
            commits = {place: tuple(commits) for place, commits in found.items()}
            return ObservedCommits(CommitSource.POLLING, commits, since, now_ms())
        await asyncio.sleep(_LOOK_S)
