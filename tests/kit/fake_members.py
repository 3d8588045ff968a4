"""Consumers that a test moves by hand: each `tick` is one poll of each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from kafkaview.terms import GroupType, Member, TopicPartition


class OnPoison(Enum):
    """What a consumer does with a record that it cannot process."""

    RETRY = "retry"  # stays a member and tries the same record again
    CRASH = "crash"  # is restarted by its supervisor: a new member each time
    SKIP = "skip"


@dataclass
class FakeMember:
    """One consumer of a group. `positions` is what it has in memory, which a commit from outside does not change."""

    client_id: str
    partitions: tuple[TopicPartition, ...]
    on_poison: OnPoison = OnPoison.SKIP
    rate: int = 10
    auto_commit: bool = False  # commits its position on every tick, moved or not: rewinds a commit from outside
    host: str = "10.0.0.7"
    group_instance_id: str | None = None
    restarts: int = 0
    joined: bool = True
    readable: bool = True  # its assignment
    positions: dict[TopicPartition, int] = field(default_factory=dict)

    @property
    def member_id(self) -> str:
        """A new one for every join."""
        return f"{self.client_id}-{self.restarts:04d}"

    def as_member(self) -> Member:
        """As the coordinator describes it."""
        assignment = _assignment(self.partitions) if self.readable else None
        return Member(self.member_id, self.client_id, self.host, self.group_instance_id, assignment)

    def restart(self) -> None:
        """What its supervisor does after a crash: a new process, so a new member id."""
        self.restarts += 1
        self.positions.clear()

    def rejoin(self, group: GroupType) -> None:
        """Join again after removal: the memory is gone, the committed offset counts. The coordinator of a classic
        group gives a new member id; in the newer protocol the client keeps its own.
        """
        self.joined = True
        self.positions.clear()
        if group is GroupType.CLASSIC:
            self.restarts += 1


@lru_cache(maxsize=10_000)
def _assignment(partitions: tuple[TopicPartition, ...]) -> tuple[TopicPartition, ...]:
    """The same tuple for the same partitions, as the port says."""
    return tuple(sorted(partitions))
