"""The names of kafkaview's own groups, which have no members: their committed offsets are its memory of what was sent
back from a dead letter queue (`kafkaview.triage.redrive.redrive_memory` keeps it).
"""

from __future__ import annotations

from typing import Final

MEMORY_PREFIX: Final = "kafkaview-redrive-"


def memory_group(queue: str, block: int | None = None) -> str:
    """Returns the group that remembers what was sent back from a queue, or from one block of its offsets."""
    return f"{MEMORY_PREFIX}{queue}" if block is None else f"{MEMORY_PREFIX}{queue}:{block}"


def memberless_words(group: str) -> str:
    """Returns what a group without members is, in words."""
    queue = remembered_queue(group)
    return "No members" if queue is None else f"kafkaview's memory of what was sent back from {queue}"


def remembered_queue(group: str) -> str | None:
    """Returns the queue whose memory a group is; None for every other group."""
    return group.removeprefix(MEMORY_PREFIX).partition(":")[0] if group.startswith(MEMORY_PREFIX) else None
