"""Where the benchmarks run: one cluster at a time, programs as whole processes, and a screen for the window."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kafkaview.demo.guarded_processes import Guarded
from kafkaview.demo.running import start_demo
from tests.benchmarks.rigs import Rig, rig
from tests.benchmarks.shapes import NINE_THOUSAND_TOPICS, SMALL, THOUSAND_GROUPS, Shape

_SECONDS_AT_MOST: Final = 600.0


@dataclass(frozen=True, slots=True)
class Run:
    """A process that has ended."""

    seconds: float
    code: int
    out: bytes
    error: bytes

    @property
    def document(self) -> Any:
        """Its JSON."""
        return json.loads(self.out)


@dataclass(slots=True)
class Lab:
    """Gives each benchmark what it needs. Smoke means: the smallest of everything, each thing once."""

    smoke: bool = False
    repeats: int = 3
    seconds: float = 120.0  # of a window's tour
    _guarded: Guarded = field(default_factory=Guarded)
    _rig: Rig | None = None
    _cluster: ExitStack = field(default_factory=ExitStack)
    _display: dict[str, str] | None = None

    @property
    def folder(self) -> Path:
        """For what a benchmark writes; deleted with the lab, or when this process is killed."""
        return self._guarded.folder

    @property
    def steps(self) -> tuple[int, ...]:
        """The parts of the whole on which growth is measured: a sixteenth, a quarter, all."""
        return (4, 1) if self.smoke else (16, 4, 1)

    @property
    def groups_shape(self) -> Shape:
        """1,000 groups x 100 partitions."""
        return SMALL if self.smoke else THOUSAND_GROUPS

    @property
    def topics_shape(self) -> Shape:
        """9,000 topics, 39,600 partitions, 2,200 groups, three brokers."""
        return SMALL if self.smoke else NINE_THOUSAND_TOPICS

    def rig(self, shape: Shape) -> Rig:
        """A cluster of this shape: the one that runs, grown to it where it is smaller, else another."""
        now = self._rig
        if now is not None and now.shape == shape:
            return now
        if now is None or not now.shape.grows_to(shape):
            self.end_cluster()
            self.say(f"starts {shape.name}: {shape.topics:,} topics, {shape.groups:,} groups, {shape.brokers} brokers")
            self._rig = self._cluster.enter_context(rig(shape))
        else:
            self.say(f"grows {shape.name} to {shape.topics:,} topics, {shape.groups:,} groups")
            self._rig = now.grown(shape)
        self.say(", ".join(f"{what} {seconds} s" for what, seconds in self._rig.seconds.items()))
        return self._rig

    @contextmanager
    def demo(self) -> Iterator[str]:
        """The bootstrap servers of the demo, settled; in a smoke run the small cluster instead."""
        if self.smoke:
            yield self.rig(SMALL).bootstrap
            return
        self.end_cluster()
        with start_demo() as demo:
            yield demo.bootstrap

    def end_cluster(self) -> None:
        """End what runs."""
        self._cluster.close()
        self._rig = None

    def run(self, *line: str, more: Mapping[str, str] | None = None) -> Run:
        """Run a program to its end."""
        began = time.monotonic()
        done = subprocess.run(
            [*line],
            capture_output=True,
            check=False,
            timeout=_SECONDS_AT_MOST,
            env={**self.environment, **(more or {})},
        )
        return Run(time.monotonic() - began, done.returncode, done.stdout, done.stderr)

    def kafkaview(self, *words: str) -> Run:
        """Run kafkaview's command line."""
        return self.run(sys.executable, "-m", "kafkaview", *words)

    @property
    def environment(self) -> dict[str, str]:
        """The user's own, but for the folders: no journal and no layout is read or left."""
        kinds = ("DATA", "CONFIG", "STATE")
        return {**os.environ, **{f"XDG_{kind}_HOME": str(self.folder / kind.lower()) for kind in kinds}}

    @property
    def display(self) -> dict[str, str]:
        """Where windows open: a screen in memory as X has it, or Qt's own where there is no Xvfb."""
        if self._display is None:
            self._display = self._started_screen()
        return self._display

    def close(self) -> None:
        """End everything that was started."""
        self.end_cluster()
        self._guarded.close()

    def say(self, text: str) -> None:
        """Tell how far it is."""
        print(f"  {text}", file=sys.stderr, flush=True)

    def _started_screen(self) -> dict[str, str]:
        if shutil.which("Xvfb") is None or self.smoke:
            return {"QT_QPA_PLATFORM": "offscreen"}
        log = self.folder / "screen.log"
        line = ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
        screen = self._guarded.start("screen", line, log)
        _prefer(screen)
        while not (number := log.read_text().partition("\n")[0]).isdigit():
            time.sleep(0.05)
        return {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}


def _prefer(screen: int) -> None:
    """Lets what shows the windows go before everything else, as compositors of desktops (Mutter, KWin) have it: among
    three brokers on two cores it waited up to 120 ms for one, and the window for it. Without the right it stays as it
    is.
    """
    if sys.platform == "linux":
        with suppress(PermissionError):
            os.sched_setscheduler(screen, os.SCHED_RR, os.sched_param(1))
