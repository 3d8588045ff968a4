"""What a watch cannot see is counted and said: a coordinator that is silent, or dead, or may not be asked."""

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
        kafka.pause(3)
        try:
            code, document, words = stuck(kafka.bootstrap, capsys)
        finally:
            kafka.resume(3)
        assert (code, document["stuck"]) == (0, [])
        assert document["unseen"]
        assert "Every group moves" not in words
        assert "could not be seen" in words
        kafka.kill(3)

        def is_fenced() -> bool:
            return 3 not in broker.admin.list_topics(timeout=10).brokers

        wait_until(is_fenced)
        code, document, words = stuck(kafka.bootstrap, capsys)
        (hidden,) = [one for one in document["unseen"] if one["group"] is None]
        assert (code, hidden["coordinator"]) == (0, None)
        assert "partitions of __consumer_offsets have no leader" in hidden["reason"]
        assert words.startswith("No group of the ")
