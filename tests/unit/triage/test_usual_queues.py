from __future__ import annotations

from pathlib import Path

from kafkaview.triage.reroute.usual_queues import UsualQueues


def test_another_queue_is_found_again_and_the_topics_own_is_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "queues.toml"
    queues = UsualQueues("c-1", file)
    queues.keep("orders", "orders-dlq")
    assert not file.exists()  # nothing to remember
    queues.keep("orders", "poison")
    assert UsualQueues("c-1", file).get("orders") == "poison"
    assert UsualQueues("c-2", file).get("orders") is None
    queues.keep("orders", "orders-dlq")
    assert UsualQueues("c-1", file).get("orders") is None


def test_the_queue_of_the_connections_pattern_is_the_topics_own(tmp_path: Path) -> None:
    file = tmp_path / "queues.toml"
    queues = UsualQueues("c-1", file, pattern="dead.{topic}")
    queues.keep("orders", "dead.orders")
    assert not file.exists()
    queues.keep("orders", "orders-dlq")
    assert queues.get("orders") == "orders-dlq"


def test_a_file_that_cannot_be_written_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "held").write_text("")
    queues = UsualQueues("c-1", tmp_path / "held" / "queues.toml")
    queues.keep("orders", "poison")
    assert queues.get("orders") is None
