"""Programs that a test starts and that would go on without it."""

from __future__ import annotations

import shutil

_SETPRIV = shutil.which("setpriv")

# Before a command line: the program is told to end (SIGTERM) where the test's process is killed. Linux alone has it.
LEASH: tuple[str, ...] = (_SETPRIV, "--pdeathsig", "TERM") if _SETPRIV else ()
