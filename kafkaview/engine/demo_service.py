"""The demo in an engine of its own, which ends with its window as every engine does."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from kafkaview.demo.steps import DemoStep
from kafkaview.profiles.profile import ConnectionProfile


class DemoService:
    """Implements `engine.port.DemoCalls`."""

    async def demo(self, *, keep: bool) -> AsyncGenerator[DemoStep | tuple[ConnectionProfile, Path], None]:
        """Starts a demo, yields each step and then its profile and folder, and ends it when the stream is closed."""
        from kafkaview.demo.running import start_in_steps

        async with aclosing(start_in_steps(keep=keep)) as steps:
            async for step in steps:
                yield step if isinstance(step, DemoStep) else (step.profile, step.folder)
