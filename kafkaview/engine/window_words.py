"""Hints as the window says them: without the options and verbs of the command line, which has the same errors."""

from __future__ import annotations

import re
from typing import Final

_TOLD: Final = {
    "Create it with --create-dlq.": "Tick the box that creates it, or choose another queue.",
    "--skip-between copies them to the queue too and passes over them.": "Take the good records along.",
    "Nothing was written. Look again with `kafkaview stuck`.": "Nothing was written. Look again.",
    "Nothing was written. Plan a change of its own with `kafkaview offsets plan`.": (
        "Nothing was written. Plan a change of its own on Groups."
    ),
    "Mend the file, or leave such lines out with --skip-bad.": "Mend the file, or leave such lines out.",
    "Begin anew with --from-start: what stands is there twice then.": "Begin anew: what stands is there twice then.",
    "Give the records the present time with --timestamps now.": "Give the records the present time.",
    "Leave --timestamp out, or give a later time.": "Leave the timestamp out, or give a later one.",
}
_ASIDE: Final = re.compile(r" \((?:--|kafkaview )[^)]*\)")
_LINE: Final = re.compile(r": `kafkaview [^`]*` [a-z ]+(?=\.)")  # behind a fact, which stays
_OF_THE_COMMAND_LINE: Final = re.compile(r"(?:^|[\s`])(?:--[a-z]|kafkaview [a-z]+`)|`kafkaview ")
_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+")


def window_hint(hint: str) -> str:
    """Returns a hint with the window's own words. A sentence that only the command line can follow is left out."""
    told = _TOLD.get(hint, hint)
    said = _LINE.sub("", _ASIDE.sub("", told))
    return " ".join(one for one in _SENTENCES.split(said) if not _is_of_the_command_line(one))


def _is_of_the_command_line(sentence: str) -> bool:
    """Returns whether a sentence has an option of ours; Kafka's own scripts have theirs."""
    return ".sh" not in sentence and _OF_THE_COMMAND_LINE.search(sentence) is not None
