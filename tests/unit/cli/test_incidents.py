"""`logs` and `incidents`: what a log blames becomes an incident of the connection, with a note and a state."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.journal.store import default_path

pytestmark = pytest.mark.usefixtures("tmp_home")

MATERIAL: Final = Path(__file__).parents[1] / "triage" / "log_material"
BROKER: Final = ("--bootstrap", "broker:9092")


def printed(*words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[Any]]:
    code = main([*words, "--json"])
    return code, [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_log_on_stdin_is_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO((MATERIAL / "connect.txt").read_text()))
    code, (line,) = printed("logs", "-", capsys=capsys)
    assert code == 0
    assert (line["topic"], line["partition"], line["offset"], line["group"]) == ("orders", 3, 1443, "connect-shop-sink")


def test_a_file_that_is_not_there_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    code, (answer,) = printed("logs", "missing.log", capsys=capsys)
    assert (code, answer["error"]["kind"]) == (2, "usage")


def test_what_a_log_blames_is_kept_noted_ignored_and_reopened(capsys: pytest.CaptureFixture[str]) -> None:
    printed(*BROKER, "logs", str(MATERIAL / "java.txt"), "--keep", capsys=capsys)
    _code, (answer,) = printed(*BROKER, "incidents", capsys=capsys)
    (incident,) = answer["incidents"]
    assert (incident["topic"], incident["state"], incident["groups"]) == ("shop-orders", "open", ["billing"])
    number = str(incident["id"])
    _code, (answer,) = printed(*BROKER, "incidents", "note", number, "asked", capsys=capsys)
    assert answer["incidents"][0]["note"] == "asked"
    printed(*BROKER, "incidents", "ignore", number, capsys=capsys)
    assert printed(*BROKER, "incidents", "--state", "open", capsys=capsys)[1] == [{"incidents": []}]
    _code, (answer,) = printed(*BROKER, "incidents", "reopen", number, capsys=capsys)
    assert answer["incidents"][0]["state"] == "open"
    assert printed("--bootstrap", "other:9092", "incidents", capsys=capsys)[1] == [{"incidents": []}]


def test_a_damaged_file_is_said_where_something_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    default_path().parent.mkdir(parents=True)
    default_path().with_name("incidents.sqlite3").write_bytes(b"no database" * 500)
    assert main([*BROKER, "logs", str(MATERIAL / "java.txt"), "--keep", "--json"]) == 0
    assert "The file of incidents was damaged" in capsys.readouterr().err


def test_an_incident_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, (answer,) = printed(*BROKER, "incidents", "note", "7", "x", capsys=capsys)
    assert (code, answer["error"]["message"]) == (4, "There is no incident 7")
    assert printed(*BROKER, "incidents", "--state", "odd", capsys=capsys)[0] == 2
