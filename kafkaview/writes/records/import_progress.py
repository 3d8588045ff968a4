"""How far an import has come: in the journal before each transaction, so that what follows a cut goes on there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kafkaview.journal.entry import EntryState, JournalEntry

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
    the transaction of which is not known whether it stands. `ends` are the offsets behind what stands, by partition.
    """

    records: int = 0
    line: int = 0
    position: int = 0
    complete: bool = False
    sending: SentBatch | None = None
    ends: Mapping[int, int] = field(default_factory=dict)

    def after(self, batch: SentBatch, ends: Mapping[int, int]) -> ImportProgress:
        """Returns the progress once a transaction is known to stand, which ends before these offsets."""
        return ImportProgress(self.records + batch.records, batch.line, batch.position, ends={**self.ends, **ends})

    def document(self) -> dict[str, Any]:
        """Returns the progress as JSON."""
        sending = self.sending
        return {
            "records": self.records,
            "line": self.line,
            "position": self.position,
            "complete": self.complete,
            "ends": _ends_document(self.ends),
            "sending": None
            if sending is None
            else {
                "records": sending.records,
                "line": sending.line,
                "position": sending.position,
                "ends": _ends_document(sending.ends),
            },
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> ImportProgress:
        """Returns the progress of a document."""
        sending = document["sending"]
        batch = None
        if sending is not None:
            batch = SentBatch(sending["records"], sending["line"], sending["position"], _read_ends(sending["ends"]))
        return cls(
            document["records"],
            document["line"],
            document["position"],
            document["complete"],
            batch,
            _read_ends(document["ends"]),
        )


def _ends_document(ends: Mapping[int, int]) -> dict[str, int]:
    return {str(partition): end for partition, end in ends.items()}


def _read_ends(document: Mapping[str, int]) -> dict[int, int]:
    return {int(partition): end for partition, end in document.items()}


@dataclass(frozen=True, slots=True)
class ImportKey:
    """What tells an import of the same file, in the same way, into the same topic of a cluster."""

    fingerprint: str
    cluster_id: str | None
    topic_id: str | None

    def fits(self, entry: JournalEntry) -> bool:
        """Whether an entry of the journal is such an import. A topic that was made anew is another one."""
        intent = entry.intent
        return (
            intent.kind == KIND
            and intent.cluster_id == self.cluster_id
            and intent.plan.get("fingerprint") == self.fingerprint
            and intent.plan.get("topic_id") == self.topic_id
        )


@dataclass(frozen=True, slots=True)
class EarlierImport:
    """An import of the journal: its entry, the partitions that its topic had, and how far it came."""

    entry: int
    partitions: int
    progress: ImportProgress


async def find_progress(journal: Journal, key: ImportKey) -> EarlierImport | None:
    """Returns the newest such import of which something stands, or may; None where the journal knows none."""
    for entry in await journal.entries(limit=_LOOKED_THROUGH):
        told = (entry.outcome or {}).get(IMPORTED)
        if told and key.fits(entry):
            progress = ImportProgress.read(told)
            if progress.records or progress.sending is not None:
                return EarlierImport(entry.id, entry.intent.plan["topic_partitions"], progress)
    return None


async def find_newer(journal: Journal, key: ImportKey, own: int) -> int | None:
    """Returns the entry of such an import that has begun after one's own and has not ended without sending; None where
    there is none.
    """
    (newest,) = await journal.entries(limit=1)
    if newest.id == own:
        return None
    newer = (entry for entry in await journal.entries(limit=_LOOKED_THROUGH) if entry.id > own)
    return next((one.id for one in newer if one.state is not EntryState.ABORTED and key.fits(one)), None)
