"""`kafkaview acls`, `users`, `quotas`, `tokens` and `certificates` on a real broker."""

from __future__ import annotations

import asyncio
import uuid
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from kafkaview.cli.main import main
from tests.broker.material import wait_until
from tests.broker.program import Program
from tests.broker.secure_kafka import PASSWORDS, SecureKafka
from tests.broker.test_no_secret_leaks import WRONG, Watching, found_in, linux
from tests.broker.tokens import make_token

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def ask(
    secure_kafka: SecureKafka,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    """A super user's line: exit code and document."""

    def asked(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(["--bootstrap", secure_kafka.bootstrap("PLAINTEXT"), *words, "--json"])
        document: dict[str, Any] = orjson.loads(capsys.readouterr().out)
        return code, document

    return asked


@pytest.fixture
def principal() -> str:
    return f"User:{uuid.uuid4().hex[:8]}"


def test_a_preset_is_created_shown_and_deleted_by_what_is_printed(ask: Ask, principal: str) -> None:
    preset = ("--preset", "consumer", "--principal", principal, "--topic", "pay*", "--group", "g")
    code, dry = ask("acls", "create", *preset, "--dry-run")
    assert code == 0
    assert dry["done"] is False
    assert dry["plan"]["command"].split(" ", 3)[3].replace("'", "") == " ".join(("acls", "create", *preset, "--yes"))
    assert ask("acls", "--principal", principal) == (0, {"acls": [], "unseen": []})
    code, done = ask("acls", "create", *preset, "--yes")
    assert code == 0
    assert done["outcome"]["effective"]
    code, shown = ask("acls", "--principal", principal)
    assert shown["acls"][0] == {
        "resource_type": "TOPIC",
        "name": "pay",
        "pattern": "PREFIXED",
        "principal": principal,
        "host": "*",
        "operation": "READ",
        "permission": "ALLOW",
    }
    assert ask("acls", "--resource", "GROUP:g", "--principal", principal)[1]["acls"] == shown["acls"][1:]
    code, again = ask("acls", "create", *preset, "--yes")
    assert (code, again["error"]["kind"]) == (4, "refused")
    rows = [word for row in shown["acls"] for word in ("--acl", orjson.dumps(row).decode())]
    assert ask("acls", "delete", *rows, "--yes")[0] == 0
    assert ask("acls", "--principal", principal) == (0, {"acls": [], "unseen": []})


def test_the_line_that_a_plan_prints_does_the_same(ask: Ask, principal: str) -> None:
    options = ("--principal", principal, "--resource", "TOPIC:t", "--operation", "READ", "--operation", "DELETE")
    plan = ask("acls", "create", *options, "--deny", "--host", "10.0.0.1", "--dry-run")[1]["plan"]
    words = plan["command"].split()
    assert words[:3] == ["kafkaview", "--bootstrap", words[2]]
    assert ask(*words[3:])[0] == 0
    shown = ask("acls", "--principal", principal)[1]["acls"]
    assert shown == plan["acls"]
    assert {(row["operation"], row["permission"], row["host"]) for row in shown} == {
        ("READ", "DENY", "10.0.0.1"),
        ("DELETE", "DENY", "10.0.0.1"),
    }
    assert any("DENY wins" in caution for caution in plan["cautions"])
    assert ask("acls", "delete", *options, "--deny", "--host", "10.0.0.1", "--yes")[0] == 0


def test_may_one_is_answered_with_the_rule_that_decides(ask: Ask, principal: str) -> None:
    options = ("--principal", principal, "--resource", "TOPIC:may", "--operation", "WRITE")
    assert ask("acls", "may", principal, "WRITE", "TOPIC", "may")[1]["answer"] == "denied"
    assert ask("acls", "create", *options, "--yes")[0] == 0
    code, answer = ask("acls", "may", principal, "describe", "topic", "may")
    assert (code, answer["answer"], answer["rule"]["operation"]) == (0, "allowed", "WRITE")
    assert answer["because"]
    assert ask("acls", "delete", *options, "--yes")[0] == 0


def test_quotas_are_set_shown_and_taken_away(ask: Ask) -> None:
    user = uuid.uuid4().hex[:8]
    whom = ("--user", user, "--default", "client-id")
    assert ask("quotas", "set", *whom, "--limit", "producer_byte_rate=1024", "--yes")[0] == 0
    mine = [row for row in ask("quotas")[1]["quotas"] if row["entity"].get("user") == user]
    assert mine == [{"entity": {"user": user, "client-id": None}, "limits": {"producer_byte_rate": 1024.0}}]
    assert ask("quotas", "set", *whom, "--limit", "producer_byte_rate=none", "--yes")[0] == 0
    assert not [row for row in ask("quotas")[1]["quotas"] if row["entity"].get("user") == user]


def test_certificates_are_told_with_their_days_and_what_nobody_shows_is_null(ask: Ask) -> None:
    code, output = ask("certificates")
    assert code == 0
    rows = {row["listener"]: row for row in output["certificates"]}
    good = rows["SASL_SSL"]
    assert (good["days_left"] > 0, good["plain"], good["error"], good["broker_id"]) == (True, False, None, 1)
    assert good["not_after"].endswith("Z")
    assert good["names"]
    assert rows["EXPIRED"]["days_left"] < 0
    plain = rows["PLAINTEXT"]
    assert plain["plain"]
    assert {plain[key] for key in ("subject", "not_after", "days_left", "tls_version", "error")} == {None}


def test_tokens_are_told_with_the_days_until_they_expire(
    secure_kafka: SecureKafka, tmp_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alice = secure_kafka.way("SASL_PLAINTEXT", mechanism="PLAIN")
    token, hmac = asyncio.run(make_token(*alice, renewer="nobody"))
    login = tmp_home / "alice.properties"
    login.write_text(
        f"bootstrap.servers={secure_kafka.bootstrap('SASL_PLAINTEXT')}\nsecurity.protocol=SASL_PLAINTEXT\n"
        f"sasl.mechanism=PLAIN\nsasl.username=alice\nsasl.password={PASSWORDS['alice']}\n"
    )

    def mine() -> list[dict[str, Any]]:
        assert main(["--config", str(login), "tokens", "--json"]) == 0
        said = capsys.readouterr().out
        assert not any(secret in said for secret in (hmac.hex(), b64encode(hmac).decode()))
        return [row for row in orjson.loads(said)["tokens"] if row["token_id"] == token]

    wait_until(lambda: bool(mine()))
    (row,) = mine()
    assert (row["owner"], row["renewers"]) == ("User:alice", ["User:nobody"])
    assert row["days_left"] is not None
    assert row["expires_at"].endswith("Z")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("acls", "may", "User:a", "EAT", "TOPIC", "t"), "'EAT' is none of"),
        (("acls", "create", "--preset", "eater", "--principal", "User:a", "--yes"), "There is no preset 'eater'"),
        (("acls", "create", "--preset", "consumer", "--topic", "t", "--yes"), "--principal and --group"),
        (("acls", "create", "--principal", "User:a", "--yes"), "--resource and --operation"),
        (("acls", "delete", "--acl", "{}", "--yes"), "is no ACL"),
        (("acls", "--resource", "orders"), "takes TYPE:NAME"),
        (("users", "set", "a", "--mechanism", "PLAIN", "--yes"), "is none of SCRAM-SHA-256, SCRAM-SHA-512"),
        (("quotas", "set", "--limit", "a=1", "--yes"), "Whose?"),
        (("quotas", "set", "--user", "a", "--limit", "a=fast", "--yes"), "takes NAME=NUMBER"),
        (("quotas", "set", "--user", "a", "--limit", "a=nan", "--yes"), "takes NAME=NUMBER"),
        (("quotas", "set", "--default", "host", "--limit", "a=1", "--yes"), "not 'host'"),
    ],
)
def test_a_line_that_makes_no_sense_is_bad_usage(ask: Ask, line: tuple[str, ...], message: str) -> None:
    code, document = ask(*line)
    assert (code, document["error"]["kind"]) == (2, "usage")
    assert message in document["error"]["message"]


@linux
@pytest.mark.parametrize(
    ("words", "noun"), [(("topics",), "topic"), (("groups",), "group"), (("stuck", "--seconds", "2"), "group")]
)
def test_an_empty_list_names_the_right_that_may_be_missing(
    secure_kafka: SecureKafka,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    noun: str,
) -> None:
    assert main(["--config", str(nobodys(secure_kafka, tmp_path)), *words]) == 0
    output = capsys.readouterr()
    assert "moves" not in output.out
    assert f"No {noun} that you may see. There is none, or User:nobody lacks DESCRIBE on" in output.err
    assert f"--allow-principal User:nobody --operation Describe --{noun} '*'" in output.err


def nobodys(secure_kafka: SecureKafka, folder: Path) -> Path:
    """The settings of a principal without any right."""
    file = folder / "nobody.properties"
    file.write_text(
        f"bootstrap.servers={secure_kafka.bootstrap('SASL_PLAINTEXT')}\nsecurity.protocol=SASL_PLAINTEXT\n"
        f"sasl.mechanism=PLAIN\nsasl.username=nobody\nsasl.password={PASSWORDS['nobody']}\n"
    )
    return file


def test_a_new_password_is_left_nowhere(secure_kafka: SecureKafka, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    program = Program(None, home)
    user = f"user-{uuid.uuid4().hex[:8]}"
    set_it = ("users", "set", user, "--mechanism", "scram-sha-512")
    root = ("--bootstrap", secure_kafka.bootstrap("PLAINTEXT"))
    nobody = nobodys(secure_kafka, tmp_path)
    with Watching(str(home)) as watching:
        code, done = program.ask(*root, *set_it, "--iterations", "5000", "--yes", stdin=f"{WRONG}\n")
        assert code == 0, done
        assert program.run(*root, *set_it, "--dry-run", stdin=f"{WRONG}\n")[0] == 0
        assert program.run(*root, *set_it, "--iterations", "7", "--yes", stdin=f"{WRONG}\n")[0] == 4
        assert program.run("--config", str(nobody), *set_it, "--yes", stdin=f"{WRONG}\n")[0] == 5
        assert program.run(*root, *set_it, "--yes", stdin="\n")[0] == 2
        users = program.ask(*root, "users")[1]["users"]
        assert {"user": user, "mechanism": "SCRAM_SHA_512", "iterations": 5000, "error": None} in users
        journal = program.ask("journal", "show", str(done["journal_id"]))[1]
    assert journal["title"] == f"Set the SCRAM-SHA-512 password of {user}"
    assert len(watching.seen) >= 5
    assert not watching.leaks
    assert not found_in("".join(program.said).encode())
    files = [path for path in home.rglob("*") if path.is_file()]
    assert files
    assert {path: found for path in files if (found := found_in(path.read_bytes()))} == {}
    way = {"KAFKAVIEW_PASSWORD": WRONG}
    login = (*("-X", "security.protocol=SASL_PLAINTEXT"), *("-X", "sasl.mechanism=SCRAM-SHA-512"))
    own = ("--bootstrap", secure_kafka.bootstrap("SASL_PLAINTEXT"), *login, "-X", f"sasl.username={user}")
    wait_until(lambda: program.run(*own, "topics", **way)[0] == 0)
    assert program.run(*root, "users", "delete", user, "--mechanism", "SCRAM-SHA-512", "--yes")[0] == 0
