"""The guard itself: it names what a test leaves behind, and lets go what has ended."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from tests.kit import leftovers
from tests.kit.leftovers import Leftovers, LogWatch


def test_a_thread_a_timer_a_process_and_a_window_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "_PATIENCE_S", 0)
    before, end = Leftovers(), threading.Event()
    assert before.found() == []
    thread = threading.Thread(target=end.wait, name="forgotten")
    thread.start()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    timer, window = QTimer(interval=60_000), QWidget()
    timer.start()
    found = "\n".join(before.found())
    for words in ("the thread forgotten", f"the process {child.pid}", "the timer", "the widget"):
        assert words in found
    end.set()
    thread.join()
    child.communicate(b"\n")
    timer.stop()
    window.deleteLater()
    assert before.found() == []


@pytest.mark.logs_warnings
def test_a_warning_is_kept_and_news_is_not() -> None:
    watch = LogWatch()
    log = logging.getLogger("kafkaview.test")
    log.addHandler(watch)
    log.info("all is well")
    log.warning("nobody answers")
    log.removeHandler(watch)
    assert watch.lines == ["WARNING kafkaview.test: nobody answers"]
