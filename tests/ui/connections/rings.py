"""Keyrings for the window's tests: one in memory, one that is not there. The real one is met in tests/broker."""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.errors import NoKeyringError

from kafkaview.profiles.keyring import Keyring


class MemoryRing(KeyringBackend):
    """Keeps its entries in a dict that a test may look into."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class NoRing(MemoryRing):
    """None works here."""

    def get_password(self, service: str, username: str) -> str | None:
        raise NoKeyringError(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NoKeyringError(service, username, len(password))


def keyring(ring: MemoryRing) -> Keyring:
    return Keyring(ring)
