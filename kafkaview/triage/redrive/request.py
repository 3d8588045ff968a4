"""What a user asks of a redrive. Each choice makes a new request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from kafkaview.terms import RecordId
from kafkaview.triage.dead_letters.request import LetterCut
from kafkaview.triage.mending.rules import Acceptance, AcceptKind, MendRule, with_content, with_schema

NOTHING_ASKED: Final = Acceptance()
EVERY_LETTER: Final = LetterCut()


class RedrivePartition(StrEnum):
    """Which partition a dead letter goes back to."""

    SAME = "same"  # that of its origin
    KEY = "key"  # the one to which Java's clients send its key (murmur2)


@dataclass(frozen=True, slots=True)
class RedriveRequest:
    """The dead letters of `queue` to send back: `records`, or all where it is empty; of them those for which `where`, a
    CEL expression, is true, and those of a `cut`. `to` is a topic in place of each one's own origin. Their values are
    mended by `mend`, and only those that `accept` takes are sent.
    """

    queue: str
    records: tuple[RecordId, ...] = ()
    where: str = ""
    to: str | None = None
    partition: RedrivePartition = RedrivePartition.SAME
    mend: MendRule | None = None
    accept: Acceptance = NOTHING_ASKED
    cut: LetterCut = EVERY_LETTER

    def with_files(self) -> RedriveRequest:
        """Returns the request with the content of the files that it names. Raises UnusableRule."""
        return replace(self, mend=with_content(self.mend), accept=with_schema(self.accept))

    @property
    def mends(self) -> bool:
        """Whether values are mended, or held to anything."""
        return self.mend is not None or self.accept.kind is not AcceptKind.NONE
