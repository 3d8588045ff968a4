"""What became of one dead letter that was held to a rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MendOutcome(StrEnum):
    """Whether a value is sent as it is, mended, or not at all."""

    UNCHANGED = "unchanged"
    MENDED = "mended"
    FAILED = "failed"


class CannotMend(Exception):
    """A rule fails on a record, or its result cannot be encoded. The text says why, and begins in lower case."""


@dataclass(frozen=True, slots=True)
class MendResult:
    """The outcome for one record, and the value to be sent: that of the record unless it was mended. Of one that failed
    nothing is sent, and `reason` says why.
    """

    outcome: MendOutcome
    value: bytes | None
    reason: str = ""
