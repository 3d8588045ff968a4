"""The rhythm in which groups commit, by what their coordinators stored before the watch began: a group that commits
once a minute stands for that long while all is well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.journal.entry import OffsetMoves
from kafkaview.terms import TopicPartition
from kafkaview.triage.commits.commit import Commit
from kafkaview.triage.commits.stored import read_stored_commits

LOOK_BACK_MS: Final = 600_000
_MOST_READ: Final = 20_000  # records of a coordinator's log
_FEWEST: Final = 3  # commits
_AT_ONCE: Final = 5  # groups, in one sample
_LONGEST_S: Final = 1.5  # a sample waits for it


@dataclass(frozen=True, slots=True)
class CommitRhythm:
    """The usual milliseconds from one commit of a partition to the next, and since when, in Unix milliseconds, its
    committed offset is `offset`: or earlier.
    """

    gap_ms: int
    offset: int
    since_ms: int


Rhythms = Mapping[TopicPartition, CommitRhythm]


class StoredRhythms:
    """Reads the rhythm of each group once."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._asked: set[str] = set()
        self._refused = False

    async def read(self, coordinators: Mapping[str, int | None], own: OffsetMoves = ()) -> Mapping[str, Rhythms]:
        """Returns the rhythms of some of these groups, given with their coordinators, that were not read before; `own`
        are the moves that writes from here have made.
        """
        new = [group for group in coordinators if group not in self._asked][:_AT_ONCE]
        found: dict[str, Rhythms] = {}
        if self._refused:
            return found
        try:
            async with asyncio.timeout(_LONGEST_S):
                for group in new:
                    self._asked.add(group)
                    found[group] = await self._read(group, coordinators[group], own)
        except NotAuthorized:
            self._refused = True
        except (ClusterError, TimeoutError):
            pass  # what is not known is learned from what is watched
        return found

    async def _read(self, group: str, coordinator: int | None, own: OffsetMoves) -> Rhythms:
        observed = await read_stored_commits(self._cluster, group, coordinator, LOOK_BACK_MS, _MOST_READ)
        rhythms = {
            place: _rhythm([one for one in commits if (group, place, one.offset) not in own])
            for place, commits in observed.commits.items()
        }
        return {place: rhythm for place, rhythm in rhythms.items() if rhythm is not None}


def _rhythm(commits: Sequence[Commit]) -> CommitRhythm | None:
    """Returns the rhythm of a few commits; two may be any. Where they go back, somebody has helped: it begins anew."""
    begins = max(
        (at for at, (before, after) in enumerate(pairwise(commits), 1) if after.offset < before.offset), default=0
    )
    commits = commits[begins:]
    if len(commits) < _FEWEST:
        return None
    last = commits[-1]
    since = last.at_ms
    for commit in reversed(commits):
        if commit.offset != last.offset:
            break
        since = commit.at_ms
    gap = median(after.at_ms - before.at_ms for before, after in pairwise(commits))
    return CommitRhythm(round(gap), last.offset, since)
