"""How long the command line takes where somebody is silent: no longer than it was told to."""

from __future__ import annotations

import io
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from kafkaview.cli import verbs
from kafkaview.cli.main import main
from kafkaview.demo.kafka import EmbeddedKafka
from tests.broker.secure_kafka import SecureKafka

LIMIT = 3.0
SHORT = 1.0
MORE = 2.0  # for a busy computer
UNREACHED = 3

ACL = ("--principal", "User:alice", "--operation", "READ", "--resource", "TOPIC:t", "--yes")
SCRAM = ("--mechanism", "SCRAM-SHA-256", "--yes")
VERBS = {
    "topics": ("topics",),
    "topics create": ("topics", "create", "t", "--yes"),
    "topics delete": ("topics", "delete", "t", "--yes"),
    "topics set": ("topics", "set", "t", "retention.ms=1", "--yes"),
    "topics reset": ("topics", "reset", "t", "retention.ms", "--yes"),
    "topics empty": ("topics", "empty", "t", "--yes"),
    "topics add-partitions": ("topics", "add-partitions", "t", "--to", "5", "--yes"),
    "topics statistics": ("topics", "statistics", "t"),
    "topics rules": ("topics", "rules", "t", "--rule", "json"),
    "topic": ("topic", "t"),
    "groups": ("groups",),
    "groups delete": ("groups", "delete", "g", "--yes"),
    "offsets plan": ("offsets", "plan", "g", "--to", "earliest"),
    "offsets apply": ("offsets", "apply", "g", "--to", "earliest", "--yes"),
    "offsets delete": ("offsets", "delete", "g", "t", "--yes"),
    "offsets skip": ("offsets", "skip", "g", "t:0:0", "--yes"),
    "lag": ("lag", "g"),
    "commits": ("commits", "g", "--seconds", "5"),
    "stuck": ("stuck", "g", "--seconds", "2"),
    "deadletters": ("deadletters", "t-dlq"),
    "scan": ("scan", "t", "--rule", "utf8"),
    "records": ("records", "t"),
    "records produce": ("records", "produce", "t", "--value", "v", "--yes"),
    "records import": ("records", "import", __file__, "--to", "t", "--yes"),
    "configs": ("configs", "broker", "1"),
    "coordination": ("coordination",),
    "coordination add-voter": ("coordination", "add-voter", "5", "--yes"),
    "coordination remove-voter": ("coordination", "remove-voter", "1", "--yes"),
    "brokers": ("brokers",),
    "brokers elect": ("brokers", "elect", "--all-partitions", "--yes"),
    "brokers cancel": ("brokers", "cancel", "--all-partitions", "--yes"),
    "transactions": ("transactions",),
    "transactions abort": ("transactions", "abort", "t:0", "--producer-id", "1", "--yes"),
    "acls": ("acls",),
    "acls may": ("acls", "may", "User:alice", "READ", "TOPIC", "t"),
    "acls create": ("acls", "create", *ACL),
    "acls delete": ("acls", "delete", *ACL),
    "users": ("users",),
    "users set": ("users", "set", "alice", *SCRAM),
    "users delete": ("users", "delete", "alice", *SCRAM),
    "quotas": ("quotas",),
    "quotas set": ("quotas", "set", "--user", "alice", "--limit", "producer_byte_rate=1", "--yes"),
    "tokens": ("tokens",),
    "tokens create": ("tokens", "create", "--yes"),
    "tokens renew": ("tokens", "renew", "t", "--yes"),
    "tokens expire": ("tokens", "expire", "t", "--yes"),
    "certificates": ("certificates",),
    "reroute": ("reroute", "t:0:0", "--to", "t-dlq", "--yes"),
    "redrive": ("redrive", "t-dlq", "--yes"),
}
LONGER = {"stuck": 2.0, "commits": 5.0}  # seconds for which a verb is told to look
# No cluster, or (doctor) a limit of its own for each layer; it says what is silent. An undo reads the journal first. A
# watch has none: it goes on until it is ended.
OTHER = {
    *("demo", "shots", "journal", "journal show", "doctor", "offsets", "offsets undo", "topics undo", "watch", "logs"),
    *("acls undo", "quotas undo", "incidents", "incidents note", "incidents ignore", "incidents reopen"),
}


@pytest.fixture(scope="module")
def frozen() -> Iterator[str]:
    """The address of a broker that takes connections and says nothing."""
    with EmbeddedKafka(jvm=["-Xmx256m"]) as kafka:
        kafka.pause(1)
        yield kafka.bootstrap
        kafka.resume(1)


def timed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], float]:
    """Exit code, document and seconds."""
    began = time.monotonic()
    code = main([*words, "--json"])
    seconds = time.monotonic() - began
    return code, orjson.loads(capsys.readouterr().out.splitlines()[-1]), seconds


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_ends_within_its_limit_and_says_so_and_nothing_is_journalled(
    frozen: str,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a-long-Password\n"))
    code, output, seconds = timed(capsys, "--bootstrap", frozen, "--timeout", str(SHORT), *VERBS[verb])
    longer = LONGER.get(verb, 0.0)
    assert code == UNREACHED
    message = output["error"]["message"]  # a sample knows of the silence sooner than the verb's limit
    assert f"within {SHORT + longer:g} s" in message or (verb in LONGER and "says nothing" in message)
    assert seconds < SHORT + longer + MORE
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kafka")]
    assert timed(capsys, "journal")[1] == {"entries": []}


def test_every_verb_that_asks_a_cluster_has_its_limit_tried() -> None:
    names = {
        " ".join(filter(None, (verb.name, inner)))
        for verb in verbs.VERBS
        for inner in ("", *getattr(verb.load(), "commands", {}))
        if verb.name != "profiles"
    }
    assert names == set(VERBS) | OTHER


class SlowTyping:
    """Standard input of somebody who thinks longer than the limit."""

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        time.sleep(LIMIT + 0.5)
        return "a-long-Password\n"


def test_the_time_that_a_password_takes_to_type_does_not_count(
    kafka: EmbeddedKafka,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", SlowTyping())
    words = ("users", "set", "alice", "--mechanism", "SCRAM-SHA-256", "--dry-run")
    code, output, seconds = timed(capsys, "--bootstrap", kafka.bootstrap, "--timeout", str(LIMIT), *words)
    assert seconds > LIMIT
    assert (code, output["plan"]["kind"]) == (0, "users.set")


@pytest.fixture
def hanging_port(secure_kafka: SecureKafka, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A listener whose host is looked up without end."""
    port, over = secure_kafka.ports["MTLS"], threading.Event()
    look_up = socket.getaddrinfo

    def hangs(host: Any, its_port: Any, *more: Any, **named: Any) -> Any:
        if its_port == port:
            over.wait(120)
        return look_up(host, its_port, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    yield port
    over.set()
    for look in looks():
        look.join(10)


def looks() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "kafkaview-look"]


@pytest.mark.parametrize("limit", [6.0, 15.0])
def test_one_name_that_hangs_hides_no_other_certificate(
    secure_kafka: SecureKafka,
    hanging_port: int,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
    limit: float,
) -> None:
    words = ("--bootstrap", secure_kafka.bootstrap("PLAINTEXT"), "certificates", "--timeout", str(limit))
    code, output, seconds = timed(capsys, *words)
    assert code == 0
    assert seconds < limit + MORE
    errors = {row["port"]: row["error"] for row in output["certificates"]}
    assert f"localhost:{hanging_port} gave no answer in time" in errors.pop(hanging_port)
    assert set(errors.values()) == {None}
    (look,) = looks()
    assert look.daemon, "the program would wait for it at its end"
