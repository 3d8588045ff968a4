"""Looks at processes that others started and that may end at any moment."""

from __future__ import annotations

from contextlib import suppress

import psutil


def below(pid: int) -> list[int]:
    """The descendants of a process; none once it has ended."""
    with suppress(psutil.NoSuchProcess):
        return [one.pid for one in psutil.Process(pid).children(recursive=True)]
    return []


def runs(pid: int) -> bool:
    """Whether a process has not ended; a zombie has."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def command(pid: int) -> str:
    """The line that a process was started with; empty once it has ended, and where it is somebody else's."""
    with suppress(psutil.Error):
        return " ".join(psutil.Process(pid).cmdline())
    return ""


def environment(pid: int) -> str:
    """The variables that a process was started with, as lines; empty once it has ended or where it is not ours."""
    with suppress(psutil.Error):
        return "\n".join(f"{name}={value}" for name, value in psutil.Process(pid).environ().items())
    return ""


def named(text: str) -> list[int]:
    """Every process that has a text in its command line."""
    return [pid for pid in psutil.pids() if text in command(pid)]


def megabytes(pid: int) -> dict[int, float]:
    """Proportional set size of a process and each of its descendants: memory that several share is counted once."""
    sizes: dict[int, float] = {}
    for each in (pid, *below(pid)):
        with suppress(psutil.NoSuchProcess):
            sizes[each] = psutil.Process(each).memory_full_info().pss / 2**20
    return sizes


def processor_seconds(pid: int) -> float:
    """Processor time that a process and its descendants have used so far."""
    total = 0.0
    for each in (pid, *below(pid)):
        with suppress(psutil.NoSuchProcess):
            used = psutil.Process(each).cpu_times()
            total += used.user + used.system
    return total
