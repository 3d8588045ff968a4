"""What client and broker say to each other in a login: the mechanism has the messages, the doctor carries them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class LoginAnswer:
    """The broker's answer to one message. `refusal` is its refusal as a sentence, empty if it accepts."""

    data: bytes
    refusal: str = ""


class LoginRefused(Exception):
    """The login failed. `cause` is a word of the doctor's."""

    def __init__(
        self,
        cause: Literal["bad_credentials", "unknown_user", "wrong_password", "login_refused"],
        message: str,
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self.message = message
        self.hint = hint


class Tickets(Protocol):
    """The platform's Kerberos library in one login. It raises RuntimeError, ValueError or OSError."""

    def auth_bytes(self) -> bytes:
        """Returns the next message."""
        ...

    def is_done(self) -> bool:
        """Whether nothing is left to be said."""
        ...

    def receive(self, data: bytes) -> None:
        """Takes an answer."""
        ...


@dataclass(frozen=True, slots=True)
class LoginMaterial:
    """What a login is made with: the password, the token of a mechanism that takes one, the library of one that takes
    a ticket (for the name of a service).
    """

    password: str = field(repr=False)
    token: str = field(repr=False)
    tickets: Callable[[str], Tickets]


# Yields each message, gets the answer to it, and ends when the login has succeeded. Raises LoginRefused.
Exchange = Generator[bytes, LoginAnswer, None]
