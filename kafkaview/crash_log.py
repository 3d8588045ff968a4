"""The file that keeps what nobody foresaw: the traceback is for those who mend it, not for the terminal."""

from __future__ import annotations

import os
import traceback
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_log_path

from kafkaview import __version__


def keep_traceback(error: BaseException) -> Path | None:
    """Appends an exception's traceback to the log file, which only its owner can read. Returns the file, or None where
    it cannot be written.
    """
    file = user_log_path("kafkaview", appauthor=False) / "crash.log"
    head = f"{datetime.now(UTC).isoformat(timespec='seconds')} kafkaview {__version__}\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as out:
            out.write(head + "".join(traceback.format_exception(error)) + "\n")
    except OSError:
        return None
    return file
