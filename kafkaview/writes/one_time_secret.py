"""A secret that the cluster returns for a write."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ShownOnce:
    """A secret for whoever asked for the write, to be read once: no journal, log or error holds it."""

    whose: str  # "the delegation token Zx3"
    login: str  # the name that it opens the cluster with
    name: str  # "HMAC"
    value: str = field(repr=False)


class SecretHolder:
    """Carries such a secret from a plan's `write` to whoever shows it, past the outcome, which is journalled."""

    __slots__ = ("_secret",)

    def __init__(self) -> None:
        self._secret: ShownOnce | None = None

    def put(self, secret: ShownOnce) -> None:
        """Keeps the secret that the cluster returned."""
        self._secret = secret

    def take(self) -> ShownOnce | None:
        """Returns the secret and forgets it."""
        secret, self._secret = self._secret, None
        return secret
