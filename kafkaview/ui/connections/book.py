"""The saved connections as every window sees them: read and written on a thread, secrets in the keyring or for this
run only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from kafkaview.profiles.errors import KeyringUnavailable, StoreUnavailable
from kafkaview.profiles.keyring import Keyring
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.properties import profile_from
from kafkaview.profiles.security import SecretField, Secrets
from kafkaview.profiles.store import ProfileStore
from kafkaview.ui.connections.secret_field import Kept

T = TypeVar("T")


class Book(QObject):
    """One for the whole program. `changed` tells every window that the list is another."""

    changed = Signal()

    def __init__(self, store: ProfileStore | None = None, keyring: Keyring | None = None) -> None:
        super().__init__()
        self._store = store or ProfileStore()
        self._keyring = keyring or Keyring()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="connections")
        self._of_this_run: dict[str, Secrets] = {}
        self.profiles: tuple[ConnectionProfile, ...] = ()
        self.last = ""
        self.note = ""
        self.no_kerberos: str | None = None

    async def load(self) -> None:
        """Read the list. What is damaged or cannot be read is said in `note`."""
        try:
            self.profiles, self.last = await self._on_thread(self._read)
            self.note = self._store.note.text if self._store.note else ""
        except StoreUnavailable as error:
            self.note = f"{error.message} {error.hint}".strip()
        self.changed.emit()

    async def find_kerberos(self) -> None:
        """Look once whether GSSAPI can be had on this machine; `no_kerberos` says why not."""
        if self.no_kerberos is None:
            self.no_kerberos = await self._on_thread(_no_kerberos)
            self.changed.emit()

    async def save(
        self, profile: ConnectionProfile, typed: Mapping[SecretField, str], only_now: Collection[SecretField] = ()
    ) -> ConnectionProfile:
        """Save a profile, then its secrets; those that are `only_now` stay in memory."""
        known = any(one.id == profile.id for one in self.profiles)
        saved = await self._on_thread(lambda: (self._store.replace if known else self._store.add)(profile))
        for_now = {name: value for name, value in typed.items() if name in only_now}
        kept = {name: value for name, value in typed.items() if name not in only_now}
        for name, value in for_now.items():
            self._of_this_run[profile.id] = self._held(profile).with_secret(name, value)
        await self.load()
        if kept:
            await self._keyring.keep(saved, Secrets(kept))
            self._drop(profile, kept)
        return saved

    async def remove(self, profile: ConnectionProfile) -> None:
        """Delete a profile with its keyring entries. Without a keyring there are none, and it goes all the same."""
        self._of_this_run.pop(profile.id, None)
        refused: KeyringUnavailable | None = None
        try:
            await self._keyring.delete_all(profile)
        except KeyringUnavailable as error:
            refused = error
        await self._on_thread(lambda: self._store.remove(profile.id))
        await self.load()
        if refused is not None and _has_secrets(profile):
            raise KeyringUnavailable(
                f"{profile.name} is deleted; whether the keyring still holds its secrets is unknown.", refused.message
            )

    async def duplicate(self, profile: ConnectionProfile) -> tuple[ConnectionProfile, str]:
        """A copy with the same secrets; and what to say of them, if the keyring does not give them."""
        copy = await self._on_thread(lambda: self._store.duplicate(profile.id))
        self._of_this_run[copy.id] = self._held(profile)
        await self.load()
        if _has_secrets(profile):
            try:
                await self._keyring.copy(profile, copy)
            except KeyringUnavailable as error:
                return copy, f"{error.message} What it would hold of {profile.name} is not copied."
        return copy, ""

    async def move(self, profile: ConnectionProfile, to: int) -> None:
        """Put a profile at another place of the list."""
        if 0 <= to < len(self.profiles):
            await self._on_thread(lambda: self._store.move(profile.id, to))
            await self.load()

    async def used(self, profile: ConnectionProfile) -> None:
        """Remember that this one was connected to."""
        if profile.saved:
            await self._on_thread(lambda: self._store.set_last_used(profile.id))
            await self.load()

    async def import_file(self, path: Path) -> tuple[ConnectionProfile, str]:
        """A new profile from a client.properties file, its secrets moved into the keyring; and what to say of it."""
        profile, secrets = await self._on_thread(lambda: profile_from(None, path, {}, {}))
        saved = await self._on_thread(lambda: self._store.add(replace(profile, name=self._free(profile.name))))
        await self.load()
        if not secrets.known():
            return saved, "It held no secret."
        still = f"{path.name} still holds them in plain text: delete them there."
        try:
            await self._keyring.keep(saved, secrets)
        except KeyringUnavailable as error:
            self._of_this_run[saved.id] = secrets
            return saved, f"{error.message} Its secrets are known for this run only. {still}"
        return saved, f"Its secrets are in the keyring now. {still}"

    async def secrets(self, profile: ConnectionProfile, typed: Mapping[SecretField, str] | None = None) -> Secrets:
        """What a profile needs to log in: typed goes before this run's, and that before the keyring's."""
        found: dict[SecretField, str] = {}
        given = Secrets(typed or {})
        if profile.saved and _has_secrets(profile):
            try:
                found |= _plain(await self._keyring.read_all(profile))
            except KeyringUnavailable:
                if not given.known() and not self._held(profile).known():
                    raise
        return Secrets({**found, **_plain(self._held(profile)), **_plain(given)})

    async def kept(self, profile: ConnectionProfile) -> tuple[dict[SecretField, Kept], str]:
        """Where each secret of a profile is, and why no keyring works, if none does."""
        found = dict.fromkeys(self._held(profile).known(), Kept.THIS_RUN)
        try:
            kept = (await self._keyring.read_all(profile)).known()
        except KeyringUnavailable as error:
            return found, error.message
        return {**dict.fromkeys(kept, Kept.KEYRING), **found}, ""

    async def forget(self, profile: ConnectionProfile, name: SecretField) -> None:
        """Delete one secret wherever it is."""
        self._drop(profile, {name: ""})
        await self._keyring.delete(profile, name)

    def hold(self, profile: ConnectionProfile, secrets: Secrets) -> None:
        """Keep secrets for this run: those of a file or of the environment."""
        if secrets.known():
            self._of_this_run[profile.id] = secrets

    def taken(self, profile: ConnectionProfile) -> frozenset[str]:
        """The names of the other profiles."""
        return frozenset(one.name for one in self.profiles if one.id != profile.id)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False)

    def _read(self) -> tuple[tuple[ConnectionProfile, ...], str]:
        last = self._store.last_used()
        return self._store.list(), last.id if last else ""

    def _held(self, profile: ConnectionProfile) -> Secrets:
        return self._of_this_run.get(profile.id, Secrets())

    def _drop(self, profile: ConnectionProfile, names: Collection[SecretField]) -> None:
        left = {name: value for name, value in _plain(self._held(profile)).items() if name not in names}
        self._of_this_run[profile.id] = Secrets(left)

    def _free(self, name: str) -> str:
        taken, number = {one.name for one in self.profiles}, 2
        free = name
        while free in taken:
            free, number = f"{name} {number}", number + 1
        return free

    async def _on_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _plain(secrets: Secrets) -> dict[SecretField, str]:
    return {name: secrets.get(name) or "" for name in secrets.known()}


def _has_secrets(profile: ConnectionProfile) -> bool:
    """Whether a profile may have secrets at all: else the keyring is not even asked, which may prompt."""
    protocol, registry = profile.security.protocol, profile.schema_registry
    return protocol.sasl or profile.uses_tls or bool((registry and registry.user) or profile.zookeeper_user)


def _no_kerberos() -> str:
    from kafkaview.cluster.kerberos import gssapi_available  # heavy: the client library

    return gssapi_available() or ""
