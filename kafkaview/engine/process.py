"""The engine as a process of its own, which a window starts and which ends with it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import BinaryIO, Final, cast

from kafkaview.engine.messages import EngineLost
from kafkaview.engine.pipe import FilePipe
from kafkaview.profiles.environment import without_secrets

_END_S: Final = 2.0
_LOOK_S: Final = 0.02


def start_ahead() -> Callable[[], EngineProcess]:
    """Starts an engine now, and returns a starter whose first engine is that one. An engine takes as long to load as
    the window, so they load side by side.
    """
    ahead: list[EngineProcess] = []
    with suppress(EngineLost):  # it is tried again, and reported, where the engine is needed
        ahead.append(EngineProcess())
    return lambda: ahead.pop() if ahead else EngineProcess()


class EngineProcess:
    """One engine, whose standard input and output are the pipe. Raises EngineLost where it cannot be started.

    `variables` are added to its environment.
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        line = [sys.executable, "-P", "-m", "kafkaview.engine"]
        try:
            self._process = subprocess.Popen(
                line,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**without_secrets(os.environ), **(variables or {})},
                bufsize=-1,
            )
        except OSError as error:
            raise EngineLost(
                f"The part of kafkaview that speaks to the cluster cannot be started: {error.strerror or error}",
                "Free memory or processes, then try again.",
            ) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.pipe = FilePipe(cast("BinaryIO", self._process.stdout), cast("BinaryIO", self._process.stdin))

    @property
    def id(self) -> int:
        """Returns the process id."""
        return self._process.pid

    async def wait(self) -> None:
        """Waits for the end of the process, and kills it after two seconds."""
        until = time.monotonic() + _END_S
        while self._process.poll() is None and time.monotonic() < until:  # noqa: ASYNC110 - no event of it everywhere
            await asyncio.sleep(_LOOK_S)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
