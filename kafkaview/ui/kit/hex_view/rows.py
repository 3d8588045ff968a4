"""Bytes in rows of sixteen. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

PER_ROW = 16
FIRST_SHOWN = 64 * 1024


@dataclass(frozen=True, slots=True)
class Bytes:
    """The bytes that a hex view shows; those in `marked` are pointed out."""

    data: bytes
    marked: range = range(0)

    @property
    def rows(self) -> int:
        """Rows of sixteen; one for an empty value, so that its end can be pointed at."""
        return max(1, -(-len(self.data) // PER_ROW))

    def row(self, number: int) -> bytes:
        """Returns the bytes of one row."""
        return self.data[number * PER_ROW : (number + 1) * PER_ROW]

    def marks_row(self, number: int) -> bool:
        """Returns whether a row holds a marked byte. A mark at the very end is on the last row."""
        if not self.marked:
            return False
        return self.marked.start // PER_ROW <= number <= (self.marked.stop - 1) // PER_ROW


def character(byte: int) -> str:
    """Returns a byte as the character column shows it: printable ASCII, else a dot."""
    return chr(byte) if 0x20 <= byte < 0x7F else "·"


def as_hex(data: bytes) -> str:
    """Returns bytes as they go to the clipboard: `7b 22 6f`."""
    return data.hex(" ")
