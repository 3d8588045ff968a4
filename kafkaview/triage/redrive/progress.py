"""How far a redrive has come: in the journal before each transaction. The brokers forget the commits of a group that
nobody uses after some days (`offsets.retention.minutes`), the journal does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kafkaview.triage.redrive.offset_set import OffsetSet, offsets_document, read_offsets

if TYPE_CHECKING:
    from kafkaview.journal.entry import JournalEntry
    from kafkaview.journal.store import Journal

KIND: Final = "redrive"
REDRIVEN: Final = "redriven"  # in the outcome of the journal
AGAIN: Final = "Redrive the queue again: it goes on with what is left."
_LOOKED_THROUGH: Final = 1_000  # newest entries of the journal


@dataclass(slots=True)
class RedriveProgress:
    """The offsets in the queue of what stands, by partition, and of the transaction of which is not known whether it
    stands.
    """

    sent: defaultdict[int, OffsetSet] = field(default_factory=lambda: defaultdict(OffsetSet))
    sending: Mapping[int, OffsetSet] = field(default_factory=dict)

    def add_sent(self, offsets: Mapping[int, OffsetSet]) -> None:
        """Adds what stands now; nothing is being sent."""
        for partition, some in offsets.items():
            self.sent[partition].update(some)
        self.sending = {}

    def document(self) -> dict[str, Any]:
        """Returns the progress as JSON."""
        return {"sent": offsets_document(self.sent), "sending": offsets_document(self.sending)}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> RedriveProgress:
        """Returns the progress of a document."""
        made = cls(sending=read_offsets(document["sending"]))
        made.sent.update(read_offsets(document["sent"]))
        return made


@dataclass(slots=True)
class JournalledLetters:
    """What the journal knows of a queue: what was `sent`, and by which entry; and what was on its way when its process
    ended. The times of entries are Unix milliseconds.
    """

    sent: defaultdict[int, OffsetSet] = field(default_factory=lambda: defaultdict(OffsetSet))
    sending: list[tuple[int, Mapping[int, OffsetSet]]] = field(default_factory=list)
    entries: list[tuple[int, Mapping[int, OffsetSet]]] = field(default_factory=list)  # the newest first

    def sent_ms(self, partition: int, offset: int) -> int | None:
        """Returns when a dead letter was last sent back; None where no entry has it."""
        return next((at_ms for at_ms, sent in self.entries if offset in sent.get(partition, ())), None)


async def read_journalled(
    journal: Journal, cluster_id: str | None, queue: str, topic_id: str | None
) -> JournalledLetters:
    """Returns what was sent back from a queue by this user. A topic that was made anew is another one. Raises
    JournalUnavailable.
    """
    found = JournalledLetters()
    for entry in await journal.entries(limit=_LOOKED_THROUGH):
        told = (entry.outcome or {}).get(REDRIVEN)
        if told and _is_of(entry, cluster_id, queue, topic_id):
            progress = RedriveProgress.read(told)
            for partition, offsets in progress.sent.items():
                found.sent[partition].update(offsets)
            found.entries.append((entry.ended_at_ms or entry.begun_at_ms, progress.sent))
            if progress.sending:
                found.sending.append((entry.begun_at_ms, progress.sending))
    return found


def _is_of(entry: JournalEntry, cluster_id: str | None, queue: str, topic_id: str | None) -> bool:
    intent = entry.intent
    return (
        intent.kind == KIND
        and intent.cluster_id == cluster_id
        and intent.plan.get("queue") == queue
        and intent.plan.get("topic_id") == topic_id
    )
