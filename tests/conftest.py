"""What every suite shares."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from hypothesis import HealthCheck, settings

_LINES_OF_A_FAILURE = 40

# How fast an example is made or run says more about the machine than about the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    """A shell's background job inherits SIGINT as ignored, and so would the programs that the tests interrupt.

    KAFKAVIEW_TEST_DATE lets the whole run begin at another time (ISO 8601), from which the clock goes on.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.environ.get("CI") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(FailuresAtOnce(config), "failures-at-once")
    date = os.environ.get("KAFKAVIEW_TEST_DATE")
    if date:
        travelled = time_machine.travel(datetime.fromisoformat(date).timestamp())  # a datetime brings its zone along
        travelled.start()
        config.add_cleanup(travelled.stop)


class FailuresAtOnce:
    """Prints the end of a failure when it happens: a run that is cut off, as by CI's time limit, still names it, and
    so does one where the test passes when it is repeated.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._plugins = config.pluginmanager  # the terminal's comes later

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """pytest's."""
        terminal = self._plugins.get_plugin("terminalreporter")
        if not (report.passed or report.skipped) and terminal is not None:
            lines = report.longreprtext.splitlines()[-_LINES_OF_A_FAILURE:]
            head = f"{report.outcome}: {report.nodeid} ({report.when})"
            terminal.write("\n".join(["", head, *lines, ""]), flush=True)


def pytest_report_header() -> str:
    """When and where this run takes place, and in which language."""
    name = os.environ.get("LC_ALL") or os.environ.get("LANG") or "C"
    return f"begins at {datetime.now().astimezone():%Y-%m-%d %H:%M:%S %Z}, locale {name}"


@pytest.fixture
def tmp_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of the test's own for data, configuration and logs: the user's stay as they are."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture(autouse=True)
def _garbage_on_this_thread() -> Iterator[None]:
    """Where there is Qt, cycles are collected between tests and here alone (as ui/window/collector.py does)."""
    if "PySide6" not in sys.modules:
        yield
        return
    gc.disable()
    yield
    gc.collect()
