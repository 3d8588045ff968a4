"""The pause meter sees what stops the window's thread, and is not there unless it is asked for."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from kafkaview.ui.window.pause_meter import VARIABLE, PauseMeter, _Clocks, measure_pauses
from tests.kit.patience import patience


def test_a_pause_is_reported_with_the_code_that_ran(qtbot: QtBot) -> None:
    out = io.StringIO()
    meter = PauseMeter(out)
    qtbot.wait(40)
    meter.phase = "work"
    _stand_still(0.3)
    qtbot.waitUntil(lambda: '"phase": "work"' in out.getvalue())
    meter.end()
    *pauses, last = (json.loads(line) for line in out.getvalue().splitlines())
    (pause,) = [pause for pause in pauses if pause["phase"] == "work" and pause["ms"] > 290]
    assert any("_stand_still" in ran["where"] for ran in pause["ran"])
    summary: dict[str, Any] = last["summary"]
    assert summary["longest_ms"] == pause["ms"]
    assert 0 < summary["frozen"] <= 1
    assert any("_stand_still" in cause["where"] for cause in summary["causes"])


def test_the_start_is_apart_from_the_rest(qtbot: QtBot) -> None:
    out = io.StringIO()
    meter = PauseMeter(out)
    _stand_still(0.2)
    qtbot.wait(40)
    meter.phase = "rest"
    qtbot.wait(40)
    meter.end()
    summary = json.loads(out.getvalue().splitlines()[-1])["summary"]
    assert summary["phases"]["start"]["longest_ms"] > 190
    assert summary["seconds"] == summary["phases"]["rest"]["seconds"] > 0


def test_without_the_setting_nothing_measures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    parent = QObject()
    with measure_pauses(parent):
        assert not parent.children()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "pauses"))
    with measure_pauses(parent):
        assert isinstance(parent.children()[0], PauseMeter)
    assert "pause-meter" not in {thread.name for thread in threading.enumerate()}
    assert json.loads((tmp_path / "pauses").read_text())["summary"]["pauses"] == 0


def _stand_still(seconds: float) -> None:
    time.sleep(seconds)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how long a thread waited for a core")
def test_what_a_thread_waits_for_a_core_is_told_apart() -> None:
    allowed, clocks = os.sched_getaffinity(0), _Clocks()
    os.sched_setaffinity(0, {min(allowed)})
    try:
        with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as other:  # on the same core
            before, until = clocks.read(), time.monotonic() + patience(0.5)
            while time.monotonic() < until:
                pass
            spent = clocks.read() - before
            other.kill()
    finally:
        os.sched_setaffinity(0, allowed)
        clocks.close()
    assert spent.queued_ms > 20
    assert spent.busy_ms > 20
