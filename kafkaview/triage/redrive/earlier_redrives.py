"""What is known of a queue's dead letters from earlier redrives: from the group, and from the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kafkaview.terms import RecordId
from kafkaview.triage.redrive.offset_set import OffsetSet
from kafkaview.triage.redrive.progress import JournalledLetters
from kafkaview.triage.redrive.redrive_memory import RedriveMemory

TRUSTED_MS: Final = 86_400_000  # brokers keep the commits of an unused group at least so long, unless told otherwise


@dataclass(frozen=True, slots=True)
class Recollection:
    """What is sent back as the group and the journal say. `unsure` was on its way when a process ended, and nobody can
    tell any more what became of it.
    """

    memory: RedriveMemory
    journalled: JournalledLetters
    unsure: Mapping[int, OffsetSet]

    @classmethod
    def of(cls, memory: RedriveMemory, journalled: JournalledLetters, now_ms: int) -> Recollection:
        """Returns what both say. As long as the group has not expired, it tells what was committed."""
        unsure: dict[int, OffsetSet] = {}
        for begun_ms, sending in journalled.sending:
            for partition, offsets in sending.items():
                if memory.partitions[partition].first is None and now_ms - begun_ms > TRUSTED_MS:
                    unsure.setdefault(partition, OffsetSet()).update(offsets)
        return cls(memory, journalled, unsure)

    def has_sent(self, record: RecordId) -> bool:
        """Whether a dead letter is sent back."""
        partition, offset = record.partition, record.offset
        return offset in self.memory.partitions[partition] or offset in self.journalled.sent[partition]

    def is_unsure(self, record: RecordId) -> bool:
        """Whether nobody can tell whether a dead letter is sent back."""
        return record.offset in self.unsure.get(record.partition, ())

    def forgotten(self) -> int:
        """Returns how many dead letters the journal has as sent that the group does not."""
        return sum(
            offset not in self.memory.partitions[partition]
            for partition, offsets in self.journalled.sent.items()
            for offset in offsets
        )

    def awaited(self, letters: Mapping[int, OffsetSet]) -> dict[int, OffsetSet]:
        """Returns which of these dead letters were on their way when a process ended."""
        found: dict[int, OffsetSet] = {}
        for _, sending in self.journalled.sending:
            for partition, offsets in sending.items():
                wanted = letters.get(partition, OffsetSet())
                common = OffsetSet.of(offset for offset in offsets if offset in wanted)
                found.setdefault(partition, OffsetSet()).update(common)
        return found
