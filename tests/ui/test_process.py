"""The window as a process: it loads no Kafka client, and its engine is another process that ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kit.leash import LEASH
from tests.kit.patience import patience
from tests.kit.processes import below, command, runs

_WINDOW = """
import sys
import threading

class Refused:
    names = ("confluent_kafka", "kafka", "kazoo", "httpx", "cryptography", "keyring", "OpenSSL")
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ImportError(name + " has no business in the window's process")
        if name.startswith(("kafkaview.ui", "PySide6")) and threading.current_thread() is not threading.main_thread():
            raise ImportError(name + " has classes of widgets, and PySide does not guard its table of them")

sys.meta_path.insert(0, Refused())
import kafkaview.ui.window.window as module
show_view = module.Window.show_view
def show(self, view):
    show_view(self, view)
    for place in ("topics", "groups", "coordination", "security", "triage"):
        self.go(module.Place(place))
    print("view", view.errors[0].kind if view.errors else "", flush=True)
module.Window.show_view = show
from kafkaview.app import main
from kafkaview.profiles.profile import ConnectionProfile
sys.exit(main(ConnectionProfile("nowhere", "127.0.0.1:1")))
"""


@contextmanager
def window(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A window on a port that nobody serves, with nothing of a cluster importable in its process."""
    environ = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "QT_QPA_PLATFORM": "offscreen"}
    line = [*LEASH, sys.executable, "-c", _WINDOW]
    with subprocess.Popen(line, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def engines_of(pid: int) -> list[int]:
    """The engines that a window has started, itself or by the leash that it is on."""
    return [child for child in below(pid) if "kafkaview.engine" in command(child)]


def test_a_window_needs_nothing_of_a_cluster_in_its_process(tmp_path: Path) -> None:
    with window(tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "view unreachable\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_engine_ends_with_its_window(tmp_path: Path, number: signal.Signals) -> None:
    with window(tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (engine,) = engines_of(process.pid)
        process.send_signal(number)
        until = time.monotonic() + patience(10)
        while runs(engine) and time.monotonic() < until:
            time.sleep(0.05)
        assert not runs(engine)
