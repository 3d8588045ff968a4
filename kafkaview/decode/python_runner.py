"""A process that runs the user's own decoder and nothing else: `python -m kafkaview.decode.python_runner FILE`, started
by python_file.py only. It gets the source and then keys and values through its standard input, and ends with that pipe.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

LENGTH: Final = 4  # bytes in front of each frame


def write_frame(file: BinaryIO, body: bytes) -> None:
    """Writes one frame."""
    file.write(len(body).to_bytes(LENGTH, "big") + body)
    file.flush()


def read_frame(file: BinaryIO) -> bytes | None:
    """Returns the next frame; None if the pipe has ended."""
    head = file.read(LENGTH)
    length = int.from_bytes(head, "big")
    body = file.read(length) if len(head) == LENGTH else b""
    return body if len(head) == LENGTH and len(body) == length else None


def serve(name: str, signature: str, answer: Callable[[Callable[..., object], bytes, bytes], bytes]) -> None:
    """Loads the function `name` of the file and answers questions of two frames each until the pipe ends."""
    outbox = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what the file prints does not get into the pipe
    inbox = cast("BinaryIO", sys.stdin.buffer)
    file, source = sys.argv[1], read_frame(inbox)
    sys.path.insert(0, str(Path(file).absolute().parent))
    try:
        function = _load(file, source or b"", name, signature)
    except BaseException as failure:  # noqa: BLE001 - whatever the file does is told
        write_frame(outbox, make_answer(failure=words_of(failure)))
        return
    write_frame(outbox, make_answer(ready=True))
    while (first := read_frame(inbox)) is not None and (second := read_frame(inbox)) is not None:
        write_frame(outbox, answer(function, first, second))


def make_answer(**answer: object) -> bytes:
    """Returns the frame of an answer."""
    return json.dumps(answer).encode()


def words_of(failure: BaseException) -> str:
    """Returns the class of a failure and its first line."""
    words = str(failure).strip().splitlines()
    return f"{type(failure).__name__}: {words[0][:500]}" if words else type(failure).__name__


def _load(file: str, source: bytes, name: str, signature: str) -> Callable[..., object]:
    space: dict[str, Any] = {"__name__": "decoder", "__file__": file}
    exec(compile(source, file, "exec"), space)  # noqa: S102 - that is what this process is for
    function = space.get(name)
    if not callable(function):
        raise TypeError(f"it defines no function {signature}")
    return cast("Callable[..., object]", function)


def _decode(decode: Callable[..., object], field: bytes, data: bytes) -> bytes:
    try:
        value = decode(data, field.decode())
        if isinstance(value, (bytes, bytearray)):
            value = bytes(value).decode()
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)
        return make_answer(text=text, value=json.loads(json.dumps(value, default=str)))
    except Exception as failure:  # noqa: BLE001 - that is how a decoder refuses
        position = getattr(failure, "position", getattr(failure, "start", None))
        return make_answer(problem=words_of(failure), position=position if type(position) is int else None)


if __name__ == "__main__":
    serve("decode", "decode(data, field)", _decode)
