"""What a window or a command line asks of the dead letters of a topic, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.records.progress import ReadProgress
from kafkaview.triage.dead_letters.causes import CauseKey
from kafkaview.triage.dead_letters.letter import DeadLetter


@dataclass(frozen=True, slots=True)
class BreakdownRequest:
    """The range to read: `start` and `end` are positions as `--from` and `--to` take them."""

    topic: str
    start: str = "beginning"
    end: str = "end"


@dataclass(frozen=True, slots=True)
class CauseCount:
    """The dead letters of one cause and origin with the first and last time, in Unix milliseconds: when kafkaview
    copied them, else their timestamps. `text` is the cause for the eye, None where none is named. `hours` are begins of
    hours with their dead letters.
    """

    key: CauseKey
    text: str | None
    count: int
    first_ms: int | None
    last_ms: int | None
    hours: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class LetterBreakdown:
    """What was counted so far; `ended` at the end. `causes` come with the most frequent first; `others` are the records
    of causes beyond the most that are counted, `without_headers` those without headers of any dialect,
    `unreadable_headers` those whose headers cannot be read. `whole`: the range begins where the logs begin and ends at
    their ends.
    """

    topic: str
    progress: ReadProgress
    whole: bool
    records: int
    without_headers: int
    unreadable_headers: int
    others: int
    dialect: str | None
    causes: tuple[CauseCount, ...]
    notes: tuple[str, ...] = ()
    ended: bool = False

    @property
    def complete(self) -> bool:
        """Whether every record of the topic is counted."""
        return self.ended and self.whole and self.progress.complete


@dataclass(frozen=True, slots=True)
class LetterCut:
    """The dead letters that are wanted: those of one cause, and those that arrived from one time up to, not including,
    another, in Unix milliseconds; None is any.
    """

    cause: CauseKey | None = None
    from_ms: int | None = None
    to_ms: int | None = None

    def takes(self, key: CauseKey, arrived_ms: int | None) -> bool:
        """Whether a dead letter of this cause and time is one of them."""
        if self.cause is not None and key != self.cause:
            return False
        if self.from_ms is None and self.to_ms is None:
            return True
        after = self.from_ms is None or (arrived_ms is not None and self.from_ms <= arrived_ms)
        return arrived_ms is not None and after and (self.to_ms is None or arrived_ms < self.to_ms)


@dataclass(frozen=True, slots=True)
class LettersRequest:
    """The newest dead letters of a topic, at most `limit`. With a `cut` all of the topic is read for them."""

    topic: str
    cut: LetterCut | None = None
    limit: int = 200


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One dead letter in a list. `letter` is None for a record without headers of any dialect; it has no stack trace
    here, and the head of its message. `arrived_ms` is when kafkaview copied it, else its timestamp. `hops` is how often
    kafkaview had sent it back before it came here.
    """

    partition: int
    offset: int
    timestamp_ms: int | None
    arrived_ms: int | None
    letter: DeadLetter | None
    key: CauseKey
    text: str | None
    hops: int = 0


@dataclass(frozen=True, slots=True)
class LettersBatch:
    """Rows, newest first, and the progress of the read. The last batch is `ended`; `more` says whether older ones were
    left out.
    """

    rows: tuple[LetterRow, ...]
    progress: ReadProgress
    ended: bool = False
    more: bool = False
