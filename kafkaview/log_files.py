"""Log files: tracebacks of unforeseen errors, and messages of libraries."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from kafkaview import __version__

_LARGEST: Final = 1_000_000  # bytes of one file
_LIBRARIES: Final = "libraries.log"
_STDERR: Final = 2  # where C libraries write, whatever sys.stderr is
_HELD: Final[list[IO[bytes]]] = []


def keep_traceback(error: BaseException) -> Path | None:
    """Writes an exception's traceback to a file. Returns the file, or None if it cannot be written."""
    head = f"{datetime.now(UTC).isoformat(timespec='seconds')} kafkaview {__version__}\n"
    return _append("crash.log", head + "".join(traceback.format_exception(error)))


def keep_libraries_silent() -> None:
    """Sends Python's warnings, all log messages, and the tracebacks of threads, destructors and Qt's slots into log
    files, and not to the terminal.
    """
    log = _LibraryLog(logging.WARNING)
    log.setFormatter(logging.Formatter("%(asctime)s %(process)d %(name)s: %(message)s"))
    logging.getLogger().addHandler(log)
    logging.captureWarnings(capture=True)
    sys.excepthook = _keep_uncaught
    sys.unraisablehook = lambda about: _keep_uncaught(about.exc_type, about.exc_value, about.exc_traceback)
    threading.excepthook = lambda about: _keep_uncaught(about.exc_type, about.exc_value, about.exc_traceback)


def _keep_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if not issubclass(kind, SystemExit):
        keep_traceback((error or Exception(kind.__name__)).with_traceback(trace))


@contextmanager
def hold_stderr_of_libraries() -> Iterator[None]:
    """Collects what C libraries write to standard error, and writes it into the log file at the end: a command that
    speaks to no cluster does not have to find the log file before.
    """
    try:
        held = tempfile.TemporaryFile()  # noqa: SIM115
    except OSError:  # no room for it: then they are heard
        yield
        return
    with held:
        _divert_stderr(held.fileno())
        _HELD.append(held)
        try:
            yield
        finally:
            _HELD.clear()
            held.seek(0)
            text = held.read().decode(errors="replace").strip()
            if text:
                _append(_LIBRARIES, text)


def log_held_stderr() -> None:
    """Sends what is held from now on directly into the log file, before a client speaks to a cluster; nothing if
    nothing is held.
    """
    if _HELD:
        log_stderr_of_libraries()


def log_stderr_of_libraries() -> None:
    """Sends what C libraries write to standard error directly into the log file, for a process that lives long or may
    be killed by such a library: what it says last would be lost with what is held.
    """
    file = _append(_LIBRARIES)
    if file is not None:
        with file.open("ab") as log:
            _divert_stderr(log.fileno())


def _divert_stderr(into: int) -> None:
    """Redirects file descriptor 2; `sys.stderr` stays on the terminal."""
    ours = sys.__stderr__
    if ours is None:  # closed by who started us: 2 may be any other file
        return
    if sys.stderr is ours:
        sys.stderr = os.fdopen(os.dup(_STDERR), "w", buffering=1, encoding=ours.encoding, errors=ours.errors)
    os.dup2(into, _STDERR)


class _LibraryLog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Writes a log record to the file; drops it if that fails."""
        _append(_LIBRARIES, self.format(record))


def log_folder() -> Path:
    """Returns the folder of the log files; it is there once there was something to write."""
    from platformdirs import user_log_path  # takes long to load, and mostly there is nothing to write

    return user_log_path("kafkaview", appauthor=False)


def _append(name: str, text: str = "") -> Path | None:
    """Appends to a file that only its owner can read; a large file is started anew. Several processes write to it, so
    each text is one write.
    """
    file = log_folder() / name
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        anew = os.O_TRUNC if file.exists() and file.stat().st_size > _LARGEST else 0
        with os.fdopen(
            os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | anew, 0o600), "w", encoding="utf-8"
        ) as out:
            out.write(f"{text}\n" if text else "")
    except OSError:
        return None
    return file
