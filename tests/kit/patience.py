"""How long a test waits for what is promised within some seconds."""

from __future__ import annotations

import os
from typing import Final

_FACTOR: Final = 3.0 if os.environ.get("CI") else 1.0


def patience(seconds: float) -> float:
    """Returns the promised seconds; three times as many in CI, which runs two suites and their brokers on two cores."""
    return seconds * _FACTOR
