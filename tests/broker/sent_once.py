"""Records that have to be sent once each, whatever is killed, and what an ordinary consumer and the offsets of the
group tell of them. Nothing here asks kafkaview.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from confluent_kafka import Consumer, KafkaException, TopicPartition

from kafkaview.terms import RecordId
from tests.broker.material import Broker
from tests.kit.patience import patience

T = TypeVar("T")

Content = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...], int]  # the last are Unix milliseconds
_ADDED: Final = ("__dlq.errors.", "kafkaview.")  # headers that say where a copy comes from
_APPLIED_S: Final = 30.0  # until brokers have ended a transaction, partition by partition, also while one is away


@dataclass(slots=True)
class Violations:
    """The records of which something does not hold."""

    lost: set[str] = field(default_factory=set)
    twice: set[str] = field(default_factory=set)
    altered: set[str] = field(default_factory=set)  # in the target, and none that was to be sent
    passed: set[str] = field(default_factory=set)  # a committed offset lies behind them, and they are not handled

    def __bool__(self) -> bool:
        return bool(self.lost or self.twice or self.altered or self.passed)

    def __str__(self) -> str:
        words = {"lost": self.lost, "twice": self.twice, "altered": self.altered}
        counts = ", ".join(f"{len(records)} {word}" for word, records in words.items())
        return f"{counts}, {len(self.passed)} offsets past an unhandled record"


@dataclass(slots=True)
class SentOnce:
    """`wanted` are the records of `source` that have to arrive in `target`, each once; they are unlike each other.

    `group` commits offsets on `source`, from `began` on. It may pass what has arrived, and where it `reads` the others,
    those too.
    """

    broker: Broker
    source: str
    target: str
    group: str
    partitions: int  # of the target
    violations: Violations
    wanted: dict[Content, RecordId]
    began: Mapping[int, int] = field(default_factory=dict)
    reads: bool = False
    stands: int = 0  # how many had arrived when it was last looked

    @property
    def is_whole(self) -> bool:
        """Whether all had arrived when it was last looked."""
        return self.stands == len(self.wanted)

    def log_end(self) -> int:
        """The log ends of the target."""
        return _asked(lambda: self.broker.log_end(self.target))

    def check(self) -> int:
        """Holds what stands now against the rules; returns how many records have arrived."""
        wanted = dict(self.wanted)  # more may come in meanwhile
        offsets = _asked(self._offsets)
        arrived, until = self._arrived(), time.monotonic() + patience(_APPLIED_S)
        while self._passed(wanted, offsets, arrived) and time.monotonic() < until:
            time.sleep(0.1)
            arrived = self._arrived()
        found = self.violations
        found.passed |= {str(one) for one in self._passed(wanted, offsets, arrived)}
        found.twice |= {str(wanted[one]) for one, count in arrived.items() if count > 1 and one in wanted}
        found.altered |= {f"in {self.target}: {one}" for one in arrived.keys() - self.wanted.keys()}
        self.stands = len(wanted.keys() & arrived.keys())
        return self.stands

    def check_end(self) -> None:
        """Holds what stands at the end against the rules: nothing may be missing now."""
        self.check()
        missing = self.wanted.keys() - self._arrived().keys()
        self.violations.lost |= {str(self.wanted[one]) for one in missing}

    def _offsets(self) -> dict[int, int]:
        """The committed offsets of the group. Not by the admin client: librdkafka 2.16 ends the process where the
        coordinator goes away while it is asked (in rd_kafka_admin_coord_response_parse).
        """
        known = self.broker.admin.list_topics(timeout=10).topics[self.source]
        settings = {"group.id": self.group, "isolation.level": "read_uncommitted", "enable.auto.commit": False}
        consumer = Consumer({"bootstrap.servers": self.broker.bootstrap, **settings})
        try:
            found = consumer.committed([TopicPartition(self.source, one) for one in known.partitions], timeout=10)
        finally:
            consumer.close()
        return {one.partition: one.offset for one in found if one.offset >= 0}

    def _arrived(self) -> Counter[Content]:
        found = _asked(lambda: self.broker.consume(self.target))
        return Counter(
            (
                one.key,
                one.value,
                tuple(header for header in one.headers if not header[0].startswith(_ADDED)),
                one.timestamp_ms,
            )
            for one in found
        )

    def _passed(
        self, wanted: Mapping[Content, RecordId], offsets: Mapping[int, int], arrived: Mapping[Content, int]
    ) -> set[RecordId]:
        """The records before these offsets that are not handled."""
        passed = {
            record
            for content, record in wanted.items()
            if record.offset < offsets.get(record.partition, 0) and content not in arrived
        }
        if not self.reads:
            before = {
                RecordId(self.source, partition, offset)
                for partition, end in offsets.items()
                for offset in range(self.began.get(partition, 0), end)
            }
            passed |= before.difference(wanted.values())
        return passed


def _asked(ask: Callable[[], T]) -> T:
    """An answer, for which it is asked again while a leader or a coordinator is chosen."""
    deadline = time.monotonic() + patience(60)
    while True:
        try:
            return ask()
        except (KafkaException, TimeoutError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.2)
