"""A topic with poison records scattered among good ones, a group that stands before some, and what became of them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
from confluent_kafka import Producer

from kafkaview.clock import now_ms
from kafkaview.terms import Header, RecordId
from kafkaview.triage.provenance_headers import source_of
from tests.broker.material import Broker
from tests.broker.sent_once import Content

BAD: Final = b'{"n": %d, "name": "Ren\xe9'
_HEADERS: Final = (("trace", b"7"), ("trace", b"8"), ("none", None))


@dataclass(frozen=True, slots=True)
class ScatteredTopic:
    """A topic in which the records at some offsets are poison, the same in each partition."""

    broker: Broker
    name: str
    partitions: int
    records: int
    poison: frozenset[int]
    written_ms: int

    @classmethod
    def make(
        cls, broker: Broker, records: int, poison: Collection[int], partitions: int = 2, *, replicas: int = 1
    ) -> ScatteredTopic:
        """So many records in each partition."""
        name = broker.topic(f"s-{uuid.uuid4().hex[:10]}", partitions, replicas=replicas)
        made = cls(broker, name, partitions, records, frozenset(poison), now_ms())
        settings = {"linger.ms": 20, "compression.type": "lz4", "enable.idempotence": True}
        producer = Producer({"bootstrap.servers": broker.bootstrap, **settings})
        for number in range(records):
            for partition in range(partitions):
                key, value, headers, timestamp_ms = made.content(number, partition)
                producer.produce(name, value, key, partition, timestamp=timestamp_ms, headers=list(headers))
            producer.poll(0)
        assert producer.flush(60) == 0
        return made

    def content(self, offset: int, partition: int) -> Content:
        """The record at an offset."""
        bad, number = offset in self.poison, offset * self.partitions + partition
        value = BAD % number if bad else b'{"n": %d, "name": "Ada"}' % number
        headers = _HEADERS if bad and offset % 3 == 0 else ()
        return b"k%d" % (offset % 97), value, headers, self.written_ms + offset

    @property
    def contents(self) -> dict[Content, RecordId]:
        """The poison records."""
        return {self.content(one.offset, one.partition): one for one in self.sources}

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

    def run_from(self, offset: int) -> int:
        """Where a group ends that stands at an offset, once all poison is handled: it passes no good record."""
        while offset in self.poison:
            offset += 1
        return offset
