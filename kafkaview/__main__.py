"""`python -m kafkaview` and `kafkaview`: a verb on the command line, else the window."""

from __future__ import annotations

import gc
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from kafkaview.standard_streams import prepare_streams

__all__ = ["main"]

INTERRUPTED = 130
_UNTRACKED = 50_000  # objects that may live before Python looks for cycles: imports make many, and they stay
_DOCUMENT = '{"error":{"kind":"interrupted","message":"Interrupted","hint":""}}\n'


def main() -> NoReturn:
    """Executes the line of this process and ends the process with its exit code. An interrupt ends it without a
    traceback, even during imports, where an exception could pass through any library. After the output it changes
    nothing.
    """
    prepare_streams()
    ours = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN  # as in the background of a shell, and it stays so
    if ours:
        signal.signal(signal.SIGINT, _end_at_once)
    gc.set_threshold(_UNTRACKED)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would start a thread a core, for matrices: here are none
    from kafkaview.log_files import hold_stderr_of_libraries, keep_libraries_silent

    keep_libraries_silent()
    with hold_stderr_of_libraries():
        from kafkaview.cli.main import main as carry_out

        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        code = carry_out()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # the disk is full, or the reader of our output has gone, as `head` does
            code = code or 1
    os._exit(code)  # everything was closed: Python would free memory for 60 ms, and wait for a library that hangs


def _end_at_once(_signal: int, _frame: FrameType | None) -> None:
    """Ends the process at once: nothing has begun."""
    json = "--json" in sys.argv
    terminal = sys.stdout if json else sys.stderr
    os.write(terminal.fileno(), (_DOCUMENT if json else "Interrupted\n").encode())
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
