"""The live members of a benchmark's cluster: some that commit what they read, some that stand on a poison record.

A program of its own, ended with the cluster: `python -m tests.benchmarks.traffic BOOTSTRAP SHAPE`.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Final

from confluent_kafka import Consumer, KafkaException, Producer

from tests.benchmarks.filling import record
from tests.benchmarks.shapes import MOVING_PARTITIONS, MOVING_TOPIC, SHAPES, Kind, Shape

_SECONDS_BETWEEN_READS: Final = 0.5
_RECORDS_A_ROUND: Final = 10


def main() -> None:
    """Produce and consume until the process is ended."""
    bootstrap, shape = sys.argv[1], SHAPES[sys.argv[2]]
    for number in range(shape.standing + shape.moving):
        threading.Thread(target=_consume, args=(bootstrap, shape, number), daemon=True).start()
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    while True:
        for number in range(_RECORDS_A_ROUND):
            producer.produce(MOVING_TOPIC, record(number), partition=number % MOVING_PARTITIONS)
        producer.poll(0)
        time.sleep(_SECONDS_BETWEEN_READS)


def _consume(bootstrap: str, shape: Shape, number: int) -> None:
    """Read as the member of a group. One that stands reads on and commits nothing."""
    moves = shape.kind(number) is Kind.MOVING
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": shape.group(number),
            "client.id": f"{shape.group(number)}-service",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "queued.min.messages": 1,
            "log_level": 0,
        }
    )
    consumer.subscribe([MOVING_TOPIC] if moves else [shape.topic(shape.topics_of(number)[0])])
    while True:
        read = consumer.consume(_RECORDS_A_ROUND * 2, timeout=_SECONDS_BETWEEN_READS)
        if moves and any(message.error() is None for message in read):
            try:
                consumer.commit(asynchronous=False)
            except KafkaException:  # between two generations; the next round commits
                continue
        time.sleep(_SECONDS_BETWEEN_READS)


if __name__ == "__main__":
    main()
