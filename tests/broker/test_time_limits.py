"""How long the command line takes where somebody is silent: no longer than it was told to."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.demo.kafka import EmbeddedKafka
from tests.broker.secure_kafka import SecureKafka

LIMIT = 3.0
MORE = 2.0  # for a busy computer; what librdkafka is asked last would take 3 s more than the limit
LONGEST_CALL = 4.0
UNREACHED = 3

READING = {
    "topics": ("topics",),
    "groups": ("groups",),
    "coordination": ("coordination",),
    "acls": ("acls",),
    "configs": ("configs", "broker", "1"),
    "transactions": ("transactions",),
    "certificates": ("certificates",),
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
    return code, orjson.loads(capsys.readouterr().out), time.monotonic() - began


@pytest.mark.parametrize("verb", READING)
def test_a_verb_that_reads_ends_within_its_limit_and_says_so(
    frozen: str,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
    verb: str,
) -> None:
    words = ("--bootstrap", frozen, *READING[verb], "--timeout", str(LIMIT))
    code, told, seconds = timed(capsys, *words)
    assert code == UNREACHED
    assert "within 3 s" in told["error"]["message"]
    assert seconds < LIMIT + MORE
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kafka")]


def test_a_plan_that_cannot_be_made_is_given_up_and_nothing_is_journalled(
    frozen: str,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
) -> None:
    change = ("quotas", "set", "--user", "alice", "--limit", "producer_byte_rate=1", "--yes")
    code, told, seconds = timed(capsys, "--bootstrap", frozen, "--timeout", str(LIMIT), *change)
    assert code == UNREACHED
    assert "within 3 s" in told["error"]["message"]
    assert seconds < LIMIT + LONGEST_CALL + MORE
    assert timed(capsys, "journal")[1] == {"entries": []}


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
    code, told, seconds = timed(capsys, "--bootstrap", kafka.bootstrap, "--timeout", str(LIMIT), *words)
    assert seconds > LIMIT
    assert (code, told["plan"]["kind"]) == (0, "users.set")


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
    code, told, seconds = timed(capsys, *words)
    assert code == 0
    assert seconds < limit + MORE
    errors = {row["port"]: row["error"] for row in told["certificates"]}
    assert f"localhost:{hanging_port} gave no answer in time" in errors.pop(hanging_port)
    assert set(errors.values()) == {None}
    (look,) = looks()
    assert look.daemon, "the program would wait for it at its end"
