"""The steps in which a demo starts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DemoStage(StrEnum):
    """What is done, in its order."""

    FETCH = "fetch"
    KAFKA = "kafka"
    HISTORY = "history"
    APPLICATIONS = "applications"


@dataclass(frozen=True, slots=True)
class DemoStep:
    """How far a stage is: octets that were fetched, records that were sent; both 0 where nothing is counted."""

    stage: DemoStage
    done: int = 0
    total: int = 0
