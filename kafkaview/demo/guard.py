"""The guard: a small process that starts all processes of a demo and ends them when its owner ends.

An owner killed with SIGKILL cannot clean up, but its end of the guard's standard input closes all the same: the guard
then ends its processes and deletes their folder. It speaks JSON lines with `Guarded`.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_SECONDS_TO_END = 5.0
_SECONDS_BETWEEN_REAPS = 0.05
_PR_SET_PDEATHSIG = 1


class Guard:
    """The processes by name, and the requests that start and end them."""

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._gone: set[int] = set()  # process ids that nobody has any more, or another program by now

    def serve(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        """Answers requests until the owner closes the pipe or ends."""
        while True:
            self._reap()
            if not select.select([requests], [], [], _SECONDS_BETWEEN_REAPS)[0]:
                continue
            line = requests.readline()
            if not line:
                return
            answers.write(json.dumps(self._answer(json.loads(line))).encode() + b"\n")
            answers.flush()

    def end(self, names: list[str], *, at_once: bool = False) -> None:
        """Ends processes with their children: SIGTERM first, then SIGKILL."""
        ending = [self._processes.pop(name) for name in names if name in self._processes]
        ending = [process for process in ending if process.pid not in self._gone]
        if not at_once:
            for process in ending:
                _signal(process, signal.SIGTERM)
            deadline = time.monotonic() + _SECONDS_TO_END
            while any(process.poll() is None for process in ending) and time.monotonic() < deadline:
                time.sleep(0.02)
        for process in ending:
            _signal(process, signal.SIGKILL)  # its children too, where it is gone already
            process.wait()

    def end_all(self) -> None:
        """Kills everything. The folder is deleted too, so no clean end is needed."""
        self.end(list(self._processes), at_once=True)

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["do"] == "start":
            return self._start(request["name"], request["argv"], request["log"])
        if request["do"] == "look":
            return {"code": self._processes[request["name"]].poll()}
        self.end([request["name"]], at_once=request["at_once"])
        return {}

    def _start(self, name: str, argv: list[str], log: str) -> dict[str, Any]:
        with Path(log).open("ab") as file:
            try:
                process = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,
                    # The guard has one thread, so the child may run Python before it becomes the program.
                    preexec_fn=_prepare_child,  # noqa: PLW1509
                )
            except OSError as error:
                return {"error": str(error)}
        self._processes[name] = process
        self._gone.discard(process.pid)
        return {"pid": process.pid}

    def _reap(self) -> None:
        """Notes who has ended with all children: the system may give that process id to a program of somebody else."""
        for process in self._processes.values():
            if process.pid not in self._gone and process.poll() is not None and not _signal(process, 0):
                self._gone.add(process.pid)


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    """Sends a signal to a process and its children; returns whether there is any of them."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _prepare_child() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # the guard ignores them, and a child inherits that
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        end_with_parent()
        _lower_session()


def _lower_session() -> None:
    """Gives the niceness of this process to its session: Linux shares the processors among sessions first, and by its
    own niceness a process yields only to others of its session (sched(7), the autogroup feature).
    """
    niceness = os.nice(0)
    if niceness:
        with suppress(OSError):  # a kernel without that feature has no such file
            Path("/proc/self/autogroup").write_text(str(niceness), encoding="ascii")


def end_with_parent() -> None:
    """Makes Linux kill this process when its parent ends, because the guard itself may be killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """Guards until the owner ends, then cleans up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    guard = Guard()
    try:
        with os.fdopen(0, "rb", buffering=0) as requests, os.fdopen(1, "wb") as answers:
            guard.serve(requests, answers)
    except BrokenPipeError:
        pass
    finally:
        guard.end_all()
        for folder in sys.argv[1:]:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
