"""SCRAM (RFC 5802) on the client's side: the round that fails shows whether user or password is wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_HEADER = "n,,"
_MOST_ITERATIONS = 1_000_000  # more would take seconds


class NotProven(Exception):
    """The server does not know the password itself: it may be an impostor."""


class Scram:
    """One login, with a hash by its name in `hashlib`: `first`, then `final` with the server's challenge, then `check`
    of the server's proof.
    """

    def __init__(self, algorithm: str, user: str, password: str, nonce: str | None = None) -> None:
        self._hash = algorithm
        self._password = password.encode()
        self._nonce = nonce or secrets.token_urlsafe(24)
        # RFC 5802: these two divide a message's fields.
        named = user.replace("=", "=3D").replace(",", "=2C")
        self._bare = f"n={named},r={self._nonce}"
        self._proof = b""

    def first(self) -> bytes:
        """Returns the first message, with the user's name."""
        return (_HEADER + self._bare).encode()

    def final(self, challenge: bytes) -> bytes:
        """Returns the last message, with the proof that the client knows the password, which is never sent itself."""
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
        """Raises NotProven unless the server's proof shows that it knows the password too."""
        if not hmac.compare_digest(base64.b64decode(_fields(answer).get("v", "")), self._proof):
            raise NotProven("its own proof is wrong")

    def _sign(self, key: bytes, text: bytes) -> bytes:
        return hmac.new(key, text, self._hash).digest()


def _fields(message: bytes) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition("=") for part in message.decode().split(","))}
