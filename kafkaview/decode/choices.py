"""The decoders that the user chose for topics, kept for each connection in a file beside the saved connections."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kafkaview.profiles.errors import StoreUnavailable

_FILE: Final = "decoders.toml"


@dataclass(frozen=True, slots=True)
class DecoderChoice:
    """The rules for the keys and the values of a topic, as they are written; None where its records decide."""

    key: str | None = None
    value: str | None = None


class DecoderChoices:
    """The choices of one connection, which `connection` names. Every call reads the file, for other programs change it
    too.
    """

    def __init__(self, connection: str, file: Path | None = None) -> None:
        self._connection = connection
        self._path = file

    @property
    def _file(self) -> Path:
        import platformdirs

        return self._path or Path(platformdirs.user_config_dir("kafkaview", appauthor=False)) / _FILE

    def get(self, topic: str) -> DecoderChoice | None:
        """Returns the choice for a topic; None where there is none, or the file cannot be read."""
        own = self._read().get(self._connection)
        found = own.get(topic) if isinstance(own, dict) else None
        if not isinstance(found, dict):
            return None
        key, value = found.get("key"), found.get("value")
        return DecoderChoice(key if isinstance(key, str) else None, value if isinstance(value, str) else None)

    def keep(self, topic: str, choice: DecoderChoice) -> None:
        """Keeps the choice for a topic; one without rules is forgotten. Raises StoreUnavailable."""
        from filelock import FileLock

        rules = {name: rule for name, rule in (("key", choice.key), ("value", choice.value)) if rule is not None}
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(self._file.with_name("decoders.lock"), mode=0o600):
                known = self._read()
                own = known.get(self._connection)
                kept = {name: one for name, one in (own if isinstance(own, dict) else {}).items() if name != topic}
                self._write({**known, self._connection: {**kept, **({topic: rules} if rules else {})}})
        except OSError as error:
            raise StoreUnavailable(
                f"The choice of a decoder cannot be kept: {error.filename or self._file}: {error.strerror}.",
                "Look at the rights of the file and its folder, and at the room on the disk.",
            ) from error

    def _read(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}

    def _write(self, known: dict[str, Any]) -> None:
        import tomli_w

        made = self._file.with_name(f".{self._file.name}-{os.getpid()}")
        made.write_text(tomli_w.dumps(known), encoding="utf-8")
        made.replace(self._file)
