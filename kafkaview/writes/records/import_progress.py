"""How far an import has come: in the journal before each transaction, so that what follows a cut goes on there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kafkaview.journal.entry import JournalEntry

if TYPE_CHECKING:
    from kafkaview.journal.store import Journal

KIND: Final = "records.import"
IMPORTED: Final = "imported"  # in the outcome of the journal
AGAIN: Final = "Import the file again: it goes on behind the last record that stands."
_LOOKED_THROUGH: Final = 1_000  # newest entries of the journal


@dataclass(frozen=True, slots=True)
class SentBatch:
    """The records of one transaction, which end at a line and a byte of the file. `ends` are the log ends of their
    partitions before it began: by these is found out whether it was committed.
    """

    records: int
    line: int
    position: int
    ends: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """What stands of a file: `records` of its first `line` lines, which end before the byte `position`. `sending` is
    the transaction of which is not known whether it stands.
    """

    records: int = 0
    line: int = 0
    position: int = 0
    complete: bool = False
    sending: SentBatch | None = None

    def after(self, batch: SentBatch) -> ImportProgress:
        """Returns the progress once a transaction is known to stand."""
        return ImportProgress(self.records + batch.records, batch.line, batch.position)

    def document(self) -> dict[str, Any]:
        """Returns the progress as JSON."""
        sending = self.sending
        return {
            "records": self.records,
            "line": self.line,
            "position": self.position,
            "complete": self.complete,
            "sending": None
            if sending is None
            else {
                "records": sending.records,
                "line": sending.line,
                "position": sending.position,
                "ends": {str(partition): end for partition, end in sending.ends.items()},
            },
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> ImportProgress:
        """Returns the progress of a document."""
        sending = document["sending"]
        batch = None
        if sending is not None:
            ends = {int(partition): end for partition, end in sending["ends"].items()}
            batch = SentBatch(sending["records"], sending["line"], sending["position"], ends)
        return cls(document["records"], document["line"], document["position"], document["complete"], batch)


async def find_progress(
    journal: Journal, fingerprint: str, cluster_id: str | None
) -> tuple[JournalEntry, ImportProgress] | None:
    """Returns the newest import of the same file, in the same way, into the same topic of a cluster of which something
    stands, or may; None where the journal knows none.
    """
    for entry in await journal.entries(limit=_LOOKED_THROUGH):
        intent, told = entry.intent, (entry.outcome or {}).get(IMPORTED)
        same = intent.kind == KIND and intent.cluster_id == cluster_id
        if same and told and intent.plan.get("fingerprint") == fingerprint:
            progress = ImportProgress.read(told)
            if progress.records or progress.sending is not None:
                return entry, progress
    return None
