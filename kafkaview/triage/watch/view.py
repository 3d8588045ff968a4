"""The last known view of the cluster, for every page: one row per topic and per group. It holds values only and is
cheap to send to another process; details are requested by name (`GroupDetail`, `TopicDetail`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.cluster import Omission
from kafkaview.terms import ClusterInfo
from kafkaview.triage.watch.sample_arrays import GroupColumns, TopicColumns
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.triage.watch.verdict import Stuck


@dataclass(frozen=True, slots=True)
class SilentBroker:
    """A broker that does not answer, since when that is known, in Unix milliseconds; `fenced` if the metadata do not
    have it any more.
    """

    id: int
    since_ms: int
    fenced: bool


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One view of the cluster. `topics` and `groups` are None until the cluster has answered for them; an empty answer
    has no rows. `errors` are the errors of parts without an answer. `judged` is false until the samples fill the
    window, with `seconds_to_verdict` left; `stuck` may hold older verdicts. A stale view is judged if it was at
    `at_ms`. For a topic that nobody reads, `stuck` holds one partition for each group: the one with the largest lag.
    """

    at_ms: int
    info: ClusterInfo | None
    topics: TopicColumns | None
    groups: GroupColumns | None
    stuck: tuple[Stuck, ...]
    errors: tuple[ClusterError, ...]
    samples: int
    judged: bool
    seconds_to_verdict: float
    stale: bool = False  # nobody answers: these are the last known values, of `at_ms`
    next_try_at_ms: int | None = None  # of a stale view: when the cluster is asked again
    unseen: tuple[UnseenGroups, ...] = ()  # what the verdicts leave out
    omissions: frozenset[Omission] = frozenset()  # what the lists may leave out
    silent: tuple[SilentBroker, ...] = ()  # of a full sample
    late_since_ms: int | None = None  # when the sample was asked for that is overdue; until then the last known values

    @property
    def current(self) -> bool:
        """Whether this is so now: the cluster answers, and no sample is overdue. Else it was so at `at_ms`."""
        return not self.stale and self.late_since_ms is None

    @property
    def tells_health(self) -> bool:
        """Whether a group without a verdict is known to move now."""
        return self.judged and self.current

    @property
    def leaderless(self) -> bool:
        """Whether a partition is known to have no leader."""
        return self.topics is not None and bool((self.topics.offline > 0).any())

    def sees(self, group: str) -> bool:
        """Returns whether a group is there and was seen in full."""
        groups = self.groups
        if groups is None or group not in groups.names or any(one.group == group for one in self.unseen):
            return False
        return int(groups.error[groups.names.index(group)]) < 0

    def reaches(self, topic: str) -> bool:
        """Returns whether the brokers that hold a topic answer, as far as a sample tells; of one that it does not have,
        whether any does.
        """
        topics = self.topics
        if not self.current or topics is None or topic not in topics.names:
            return self.current
        place = topics.names.index(topic)
        return bool(topics.records_complete[place]) and int(topics.offline[place]) == 0

    @property
    def ordinary_topics(self) -> list[str]:
        """The topics that are not Kafka's own."""
        if self.topics is None:
            return []
        return [name for name, internal in zip(self.topics.names, self.topics.internal, strict=True) if not internal]

    @classmethod
    def empty(cls, at_ms: int, seconds_to_verdict: float, errors: Sequence[ClusterError] = ()) -> View:
        """Returns the view of a cluster that has not answered yet; it is stale if there is an error."""
        return cls(
            at_ms=at_ms,
            info=None,
            topics=None,
            groups=None,
            stuck=(),
            errors=tuple(errors),
            samples=0,
            judged=False,
            seconds_to_verdict=seconds_to_verdict,
            stale=bool(errors),
        )


@dataclass(frozen=True, slots=True)
class Point:
    """One partition of one group at one time, for plots. None where unknown."""

    at_ms: int
    committed_offset: int | None
    log_end_offset: int | None
