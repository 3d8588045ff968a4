"""The coordination of a cluster at one moment, and over the last hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.ports.coordination import Coordination, CoordinationMode, Quorum, QuorumHealth


class CoordinationAnswer(StrEnum):
    """The kind of the answer to the question who coordinates the cluster."""

    YES = "yes"
    LEADERLESS = "leaderless"  # the brokers say that it is KRaft, and nobody leads the quorum
    REFUSED = "refused"  # the principal may not see it
    SILENT = "silent"  # nobody answers


@dataclass(frozen=True, slots=True)
class Leadership:
    """A leader of the quorum in one epoch. `since_ms` is None if it led before the first view."""

    leader_id: int | None
    epoch: int | None
    since_ms: int | None


LagSeries = Sequence[tuple[int, int | None]]  # Unix ms, offsets behind the leader


@dataclass(frozen=True, slots=True)
class CoordinationView:
    """Holds the coordination as last known at `coordination_at_ms`, and the quorum as last known at `quorum_at_ms`;
    `at_ms` is now. While nobody leads, `quorum` is the last one that was led, and `coordination.quorum` says which of
    its voters answer.

    `leaders` run from old to new, `lags` hold each replica's offsets behind the leader, both over an hour at most;
    `watermark_rate` is in metadata records per second.
    """

    at_ms: int
    answer: CoordinationAnswer
    coordination: Coordination | None
    quorum: Quorum | None
    coordination_at_ms: int | None = None
    quorum_at_ms: int | None = None
    error: ClusterError | None = None
    leaders: tuple[Leadership, ...] = ()
    lags: Mapping[int, LagSeries] = field(default_factory=dict)
    watermark_rate: float | None = None
    watched_since_ms: int | None = None
    next_try_at_ms: int | None = None

    @property
    def mode(self) -> CoordinationMode:
        """The last known mode."""
        return self.coordination.mode if self.coordination is not None else CoordinationMode.UNKNOWN

    @property
    def stale(self) -> bool:
        """Whether the quorum that is shown is an old one."""
        return self.quorum is not None and self.answer is not CoordinationAnswer.YES

    def cut_off(self, at_ms: int, error: ClusterError) -> Self:
        """Returns what is known at a later time while nobody answers, and why."""
        silent = CoordinationAnswer.SILENT
        return replace(self, at_ms=at_ms, answer=silent, error=error, watermark_rate=None, next_try_at_ms=None)

    @property
    def lost(self) -> bool:
        """Whether no metadata can be written: no majority follows, or no leader answers."""
        if self.answer not in (CoordinationAnswer.YES, CoordinationAnswer.LEADERLESS) or self.coordination is None:
            return False
        quorum = self.coordination.quorum
        return self.answer is CoordinationAnswer.LEADERLESS if quorum is None else quorum.health is QuorumHealth.LOST

    @property
    def electing(self) -> bool:
        """Whether there is no leader though a majority of the controllers answers: an election."""
        return self.answer is CoordinationAnswer.LEADERLESS and not self.lost and not self.led_unseen

    @property
    def led_unseen(self) -> bool:
        """Whether brokers read new metadata, so that there is a leader, but it cannot be reached."""
        quorum = (
            self.coordination.quorum
            if self.coordination is not None and self.answer is CoordinationAnswer.LEADERLESS
            else None
        )
        return quorum is not None and quorum.goes_on

    @property
    def missing_right(self) -> NotAuthorized | None:
        """The right that is missing."""
        return (
            self.error if self.answer is CoordinationAnswer.REFUSED and isinstance(self.error, NotAuthorized) else None
        )

    @property
    def elections(self) -> int:
        """The number of elections that were seen: an epoch that grew by two was at least two."""
        epochs = [one.epoch for one in self.leaders if one.epoch is not None]
        return epochs[-1] - epochs[0] if epochs else 0
