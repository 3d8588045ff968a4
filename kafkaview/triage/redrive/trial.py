"""A redrive that is tried: what a rule makes of each dead letter, and whether its readers take it."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.records.comparison import Difference
from kafkaview.terms import RecordId
from kafkaview.triage.mending.result import MendOutcome


@dataclass(frozen=True, slots=True)
class TriedLetter:
    """A dead letter that was tried. `reason` says why one that failed stays; `differences` are those between the value
    of one that was mended and what it was.
    """

    record: RecordId
    outcome: MendOutcome
    reason: str = ""
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class RedriveTrial:
    """What was tried so far. `letters` are some of them, those that were mended and that fail first. `ended` at the
    end.
    """

    unchanged: int = 0
    mended: int = 0
    failed: int = 0
    already_sent: int = 0
    letters: tuple[TriedLetter, ...] = ()
    ended: bool = False


@dataclass(frozen=True, slots=True)
class RedrivenLetter:
    """A dead letter that was sent back, and when, in Unix milliseconds; None where this user's journal does not say."""

    record: RecordId
    at_ms: int | None


@dataclass(frozen=True, slots=True)
class LetterDraft:
    """The value of a dead letter, to be edited: its bytes, None for null; or the JSON `text` of one that a schema of a
    registry describes, which `schema` names. `problem` says why it cannot be sent back at all.
    """

    data: bytes | None = None
    text: str | None = None
    schema: str = ""
    target: str = ""
    problem: str = ""
