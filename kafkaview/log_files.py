"""The files that keep what is not for the user's eyes: tracebacks of what nobody foresaw, and what libraries say."""

from __future__ import annotations

import logging
import os
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kafkaview import __version__

_LARGEST: Final = 1_000_000  # bytes of one file


def keep_traceback(error: BaseException) -> Path | None:
    """Writes an exception's traceback down. Returns the file, or None where it cannot be written."""
    head = f"{datetime.now(UTC).isoformat(timespec='seconds')} kafkaview {__version__}\n"
    return _append("crash.log", head + "".join(traceback.format_exception(error)))


def keep_libraries_silent() -> None:
    """Sends Python's warnings and every logger's lines into a log file, instead of to the terminal."""
    log = _LibraryLog(logging.WARNING)
    log.setFormatter(logging.Formatter("%(asctime)s %(process)d %(name)s: %(message)s"))
    logging.getLogger().addHandler(log)
    logging.captureWarnings(capture=True)


class _LibraryLog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Logging's. What cannot be written is lost."""
        _append("libraries.log", self.format(record))


def _append(name: str, text: str) -> Path | None:
    """Appends to a file that only its owner can read, and that is begun anew where it has grown large. Several
    processes write at once, so each text is one write.
    """
    from platformdirs import user_log_path  # takes long to load, and mostly there is nothing to write

    file = user_log_path("kafkaview", appauthor=False) / name
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        anew = os.O_TRUNC if file.exists() and file.stat().st_size > _LARGEST else 0
        with os.fdopen(
            os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | anew, 0o600), "w", encoding="utf-8"
        ) as out:
            out.write(f"{text}\n")
    except OSError:
        return None
    return file
