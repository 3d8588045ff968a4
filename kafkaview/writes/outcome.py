"""What came of an administrative write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kafkaview.writes.one_time_secret import ShownOnce


class ChangeStep(StrEnum):
    """Where an execution is. Until WRITE nothing has been sent."""

    JOURNAL = "journal"
    CHECK = "check"
    WRITE = "write"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class ChangeOutcome:
    """A write that the cluster took. `doubt` says what did not read back as planned; empty where all did."""

    journal_id: int
    message: str
    doubt: str = ""

    def document(self) -> Mapping[str, Any]:
        """As JSON, for the journal and `--json`."""
        return {"message": self.message, "effective": not self.doubt, "doubt": self.doubt or None}


@dataclass(frozen=True, slots=True)
class ChangeEnd:
    """What came of a write, and the secret that the cluster gave with it, which is shown once."""

    outcome: ChangeOutcome
    secret: ShownOnce | None = None
