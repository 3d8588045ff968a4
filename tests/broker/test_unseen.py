"""What a watch cannot see is counted and said: a coordinator that is silent, or dead."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.demo.kafka import EmbeddedKafka
from tests.broker.material import Broker, wait_until

GROUPS = [f"g{number}" for number in range(16)]


def stuck(bootstrap: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any], str]:
    line = ["--bootstrap", bootstrap, "stuck", "--seconds", "2"]
    code = main([*line, "--json"])
    document = orjson.loads(capsys.readouterr().out)
    main(line)
    return code, document, capsys.readouterr().out


@pytest.mark.usefixtures("tmp_home")
def test_groups_of_a_coordinator_that_is_silent_or_dead_are_never_called_healthy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = {"offsets.topic.replication.factor": "1", "offsets.topic.num.partitions": "6"}
    with EmbeddedKafka(nodes=3, settings=settings) as kafka:
        broker = Broker(kafka.bootstrap)
        topic = broker.topic()
        for group in GROUPS:
            broker.commit(group, topic, 0)
        assert stuck(kafka.bootstrap, capsys)[1] == {"stuck": [], "unseen": []}
        leader = broker.admin.list_topics(topic, timeout=10).topics[topic].partitions[0].leader
        other = next(node.id for node in kafka.nodes if node.id != leader)  # the log itself can be seen
        kafka.pause(other)
        try:
            code, document, words = stuck(kafka.bootstrap, capsys)
        finally:
            kafka.resume(other)
        assert (code, document["stuck"]) == (0, [])
        assert document["unseen"]
        assert "Every group moves" not in words
        assert "could not be seen" in words
        kafka.kill(other)

        def is_fenced_everywhere() -> bool:
            alive = [f"127.0.0.1:{node.port}" for node in kafka.nodes if node.id != other]
            seen = [Broker(one).admin.list_topics(timeout=10).brokers for one in alive]
            return all(other not in brokers for brokers in seen)

        wait_until(is_fenced_everywhere)
        code, document, words = stuck(kafka.bootstrap, capsys)
        (hidden,) = [one for one in document["unseen"] if one["group"] is None]
        assert (code, hidden["coordinator"]) == (0, None)
        assert "partitions of __consumer_offsets have no leader" in hidden["reason"]
        assert words.startswith("No group of the ")
