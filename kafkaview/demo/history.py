"""The start of the scenario on a broker: topics, the records of the past hours, and the committed offsets of each
group.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping

from confluent_kafka import ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from kafkaview.demo.jars import CannotRunKafka
from kafkaview.demo.records import DemoRecord
from kafkaview.demo.scenario import TOPICS, committed_at_start, history

_SECONDS = 30.0
_SECONDS_BETWEEN_TRIES = 0.1
_TOLD_EVERY = 1_000  # records


def lay_down(
    bootstrap: str, tell: Callable[[int], object] = lambda _sent: None
) -> dict[str, dict[tuple[str, int], int]]:
    """Produces the whole scenario; `tell` gets the number of records so far. Returns the committed offsets of each
    group.
    """
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    made = admin.create_topics([NewTopic(name, partitions) for name, partitions in TOPICS.items()])
    for future in made.values():
        future.result(_SECONDS)
    committed = committed_at_start(_produce_history(bootstrap, tell))
    _commit(admin, committed)
    return committed


def send(producer: Producer, record: DemoRecord) -> None:
    """Passes one record to a producer."""
    producer.produce(
        record.topic,
        record.value,
        record.key,
        record.partition,
        timestamp=record.timestamp_ms,
        headers=list(record.headers),
    )


def _produce_history(bootstrap: str, tell: Callable[[int], object]) -> dict[str, dict[int, int]]:
    """Returns the log end offsets by topic and partition."""
    # Idempotence keeps the order on each partition, so that the poison stands where the scenario says.
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 50, "log_level": 3})
    ends: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for number, record in enumerate(history(int(time.time() * 1000))):
        send(producer, record)
        ends[record.topic][record.partition] += 1
        if number % _TOLD_EVERY == 0:
            tell(number)
    if producer.flush(_SECONDS):
        raise CannotRunKafka(f"the demo's history is not on the broker after {_SECONDS:.0f} s")
    return ends


def _commit(admin: AdminClient, committed: Mapping[str, Mapping[tuple[str, int], int]]) -> None:
    """Commits for every group, and again for those whose coordinator was still loading."""
    deadline = time.monotonic() + _SECONDS
    waiting = {group: _places(offsets) for group, offsets in committed.items()}
    while waiting:
        if time.monotonic() > deadline:
            raise CannotRunKafka(f"no coordinator takes the offsets of {', '.join(waiting)} after {_SECONDS:.0f} s")
        asked = [
            admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, places)])[group]
            for group, places in waiting.items()
        ]
        answers = [future.result(_SECONDS) for future in asked]
        # The call itself succeeds where a partition was refused: each carries its own error.
        refused = {answer.group_id for answer in answers if any(place.error for place in answer.topic_partitions)}
        waiting = {group: places for group, places in waiting.items() if group in refused}
        time.sleep(_SECONDS_BETWEEN_TRIES if waiting else 0)


def _places(offsets: Mapping[tuple[str, int], int]) -> list[TopicPartition]:
    return [TopicPartition(topic, partition, offset) for (topic, partition), offset in offsets.items()]
