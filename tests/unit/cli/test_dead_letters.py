"""`kafkaview deadletters` in words: what is there, what was not looked at, and a topic that may not be read."""

from __future__ import annotations

import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.cluster.errors import NotAuthorized
from kafkaview.terms import Header
from kafkaview.triage.dead_letters import recognition
from tests.kit.fake_cluster import FakeCluster
from tests.unit.cli import filled


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch, tmp_home: object) -> FakeCluster:  # noqa: ARG001 - the journal lies there
    cluster = FakeCluster()
    cluster.add_topic("orders-dlq")
    cluster.add_topic("other")
    for number in range(30):
        fields = {
            "topic": b"orders",
            "partition": b"0",
            "offset": b"%d" % number,
            "message": b"cause %c" % (97 + number),
        }
        letter = tuple(Header(f"__dlq.errors.{name}", value) for name, value in fields.items())
        cluster.add_record("orders-dlq", b"{", headers=letter)
    monkeypatch.setattr("kafkaview.session.open_session", filled.fake_session)
    monkeypatch.setattr(filled, "filled_cluster", lambda: cluster)
    return cluster


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["--bootstrap", "broker:9092", "deadletters", *words])
    found = capsys.readouterr()
    return code, found.out, found.err


def test_the_causes_are_listed_and_the_rest_is_counted(
    cluster: FakeCluster, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cluster
    monkeypatch.setattr(recognition, "MOST_UNNAMED", 0)
    code, out, err = run(capsys)
    assert code == 0
    assert out.startswith("orders-dlq: Kafka (KIP-1191), recognized by headers")
    assert "cause a" in out
    assert "10 further causes" in err
    assert "The records of 1 topic were not looked at" in err


def test_a_named_topic_that_is_none_of_them_is_told_as_such(
    cluster: FakeCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.add_record("other", b"{}")
    code, out, _ = run(capsys, "other")
    assert (code, out.splitlines()[0]) == (0, "other: not recognized as dead letters")


def test_without_any_it_says_by_what_they_would_be_recognized(
    cluster: FakeCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    del cluster.logged["orders-dlq"]
    assert run(capsys)[1].startswith("No topic of dead letters found")


def test_where_no_topic_may_be_read_the_error_is_the_answer(
    cluster: FakeCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.failures["read"] = NotAuthorized("not authorized to read")
    code, out, _ = run(capsys, "orders-dlq", "--json")
    assert (code, orjson.loads(out)["error"]["kind"]) == (5, "authorization")


def test_a_position_that_is_none_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--from", "yesterday")[0] == 2
