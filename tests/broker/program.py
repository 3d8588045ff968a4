"""kafkaview as a program in a session with a keyring, every word that it says kept."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tests.broker.keyring_session import KeyringSession


@dataclass(slots=True)
class Program:
    """Carries out lines of the command line, each in a process of its own."""

    session: KeyringSession | None
    home: Path
    said: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The user's folders and bus; without a session there is no bus."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DBUS_", "XDG_"))}
        kinds = ("DATA_HOME", "CONFIG_HOME", "CACHE_HOME", "STATE_HOME", "RUNTIME_DIR")
        own = {f"XDG_{kind}": str(self.home / kind.lower()) for kind in kinds}
        bus = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
        return {**kept, **own, **(self.session.environment if self.session else bus)}

    def run(self, *words: str, stdin: str = "", **more: str) -> tuple[int, str]:
        """Exit code and stdout; `more` are further variables of the environment."""
        done = subprocess.run(
            [sys.executable, "-m", "kafkaview", *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={**self.environment, **more},
        )
        self.said += [done.stdout, done.stderr]
        return done.returncode, done.stdout

    def ask(self, *words: str, stdin: str = "", **more: str) -> tuple[int, dict[str, Any]]:
        """The same with --json."""
        code, out = self.run(*words, "--json", stdin=stdin, **more)
        document: dict[str, Any] = orjson.loads(out)
        return code, document
