"""Ctrl+C at any moment: 130 and one line, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

# The program, interrupted as soon as it looks for one of its modules.
PROGRAM = """
import os, runpy, signal, sys
from importlib.abc import MetaPathFinder
class Interrupting(MetaPathFinder):
    def find_spec(self, name, *_more):
        if name == {at!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
sys.argv[1:] = {words!r}
runpy.run_module("kafkaview", run_name="__main__")
"""


def interrupted(home: Path, at: str, *words: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    line = ["--bootstrap", "127.0.0.1:1", "--timeout", "1", *words]
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(at=at, words=line)],
        env={**os.environ, "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


@pytest.mark.parametrize(
    "at", ["typer", "kafkaview.cli.topics", "kafkaview.profiles.properties", "confluent_kafka", "kafka.protocol.admin"]
)
def test_an_interrupt_while_modules_are_imported_is_one_line(tmp_path: Path, at: str) -> None:
    assert interrupted(tmp_path, at, "topics") == (130, "", "Interrupted\n")


@pytest.mark.parametrize("at", ["kafkaview.cli.topics", "kafka.protocol.admin"])
def test_with_json_it_is_a_document(tmp_path: Path, at: str) -> None:
    code, out, err = interrupted(tmp_path, at, "topics", "--json")
    assert (code, err) == (130, "")
    assert orjson.loads(out)["error"]["kind"] == "interrupted"
