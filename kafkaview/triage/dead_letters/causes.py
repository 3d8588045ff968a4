"""What dead letters are grouped by: the cause, and the topic they came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from kafkaview.triage.dead_letters.letter import DeadLetter

_LONGEST: Final = 200  # characters
_VARYING: Final = re.compile(r"\b0x[0-9a-fA-F]+\b|(?<![\w-])\d+(?:[.,]\d+)*")  # not UTF-8's 8


@dataclass(frozen=True, slots=True)
class CauseKey:
    """A group of dead letters: the class of the innermost exception, else the message without its numbers; None where
    the headers name no cause. `origin_topic` is None where they name no origin.
    """

    cause: str | None
    origin_topic: str | None


def cause_key(letter: DeadLetter | None) -> CauseKey:
    """Returns the group that a dead letter belongs to; None is a record without headers of any dialect."""
    if letter is None:
        return CauseKey(None, None)
    return CauseKey(letter.cause or without_numbers(letter.message), letter.origin.topic)


def cause_text(letter: DeadLetter | None) -> str | None:
    """Returns what a dead letter names as its cause, with its numbers."""
    return None if letter is None else letter.cause or _first_line(letter.message)


def _first_line(message: str | None) -> str | None:
    lines = (message or "").strip().splitlines()
    return lines[0][:_LONGEST] if lines else None


def without_numbers(message: str | None) -> str | None:
    """Returns the first line of a message with its numbers left open: `byte … of the value is not UTF-8`."""
    line = _first_line(message)
    return None if line is None else _VARYING.sub("…", line)
