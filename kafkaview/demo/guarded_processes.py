"""Processes that end with their owner, and their folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kafkaview.demo import guard
from kafkaview.profiles.environment import without_secrets

_SECONDS_TO_CLOSE = 20.0


class Guarded:
    """The owner's side of the guard (guard.py). Closing it, or the owner's death, ends every process.

    `folder` is deleted then, unless it is to be kept. Calls block; any thread may call. `nice` lowers the processes'
    priority, as the program of that name does.
    """

    def __init__(self, *, keep: bool = False, nice: int = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kafkaview-"))
        self._lock = threading.Lock()
        self._guard = subprocess.Popen(
            [
                *(["nice", "-n", str(nice)] if nice else []),
                sys.executable,
                "-I",
                guard.__file__,
                *([] if keep else [str(self.folder)]),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=without_secrets(os.environ),
            start_new_session=True,  # a Ctrl+C in the terminal is for the owner alone
        )

    def start(self, name: str, argv: Sequence[str], log: Path) -> int:
        """Starts a process under a name; its output goes to `log`. Returns its process id."""
        answer = self._ask({"do": "start", "name": name, "argv": list(argv), "log": str(log)})
        if "error" in answer:
            raise OSError(answer["error"])
        return int(answer["pid"])

    def exit_code(self, name: str) -> int | None:
        """Returns the exit code of a process started here; None while it runs."""
        code: int | None = self._ask({"do": "look", "name": name})["code"]
        return code

    def end(self, name: str, *, at_once: bool = False) -> None:
        """Ends a process and its children: SIGTERM, and SIGKILL after 5 s, or SIGKILL at once."""
        self._ask({"do": "end", "name": name, "at_once": at_once})

    def close(self) -> None:
        """Ends everything and waits for it."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait(_SECONDS_TO_CLOSE)
        assert self._guard.stdout is not None
        self._guard.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._guard.stdin is not None
        assert self._guard.stdout is not None
        with self._lock:
            self._guard.stdin.write(json.dumps(request).encode() + b"\n")
            self._guard.stdin.flush()
            line = self._guard.stdout.readline()
        if not line:
            raise BrokenPipeError("the guard of these processes is gone, and they with it")
        answer: dict[str, Any] = json.loads(line)
        return answer


def is_running(pid: int) -> bool:
    """Returns whether a process exists; its guard reaps one that ended within 0.05 s."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def send_signal(pid: int, number: int) -> None:
    """Sends a signal to a process."""
    os.kill(pid, number)
