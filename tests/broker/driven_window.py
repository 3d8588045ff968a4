"""The window as a program of its own, in which a hand sends everything: it can be killed without its engine. Run by
killing.py:

    python -m tests.broker.driven_window BOOTSTRAP JOURNAL redrive QUEUE
    python -m tests.broker.driven_window BOOTSTRAP JOURNAL reroute TOPIC

It ends when the write has ended, and prints the outcome.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from kafkaview.profiles.profile import ConnectionProfile
from tests.broker.window_clicks import redrive_all, reroute_all
from tests.broker.window_stage import opened_window

_WRITES = {"redrive": redrive_all, "reroute": reroute_all}


async def main(bootstrap: str, journal: str, write: str, topic: str) -> None:
    """Opens the window, clicks, and waits for the outcome."""
    app = QApplication(["kafkaview"])
    app.setQuitOnLastWindowClosed(False)
    async with opened_window(app, ConnectionProfile("test", bootstrap), Path(journal)) as window:
        print(await _WRITES[write](window, topic))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
