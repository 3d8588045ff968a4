"""What the journal keeps of a connection's writes, in which form and how long."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PayloadForm(StrEnum):
    """The form in which the journal keeps the keys, values and headers of records."""

    KEPT = "kept"
    ENCRYPTED = "encrypted"  # with a key of the keyring
    MASKED = "masked"  # length and SHA-256 alone
    LEFT_OUT = "left-out"


class KeptFor(StrEnum):
    """How long something stays in the journal."""

    WEEK = "7-days"
    MONTH = "30-days"
    QUARTER = "90-days"
    YEAR = "365-days"
    EVER = "for-ever"

    @property
    def days(self) -> int | None:
        """How many days; None for ever."""
        return None if self is KeptFor.EVER else int(self.value.partition("-")[0])


@dataclass(frozen=True, slots=True)
class JournalRules:
    """The form of the records, how long they stay, and how long the entry itself does."""

    payloads: PayloadForm = PayloadForm.KEPT
    payload_age: KeptFor = KeptFor.QUARTER
    entry_age: KeptFor = KeptFor.EVER
