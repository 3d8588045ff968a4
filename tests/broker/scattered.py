"""A topic with poison records scattered among good ones, a group that stands before some, and what became of them."""

from __future__ import annotations

import sys
import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as ClientPartition

from kafkaview.terms import Header, RecordId
from kafkaview.triage.reroute.dialects import source_of
from tests.broker.material import Broker

BAD: Final = b'{"n": %d, "name": "Ren\xe9'
_HEADERS: Final[list[tuple[str, str | bytes | None]]] = [("trace", b"7"), ("trace", b"8"), ("none", None)]
_SMALL: Final = "from kafkaview.writes.records import batch_room; batch_room.BATCH_RECORDS = {}"
_PROGRAM: Final = "import sys; from kafkaview.__main__ import main; sys.exit(main())"
_DYING: Final = """
import os, signal, threading
from kafkaview.triage.reroute.bulk.execution import BulkExecution
write = BulkExecution.write
async def dying(self):
    threading.Timer({}, os.kill, (os.getpid(), signal.SIGKILL)).start()
    await write(self)
BulkExecution.write = dying
"""


def program_with(batch_records: int, dies_after_s: float | None = None) -> list[str]:
    """The program, with transactions of so many records, so that there is a middle to be cut off in. It may kill itself
    so long after it began to write, as a power cut would.
    """
    dying = _DYING.format(dies_after_s) if dies_after_s is not None else ""
    return [sys.executable, "-c", f"{_SMALL.format(batch_records)}\n{dying}{_PROGRAM}"]


@dataclass(frozen=True, slots=True)
class ScatteredTopic:
    """A topic in which the records at some offsets are poison, the same in each partition."""

    broker: Broker
    name: str
    partitions: int
    records: int
    poison: frozenset[int]

    @classmethod
    def make(
        cls, broker: Broker, records: int, poison: Collection[int], partitions: int = 2, *, replicas: int = 1
    ) -> ScatteredTopic:
        """So many records in each partition."""
        name = broker.topic(f"s-{uuid.uuid4().hex[:10]}", partitions, replicas=replicas)
        producer = Producer({"bootstrap.servers": broker.bootstrap, "linger.ms": 20, "compression.type": "lz4"})
        for number in range(records):
            for partition in range(partitions):
                bad = number in poison
                value = BAD % number if bad else b'{"n": %d, "name": "Ada"}' % number
                headers = _HEADERS if bad and number % 3 == 0 else []
                producer.produce(name, value, b"k%d" % (number % 97), partition, headers=headers)
            producer.poll(0)
        assert producer.flush(60) == 0
        return cls(broker, name, partitions, records, frozenset(poison))

    @property
    def queue(self) -> str:
        """The name of its queue."""
        return f"{self.name}-dlq"

    @property
    def sources(self) -> Counter[RecordId]:
        """Each poison record once."""
        return Counter(
            RecordId(self.name, partition, offset) for partition in range(self.partitions) for offset in self.poison
        )

    def write_findings(self, path: Path) -> Path:
        """The lines that a scan prints."""
        lines = [
            {
                "topic": one.topic,
                "partition": one.partition,
                "offset": one.offset,
                "reason": f"byte {one.offset} is odd",
            }
            for one in sorted(self.sources)
        ]
        summary = {"scanned": self.records * self.partitions, "found": len(lines), "complete": True}
        path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in (*lines, summary)))
        return path

    def copies(self) -> Counter[RecordId]:
        """The sources of the committed copies in the queue."""
        found: Counter[RecordId] = Counter()
        for _, _, headers in self.broker.read_committed(self.queue):
            source = source_of([Header(name, value) for name, value in headers])
            assert source is not None
            found[source] += 1
        return found

    def queue_end(self) -> int:
        """The log end of the queue's first partition: what is written meanwhile is not waited for."""
        if not self.broker.exists(self.queue):
            return 0
        consumer = Consumer({"bootstrap.servers": self.broker.bootstrap, "group.id": "kafkaview-ends"})
        try:
            _, end = consumer.get_watermark_offsets(ClientPartition(self.queue, 0), timeout=10)
        finally:
            consumer.close()
        return int(end)

    def run_from(self, offset: int) -> int:
        """Where a group ends that stands at an offset, once all poison is handled: it passes no good record."""
        while offset in self.poison:
            offset += 1
        return offset

    def check_nothing_is_lost(self, group: str, began: int) -> Counter[RecordId]:
        """At any time: no record has two copies, and the group stands behind none that has no copy and is not good."""
        copies = self.copies()
        assert not [one for one, count in copies.items() if count > 1]
        stands = self.broker.committed_offsets(group, self.name)
        assert stands is not None
        assert began <= stands <= self.run_from(began)
        assert all(copies[RecordId(self.name, 0, offset)] == 1 for offset in range(began, stands))
        return copies
