"""The process of a Python file of the user's: it gets the source and then questions of two frames each, and gives an
answer to each. It can neither stop nor read the process that asks.
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
from kafkaview.profiles.environment import without_secrets

_SECONDS_TO_START: Final = 20.0
Frames = list[bytes]


class PythonProcess:
    """Runs `module` on a file. One thread writes the questions, because a file that does not read would hold the pipe,
    and one reads the answers, so that waiting for one can end. Raises ValueError where the file cannot be used.
    """

    def __init__(self, module: str, path: Path, text: bytes) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, str(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=without_secrets(os.environ),
            )
        except (OSError, ValueError) as error:
            raise ValueError(f"a process for {path} cannot be started: {error}") from error
        self._questions: SimpleQueue[Frames | None] = SimpleQueue()
        self._answers: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._finish = weakref.finalize(self, _end, self._process, self._questions)
        pipes = cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)
        for work, pipe, queue in ((_write, pipes[0], self._questions), (_listen, pipes[1], self._answers)):
            threading.Thread(target=work, args=(pipe, queue), name="kafkaview-python", daemon=True).start()
        self._questions.put([text])
        first = self.answer(_SECONDS_TO_START)
        if first is None or "failure" in first:
            self.end()
            raise ValueError(f"{path} cannot be used: {first['failure'] if first else 'it does not come to its end'}")

    def ask(self, first: bytes, second: bytes) -> None:
        """Sends a question; it may be answered while others are sent."""
        self._questions.put([first, second])

    def answer(self, seconds: float) -> dict[str, Any] | None:
        """Returns the next answer, in the order of the questions; None if there is none in time."""
        try:
            return self._answers.get(timeout=seconds)
        except Empty:
            return None

    def end(self) -> None:
        """Kills the process."""
        self._finish()


def _write(pipe: BinaryIO, questions: SimpleQueue[Frames | None]) -> None:
    with suppress(OSError, ValueError):
        while (frames := questions.get()) is not None:
            for frame in frames:
                write_frame(pipe, frame)


def _listen(pipe: BinaryIO, answers: SimpleQueue[dict[str, Any]]) -> None:
    with suppress(OSError, ValueError):
        while (frame := read_frame(pipe)) is not None:
            answers.put(json.loads(frame))
    answers.put({"failure": "its process has ended"})


def _end(process: subprocess.Popen[bytes], questions: SimpleQueue[Frames | None]) -> None:
    questions.put(None)
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()
