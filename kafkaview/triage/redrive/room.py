"""The room of one transaction of a redrive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kafkaview.triage.redrive.offset_set import BLOCK_OFFSETS
from kafkaview.writes.records.batch_room import BatchRoom

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Copy
    from kafkaview.terms import RecordId

_MOST_GROUPS: Final = 20  # each takes a round trip to its coordinator


@dataclass(slots=True)
class RedriveRoom:
    """The room of one transaction: `most` records, as many bytes as an import takes, and a few groups."""

    most: int
    _batch: BatchRoom = field(init=False)
    _blocks: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._batch = BatchRoom(self.most)

    def takes(self, letter: RecordId, copy: Copy) -> bool:
        """Counts a dead letter if there is room for it, and returns whether there was."""
        block = letter.offset // BLOCK_OFFSETS
        if block not in self._blocks and len(self._blocks) >= _MOST_GROUPS:
            return False
        if not self._batch.takes(copy):
            return False
        self._blocks.add(block)
        return True
