"""SIGKILL of the broker that leads the queue while many records are sent: each has one copy, and none is skipped."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson
import pytest

from tests.broker.material import Broker, wait_until
from tests.broker.quorum_kafka import QuorumKafka
from tests.broker.scattered import ScatteredTopic, program_with
from tests.kit.patience import patience

pytestmark = pytest.mark.soak

_KILLS: Final = 10
_MOST_RUNS: Final = 5  # of the same line, until all is sent
_REPLICATED: Final = {
    "default.replication.factor": "3",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
}


@pytest.fixture(scope="module")
def kafka() -> Iterator[QuorumKafka]:
    with QuorumKafka(settings=_REPLICATED) as kafka:
        broker = Broker(kafka.bootstrap)
        broker.commit("warm-up", broker.topic(replicas=3), 0)
        yield kafka


def test_leaders_killed_at_random_moments(kafka: QuorumKafka, tmp_path: Path) -> None:
    random, runs = Random(20261202), 0
    for number in range(_KILLS):
        folder = tmp_path / str(number)
        folder.mkdir()
        runs += killed_once(kafka, folder, random.uniform(0, 1.5))
    print(f"leader killed at {_KILLS} random moments, {runs} runs in all: one copy each, none lost, none skipped")


def killed_once(kafka: QuorumKafka, folder: Path, seconds: float) -> int:
    """Kill the leader of the queue once so long after the first copies are there; returns how many runs it took."""
    broker = Broker(kafka.bootstrap)
    topic = ScatteredTopic.make(broker, 2_500, {*range(20, 1_500), *range(1_600, 2_500, 7)}, replicas=3)
    group = f"g-{uuid.uuid4().hex[:8]}"
    broker.commit(group, topic.name, 20)
    line = [
        "--bootstrap",
        broker.bootstrap,
        "reroute",
        "--from-scan",
        str(topic.write_findings(folder / "found.jsonl")),
    ]
    words = [*program_with(10), *line, "--create-dlq", "--group", group, "--yes", "--json"]
    environment = {**os.environ, **{f"XDG_{one}_HOME": str(folder) for one in ("DATA", "CONFIG", "STATE")}}
    for run in range(1, _MOST_RUNS):
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
            if run == 1:
                wait_until(lambda: topic.queue_end() > 0 or process.poll() is not None, 60)
                time.sleep(seconds)
                kill_leader(kafka, broker, topic.queue)
            out, _ = process.communicate(timeout=patience(180))
        topic.check_nothing_is_lost(group, 20)
        document: dict[str, Any] = orjson.loads(out)
        if topic.copies() == topic.sources:
            break
    assert topic.copies() == topic.sources, document
    wait_until(lambda: broker.committed_offsets(group, topic.name) == topic.run_from(20))
    return run


def kill_leader(kafka: QuorumKafka, broker: Broker, queue: str) -> None:
    """Kill the broker that leads the first partition of the queue, and start it again."""
    leader = broker.admin.list_topics(queue, timeout=10).topics[queue].partitions[0].leader
    kafka.kill(leader)
    time.sleep(1.0)  # it is gone for a while
    kafka.restart(leader)
    wait_until(lambda: len(broker.admin.list_topics(timeout=10).brokers) == len(kafka.nodes), 90)
