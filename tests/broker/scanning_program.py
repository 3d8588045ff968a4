"""A program that scans with processes of its own until it is killed: `scanning_program.py BOOTSTRAP TOPIC FOLDER`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from kafkaview.decode.registry import parse_rule
from kafkaview.triage.scan.scan import scan
from tests.broker.material import session_on


async def main(bootstrap: str, topic: str, folder: str) -> None:
    """Say that it has begun, and never go on from there."""
    async with session_on(bootstrap, Path(folder) / "journal.sqlite3") as session:
        async for progress in scan(session, [topic], value_rules=[parse_rule("max-bytes:0")]):
            if progress.scanned:
                print("scanning", flush=True)
                await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
