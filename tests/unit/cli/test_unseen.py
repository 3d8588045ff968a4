"""What could not be found out is `unseen` in JSON, and said beside the list."""

from __future__ import annotations

import asyncio
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


@pytest.mark.usefixtures("tmp_home")
@pytest.mark.parametrize("verb", ["groups", "lag"])
def test_a_table_of_groups_says_on_stderr_what_was_not_seen(
    cluster: FakeCluster, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    cluster.down = {2}
    main(["--bootstrap", "broker:9092", verb])
    said = capsys.readouterr()
    assert "The groups of broker 2 could not be seen: listing the groups of broker 2: no answer" in said.err
    assert "billing could not be seen in full: 1 of its 4 partitions has no leader that answers" in said.err
    assert "could not be seen" not in said.out
    cluster.down = set()
    main(["--bootstrap", "broker:9092", verb])
    said = capsys.readouterr()
    assert "broker 2" not in said.err
    assert "billing could not be seen in full" in said.err


@pytest.mark.usefixtures("tmp_home")
@pytest.mark.parametrize("words", [("lag", "ledger", "away"), ("stuck", "ledger", "away", "--seconds", "2")])
def test_a_group_that_a_silent_coordinator_may_hold_is_unseen_and_hides_no_other(
    cluster: FakeCluster, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    cluster.add_group("away", coordinator=2)
    cluster.down = {2}
    assert main(["--bootstrap", "broker:9092", *words, "--json"]) == 0
    unseen = {one["group"]: one["reason"] for one in orjson.loads(capsys.readouterr().out)["unseen"]}
    assert unseen["away"] == "no broker that answers lists it; broker 2 did not list theirs"
    assert main(["--bootstrap", "broker:9092", *(word for word in words if word != "ledger")]) == 3
    assert "no broker that answers lists it" in "".join(capsys.readouterr())
    cluster.down = set()
    assert main(["--bootstrap", "broker:9092", *words, "nobody"]) == 1
    assert "There is no group nobody" in capsys.readouterr().err


@pytest.mark.usefixtures("tmp_home")
def test_a_watch_whose_time_ends_without_verdicts_says_what_it_could_not_see(
    cluster: FakeCluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, answers = cluster.commits, iter(range(2))

    async def fall_silent(groups: Any, table: Any) -> Any:
        if next(answers, None) is None:
            raise Unreachable("reading committed offsets: broker 3 does not answer")
        return await ask(groups, table)

    monkeypatch.setattr(cluster, "commits", fall_silent)
    line = ["--bootstrap", "broker:9092", "stuck", "--seconds", "2", "--timeout", "0.5"]
    assert main([*line, "--json"]) == 3
    document = orjson.loads(capsys.readouterr().out)
    reasons = {one["group"]: one["reason"] for one in document["unseen"]}
    assert reasons["billing"] == reasons["ledger"] == "reading committed offsets: broker 3 does not answer"

    async def never(*_: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(cluster, "commits", never)
    assert main(line) == 3
    assert "No group could be looked at" in capsys.readouterr().err
