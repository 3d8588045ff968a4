"""What libraries say at the side, in a real process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SAY = """
import logging, warnings
from kafkaview.log_files import keep_libraries_silent
keep_libraries_silent()
warnings.warn("an odd certificate")
logging.getLogger("kafka.somewhere").error("a broker is away")
logging.getLogger("kafka.somewhere").info("my password")
"""


def test_warnings_and_log_lines_stand_in_the_file_and_not_on_the_terminal(tmp_path: Path) -> None:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, env=env, timeout=60, check=True)
    assert (ended.stdout, ended.stderr) == ("", "")
    (file,) = tmp_path.rglob("libraries.log")
    kept = file.read_text()
    assert "an odd certificate" in kept
    assert "a broker is away" in kept
    assert "password" not in kept
    assert file.stat().st_mode & 0o077 == 0


def test_a_broker_that_is_away_is_said_in_one_error_and_nothing_else(tmp_path: Path) -> None:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    line = [sys.executable, "-m", "kafkaview", "--bootstrap", "127.0.0.1:1", "groups", "--json"]
    ended = subprocess.run(line, capture_output=True, text=True, env=env, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (3, "")
    assert json.loads(ended.stdout)["error"]["kind"] == "unreachable"
