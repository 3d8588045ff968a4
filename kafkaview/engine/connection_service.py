"""Saved connections, their secrets, and the doctor: the calls of a window before a cluster is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kafkaview.engine.reports import Reports
from kafkaview.profiles.errors import KeyringUnavailable, StoreUnavailable
from kafkaview.profiles.last_read import Shelf
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.required_secrets import find_used_secrets
from kafkaview.profiles.security import SecretField, Secrets

if TYPE_CHECKING:
    from kafkaview.doctor.diagnosis import Diagnosis, DiagnosisStep
    from kafkaview.profiles.keyring import Keyring
    from kafkaview.profiles.store import ProfileStore

T = TypeVar("T")


class ConnectionService:
    """Implements `engine.port.Connections`. The file is read and written on a thread, the keyring by its own rules."""

    def __init__(self, store: ProfileStore | None = None, keyring: Keyring | None = None) -> None:
        self._opened_store = store
        self._opened_keyring = keyring
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="connections")

    async def shelf(self) -> Shelf:
        """Reads the saved connections."""
        return await self._on_thread(self._read)

    async def save(self, profile: ConnectionProfile, secrets: Secrets) -> tuple[ConnectionProfile, Shelf]:
        """Saves a profile, then its secrets in the keyring. Raises KeyringUnavailable after the profile is saved."""

        def write() -> ConnectionProfile:
            known = any(one.id == profile.id for one in self._store.list())
            return (self._store.replace if known else self._store.add)(profile)

        saved = await self._on_thread(write)
        if secrets.fields():
            await self._keyring.keep(saved, secrets)
        return saved, await self.shelf()

    async def remove(self, profile: ConnectionProfile) -> tuple[Shelf, str]:
        """Deletes a profile with its keyring entries. Without a keyring only the profile is deleted."""
        refused = ""
        try:
            await self._keyring.delete_all(profile)
        except KeyringUnavailable as error:
            refused = error.message
        await self._on_thread(lambda: self._store.remove(profile.id))
        return await self.shelf(), refused if find_used_secrets(profile) else ""

    async def duplicate(self, profile: ConnectionProfile) -> tuple[ConnectionProfile, Shelf, str]:
        """Copies a profile, and its secrets where the keyring returns them."""
        copy = await self._on_thread(lambda: self._store.duplicate(profile.id))
        refused = ""
        if find_used_secrets(profile):
            try:
                await self._keyring.copy(profile, copy)
            except KeyringUnavailable as error:
                refused = error.message
        return copy, await self.shelf(), refused

    async def move(self, profile: ConnectionProfile, to: int) -> Shelf:
        """Moves a profile to another position of the list."""
        await self._on_thread(lambda: self._store.move(profile.id, to))
        return await self.shelf()

    async def note_use(self, profile: ConnectionProfile) -> Shelf:
        """Records that a profile was connected to."""
        await self._on_thread(lambda: self._store.set_last_used(profile.id))
        return await self.shelf()

    async def import_file(self, path: Path) -> tuple[ConnectionProfile, Secrets, Shelf, str, tuple[str, ...]]:
        """Makes a profile of a file and moves its secrets into the keyring. Returns the secrets that the keyring
        refused with the reason, and a sentence for each setting that is not imported.
        """
        from kafkaview.cluster.kafka.connection_file import read_connection_file

        def write() -> tuple[ConnectionProfile, Secrets, tuple[str, ...]]:
            found = read_connection_file(path)
            taken = {one.name for one in self._store.list()}
            named = replace(found.profile, name=_find_free_name(found.profile.name, taken))
            return self._store.add(named), found.secrets, found.left_out

        saved, secrets, left_out = await self._on_thread(write)
        refused = ""
        if secrets.fields():
            try:
                await self._keyring.keep(saved, secrets)
                secrets = Secrets(dict.fromkeys(secrets.fields(), ""))
            except KeyringUnavailable as error:
                refused = error.message
        return saved, secrets, await self.shelf(), refused, left_out

    async def find_secrets(self, profile: ConnectionProfile) -> tuple[frozenset[SecretField], str]:
        """Returns which secrets the keyring has, and why it cannot be asked, if it cannot."""
        try:
            return frozenset((await self._keyring.read_all(profile)).fields()), ""
        except KeyringUnavailable as error:
            return frozenset(), error.message

    async def forget_secret(self, profile: ConnectionProfile, name: SecretField) -> None:
        """Deletes one secret from the keyring."""
        await self._keyring.delete(profile, name)

    async def kerberos_problem(self) -> str:
        """Returns why GSSAPI cannot be used on this computer; nothing where it can."""

        def look() -> str:
            from kafkaview.cluster.kafka.kerberos import gssapi_available

            return gssapi_available() or ""

        return await self._on_thread(look)

    def diagnose(self, profile: ConnectionProfile, typed: Secrets) -> AsyncGenerator[DiagnosisStep | Diagnosis, None]:
        """Runs the doctor. With a locked keyring nothing is tried, and the diagnosis says so."""

        async def work(report: Callable[[DiagnosisStep], None]) -> Diagnosis:
            from kafkaview.doctor.diagnose import diagnose, diagnose_keyring

            try:
                secrets = await self.secrets_of(profile, typed)
            except KeyringUnavailable as error:
                return diagnose_keyring(profile, error.message, error.hint, report)
            return await diagnose(profile, secrets, report)

        return Reports(work).items()

    async def secrets_of(self, profile: ConnectionProfile, typed: Secrets) -> Secrets:
        """Returns what a profile logs in with: what was typed goes before what the keyring has. Raises
        KeyringUnavailable where it cannot be asked and nothing was typed.
        """
        if not profile.saved or not find_used_secrets(profile):
            return typed
        try:
            kept = await self._keyring.read_all(profile)
        except KeyringUnavailable:
            if not typed.fields():
                raise
            return typed
        return Secrets({name: typed.get(name) or kept.get(name) or "" for name in {*kept.fields(), *typed.fields()}})

    def close(self) -> None:
        """Ends the thread."""
        self._thread.shutdown(wait=False)

    @property
    def _store(self) -> ProfileStore:
        if self._opened_store is None:
            from kafkaview.profiles.store import ProfileStore

            self._opened_store = ProfileStore()
        return self._opened_store

    @property
    def _keyring(self) -> Keyring:
        if self._opened_keyring is None:
            from kafkaview.profiles.keyring import Keyring  # heavy: its back ends

            self._opened_keyring = Keyring()
        return self._opened_keyring

    def _read(self) -> Shelf:
        store = self._store
        try:
            last = store.last_used()
            found = store.list()
        except StoreUnavailable as error:
            return Shelf(note=f"{error.message} {error.hint}".strip())
        return Shelf(found, last.id if last else "", store.note.text if store.note else "")

    async def _on_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _find_free_name(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free
