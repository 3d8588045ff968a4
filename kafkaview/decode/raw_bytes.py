"""Bytes as they are, for keys and values of no format or of one that is not known here."""

from __future__ import annotations

import base64

from kafkaview.decode.result import Decoded


class Hex:
    """Shows every byte as two digits."""

    name: str = "hex"
    title: str = "bytes"

    def problem(self, data: bytes, field: str = "value") -> None:
        """Returns None: all bytes can be shown."""

    def decode(self, data: bytes, field: str = "value") -> Decoded:  # noqa: ARG002 - the same for a key and a value
        """Returns the bytes in pairs of digits."""
        text = data.hex(" ")
        return Decoded(self.name, text, text)


class Base64:
    """Shows bytes as base64 (RFC 4648)."""

    name: str = "base64"
    title: str = "base64"

    def problem(self, data: bytes, field: str = "value") -> None:
        """Returns None: all bytes can be shown."""

    def decode(self, data: bytes, field: str = "value") -> Decoded:  # noqa: ARG002 - the same for a key and a value
        """Returns the bytes as base64."""
        text = base64.b64encode(data).decode()
        return Decoded(self.name, text, text)
