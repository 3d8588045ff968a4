"""Frames of a pipe between two processes: a length and a JSON document."""

from __future__ import annotations

import json
from typing import Any, BinaryIO, Final

_LENGTH: Final = 4  # bytes


def write_frame(file: BinaryIO, frame: object) -> None:
    """Writes one frame; waits while the other side does not read."""
    body = json.dumps(frame).encode()
    file.write(len(body).to_bytes(_LENGTH, "big") + body)
    file.flush()


def read_frame(file: BinaryIO) -> Any:
    """Returns the next frame; None if the pipe has ended, even in the middle of a frame."""
    return read_sized_frame(file)[0]


def read_sized_frame(file: BinaryIO) -> tuple[Any, int]:
    """Returns the next frame as `read_frame` does, and its bytes."""
    head = file.read(_LENGTH)
    length = int.from_bytes(head, "big")
    body = file.read(length) if len(head) == _LENGTH else b""
    return (json.loads(body) if body and len(body) == length else None), len(body)
