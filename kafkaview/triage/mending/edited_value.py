"""One value that was edited by hand."""

from __future__ import annotations

from kafkaview.terms import Record
from kafkaview.triage.mending.letter_value import LetterValue

_MAGIC = b"\0"  # no text begins so: the bytes of a value in the wire format of a registry


class EditedValue:
    """The new value as it was edited: bytes, or text, which is the JSON of a value that a schema describes."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def apply(self, _record: Record, _letter: LetterValue) -> str | bytes:
        """Returns it."""
        if self._content.startswith(_MAGIC):
            return self._content
        try:
            return self._content.decode()
        except UnicodeDecodeError:
            return self._content
