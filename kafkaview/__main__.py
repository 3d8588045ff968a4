"""`python -m kafkaview` and `kafkaview`: a verb on the command line, else the window."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

__all__ = ["main"]

INTERRUPTED = 130
_DOCUMENT = '{"error":{"kind":"interrupted","message":"Interrupted","hint":""}}\n'


def main() -> int:
    """Executes the line of this process and returns its exit code. An interrupt ends the process without a traceback,
    even during imports, where an exception could pass through any library. After the output it changes nothing.
    """
    ours = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN  # as in the background of a shell, and it stays so
    if ours:
        signal.signal(signal.SIGINT, _end_at_once)
    from kafkaview.log_files import hold_stderr_of_libraries, keep_libraries_silent

    keep_libraries_silent()
    with hold_stderr_of_libraries():
        from kafkaview.cli.main import main as carry_out

        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        code = carry_out()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if (threads := sys.modules.get("kafkaview.cluster.kafka.client_thread")) is not None and threads.is_hanging():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # Python would wait for a client library that does not come back
    return code


def _end_at_once(_signal: int, _frame: FrameType | None) -> None:
    """Ends the process at once: nothing has begun."""
    json = "--json" in sys.argv
    terminal = sys.stdout if json else sys.stderr
    os.write(terminal.fileno(), (_DOCUMENT if json else "Interrupted\n").encode())
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
