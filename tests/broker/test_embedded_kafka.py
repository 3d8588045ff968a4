"""The embedded Kafka itself: nodes die, come back, and say why they cannot start."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient

from kafkaview.demo.jars import CannotRunKafka, class_archive, java_command, kafka_jars
from kafkaview.demo.kafka import EmbeddedKafka, archive_classes
from tests.broker.zookeeper_kafka import EmbeddedZooKeeperKafka


def brokers_of(bootstrap: str) -> set[int]:
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    return set(client.list_topics(timeout=10).brokers)


def test_a_killed_node_of_three_leaves_two_and_comes_back() -> None:
    with EmbeddedKafka(nodes=3) as kafka:
        assert brokers_of(kafka.bootstrap) == {1, 2, 3}
        kafka.kill(2)
        assert 1 in brokers_of(f"127.0.0.1:{kafka.nodes[0].port}")
        kafka.restart(2)
        assert brokers_of(f"127.0.0.1:{kafka.nodes[1].port}") == {1, 2, 3}
        kafka.end(3)  # in good order, so its last words are written
        assert "shut down completed" in kafka.nodes[2].log.read_text()


def test_a_brokers_classes_are_archived_once_and_mapped_from_then_on() -> None:
    archive_classes()
    archive = class_archive(kafka_jars())
    made = archive.stat()
    archive_classes()
    assert archive.stat() == made
    assert f"-XX:SharedArchiveFile={archive}" in java_command(kafka_jars())


def test_a_broker_that_cannot_start_says_why() -> None:
    kafka = EmbeddedKafka(settings={"num.network.threads": "0"})
    with pytest.raises(CannotRunKafka, match=r"num\.network\.threads"), kafka:
        pass


def test_the_last_release_on_zookeeper_runs(zookeeper_kafka: EmbeddedZooKeeperKafka) -> None:
    assert brokers_of(zookeeper_kafka.bootstrap) == {1}
