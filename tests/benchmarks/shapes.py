"""What the clusters of the benchmarks look like: how many of everything, and how each group stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

RECORDS: Final = 20  # on each partition
POISON: Final = RECORDS // 2  # the offset of the record that no group gets past, and where others have stopped
MOVING_TOPIC: Final = "moving"
MOVING_PARTITIONS: Final = 3
_ONE_IN_LAGS: Final = 10


class Kind(Enum):
    """How a group stands."""

    STANDING = auto()  # a live member that never gets past the poison record
    MOVING = auto()  # a live member that commits every second
    LAGGING = auto()  # no members, half of everything unread
    DONE = auto()  # no members, everything read


@dataclass(frozen=True, slots=True)
class Shape:
    """A cluster. Its topics have `partitions` in turn, and each group reads `reads` topics of its own, from the
    beginning again where they run out.
    """

    name: str
    brokers: int
    topics: int
    partitions: tuple[int, ...]
    groups: int
    reads: int
    standing: int = 3
    moving: int = 3
    heap: str = "2g"

    def topic(self, number: int) -> str:
        """The name of a topic."""
        return f"topic-{number:05}"

    def partitions_of(self, topic: int) -> int:
        """How many partitions a topic has."""
        return self.partitions[topic % len(self.partitions)]

    @property
    def topic_names(self) -> dict[str, int]:
        """Every topic with its number of partitions."""
        return {self.topic(number): self.partitions_of(number) for number in range(self.topics)}

    @property
    def total_partitions(self) -> int:
        """How many partitions all topics have, but for the one of the moving groups."""
        return sum(map(self.partitions_of, range(self.topics)))

    def grows_to(self, other: Shape) -> bool:
        """Whether another shape is this one with more of it."""
        return self.name == other.name and self.topics <= other.topics and self.groups <= other.groups

    @property
    def poisoned(self) -> frozenset[tuple[str, int]]:
        """Where a poison record lies: on the first partition of what a standing group reads first."""
        return frozenset((self.topic(self._first_read(number)), 0) for number in range(self.standing))

    def group(self, number: int) -> str:
        """The name of a group."""
        return f"group-{number:05}"

    def kind(self, group: int) -> Kind:
        """How a group stands."""
        if group < self.standing:
            return Kind.STANDING
        if group < self.standing + self.moving:
            return Kind.MOVING
        return Kind.LAGGING if group % _ONE_IN_LAGS == _ONE_IN_LAGS - 1 else Kind.DONE

    def topics_of(self, group: int) -> tuple[int, ...]:
        """The topics that a group reads."""
        first = self._first_read(group)
        return tuple(dict.fromkeys((first + read) % self.topics for read in range(self.reads)))

    def committed_offsets(self, group: int) -> Iterator[tuple[str, int, int]]:
        """Topic, partition and offset of everything that a group has committed."""
        lags, stands = self.kind(group) is Kind.LAGGING, self.kind(group) is Kind.STANDING
        for read, topic in enumerate(self.topics_of(group)):
            for partition in range(self.partitions_of(topic)):
                poisoned = stands and read == 0 and partition == 0
                yield self.topic(topic), partition, POISON if lags or poisoned else RECORDS

    def _first_read(self, group: int) -> int:
        return group * self.reads % self.topics


THOUSAND_GROUPS: Final = Shape("thousand_groups", 1, 1, (100,), 1_000, reads=1)
NINE_THOUSAND_TOPICS: Final = Shape("nine_thousand_topics", 3, 9_000, (1, 3, 3, 3, 12), 2_200, reads=4)
SMALL: Final = Shape("small", 1, 6, (3,), 8, reads=1, standing=1, moving=1, heap="512m")
SHAPES: Final = {shape.name: shape for shape in (THOUSAND_GROUPS, NINE_THOUSAND_TOPICS, SMALL)}
