"""What each listing verb prints with --json: names, order and values are a contract."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
import time_machine

from kafkaview.cli.main import main
from tests.kit.fake_security import NOW_MS
from tests.unit.cli.filled import fake_session

pytestmark = pytest.mark.usefixtures("tmp_home")
LINES: Final = (
    "topics", "topic orders", "groups", "lag", "lag billing", "brokers", "coordination", "transactions",
    "transactions --hanging", "acls", "users", "quotas", "tokens", "certificates", "configs broker 1 --all",
)  # fmt: skip
DOCUMENTS: Final = dict(zip(LINES, Path(__file__).with_name("documents.jsonl").read_text().splitlines(), strict=True))


@pytest.fixture(autouse=True)
def _on_the_fake_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kafkaview.session.open_session", fake_session)


@pytest.mark.parametrize("line", LINES)
def test_a_listing_prints_the_documents_of_the_contract(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(NOW_MS / 1000, tick=False):
        assert main(["--bootstrap", "broker:9092", *line.split(), "--json"]) == 0
    assert capsys.readouterr().out.strip() == DOCUMENTS[line]


@pytest.mark.parametrize("line", LINES)
def test_a_listing_prints_a_table_of_the_same(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(NOW_MS / 1000, tick=False):
        assert main(["--bootstrap", "broker:9092", *line.split()]) == 0
    assert capsys.readouterr().out
