"""The file that keeps what libraries say at the side: warnings, log lines, Qt's messages. None reaches the user."""

from __future__ import annotations

import logging
import os
from typing import Final

_LARGEST: Final = 1_000_000


class LibraryLog(logging.Handler):
    """Appends each record to the log file, which only its owner can read, and begins it anew where it grows large."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record; where it cannot be written it is lost."""
        from platformdirs import user_log_path  # not needed where every library is silent

        file = user_log_path("kafkaview", appauthor=False) / "libraries.log"
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            anew = os.O_TRUNC if file.exists() and file.stat().st_size > _LARGEST else 0
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | anew, 0o600), "a") as out:
                out.write(self.format(record) + "\n")
        except OSError:
            return


def keep_libraries_silent() -> None:
    """Sends Python's warnings and every logger's lines into the log file, instead of to the terminal."""
    log = LibraryLog(logging.WARNING)
    log.setFormatter(logging.Formatter("%(asctime)s %(process)d %(name)s: %(message)s"))
    logging.getLogger().addHandler(log)
    logging.captureWarnings(capture=True)
