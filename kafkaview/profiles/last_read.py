"""The saved connections as they were last read."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.profiles.profile import ConnectionProfile


@dataclass(frozen=True, slots=True)
class Shelf:
    """All of them in the user's order, the id of the one used last, and what was found damaged or cannot be read."""

    profiles: tuple[ConnectionProfile, ...] = ()
    last_used: str = ""
    note: str = ""
