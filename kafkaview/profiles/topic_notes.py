"""What is kept about the topics of each connection, in a file beside the saved connections."""

from __future__ import annotations

import os
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kafkaview.profiles.errors import StoreUnavailable

Note = Mapping[str, Any]


class TopicNotes:
    """The notes of one connection, which `connection` names, in a file of the given name; `what` they are is said where
    one cannot be kept. Every call reads the file, for other programs change it too.
    """

    def __init__(self, connection: str, name: str, what: str, file: Path | None = None) -> None:
        self._connection = connection
        self._name = name
        self._what = what
        self._path = file

    @property
    def _file(self) -> Path:
        import platformdirs

        return self._path or Path(platformdirs.user_config_dir("kafkaview", appauthor=False)) / self._name

    def get(self, topic: str) -> Note | None:
        """Returns the note on a topic; None where there is none, or the file cannot be read."""
        try:
            return self.read(topic)
        except StoreUnavailable:
            return None

    def read(self, topic: str) -> Note | None:
        """Returns the note on a topic; None where there is none. Raises StoreUnavailable."""
        return _note(self._read(), self._connection, topic)

    def change(self, topic: str, change: Callable[[Note], Note]) -> None:
        """Replaces the note on a topic by what `change` makes of it; an empty one is forgotten. A file that is no TOML
        is put aside first. Raises StoreUnavailable.
        """
        from filelock import FileLock

        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self._file.with_suffix(".lock"), mode=0o600):
                known = self._read_or_put_aside()
                own = known.get(self._connection)
                kept = {name: one for name, one in (own if isinstance(own, dict) else {}).items() if name != topic}
                note = change(_note(known, self._connection, topic) or {})
                self._write({**known, self._connection: {**kept, **({topic: note} if note else {})}})
        except UnicodeEncodeError as error:  # the name of a file, which TOML cannot hold
            raise StoreUnavailable(
                f"{self._what} cannot be kept: it is not UTF-8.", "Give the file another name."
            ) from error
        except OSError as error:
            raise StoreUnavailable(
                f"{self._what} cannot be kept: {error.filename or self._file}: {error.strerror}.",
                "Look at the rights of the file and its folder, and at the room on the disk.",
            ) from error

    def _read(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._file.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise StoreUnavailable(
                f"{self._file} cannot be read: {error.strerror}.", "Look at the rights of the file and its folder."
            ) from error
        except (ValueError, RecursionError) as error:
            raise StoreUnavailable(
                f"{self._file} cannot be read: {error}.", "Mend the file, or put it aside."
            ) from error

    def _read_or_put_aside(self) -> dict[str, Any]:
        try:
            return self._read()
        except StoreUnavailable as error:
            if isinstance(error.__cause__, OSError):
                raise
            stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
            self._file.replace(self._file.with_name(f"{self._file.name}.damaged-{stamp}-{os.getpid()}"))
            return {}

    def _write(self, known: dict[str, Any]) -> None:
        import tomli_w

        made = self._file.with_name(f".{self._file.name}-{os.getpid()}")
        made.write_text(tomli_w.dumps(known), encoding="utf-8")
        made.replace(self._file)


def _note(known: dict[str, Any], connection: str, topic: str) -> Note | None:
    own = known.get(connection)
    found = own.get(topic) if isinstance(own, dict) else None
    return found if isinstance(found, dict) else None
