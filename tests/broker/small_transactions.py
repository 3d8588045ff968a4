"""Programs whose writes are made of small transactions, so that there is a middle to be cut off in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

# Python runs a module of this name before the program. A process that watches no group stays without a Kafka client.
_MODULE: Final = "sitecustomize.py"
_CODE: Final = """
import sys
from kafkaview.writes import follow_up
from kafkaview.writes.records import batch_room
batch_room.BATCH_RECORDS = {records}
follow_up.HOLD_SECONDS = 0.3  # idle groups need no more
if "watch" in sys.orig_argv:
    from kafkaview.cluster.kafka import group_member
    group_member._MOST, group_member._MOST_COPIES, group_member._COMMIT_S = 4 * {records}, {records}, 0.05
"""


def small_transactions(folder: Path, records: int) -> dict[str, str]:
    """The variables with which every Python program, and those that it starts, writes transactions of so many records.
    `folder` gets the module that does it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MODULE).write_text(_CODE.format(records=records))
    return {"PYTHONPATH": os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])}


def homes(folder: Path) -> dict[str, str]:
    """The variables that give a program folders of its own for data, configuration, state and cache."""
    return {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("DATA", "CONFIG", "STATE", "CACHE")}
