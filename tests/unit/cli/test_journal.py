"""`kafkaview journal`: searched, cut, exported, and what is not there of a record."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.journal.entry import EntryState
from kafkaview.journal.store import Journal, default_path
from kafkaview.profiles.journal_rules import JournalRules, PayloadForm
from tests.unit.journal.entries import ODD, add, intent

pytestmark = pytest.mark.usefixtures("tmp_home")


@pytest.fixture(autouse=True)
def _filled(tmp_home: Path) -> None:  # noqa: ARG001 - the journal lies there
    async def fill() -> None:
        journal = Journal(default_path())
        await add(journal, intent("Send 1 record to orders-dlq", rows=(("orders:3", "5", "9"),)), ODD)
        await add(journal, intent("Create refunds", kind="topics.create"), state=EntryState.ABORTED)
        await add(journal, intent("Send 1 card"), ODD, rules=JournalRules(PayloadForm.MASKED))
        await journal.close()

    asyncio.run(fill())


def lines(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert main(["journal", *words]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("words", "entries"),
    [
        ([], [3, 2, 1]),
        (["--search", "orders-dlq SEND"], [1]),
        (["--search", "orders:3:18442 -card"], [1]),
        (["--search", "User:oncall"], [3, 2, 1]),
        (["--outcome", "aborted"], [2]),
        (["--outcome", "aborted", "--outcome", "committed", "--kind", "reroute"], [3, 1]),
        (["--since", "2099-01-01T00:00:00Z"], []),
    ],
)
def test_the_list_is_cut_by_words_outcome_kind_and_time(
    capsys: pytest.CaptureFixture[str], words: list[str], entries: list[int]
) -> None:
    (document,) = lines(capsys, *words, "--json")
    assert [one["id"] for one in orjson.loads(document)["entries"]] == entries
    exported = [orjson.loads(line) for line in lines(capsys, *words, "--export", "-")]
    assert exported == orjson.loads(document)["entries"]


def test_an_export_tells_what_it_wrote(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    (told,) = lines(capsys, "--search", "send", "--export", str(path))
    assert told == f"2 entries, {path.stat().st_size} bytes, written to {path}"
    (document,) = lines(capsys, "--export", str(path), "--json")
    assert orjson.loads(document) == {"file": str(path), "entries": 3, "bytes": path.stat().st_size}


def test_an_export_that_cannot_be_written_is_bad_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["journal", "--export", str(tmp_path / "none" / "out.jsonl"), "--json"]) == 2
    assert "cannot be written: No such file" in orjson.loads(capsys.readouterr().out)["error"]["message"]


def test_an_entry_is_shown_with_who_its_changes_and_its_record(capsys: pytest.CaptureFixture[str]) -> None:
    shown = lines(capsys, "show", "1")
    assert shown[0] == "Send 1 record to orders-dlq: committed"
    assert "anna as User:oncall" in shown[1]
    assert shown[2:] == ["  done", "  orders:3: 5 -> 9", "  orders:3:18442  4 bytes"]


def test_what_is_masked_is_never_taken_for_null(capsys: pytest.CaptureFixture[str]) -> None:
    (document,) = lines(capsys, "show", "3", "--json")
    (record,) = orjson.loads(document)["records"]
    assert (record["value"], record["form"]) == (None, "masked")
    assert record["problem"] == "Only length and SHA-256 of the record are kept"
    assert record["masked"][1]["size"] == 4
    words = lines(capsys, "show", "3")[-1]
    assert "value 4 bytes, SHA-256 " in words
    assert "Only length" in words
