"""Names and texts that others chose, on a real broker: every verb that lists them shows them and no terminal obeys
them, and each line that a plan prints is the same plan to a real shell.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, cast

import orjson
import pytest
from confluent_kafka import Producer

from kafkaview.cli.main import main
from kafkaview.cluster.kafka.cluster import KafkaCluster
from kafkaview.cluster.ports.security import (
    Acl,
    NewScramCredential,
    Operation,
    PatternType,
    Permission,
    QuotaEntity,
    ResourceType,
    ScramMechanism,
)
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, RecordId, TopicPartition
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.words import visible
from kafkaview.writes.plan import command_line
from tests.broker.material import Broker, session_on
from tests.broker.raw_records import produce_raw
from tests.broker.secure_kafka import SecureKafka
from tests.kit.patience import patience

Say = Callable[..., Awaitable[str]]

TAGS: Final = '<h1>x</h1><img src="file:///etc/passwd">'
CONTROLS: Final = "\x1b[2J\x1b]0;x\x07\n\ta\x9b31m\u202e\u2066[bold]"
ODD: Final = f"{TAGS}{CONTROLS}\0"
HEADER: Final = f"{TAGS}{CONTROLS}"
_SHA_256: Final = ScramMechanism.SCRAM_SHA_256
_OBEYED: Final = "\x1b\x07\t\x9b\u202e\u2066\0"


@pytest.fixture(scope="module")
def broker(secure_kafka: SecureKafka) -> Broker:
    return Broker(secure_kafka.bootstrap("PLAINTEXT"))


@pytest.fixture
def say(broker: Broker, tmp_home: Path, capsys: pytest.CaptureFixture[str]) -> Say:  # noqa: ARG001
    """All that a line of the program says."""

    async def run(*words: str) -> str:
        await asyncio.to_thread(main, ["--bootstrap", broker.bootstrap, *words])
        said = capsys.readouterr()
        return said.out if "--json" in words else said.out + said.err

    return run


@asynccontextmanager
async def filled(broker: Broker, folder: Path) -> AsyncIterator[tuple[Session, str]]:
    """A topic with an odd record, and everything that can have a name with that name."""
    topic = broker.topic()
    async with session_on(broker.bootstrap, folder / "filling.sqlite3") as session:
        security, name = session.cluster.security, ODD
        cluster = cast("KafkaCluster", session.cluster)
        await produce_raw(cluster, topic, ODD.encode(), [(HEADER.encode(), b"x")])
        await cluster.group_offsets.commit(name, {TopicPartition(topic, 0): CommittedOffset(0, None, name)})
        acl = Acl(ResourceType.GROUP, name, PatternType.LITERAL, f"User:{name}", "*", Operation.READ, Permission.ALLOW)
        quota = QuotaEntity((("user", name), ("client-id", name)))
        await security.create_acls([acl])
        await security.set_scram(NewScramCredential(name, _SHA_256, 4096, "secret"))
        await security.set_quota(quota, {"producer_byte_rate": 1024.0})
        settings = {"bootstrap.servers": broker.bootstrap, "transactional.id": f"{HEADER}{topic}", "log_level": 0}
        producer = Producer({**settings, "client.id": TAGS})
        producer.init_transactions(20)
        producer.begin_transaction()
        producer.produce(topic, b"{", partition=0)
        producer.flush(10)
        try:
            yield session, topic
        finally:
            producer.abort_transaction(20)
            await security.delete_acls([acl])
            await security.delete_scram(name, _SHA_256)
            await security.set_quota(quota, {"producer_byte_rate": None})
            await cluster.group_offsets.delete_group(name)


def names_in(document: Any) -> set[str]:
    """Every text of a document, and every name of a field."""
    if isinstance(document, dict):
        return set(document) | {name for value in document.values() for name in names_in(value)}
    if isinstance(document, list):
        return {name for value in document for name in names_in(value)}
    return {document} if isinstance(document, str) else set()


async def test_each_listing_shows_the_name_and_no_terminal_obeys_it(broker: Broker, say: Say, tmp_path: Path) -> None:
    async with filled(broker, tmp_path) as (_, topic):
        record = f"{topic}:0:0"
        lines = {
            ("groups",): ODD,
            ("lag", ODD): ODD,
            ("stuck", ODD, "--seconds", "2"): ODD,
            ("transactions",): f"{HEADER}{topic}",
            ("acls",): f"User:{ODD}",
            ("users",): ODD,
            ("quotas",): ODD,
            ("reroute", record, "--to", f"{topic}-dlq", "--create-dlq", "--no-skip", "--yes"): "",
            ("offsets", "apply", ODD, "--to", "latest", "--topic", topic, "--yes"): ODD,
            ("journal",): ODD,
        }
        for words, name in lines.items():
            said = await say(*words)
            assert not set(said) & set(_OBEYED), words
            assert visible(name) in said, words
            if "--yes" not in words:
                found = names_in(orjson.loads(await say(*words, "--json")))
                assert any(name in one for one in found), words


async def test_each_line_that_a_plan_prints_is_the_same_plan_to_a_shell(
    broker: Broker, say: Say, tmp_path: Path
) -> None:
    topic, group = broker.topic(f"-orders-{uuid.uuid4().hex[:8]}"), "--group"
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for value in (b'{"n":1}', b'{"n":', b'{"n":1}'):
        producer.produce(topic, value, partition=0)
    assert producer.flush(10) == 0
    for name in (group, "-g"):
        broker.commit(name, topic, 1)
    rule = ("--principal", "User:-u", f"--resource=TOPIC:{topic}", "--operation", "READ")
    preset = ("--preset", "transactional-producer", "--principal=-User:u", f"--topic={topic}", "--transactional-id=-tx")
    lines = [
        ("offsets", "plan", "--to", "earliest", "--json", "--", group),
        ("offsets", "plan", "--to", "from:-g", f"--topic={topic}", "--json", "--", group),
        ("groups", "delete", "--dry-run", "--json", "--", "-g"),
        ("acls", "create", *rule, "--dry-run", "--json"),
        ("acls", "create", *preset, "--dry-run", "--json"),
        ("quotas", "set", "--user=-u", "--client-id=--c", "--limit", "producer_byte_rate=1", "--dry-run", "--json"),
        ("users", "delete", "--mechanism", "SCRAM-SHA-256", "--dry-run", "--json", "--", "-u"),
    ]
    plans = [orjson.loads(await say(*words)) for words in lines]
    printed = [plan["command"] if "command" in plan else plan["plan"]["command"] for plan in plans]
    async with session_on(broker.bootstrap, tmp_path / "journal.sqlite3") as session:
        reroute = await plan_reroute(session, [RecordId(topic, 0, 1)], groups=[group, "-g"], create_dlq=True)
        line = command_line(ConnectionProfile("test", broker.bootstrap), reroute)
        printed.append(line.replace(" -- ", " --yes -- ", 1))
    tried = [line.replace(" --yes", " --dry-run --json") for line in printed]
    *again, moved = await asyncio.to_thread(in_a_shell, tried, tmp_path)
    assert again == plans
    assert [row["group"] for row in moved["plan"]["groups"]] == [group, "-g"]
    assert (moved["plan"]["to"], moved["plan"]["records"][0]["source"]) == (f"{topic}-dlq", f"{topic}:0:1")


def in_a_shell(lines: list[str], home: Path) -> list[Any]:
    """What the program answers to each of these lines, as a shell starts it."""
    kinds = ("DATA_HOME", "CONFIG_HOME", "CACHE_HOME", "STATE_HOME")
    folders = {f"XDG_{kind}": str(home / kind.lower()) for kind in kinds}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        env={**os.environ, **folders, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=patience(60),
    )
    assert done.stderr == ""
    return [orjson.loads(line) for line in done.stdout.splitlines()]
