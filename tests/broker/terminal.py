"""A terminal with somebody at it: the program run on a pseudo-terminal, its questions waited for and answered."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from tests.kit.leash import LEASH

_SECONDS = 20.0
# The session's leader takes the first terminal that it opens: it is then what getpass finds as /dev/tty.
_ON_A_TERMINAL = "import os, sys; os.open(os.ttyname(0), os.O_RDWR); os.execv(sys.executable, sys.orig_argv[3:])"


def typed_into(
    words: Sequence[str], answers: Sequence[tuple[str, str]], environment: Mapping[str, str]
) -> tuple[int, str]:
    """Exit code, and all that stood on the screen. `answers`: what to type once a text is to be read."""
    ours, theirs = pty.openpty()
    program = [sys.executable, "-m", "kafkaview", *words]
    with subprocess.Popen(
        [*LEASH, sys.executable, "-c", _ON_A_TERMINAL, *program],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        try:
            screen = _answered(ours, answers)
            return process.wait(_SECONDS), screen
        finally:
            process.kill()
            os.close(ours)


def _answered(terminal: int, answers: Sequence[tuple[str, str]]) -> str:
    screen, waiting, deadline = "", list(answers), time.monotonic() + _SECONDS
    seen = 0
    while time.monotonic() < deadline:
        if waiting and waiting[0][0] in screen[seen:]:
            seen = len(screen)
            os.write(terminal, waiting.pop(0)[1].encode())
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            screen += os.read(terminal, 4096).decode()
        except OSError:  # the program has ended, and its side with it
            break
    assert not waiting, f"never asked {waiting[0][0]!r}: {screen}"
    return screen
