"""The user's own decoders run in a process of their own, within a time."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import cast

import pytest

from kafkaview.decode.python_file import PythonFile
from kafkaview.decode.result import Decoded, Undecodable

SOURCE = """
import os, sys, time
from beside import NAME
print("this goes nowhere")
def decode(data, field):
    if data == b"slow":
        time.sleep(60)
    if data == b"exit":
        os._exit(3)
    if data == b"secret":
        return sorted(name for name in os.environ if name.startswith("KAFKAVIEW"))
    if data.startswith(b"x"):
        error = ValueError("no x here")
        error.position = 0
        raise error
    return {"size": len(data), "field": field, "name": NAME}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "beside.py").write_text("NAME = 'of ours'")
    made = tmp_path / "own.py"
    made.write_text(SOURCE)
    return made


def reason(found: Decoded | Undecodable) -> str:
    assert isinstance(found, Undecodable)
    return found.reason


def test_what_it_returns_is_shown_and_what_it_raises_is_the_reason(file: Path) -> None:
    decoder = PythonFile.parse(str(file))
    found = decoder.decode(b"abc", "key")
    assert isinstance(found, Decoded)
    assert found.value == {"size": 3, "field": "key", "name": "of ours"}
    refused = decoder.problem(b"xyz")
    assert refused is not None
    assert (refused.reason, refused.position, refused.judged) == ("ValueError: no x here", 0, True)


def test_one_that_gives_no_answer_is_ended_and_after_three_times_asked_no_more(file: Path) -> None:
    decoder = PythonFile(file, file.read_bytes(), seconds=1.0)
    assert "own.py gives no answer within 1 s (the decoder may be at fault" in reason(decoder.decode(b"slow"))
    assert isinstance(decoder.decode(b"abc"), Decoded)
    for _ in range(3):
        decoder.decode(b"slow")
    began = time.monotonic()
    last = decoder.decode(b"abc")
    assert time.monotonic() - began < 0.5
    assert "it gave no answer within 1 s, 3 times in a row" in reason(last)
    assert isinstance(last, Undecodable)
    assert not last.judged


def test_one_that_ends_its_process_gets_another(file: Path) -> None:
    decoder = PythonFile.parse(str(file))
    assert reason(decoder.decode(b"exit")) == "own.py cannot be run: its process has ended"
    assert isinstance(decoder.decode(b"abc"), Decoded)


def test_it_sees_no_secret(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "KAFKAVIEW_PASSWORD", "secret")
    found = PythonFile.parse(str(file)).decode(b"secret")
    assert isinstance(found, Decoded)
    assert "KAFKAVIEW_PASSWORD" not in cast("list[str]", found.value)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("1 / 0", "cannot be used: ZeroDivisionError: division by zero"),
        ("def decode(:", "cannot be used: SyntaxError"),
        ("x = 1", r"cannot be used: TypeError: it defines no function decode\(data, field\)"),
        ("import os; os._exit(1)", "cannot be used: its process has ended"),
    ],
)
def test_a_file_that_is_no_decoder_is_refused_in_a_sentence(file: Path, source: str, reason: str) -> None:
    file.write_text(source)
    with pytest.raises(ValueError, match=reason):
        PythonFile.parse(str(file))


def test_a_large_value_that_is_not_read_does_not_hold_the_pipe(tmp_path: Path) -> None:
    file = tmp_path / "deaf.py"
    file.write_text("import time\ndef decode(data, field):\n    time.sleep(60)")
    decoder = PythonFile(file, file.read_bytes(), seconds=0.5)
    began = time.monotonic()
    assert "gives no answer" in reason(decoder.decode(bytes(20_000_000)))
    assert time.monotonic() - began < 10
