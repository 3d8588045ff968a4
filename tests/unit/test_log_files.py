"""What libraries say at the side, in a real process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

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


IN_C = """
import os, signal, sys, threading
from kafkaview import __main__ as program
from kafkaview.cli import main as line
from kafkaview.log_files import log_stderr_of_libraries

class Odd:
    def __del__(self):
        raise ValueError("a destructor")

def carry_out():
    if sys.argv[1:]:
        log_stderr_of_libraries()
    os.write(2, b"%3|1.2|FAIL|rdkafka#consumer-1| [thrd:main]: a broker\\n")
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    Odd()
    print("ours", file=sys.stderr)
    if sys.argv[1:]:
        os.kill(os.getpid(), signal.SIGABRT)
    return 4

line.main = carry_out
sys.exit(program.main())
"""


@pytest.mark.parametrize(("words", "code"), [((), 4), (("long-lived",), -signal.SIGABRT)])
def test_output_of_c_libraries_and_threads_is_in_the_files_and_our_lines_on_the_terminal(
    tmp_path: Path, words: tuple[str, ...], code: int
) -> None:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    line = [sys.executable, "-c", IN_C, *words]
    ended = subprocess.run(line, capture_output=True, text=True, env=env, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", "ours\n")
    (log,), (crashes,) = tmp_path.rglob("libraries.log"), tmp_path.rglob("crash.log")
    assert "rdkafka#consumer-1" in log.read_text()
    assert "ZeroDivisionError" in crashes.read_text()
    assert "a destructor" in crashes.read_text()


ABORT = """
import os, sys
from kafkaview import __main__ as program, session

def open_session(*_):
    os.write(2, b"rdkafka_cgrp.c:1: rd_kafka_cgrp_serve: assert: last words\\n")
    os.abort()

session.open_session = open_session
sys.argv = ["kafkaview", "--bootstrap", "127.0.0.1:1", "groups"]
sys.exit(program.main())
"""


def test_what_a_library_says_before_it_ends_a_command_is_in_the_file(tmp_path: Path) -> None:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    line = [sys.executable, "-c", ABORT]
    ended = subprocess.run(line, capture_output=True, text=True, env=env, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGABRT, "", "")
    (log,) = tmp_path.rglob("libraries.log")
    assert "assert: last words" in log.read_text()


def test_without_a_standard_error_a_line_ends_as_always(tmp_path: Path) -> None:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    line = ["sh", "-c", 'exec "$0" -m kafkaview profiles show nothing 2>&-', sys.executable]
    ended = subprocess.run(line, capture_output=True, text=True, env=env, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")


def test_an_unreachable_broker_gives_one_error_and_no_other_output(tmp_path: Path) -> None:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    line = [sys.executable, "-m", "kafkaview", "--bootstrap", "127.0.0.1:1", "groups", "--json"]
    ended = subprocess.run(line, capture_output=True, text=True, env=env, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (3, "")
    assert json.loads(ended.stdout)["error"]["kind"] == "unreachable"
