"""SCRAM (RFC 5802) from the client's side: which round fails tells an unknown user from a wrong password."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from kafkaview.profiles.security import Mechanism

_HEADER = "n,,"
_MOST_ITERATIONS = 1_000_000  # more would take seconds
_HASHES = {Mechanism.SCRAM_SHA_256: "sha256", Mechanism.SCRAM_SHA_512: "sha512"}


class NotProven(Exception):
    """The server does not know the password itself: it is not the one it seems to be."""


class Scram:
    """One login: `first`, then `final` on the server's challenge, then `check` its proof."""

    def __init__(self, mechanism: Mechanism, user: str, password: str, nonce: str | None = None) -> None:
        self._hash = _HASHES[mechanism]
        self._password = password.encode()
        self._nonce = nonce or secrets.token_urlsafe(24)
        # RFC 5802: these two divide a message's fields.
        named = user.replace("=", "=3D").replace(",", "=2C")
        self._bare = f"n={named},r={self._nonce}"
        self._proof = b""

    def first(self) -> bytes:
        """The user's name."""
        return (_HEADER + self._bare).encode()

    def final(self, challenge: bytes) -> bytes:
        """The proof that we know the password; the password itself never leaves."""
        fields = _fields(challenge)
        if not fields["r"].startswith(self._nonce):
            raise NotProven("it does not repeat our nonce")
        ending = f"c={base64.b64encode(_HEADER.encode()).decode()},r={fields['r']}"
        signed = f"{self._bare},{challenge.decode()},{ending}".encode()
        iterations = int(fields["i"])
        if not 0 < iterations <= _MOST_ITERATIONS:
            raise NotProven(f"it asks for {iterations:,} iterations")
        salted = hashlib.pbkdf2_hmac(self._hash, self._password, base64.b64decode(fields["s"]), iterations)
        key = self._sign(salted, b"Client Key")
        signature = self._sign(hashlib.new(self._hash, key).digest(), signed)
        self._proof = self._sign(self._sign(salted, b"Server Key"), signed)
        proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
        return f"{ending},p={base64.b64encode(proof).decode()}".encode()

    def check(self, answer: bytes) -> None:
        """Raise NotProven unless the server knows the password as well."""
        if not hmac.compare_digest(base64.b64decode(_fields(answer).get("v", "")), self._proof):
            raise NotProven("its own proof is wrong")

    def _sign(self, key: bytes, text: bytes) -> bytes:
        return hmac.new(key, text, self._hash).digest()


def _fields(message: bytes) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition("=") for part in message.decode().split(","))}
