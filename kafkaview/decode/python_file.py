"""The user's own decoders: a Python file with a function `decode(data, field)`, run in a process of its own so that it
can neither stop nor read this one. What it returns is shown; what it raises is why the bytes cannot be read.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

from kafkaview.decode.python_process import PythonProcess
from kafkaview.decode.result import Decoded, Undecodable, doubt
from kafkaview.decode.schema_file import read_schema

_RUNNER: Final = "kafkaview.decode.python_runner"
_SECONDS: Final = 2.0  # for one key or value
_MOST_SILENCES: Final = 3  # in a row: then it is not asked again


class PythonFile:
    """Asks the user's decoder. Made by `parse`."""

    def __init__(self, path: Path, text: bytes, seconds: float = _SECONDS) -> None:
        self.path = path
        self.text = text
        self._seconds = seconds
        self._lock = threading.Lock()
        self._run: PythonProcess | None = None
        self._silences = 0

    @classmethod
    def parse(cls, file: str, content: str | None = None) -> PythonFile:
        """Returns the decoder of a file, whose content may be passed; ValueError says why it cannot be used."""
        made = cls(Path(file), read_schema("python:FILE", file, content))
        with made._lock:
            made._run = PythonProcess(_RUNNER, made.path, made.text)
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
            self._run = self._run or PythonProcess(_RUNNER, self.path, self.text)
        except ValueError as error:
            return {"failure": str(error)}
        self._run.ask(field.encode(), data)
        answer = self._run.answer(self._seconds)
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
