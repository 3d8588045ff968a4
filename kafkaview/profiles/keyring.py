"""The secrets of saved connections, in the keyring of the operating system and nowhere else.

One entry for each profile and field: service `kafkaview`, user `PROFILE_ID/FIELD`; and one for each key that the
journal encrypts records with: user `journal/KEY_ID`. The only module that knows the keyring library. A keyring may
block, since a locked one asks its user: every call runs on a thread of its own and is given up after a while; such a
thread never keeps the program from ending.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future
from typing import Final, TypeVar

from keyring import get_keyring
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringError, KeyringLocked, NoKeyringError, PasswordDeleteError

from kafkaview.profiles.errors import KeyringUnavailable
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import SecretField, Secrets

T = TypeVar("T")

SERVICE: Final = "kafkaview"
_SYSTEMS: Final = ("SecretService", "libsecret", "kwallet", "macOS", "Windows")
_FOR_THIS_RUN: Final = "Or give the secret for this run alone, here or in KAFKAVIEW_PASSWORD: it is then kept nowhere."
_NONE: Final = f"Start one (GNOME Keyring, KWallet) in this desktop session. {_FOR_THIS_RUN}"


class Keyring:
    """The operating system's keyring. Every method raises KeyringUnavailable where none serves.

    `backend` is the one to use in place of the system's, `limit` how many seconds a locked keyring may ask its user.
    """

    def __init__(self, backend: KeyringBackend | None = None, *, limit: float = 60.0) -> None:
        self._backend = backend
        self._limit = limit

    async def get(self, profile: ConnectionProfile, field: SecretField) -> str | None:
        """Returns one secret; None if none is kept."""
        return await self._ask(lambda backend: backend.get_password(SERVICE, _user(profile, field)))

    async def set(self, profile: ConnectionProfile, field: SecretField, value: str) -> None:
        """Keeps one secret."""
        await self.keep(profile, Secrets({field: value}))

    async def keep(self, profile: ConnectionProfile, secrets: Secrets) -> None:
        """Keeps all of these; other secrets stay."""

        def work(backend: KeyringBackend) -> None:
            for field in sorted(secrets.fields()):
                backend.set_password(SERVICE, _user(profile, field), secrets.get(field) or "")

        await self._ask(work)

    async def delete(self, profile: ConnectionProfile, field: SecretField) -> None:
        """Deletes one secret, if it is kept."""
        await self._ask(lambda backend: _delete(backend, profile, (field,)))

    async def delete_all(self, profile: ConnectionProfile) -> None:
        """Deletes all secrets of a profile."""
        await self._ask(lambda backend: _delete(backend, profile, tuple(SecretField)))

    async def read_all(self, profile: ConnectionProfile) -> Secrets:
        """Returns all secrets of a profile."""
        return await self._ask(lambda backend: _read(backend, profile))

    async def copy(self, profile: ConnectionProfile, to: ConnectionProfile) -> None:
        """Copies the secrets of a profile for its duplicate."""
        await self.keep(to, await self.read_all(profile))

    async def journal_key(self, key_id: str) -> str | None:
        """Returns a key of the journal, as text; None if it is not kept."""
        return await self._ask(lambda backend: backend.get_password(SERVICE, _user_of_key(key_id)))

    async def keep_journal_key(self, key_id: str, value: str) -> None:
        """Keeps a key of the journal."""
        await self._ask(lambda backend: backend.set_password(SERVICE, _user_of_key(key_id), value))

    async def check(self) -> None:
        """Whether one serves at all; raises what the others would."""
        await self._ask(lambda backend: backend.get_password(SERVICE, "check"))

    async def _ask(self, work: Callable[[KeyringBackend], T]) -> T:
        answer: Future[T] = Future()

        def run() -> None:
            answer.set_running_or_notify_cancel()
            try:
                answer.set_result(work(self._backend or _system_backend()))
            except BaseException as failure:  # noqa: BLE001 - it belongs to the caller, on another thread
                answer.set_exception(_translate(failure))

        # asyncio's own threads are waited for at the end; this one may hang at a prompt that nobody sees.
        threading.Thread(target=run, name="keyring", daemon=True).start()
        try:
            async with asyncio.timeout(self._limit):
                return await asyncio.wrap_future(answer)
        except TimeoutError:
            raise KeyringUnavailable(
                f"The keyring did not answer within {self._limit:g} s.",
                f"It may be locked and ask for its password in a window of its own. {_FOR_THIS_RUN}",
            ) from None


def _user(profile: ConnectionProfile, field: SecretField) -> str:
    return f"{profile.id}/{field.value}"


def _user_of_key(key_id: str) -> str:
    return f"journal/{key_id}"


def _read(backend: KeyringBackend, profile: ConnectionProfile) -> Secrets:
    found = {field: backend.get_password(SERVICE, _user(profile, field)) for field in SecretField}
    return Secrets({field: value for field, value in found.items() if value is not None})


def _delete(backend: KeyringBackend, profile: ConnectionProfile, fields: Collection[SecretField]) -> None:
    for field in fields:
        if backend.get_password(SERVICE, _user(profile, field)) is not None:
            backend.delete_password(SERVICE, _user(profile, field))


def _system_backend() -> KeyringBackend:
    """Returns the backend that the library chose, if it is the operating system's: others may be a plain file."""
    chosen = get_keyring()
    chained = getattr(chosen, "backends", None)
    candidates = [chosen] if chained is None else list(chained)
    for backend in candidates:
        module = type(backend).__module__
        if module.removeprefix("keyring.backends.").partition(".")[0] in _SYSTEMS:
            return backend
    if chained or type(chosen).__module__ not in ("keyring.backends.fail", "keyring.backends.chainer"):
        names = ", ".join(f"{type(backend).__module__}.{type(backend).__qualname__}" for backend in candidates)
        raise KeyringUnavailable(
            f"The keyring that is set up here is not the operating system's ({names}); it may be a plain file.",
            _NONE,
        )
    raise NoKeyringError


def _translate(failure: BaseException) -> BaseException:
    """Returns what the user can do about an error, with the library's words if they say something."""
    match failure:
        case KeyringUnavailable():
            return failure
        case NoKeyringError():
            return KeyringUnavailable("There is no keyring on this computer that could keep a secret.", _NONE)
        case KeyringLocked():
            return KeyringUnavailable("The keyring is locked.", f"Unlock it, then again. {_FOR_THIS_RUN}")
        case InitError():
            return KeyringUnavailable(f"The keyring does not answer: {failure}", _NONE)
        case PasswordDeleteError():
            return KeyringUnavailable(f"The keyring did not delete the secret: {failure}", "Delete it there by hand.")
        case KeyringError() | Exception():
            return KeyringUnavailable(f"The keyring does not serve: {type(failure).__name__}: {failure}", _NONE)
        case _:
            return failure
