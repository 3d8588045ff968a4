"""A scan as it is asked for in a window."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """Positions and rules are as they are written. No partitions are all of them; without a rule those that are kept
    for the topic count, else its own format.
    """

    topic: str
    partitions: tuple[int, ...] = ()
    start: str = "beginning"
    end: str = "end"
    value_rule: str = ""
    key_rule: str = ""
