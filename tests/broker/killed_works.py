"""The writes that are killed: what is to be sent once, and how each way into kafkaview is told to send it."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from confluent_kafka import KafkaError, Message, Producer

from kafkaview.clock import now_ms
from kafkaview.engine.port import Engine
from kafkaview.terms import RecordId
from kafkaview.triage.redrive.request import RedriveRequest
from kafkaview.triage.reroute.bulk.request import BulkRequest, reasons_of
from kafkaview.writes.plan import ChangePlan
from tests.broker.connect_letters import letters
from tests.broker.material import Broker
from tests.broker.scattered import ScatteredTopic
from tests.broker.sent_once import SentOnce, Violations
from tests.broker.watching import POISON

REROUTE, REDRIVE, WATCH = "bulk re-route", "redrive", "watch"

_FIRST: Final = 20  # where the group of a re-route stands
_RECORDS: Final = 2_500  # in each of two partitions
_LETTERS: Final = 2_400
_WATCHED: Final = 4  # partitions
_MORE: Final = 800  # records that come in before each kill of a watch; every second is poison


@dataclass(slots=True)
class Work:
    """One write: its words on the command line, its plan for an engine, its clicks in tests.broker.driven_window."""

    title: str
    sent: SentOnce
    home: Path  # of the program
    words: tuple[str, ...]
    plan: Callable[[Engine], Awaitable[ChangePlan]] | None = None
    clicks: tuple[str, ...] = ()
    more: Callable[[], None] | None = None  # lets more records come in, of a write that does not end by itself

    @property
    def journal(self) -> Path:
        """Where the program keeps its journal, and so do the engine and the window."""
        return self.home / "data" / "kafkaview" / "journal.sqlite3"


MakeWork = Callable[[Broker, Path, Random, Violations, int], Work]


def bulk_reroute(broker: Broker, home: Path, chance: Random, violations: Violations, replicas: int) -> Work:
    """A run of poison from where the group stands, which it passes, and as much scattered behind it, which it does
    not.
    """
    run = _FIRST + chance.randrange(300, 700)
    scattered = chance.sample(range(run + 1, _RECORDS), 600)
    topic = ScatteredTopic.make(broker, _RECORDS, {*range(_FIRST, run), *scattered}, replicas=replicas)
    group = f"g-{uuid.uuid4().hex[:8]}"
    broker.commit(group, topic.name, _FIRST)
    findings = topic.write_findings(home / "findings.jsonl")
    sent = SentOnce(broker, topic.name, topic.queue, group, 2, violations, topic.contents, {0: _FIRST})
    request = BulkRequest(topic.name, reasons_of(topic.sources), (group,))
    words = ("reroute", "--from-scan", str(findings), "--create-dlq", "--group", group, "--yes", "--json")
    return Work(REROUTE, sent, home, words, lambda engine: engine.plan_bulk_reroute(request), ("reroute", topic.name))


def redrive(broker: Broker, home: Path, _chance: Random, violations: Violations, replicas: int) -> Work:
    """A queue that goes back to where it came from. The group is that which remembers what was sent back."""
    topic, queue = letters(broker, _LETTERS, replicas=replicas)
    added = "__connect.errors."
    wanted = {
        (one.key, one.value, tuple(h for h in one.headers if not h[0].startswith(added)), one.timestamp_ms): one.id
        for one in broker.consume(queue)
    }
    assert len(wanted) == _LETTERS
    sent = SentOnce(broker, queue, topic, f"kafkaview-redrive-{queue}", 3, violations, wanted)
    words = ("redrive", queue, "--yes", "--json")
    request = RedriveRequest(queue)
    return Work(REDRIVE, sent, home, words, lambda engine: engine.plan_redrive(request), ("redrive", queue))


def watch(broker: Broker, home: Path, _chance: Random, violations: Violations, replicas: int) -> Work:
    """A topic into which poison comes again and again, and its watch."""
    topic = broker.topic(partitions=_WATCHED, replicas=replicas)
    queue = f"{topic}-dlq"
    sent = SentOnce(broker, topic, queue, f"kafkaview-watch-{topic}", _WATCHED, violations, {}, reads=True)
    words = (WATCH, topic, "--rule", "json", "--to", queue, "--create-dlq", "--yes", "--json")
    return Work(WATCH, sent, home, words, more=lambda: _pour(sent))


def _pour(sent: SentOnce) -> None:
    settings = {"linger.ms": 5, "enable.idempotence": True}
    producer = Producer({"bootstrap.servers": sent.broker.bootstrap, **settings})
    began, written_ms = 2 * len(sent.wanted), now_ms()

    def note(error: KafkaError | None, message: Message) -> None:
        assert error is None, error
        key: Any = message.key()  # bytes, though the client's types say text too
        place: Any = (message.topic(), message.partition(), message.offset())
        sent.wanted[key, POISON, (("trace", key),), written_ms] = RecordId(*place)

    for number in range(began, began + _MORE):
        key, is_poison = b"k-%d" % number, number % 2 == 0
        value, then = (POISON, note) if is_poison else (b'{"n": 1}', None)
        place = number // 2 % _WATCHED
        producer.produce(
            sent.source, value, key, place, on_delivery=then, timestamp=written_ms, headers=[("trace", key)]
        )
        producer.poll(0)
    assert producer.flush(60) == 0
