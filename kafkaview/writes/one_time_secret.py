"""A secret that the cluster gives with a write."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ShownOnce:
    """It is for whoever asked for the write, to be read once: no journal, log or error has it."""

    whose: str  # "the delegation token Zx3"
    login: str  # the name that it opens the cluster with
    name: str  # "HMAC"
    value: str = field(repr=False)


class Given:
    """The way of such a secret from a plan's `write` to whoever shows it, past the outcome, which is journalled."""

    __slots__ = ("_secret",)

    def __init__(self) -> None:
        self._secret: ShownOnce | None = None

    def put(self, secret: ShownOnce) -> None:
        """The cluster gave it."""
        self._secret = secret

    def take(self) -> ShownOnce | None:
        """Take it out: it is not kept here."""
        secret, self._secret = self._secret, None
        return secret
