"""What could not be found out is `unseen` in JSON, and said beside the list."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.ports.cluster import Omission
from tests.kit.fake_cluster import FakeCluster
from tests.unit.cli import filled


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    cluster = filled.filled_cluster()
    monkeypatch.setattr("kafkaview.session.open_session", filled.fake_session)
    monkeypatch.setattr(filled, "filled_cluster", lambda: cluster)
    return cluster


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[Any, str]:
    """The document of a line, and what the line says without --json."""
    main(["--bootstrap", "broker:9092", *words, "--json"])
    document = orjson.loads(capsys.readouterr().out)
    main(["--bootstrap", "broker:9092", *words])
    said = capsys.readouterr()
    return document, said.out + said.err


@pytest.mark.usefixtures("tmp_home")
@pytest.mark.parametrize(
    ("words", "omission"),
    [
        (("groups",), Omission.UNKNOWN_GROUPS),
        (("lag",), Omission.UNKNOWN_GROUPS),
        (("stuck", "--seconds", "2"), Omission.UNKNOWN_GROUPS),
        (("topics",), Omission.UNKNOWN_TOPICS),
        (("brokers",), Omission.UNKNOWN_TOPICS),
        (("transactions", "--hanging"), Omission.UNKNOWN_TOPICS),
    ],
)
def test_that_nobody_knows_what_is_hidden_is_said(
    cluster: FakeCluster, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], omission: Omission
) -> None:
    cluster.omitted = {omission}
    document, said = ask(capsys, *words)
    hidden = [one for one in document["unseen"] if "could not find out whether any" in one["reason"]]
    assert [one["kind"] for one in hidden] == ["silent"]
    assert "ould not find out whether any" in said
    cluster.omitted = set()
    document, said = ask(capsys, *words)
    assert not any("could not find out" in one["reason"] for one in document["unseen"])
    assert "ould not find out whether any" not in said


@pytest.mark.usefixtures("tmp_home")
def test_brokers_are_listed_where_nobody_tells_of_log_directories(
    cluster: FakeCluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ask(capsys, "brokers")[0]

    async def refuse() -> None:
        raise Unreachable("asking for the log directories: no answer")

    monkeypatch.setattr(cluster.brokers, "log_directories", refuse)
    for verb in ("brokers", "coordination"):
        document = ask(capsys, verb)[0]
        assert [row["id"] for row in document["brokers"]] == [row["id"] for row in before["brokers"]]
        assert {row["log_dirs"] for row in document["brokers"]} == {None}
        unknown = {one["broker"] for one in document["unseen"] if one["what"] == "log directories"}
        assert unknown == {row["id"] for row in before["brokers"]}
