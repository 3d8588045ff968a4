"""Topics created, changed, emptied, deleted and undone on real brokers, by the command line and with few rights."""

from __future__ import annotations

import asyncio
import shlex
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka import Producer

from kafkaview.cli.main import main
from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.security import Acl, Operation, PatternType, Permission, ResourceType
from kafkaview.decode.topics import TopicDecoders
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.writes.topics.creation import NewTopic, plan_create_topic
from kafkaview.writes.topics.deletion import plan_delete_topic
from kafkaview.writes.topics.emptying import EmptyingRequest, plan_empty_topic
from kafkaview.writes.topics.partitions import plan_add_partitions
from kafkaview.writes.topics.settings import plan_set_settings
from tests.broker.material import Broker, retrier, wait_until
from tests.broker.secure_kafka import SecureKafka

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def broker(kafka: EmbeddedKafka) -> Broker:
    return Broker(kafka.bootstrap)


@pytest.fixture
def ask(kafka: EmbeddedKafka, tmp_home: Path, capsys: pytest.CaptureFixture[str]) -> Ask:  # noqa: ARG001
    """A line: exit code and document."""

    def asked(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(["--bootstrap", kafka.bootstrap, *words, "--json"])
        document: dict[str, Any] = orjson.loads(capsys.readouterr().out)
        return code, document

    return asked


@pytest.fixture
def name() -> str:
    return f"t-{uuid.uuid4().hex[:10]}"


def fill(broker: Broker, topic: str, partitions: int, count: int) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for partition in range(partitions):
        for number in range(count):
            producer.produce(topic, b"v%d" % number, partition=partition, timestamp=1_750_000_000_000 + 1000 * number)
    assert producer.flush(10) == 0


def starts(ask: Ask, topic: str) -> list[int]:
    return [row["log_start_offset"] for row in ask("topic", topic)[1]["partitions"]]


def own_settings(ask: Ask, topic: str) -> dict[str, str]:
    rows = ask("configs", "topic", topic)[1]["configs"]
    return {row["name"]: row["value"] for row in rows if row["source"] == "DYNAMIC_TOPIC_CONFIG"}


def test_a_topic_is_created_by_the_line_that_its_plan_prints_and_taken_back(
    ask: Ask, broker: Broker, name: str
) -> None:
    code, dry = ask("topics", "create", name, "--config", "retention.ms=60000", "--dry-run")
    assert (code, dry["done"], dry["plan"]["partitions"]) == (0, False, 1)
    assert not broker.exists(name)
    code, done = ask(*shlex.split(dry["plan"]["command"])[3:])
    assert (code, done["outcome"]["effective"]) == (0, True)
    assert own_settings(ask, name) == {"retention.ms": "60000"}
    code, again = ask("topics", "create", name, "--yes")
    assert (code, "already exists" in again["error"]["message"]) == (1, True)
    code, wrong = ask("topics", "create", f"{name}-b", "--replication-factor", "3", "--yes")
    assert (code, wrong["error"]["kind"]) == (5, "policy")

    undone, _ = ask("topics", "undo", str(done["journal_id"]), "--yes")
    assert undone == 0
    wait_until(lambda: not broker.exists(name))


def test_a_creation_is_not_undone_once_the_topic_holds_records_or_is_another(
    ask: Ask, broker: Broker, name: str
) -> None:
    entry = str(ask("topics", "create", name, "--partitions", "2", "--yes")[1]["journal_id"])
    fill(broker, name, 1, 1)
    code, refused = ask("topics", "undo", entry, "--yes")
    assert (code, "holds records by now" in refused["error"]["message"]) == (6, True)
    assert ask("topics", "delete", name, "--yes")[0] == 0
    wait_until(lambda: not broker.exists(name))
    broker.topic(name)
    code, refused = ask("topics", "undo", entry, "--yes")
    assert (code, "made anew" in refused["error"]["message"]) == (6, True)
    assert broker.exists(name)


def test_partitions_are_added_records_deleted_and_the_topic_with_its_readers_named(
    ask: Ask, broker: Broker, name: str
) -> None:
    broker.topic(name, 2)
    fill(broker, name, 2, 10)
    group = f"g-{uuid.uuid4().hex[:8]}"
    broker.commit(group, name, 4)
    code, done = ask("topics", "add-partitions", name, "--to", "3", "--yes")
    assert (code, done["outcome"]["effective"]) == (0, True)
    assert done["plan"]["groups"] == [{"group": group, "lag": 6, "members": 0}]
    assert ask("topics", "add-partitions", name, "--to", "3", "--yes")[0] == 4

    code, done = ask("topics", "empty", name, "--partition", "0", "--before", "@2025-06-15T15:06:46Z", "--yes")
    assert (code, done["plan"]["starts"]) == (0, [{"partition": 0, "before": 0, "after": 6}])
    assert starts(ask, name) == [6, 0, 0]
    code, done = ask("topics", "empty", name, "--yes")
    assert (code, done["outcome"]["effective"]) == (0, True)
    assert starts(ask, name) == [10, 10, 0]
    assert ask("topics", "empty", name, "--yes")[0] == 4, "nothing is left"

    code, done = ask("topics", "delete", name, "--yes")
    assert (code, done["plan"]["records_upper_bound"]) == (0, 0)
    wait_until(lambda: not broker.exists(name))
    assert ask("topics", "delete", name, "--yes")[0] == 1


def test_a_topic_that_is_only_compacted_is_not_emptied(ask: Ask, broker: Broker, name: str) -> None:
    broker.topic(name, settings={"cleanup.policy": "compact"})
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    producer.produce(name, b"v", b"k")
    assert producer.flush(10) == 0
    code, refused = ask("topics", "empty", name, "--yes")
    assert (code, "POLICY_VIOLATION" in refused["error"]["message"]) == (5, True)
    assert starts(ask, name) == [0]


def test_settings_are_changed_and_given_back_exactly(ask: Ask, broker: Broker, name: str) -> None:
    broker.topic(name, settings={"cleanup.policy": "compact", "retention.ms": "5"})
    before = own_settings(ask, name)
    code, done = ask("topics", "set", name, "cleanup.policy=compact,delete", "segment.ms=70000", "--yes")
    assert (code, done["outcome"]["effective"]) == (0, True)
    assert own_settings(ask, name) == {"cleanup.policy": "compact,delete", "retention.ms": "5", "segment.ms": "70000"}
    code, _ = ask("topics", "undo", str(done["journal_id"]), "--yes")
    assert code == 0
    assert own_settings(ask, name) == before
    code, done = ask("topics", "reset", name, "retention.ms", "--yes")
    assert code == 0
    assert own_settings(ask, name) == {"cleanup.policy": "compact"}
    assert ask("topics", "undo", str(done["journal_id"]), "--yes")[0] == 0
    assert own_settings(ask, name) == before
    for line in (("no.such.setting=1",), ("retention.ms=soon",)):
        code, refused = ask("topics", "set", name, *line, "--dry-run")
        assert code == 5, refused
        assert refused["plan"]["problems"]


def test_a_live_reader_is_named_with_its_members(ask: Ask, broker: Broker) -> None:
    topic, group = broker.poisoned_topic(), f"g-{uuid.uuid4().hex[:8]}"
    with retrier(broker.bootstrap, topic, group):
        wait_until(lambda: ask("topics", "delete", topic, "--dry-run")[1]["plan"]["groups"])

        def owns() -> bool:
            (reader,) = ask("topics", "delete", topic, "--dry-run")[1]["plan"]["groups"]
            return bool(reader["members"] == 1)

        wait_until(owns)


async def test_each_plan_names_the_right_that_is_missing(secure_kafka: SecureKafka, tmp_path: Path, name: str) -> None:
    admin = open_cluster(ConnectionProfile("admin", secure_kafka.bootstrap("PLAINTEXT")))
    profile, secrets = secure_kafka.way("SASL_SSL", mechanism="SCRAM-SHA-256", user="nobody")
    rights = tuple(
        Acl(ResourceType.TOPIC, name, PatternType.LITERAL, "User:nobody", "*", operation, Permission.ALLOW)
        for operation in (Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS, Operation.READ)
    )
    await admin.create_topic(name, 1)
    await admin.security.create_acls(rights)
    session = Session(profile, open_cluster(profile, secrets), TopicDecoders(), Journal(tmp_path / "journal.sqlite3"))
    try:
        async with asyncio.timeout(30):
            while not await sees(session, name):  # noqa: ASYNC110 - a broker learns of ACLs a moment later
                await asyncio.sleep(0.1)
        plans = {
            "DELETE on Topic": plan_delete_topic(session, name),
            "ALTER on Topic": plan_add_partitions(session, name, 3),
            "ALTER_CONFIGS on Topic": plan_set_settings(session, name, {"retention.ms": "5"}),
            "CREATE on Topic": plan_create_topic(session, NewTopic(f"{name}-new", 1, 1)),
        }
        for right, planning in plans.items():
            missing = [one for one in (await planning).problems if isinstance(one, NotAuthorized)]
            assert [right in one.hint for one in missing] == [True], right
        emptying = (await plan_empty_topic(session, EmptyingRequest(name))).problems
        assert any("DELETE on Topic" in one.hint for one in emptying)
    finally:
        await session.journal.close()
        await session.cluster.close()
        await admin.security.delete_acls(rights)
        await admin.delete_topic(name)
        await admin.close()


async def sees(session: Session, topic: str) -> bool:
    try:
        await session.cluster.brokers.topic_settings(topic)
        return bool((await session.cluster.topic(topic)).partitions)
    except ClusterError:
        return False


@pytest.mark.parametrize("option", [("--partitions", "99999999999"), ("--replication-factor", "99999")])
def test_a_number_that_the_protocol_has_no_room_for_is_no_fault_of_the_broker(
    ask: Ask, name: str, option: tuple[str, str]
) -> None:
    code, document = ask("topics", "create", name, *option, "--dry-run")
    (problem,) = document["plan"]["problems"]
    assert (code, "does not fit into its field of Kafka's protocol" in problem) == (4, True), document
