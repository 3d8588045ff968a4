"""The demo in an engine of its own, which ends with its window as every engine does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

from kafkaview.profiles.profile import ConnectionProfile


class DemoService:
    """Implements `engine.port.Demonstrating`."""

    async def demo(self, *, keep: bool) -> AsyncGenerator[tuple[ConnectionProfile, Path], None]:
        """Starts a demo, yields its profile and folder once, and ends it when the stream is closed."""
        from kafkaview.demo.running import running_demo

        async with running_demo(keep=keep) as demo:
            yield demo.profile, demo.folder
            await asyncio.get_running_loop().create_future()
