"""Dead letters as a sink of Kafka Connect writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from confluent_kafka import Producer

from kafkaview.clock import now_ms
from tests.broker.material import Broker


def send_away(
    broker: Broker,
    topic: str,
    values: Sequence[bytes],
    *,
    origins: int = 3,
    partitions: int = 1,
    replicas: int = 1,
    settings: Mapping[str, str] | None = None,
    message: str | None = None,
) -> str:
    """A queue with these values as dead letters of the first `origins` partitions of a topic. The one at place n has
    the key `kn` and the producer's own header `trace: n`.
    """
    queue = broker.topic(partitions=partitions, replicas=replicas, settings=settings)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "linger.ms": 50, "enable.idempotence": True})
    written_ms = now_ms()
    for number, value in enumerate(values):
        names: list[tuple[str, str | bytes | None]] = [
            ("trace", b"%d" % number),
            ("__connect.errors.topic", topic.encode()),
            ("__connect.errors.partition", b"%d" % (number % origins)),
            ("__connect.errors.offset", b"%d" % (number // origins)),
        ]
        if message is not None:
            names.append(("__connect.errors.exception.message", message.encode()))
        key, place = b"k%d" % number, number % partitions
        producer.produce(queue, value, key, place, timestamp=written_ms + number, headers=names)
        producer.poll(0)
    assert producer.flush(60) == 0
    return queue


def letters(
    broker: Broker,
    count: int,
    *,
    partitions: int = 3,
    replicas: int = 1,
    settings: Mapping[str, str] | None = None,
) -> tuple[str, str]:
    """A topic of three partitions without a record, and a queue with so many dead letters of it: `v0`, `v1`, ..."""
    topic = broker.topic(partitions=3, replicas=replicas, settings=settings)
    values = [b"v%d" % number for number in range(count)]
    return topic, send_away(broker, topic, values, partitions=partitions, replicas=replicas, settings=settings)
