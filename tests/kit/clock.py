"""The hands of kafkaview's clock: a test that shows a time sets them first, so that it reads the same on every day."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta, timezone

import pytest

from kafkaview.clock import choose_zone


def set_clock(monkeypatch: pytest.MonkeyPatch, now_ms: int, *, goes_on: bool = True) -> None:
    """It is this time now for kafkaview, and unless it stands still it goes on. No timer and no other clock moves."""
    began = time.monotonic_ns()
    monkeypatch.setattr(
        "kafkaview.clock.time_ns", lambda: now_ms * 1_000_000 + (time.monotonic_ns() - began if goes_on else 0)
    )


def set_machine_zone(monkeypatch: pytest.MonkeyPatch, name: str, east_of_utc: timedelta) -> None:
    """What kafkaview takes for the zone of this machine. UTC stays the chosen one."""
    monkeypatch.setattr("kafkaview.clock._MACHINE_ZONE", timezone(east_of_utc, name))


@contextmanager
def local_times() -> Iterator[None]:
    """The zone of the machine is the chosen one; UTC is again afterwards."""
    choose_zone(local=True)
    try:
        yield
    finally:
        choose_zone(local=False)
