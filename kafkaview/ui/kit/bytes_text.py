"""Bytes as text: what cannot be read is shown as its byte, null and empty are named."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QWidget

_MOST = 64 * 1024


def readable(data: bytes | None) -> str:
    """The bytes as UTF-8; a byte that is not UTF-8 in hex, after a backslash and an x."""
    if data is None:
        return "null"
    if not data:
        return "(empty, 0 bytes)"
    return data[:_MOST].decode("utf-8", "backslashreplace")


class CodeText(QPlainTextEdit):
    """Mono text to read and to copy from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "code")
        self.setProperty("mono", "true")
        self.setProperty("size", "12")
        self.setReadOnly(True)
