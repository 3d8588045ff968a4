"""The parts of a list that could not be read, and why. What was not read is never reported as healthy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kafkaview.cluster.errors import ClusterError, NotAuthorized, UnsupportedByBroker


class UnseenKind(StrEnum):
    """Why something cannot be seen or judged; a contract of the command line."""

    SILENT = "silent"  # somebody does not answer, or refuses
    RIGHT = "right"  # a right is missing; without a name, nobody can say whether there is more
    WAITING = "waiting"  # it is to be looked at for longer
    UNSUPPORTED = "unsupported"  # the release does not tell it, or such a thing is never judged


def unseen_kind(error: ClusterError) -> UnseenKind:
    """Returns the kind of what an error hides."""
    if isinstance(error, NotAuthorized):
        return UnseenKind.RIGHT
    return UnseenKind.UNSUPPORTED if isinstance(error, UnsupportedByBroker) else UnseenKind.SILENT


@dataclass(frozen=True, slots=True)
class Unseen:
    """A part of a list that an error hides: `what` in the plural, limited to the one of a `name` or those of a
    `broker`. Without either it is unknown which.
    """

    what: str
    error: ClusterError
    name: str | None = None
    broker: int | None = None

    @property
    def reason(self) -> str:
        """Returns the error's words, with the missing right."""
        message = self.error.message.removesuffix(".")
        if unseen_kind(self.error) is UnseenKind.RIGHT and self.error.hint:
            return f"{message}. {self.error.hint.removesuffix('.')}"
        return message

    @property
    def sentence(self) -> str:
        """Returns a sentence that names the hidden part and the reason."""
        whose = f" of broker {self.broker}" if self.broker is not None else ""
        which = f" {self.name}" if self.name is not None else ""
        return f"The {self.what}{which}{whose} could not be seen in full: {self.reason}."

    def document(self) -> dict[str, object]:
        """Returns it in the command line's contract."""
        return {
            "what": self.what,
            "name": self.name,
            "broker": self.broker,
            "reason": self.reason,
            "kind": unseen_kind(self.error).value,
        }
