"""The user's own decoders: a Python file with a function `decode(data, field)`, run in a process of its own so that it
can neither stop nor read this one. What it returns is shown; what it raises is why the bytes cannot be read.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, Final, cast

from kafkaview.decode.python_runner import read_frame, write_frame
from kafkaview.decode.result import Decoded, Undecodable, doubt
from kafkaview.decode.schema_file import read_schema
from kafkaview.profiles.environment import without_secrets

_SECONDS: Final = 2.0  # for one key or value
_SECONDS_TO_START: Final = 20.0
_MOST_SILENCES: Final = 3  # in a row: then it is not asked again


class PythonFile:
    """Asks the user's decoder. Made by `parse`."""

    def __init__(self, path: Path, text: bytes, seconds: float = _SECONDS) -> None:
        self.path = path
        self.text = text
        self._seconds = seconds
        self._lock = threading.Lock()
        self._run: _DecoderProcess | None = None
        self._silences = 0

    @classmethod
    def parse(cls, file: str, content: str | None = None) -> PythonFile:
        """Returns the decoder of a file, whose content may be passed; ValueError says why it cannot be used."""
        made = cls(Path(file), read_schema("python:FILE", file, content))
        with made._lock:
            made._run = _DecoderProcess(made.path, made.text)
        return made

    @property
    def name(self) -> str:
        """The rule as it is written."""
        return f"python:{self.path}"

    @property
    def title(self) -> str:
        """The rule in words."""
        return f"Python {self.path.name}"

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns what the decoder raised, with the byte if its error has a `position`."""
        result = self.decode(data, field)
        return result if isinstance(result, Undecodable) else None

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns what the decoder returned, or what it raised. Waits for 2 seconds at most."""
        with self._lock:
            answer = self._ask(data, field)
        if answer is None:
            reason = f"{self.path.name} gives no answer within {self._seconds:g} s"
            return doubt(Undecodable(self.name, reason), "the decoder may be at fault")
        if "failure" in answer:
            return Undecodable(self.name, f"{self.path.name} cannot be run: {answer['failure']}", judged=False)
        if "problem" in answer:
            position = answer["position"]
            known = position is not None and 0 <= position < len(data)
            return Undecodable(self.name, answer["problem"], position if known else None)
        return Decoded(self.name, answer["value"], answer["text"])

    def _ask(self, data: bytes, field: str) -> dict[str, Any] | None:
        """Returns the decoder's answer; None if it gives none in time."""
        if self._silences >= _MOST_SILENCES:
            return {"failure": f"it gave no answer within {self._seconds:g} s, {_MOST_SILENCES} times in a row"}
        try:
            self._run = self._run or _DecoderProcess(self.path, self.text)
        except ValueError as error:
            return {"failure": str(error)}
        answer = self._run.ask(data, field, self._seconds)
        if answer is None:
            self._run.end()
            self._run = None
            self._silences += 1
            return None
        self._silences = 0
        if "failure" in answer:
            self._run.end()
            self._run = None
        return answer


class _DecoderProcess:
    """The process of a decoder. A thread reads its answers, so that waiting for one can end."""

    def __init__(self, path: Path, text: bytes) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kafkaview.decode.python_runner", str(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=without_secrets(os.environ),
            )
        except (OSError, ValueError) as error:
            raise ValueError(f"a process for {path} cannot be started: {error}") from error
        self._answers: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._finish = weakref.finalize(self, _end, self._process)
        out = cast("BinaryIO", self._process.stdout)
        threading.Thread(target=_listen, args=(out, self._answers), name="kafkaview-decoder", daemon=True).start()
        first = self._send([text], _SECONDS_TO_START)
        if first is None or "failure" in first:
            self.end()
            raise ValueError(f"{path} cannot be used: {first['failure'] if first else 'it does not come to its end'}")

    def ask(self, data: bytes, field: str, seconds: float) -> dict[str, Any] | None:
        """Returns the answer for a key or value; None if there is none in time."""
        return self._send([field.encode(), data], seconds)

    def end(self) -> None:
        """Kills the process."""
        self._finish()

    def _send(self, frames: list[bytes], seconds: float) -> dict[str, Any] | None:
        # A decoder that does not read would hold the pipe: another thread writes, and it ends with the process.
        threading.Thread(target=self._write, args=(frames,), name="kafkaview-decoder", daemon=True).start()
        try:
            return self._answers.get(timeout=seconds)
        except Empty:
            return None

    def _write(self, frames: list[bytes]) -> None:
        with suppress(OSError, ValueError):
            for frame in frames:
                write_frame(cast("BinaryIO", self._process.stdin), frame)


def _listen(out: BinaryIO, answers: SimpleQueue[dict[str, Any] | None]) -> None:
    with suppress(OSError, ValueError):
        while (frame := read_frame(out)) is not None:
            answers.put(json.loads(frame))
    answers.put({"failure": "its process has ended"})


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()
