"""Garbage is collected on the window's thread, by Python's own thresholds."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from kafkaview.ui.window.collector import Collector


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.end()


@pytest.mark.usefixtures("qapp")
def test_a_qt_object_in_a_cycle_dies_on_the_windows_thread_though_a_worker_allocates(collector: Collector) -> None:
    died_on: list[int] = []

    class Cyclic(QObject):
        def __del__(self) -> None:
            died_on.append(threading.get_ident())

    thing = Cyclic()
    thing.__dict__["itself"] = thing
    del thing
    worker = threading.Thread(target=lambda: [[] for _ in range(1_000_000)])
    worker.start()
    worker.join()
    assert died_on == []
    while not died_on:
        keep: list[list[int]] = [[] for _ in range(2_000)]  # allocations bring the generations to their thresholds
        collector.collect()
        del keep
    assert died_on == [threading.get_ident()]


@pytest.mark.usefixtures("qapp")
def test_python_collects_by_itself_again_once_it_ends() -> None:
    Collector().end()
    assert gc.isenabled()
