"""What a watch has seen and done so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from kafkaview.cluster.ports.group_member import CommittedCopy
from kafkaview.terms import RecordId, TopicPartition
from kafkaview.words import plural

if TYPE_CHECKING:
    from kafkaview.triage.scan.findings import Finding


@dataclass(slots=True)
class WatchFigures:
    """The counts of one watch. `held` are the records at which a partition stands, with the reason; `lag` are the
    offsets between what was read and the end of the log of each partition that is owned now, None where the end is not
    known.
    """

    records: Counter[str] = field(default_factory=Counter)  # by topic
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)  # by topic and rule
    copied: Counter[str] = field(default_factory=Counter)  # by topic
    held: dict[TopicPartition, tuple[RecordId, str]] = field(default_factory=dict)
    lag: Mapping[TopicPartition, int | None] = field(default_factory=dict)
    up: bool = False
    journal_id: int | None = None

    def document(self) -> dict[str, Any]:
        """Returns the figures as JSON."""
        return {
            "records": self.records.total(),
            "found": self.findings.total(),
            "copied": self.copied.total(),
            "held": [{"record": str(record), "reason": reason} for record, reason in self.held.values()],
        }

    def words(self) -> str:
        """Returns the figures in a sentence."""
        found = f"{self.findings.total():,} found in {plural(self.records.total(), 'record')}"
        copied = f", {self.copied.total():,} copied" if self.copied else ""
        held = f", {plural(len(self.held), 'partition stands', 'partitions stand')}" if self.held else ""
        return f"{found}{copied}{held}"


class WatchListener(Protocol):
    """Who is told what a watch finds and does, as it happens."""

    def found(self, finding: Finding) -> None:
        """Takes a finding, each once in one run."""
        ...

    def copied(self, copy: CommittedCopy) -> None:
        """Takes a copy that is committed."""
        ...

    def stands(self, record: RecordId, reason: str) -> None:
        """Takes a record that the group does not pass."""
        ...

    def complains(self, sentence: str) -> None:
        """Takes why something did not come about that is tried again."""
        ...

    def counted(self, figures: WatchFigures) -> None:
        """Takes the figures, some times a second."""
        ...
