"""What a process and all its descendants take of memory and processor, as Linux tells it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PROC: Final = Path("/proc")


def tree(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = defaultdict(list)
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                children[int(_stat(int(folder.name))[1])].append(int(folder.name))
    waiting = [pid]
    while waiting:
        yield (now := waiting.pop())
        waiting += children[now]


def megabytes(pid: int) -> dict[int, float]:
    """Proportional set size of each process of a tree: memory that several share is counted once."""
    sizes: dict[int, float] = {}
    for each in tree(pid):
        with suppress(OSError):
            lines = (_PROC / str(each) / "smaps_rollup").read_text().splitlines()
            sizes[each] = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return sizes


def command(pid: int) -> str:
    """The line that a process was started with; empty once it has ended."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def processor_seconds(pid: int) -> float:
    """Processor time that a tree has used so far."""
    total = 0
    for each in tree(pid):
        with suppress(OSError):
            fields = _stat(each)
            total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on: the name before it may hold blanks."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
