"""The dead letters of a plan, counted as they are prepared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from kafkaview.terms import RecordId, TopicPartition
from kafkaview.triage.redrive.offset_set import OffsetSet
from kafkaview.triage.redrive.overtaking import Overtaking
from kafkaview.triage.redrive.preparation import PreparationNote, PreparedLetter

MOST_NAMED: Final = 10_000  # dead letters that fail


@dataclass(frozen=True, slots=True)
class RedriveCounts:
    """How many dead letters were selected, and what becomes of them. `overtaken` are newer records of the same keys,
    None where nobody looked.
    """

    selected: int
    unchanged: int
    mended: int
    failed: int
    already_sent: int
    overtaken: int | None
    sent: int = 0

    @property
    def to_send(self) -> int:
        """How many are to be sent."""
        return self.unchanged + self.mended

    def document(self) -> dict[str, Any]:
        """Returns the counts as JSON."""
        return {
            "selected": self.selected,
            "unchanged": self.unchanged,
            "mended": self.mended,
            "failed": self.failed,
            "sent": self.sent,
            "already_sent": self.already_sent,
            "overtaken": self.overtaken,
        }


@dataclass(frozen=True, slots=True)
class StayingLetter:
    """A dead letter that stays in its queue, and why."""

    record: RecordId
    reason: str

    def document(self) -> dict[str, Any]:
        """Returns it as JSON."""
        return {"record": str(self.record), "reason": self.reason}


@dataclass(slots=True)
class RedriveTally:
    """Counts dead letters. `ready` are the offsets of those that are to be sent, by partition of the queue; `gone` are
    those whose partition is not there any more, with the partition.
    """

    unchanged: int = 0
    mended: int = 0
    already: int = 0
    failed: int = 0
    staying: list[StayingLetter] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    ready: defaultdict[int, OffsetSet] = field(default_factory=lambda: defaultdict(OffsetSet))
    by_partition: Counter[TopicPartition] = field(default_factory=Counter)
    notes: Counter[PreparationNote] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    overtaking: Overtaking = field(default_factory=Overtaking)
    bytes: int = 0

    @property
    def selected(self) -> int:
        """How many were looked at."""
        return self.unchanged + self.mended + self.failed + self.already

    def add(self, prepared: Iterable[PreparedLetter]) -> None:
        """Counts some."""
        for one in prepared:
            if one.copy is None:
                self.fail(one.letter, one.reason)
                self.gone.update([one.reason] if one.gone else ())
                continue
            self.mended += one.mended
            self.unchanged += not one.mended
            self.ready[one.letter.partition].add(one.letter.offset)
            self.by_partition[TopicPartition(one.copy.topic, one.copy.partition or 0)] += 1
            self.notes.update(one.notes)
            self.bytes += len(one.copy.key or b"") + len(one.copy.value or b"")
            self.overtaking.add(one.origin, one.copy.key)

    def fail(self, letter: RecordId, reason: str) -> None:
        """Counts one that stays."""
        self.failed += 1
        self.reasons[reason] += 1
        if len(self.staying) < MOST_NAMED:
            self.staying.append(StayingLetter(letter, reason))

    def counts(self, overtaken: int | None) -> RedriveCounts:
        """Returns the counts."""
        return RedriveCounts(self.selected, self.unchanged, self.mended, self.failed, self.already, overtaken)
