"""Delegation tokens on a real broker: created, renewed and expired as plans, by hand and on the command line."""

from __future__ import annotations

import base64
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from kafka.protocol.sasl import SaslAuthenticateRequest, SaslHandshakeRequest  # type: ignore[import-untyped]

from kafkaview.cli.main import main
from kafkaview.cluster.errors import NotAuthorized, RefusedByPolicy
from kafkaview.cluster.kafka import delegation_tokens as delegation
from kafkaview.cluster.kafka.messages.delegation import CreateDelegationTokenRequest
from kafkaview.cluster.ports.security import NewToken
from kafkaview.doctor.conversation import Conversation
from kafkaview.doctor.wire import PlainWire
from kafkaview.profiles.mechanisms.scram_proof import Scram
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.security.token_plans import plan_create_token, plan_expire_token, plan_renew_token
from kafkaview.session import Session, open_session
from kafkaview.writes.carrying_out import carry_out
from tests.broker.secure_kafka import PASSWORDS, SecureKafka
from tests.broker.tokens import HOUR_MS

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
async def alice(secure_kafka: SecureKafka, tmp_path: Path) -> AsyncIterator[Session]:
    async with open_session(
        *secure_kafka.way("SASL_PLAINTEXT", mechanism="PLAIN"), journal=tmp_path / "journal.sqlite"
    ) as session:
        yield session


@pytest.fixture
def ask(secure_kafka: SecureKafka, tmp_home: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """A line of alice's: exit code and document."""
    login = tmp_home / "alice.properties"
    login.write_text(
        f"bootstrap.servers={secure_kafka.bootstrap('SASL_PLAINTEXT')}\nsecurity.protocol=SASL_PLAINTEXT\n"
        f"sasl.mechanism=PLAIN\nsasl.username=alice\nsasl.password={PASSWORDS['alice']}\n"
    )

    def asked(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(["--config", str(login), "tokens", *words, "--json"])
        document: dict[str, Any] = orjson.loads(capsys.readouterr().out)
        return code, document

    return asked


async def test_a_token_is_created_renewed_and_expired_and_each_reads_back(alice: Session) -> None:
    creating = await plan_create_token(alice, NewToken(renewers=("User:nobody",), life_ms=2 * HOUR_MS))
    assert creating.title == "Create a delegation token of User:alice"
    assert (await carry_out(alice, creating)).doubt == ""
    secret = creating.given.take() if creating.given else None
    assert secret is not None
    assert len(base64.b64decode(secret.value)) == 64
    token = secret.login
    (made,) = [one for one in await alice.cluster.security.tokens() if one.token_id == token]
    assert (made.owner, made.renewers) == ("User:alice", ("User:nobody",))
    assert made.ends_at_ms - made.issued_at_ms == 2 * HOUR_MS
    assert (await carry_out(alice, await plan_renew_token(alice, token, HOUR_MS))).doubt == ""
    (renewed,) = [one for one in await alice.cluster.security.tokens() if one.token_id == token]
    assert renewed.expires_at_ms < made.expires_at_ms  # a day at first, which its end had cut to two hours
    assert (await carry_out(alice, await plan_expire_token(alice, token))).doubt == ""
    assert token not in {one.token_id for one in await alice.cluster.security.tokens()}
    with pytest.raises(RefusedByPolicy, match="DELEGATION_TOKEN_NOT_FOUND"):
        await alice.cluster.security.expire_token(token)
    assert secret.value not in repr(await alice.journal.entries())


async def test_id_and_hmac_log_in_and_a_login_by_them_makes_no_further_token(
    alice: Session, secure_kafka: SecureKafka
) -> None:
    creating = await plan_create_token(alice, NewToken(life_ms=HOUR_MS))
    await carry_out(alice, creating)
    secret = creating.given.take() if creating.given else None
    assert secret is not None
    with socket.create_connection(("127.0.0.1", secure_kafka.ports["SASL_PLAINTEXT"])) as connection:
        connection.setblocking(False)
        talk = Conversation(PlainWire(connection))
        await talk.hello()
        await talk.ask(SaslHandshakeRequest, 1, mechanism="SCRAM-SHA-256")
        scram = Scram("sha256", secret.login, secret.value)
        scram._bare += ",tokenauth=true"
        challenge = await talk.ask(SaslAuthenticateRequest, 2, auth_bytes=scram.first())
        proven = await talk.ask(SaslAuthenticateRequest, 2, auth_bytes=scram.final(bytes(challenge.auth_bytes)))
        assert proven.error_code == 0
        request: dict[str, Any] = {
            "owner_principal_type": None,
            "owner_principal_name": None,
            "renewers": [],
            "max_lifetime_ms": -1,
        }
        answer = await talk.ask(CreateDelegationTokenRequest, 3, **request)
    with pytest.raises(RefusedByPolicy, match="nor from who logged in by one"):
        delegation._check(answer.error_code, "creating a delegation token", "")
    await carry_out(alice, await plan_expire_token(alice, secret.login))


async def test_a_token_of_somebody_else_needs_a_right_on_that_user(alice: Session) -> None:
    with pytest.raises(NotAuthorized) as refused:
        await carry_out(alice, await plan_create_token(alice, NewToken("User:nobody")))
    assert refused.value.hint == "Ask for the right CREATE_TOKENS on User nobody."


@pytest.mark.parametrize("listener", ["PLAINTEXT", "SSL"])
async def test_over_a_connection_without_a_login_the_reason_is_said_before_there_is_a_plan(
    secure_kafka: SecureKafka, tmp_path: Path, listener: str
) -> None:
    way: tuple[ConnectionProfile, Secrets] = secure_kafka.way(listener)
    async with open_session(*way, journal=tmp_path / "journal.sqlite") as session:
        with pytest.raises(RefusedByPolicy, match="neither over PLAINTEXT, nor over TLS without a client") as refused:
            await plan_create_token(session, NewToken())
    assert refused.value.hint.startswith("Log in with SASL or a client certificate")


def test_the_hmac_is_printed_where_it_is_asked_for_and_is_in_no_file(ask: Ask, tmp_home: Path) -> None:
    code, dry = ask("create", "--max-life", "1h", "--dry-run")
    assert (code, dry["done"]) == (0, False)
    assert dry["plan"]["command"].endswith(" tokens create --max-life 1h --yes")
    code, silent = ask("create", "--max-life", "1h", "--yes")
    assert (code, set(silent["given"])) == (0, {"login"})
    code, output = ask("create", "--max-life", "1h", "--show-hmac", "--yes")
    assert code == 0
    hmac = output["given"]["hmac"]
    made = {output["given"]["login"], silent["given"]["login"]}
    assert made <= {row["token_id"] for row in ask()[1]["tokens"]}
    assert ask("renew", output["given"]["login"], "--for", "30m", "--yes")[0] == 0
    for token in made:
        assert ask("expire", token, "--yes")[0] == 0
    assert not made & {row["token_id"] for row in ask()[1]["tokens"]}
    shapes = (hmac.encode(), base64.b64decode(hmac), base64.b64decode(hmac).hex().encode())
    files = [path for path in tmp_home.rglob("*") if path.is_file()]
    assert any(b"tokens.create" in path.read_bytes() for path in files)
    assert [path for path in files if any(shape in path.read_bytes() for shape in shapes)] == []


def test_a_time_that_is_none_is_bad_usage(ask: Ask) -> None:
    code, document = ask("create", "--max-life", "soon", "--yes")
    assert (code, document["error"]["kind"]) == (2, "usage")
