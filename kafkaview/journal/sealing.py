"""Records of the journal encrypted with AES-256-GCM, each with a nonce of its own; the keys are in the keyring."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kafkaview.journal.errors import JournalUnavailable, PayloadUnreadable
from kafkaview.profiles.errors import KeyringUnavailable

if TYPE_CHECKING:
    from kafkaview.profiles.keyring import Keyring
    from kafkaview.terms import Record

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_INSTEAD: Final = "Open the keyring, or let the journal keep the records of this connection in another form."
_OPEN_IT: Final = "Unlock or start the keyring, then look again."
Content = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]  # key, value, headers


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A key and the name under which the keyring has it."""

    id: str
    secret: bytes = field(repr=False)

    def seal(self, entry_id: int, record: Record) -> bytes:
        """Returns key, value and headers of a record, encrypted and bound to their place in the journal."""
        import msgspec
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # heavy, and most journals are not encrypted

        headers = [(header.key, header.value) for header in record.headers or ()]
        nonce = os.urandom(_NONCE_BYTES)
        content = msgspec.msgpack.encode((record.key, record.value, headers))
        return nonce + AESGCM(self.secret).encrypt(nonce, content, _place(entry_id, str(record.id)))

    def open(self, entry_id: int, record_id: str, data: bytes) -> Content:
        """Returns what was sealed. Raises PayloadUnreadable where it is not what this key has sealed at this place."""
        import msgspec
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce, sealed = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
        try:
            content = AESGCM(self.secret).decrypt(nonce, sealed, _place(entry_id, record_id))
        except (InvalidTag, ValueError):
            raise PayloadUnreadable(
                f"The key {self.id} of the keyring does not open the record {record_id} of entry {entry_id}",
                "It is another key under that name, or the record was damaged in the journal's file.",
            ) from None
        found: Content = msgspec.msgpack.decode(content, type=Content)
        return found


class SealingKeys:
    """The keys of the journal. The keyring is asked for each once, when it is first needed."""

    def __init__(self, keyring: Keyring | None = None) -> None:
        self._keyring = keyring
        self._known: dict[str, SealingKey] = {}

    async def newest(self, key_id: str | None) -> SealingKey:
        """Returns the key of this name, the one that was used last, or a new one where the keyring has it no more.
        Raises JournalUnavailable without a keyring.
        """
        try:
            found = await self._read(key_id) if key_id is not None else None
            return found or await self._make()
        except KeyringUnavailable as error:
            raise JournalUnavailable(f"The records cannot be encrypted: {error.message}", _INSTEAD) from error

    async def find(self, key_id: str) -> SealingKey:
        """Returns the key of this name. Raises PayloadUnreadable where there is none."""
        try:
            found = await self._read(key_id)
        except KeyringUnavailable as error:
            raise PayloadUnreadable(f"The record is encrypted: {error.message}", _OPEN_IT) from error
        if found is None:
            raise PayloadUnreadable(
                f"The record is encrypted, and its key {key_id} is not in the keyring",
                "It is in the keyring of the user, on the computer, that has made the write.",
            )
        return found

    async def _read(self, key_id: str) -> SealingKey | None:
        if key_id not in self._known:
            text = await self._ring.journal_key(key_id)
            if text is None:
                return None
            self._known[key_id] = SealingKey(key_id, _secret_of(key_id, text))
        return self._known[key_id]

    async def _make(self) -> SealingKey:
        """Makes a key under a name of its own, so that two programs that make one at once lose none."""
        key = SealingKey(secrets.token_hex(8), os.urandom(_KEY_BYTES))
        text = base64.b64encode(key.secret).decode()
        await self._ring.keep_journal_key(key.id, text)
        if await self._ring.journal_key(key.id) != text:
            raise KeyringUnavailable("The keyring did not keep the key of the journal.")
        self._known[key.id] = key
        return key

    @property
    def _ring(self) -> Keyring:
        if self._keyring is None:
            from kafkaview.profiles.keyring import Keyring  # heavy: its back ends

            self._keyring = Keyring()
        return self._keyring


def _secret_of(key_id: str, text: str) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != _KEY_BYTES:
        raise PayloadUnreadable(f"What the keyring has as the key {key_id} of the journal is no key")
    return secret


def _place(entry_id: int, record_id: str) -> bytes:
    return f"{entry_id} {record_id}".encode()
