"""The guard ends what it has started, and never another's process that got the same number."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kafkaview.demo.guard import Guard
from tests.broker.material import wait_until
from tests.kit.processes import runs


def test_a_process_id_that_is_free_again_gets_no_signal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guard = Guard()
    pid = guard._start("short", ["true"], str(tmp_path / "log"))["pid"]

    def has_ended() -> bool:
        guard._reap()
        return guard._processes["short"].poll() is not None

    wait_until(has_ended)
    guard._reap()
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as another:
        kill = os.killpg
        monkeypatch.setattr(os, "killpg", lambda group, number: kill(another.pid if group == pid else group, number))
        guard.end_all()  # `another` has the number now
        with pytest.raises(subprocess.TimeoutExpired):
            another.wait(0.5)
        another.kill()


def test_children_of_a_process_that_has_ended_are_ended_with_it(tmp_path: Path) -> None:
    guard, told = Guard(), tmp_path / "child"
    guard._start("parent", ["sh", "-c", f"sleep 60 & echo $! > {told}"], str(tmp_path / "log"))
    wait_until(lambda: told.exists() and bool(told.read_text().strip()))
    child = int(told.read_text())

    def has_ended() -> bool:
        guard._reap()
        return guard._processes["parent"].poll() is not None

    wait_until(has_ended)
    guard._reap()
    assert runs(child)
    guard.end_all()
    wait_until(lambda: not runs(child))
