"""The program as a process: it says why it opens no window, and it ends when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kafkaview.ui.window.display import why_no_display
from tests.kit.leash import LEASH

_STARTED = """
import sys
import kafkaview.ui.window.window as module
def show(self, event):
    print("shown", flush=True)
module.Window.showEvent = show
from kafkaview.app import main
from kafkaview.profiles.profile import ConnectionProfile
sys.exit(main(ConnectionProfile("nowhere", "127.0.0.1:1")))
"""


def test_a_missing_display_is_reported_in_a_sentence() -> None:
    assert why_no_display({}, "linux").startswith("No display: neither DISPLAY nor WAYLAND_DISPLAY is set")
    assert "nothing answers at DISPLAY=:6999" in why_no_display({"DISPLAY": ":6999"}, "linux")


@pytest.mark.parametrize(
    ("environ", "platform"),
    [({"QT_QPA_PLATFORM": "offscreen"}, "linux"), ({"WAYLAND_DISPLAY": "wayland-0"}, "linux"), ({}, "darwin")],
)
def test_a_window_is_tried_where_there_may_be_a_screen(environ: dict[str, str], platform: str) -> None:
    assert why_no_display(environ, platform) == ""


def test_without_a_display_the_program_ends_with_words_and_no_abort(tmp_path: Path) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environ = {name: value for name, value in os.environ.items() if name not in hidden} | {"HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "kafkaview"], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("No display:")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_and_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    environ = os.environ | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    line = [*LEASH, sys.executable, "-c", _STARTED]
    with subprocess.Popen(line, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "shown\n"
        process.send_signal(number)
        _out, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
