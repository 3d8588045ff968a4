"""Every way into a secure cluster, through both client libraries from one profile, and what a refusal says."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.cli.main import main
from kafkaview.cluster.errors import (
    AuthenticationFailed,
    ClusterError,
    NotAuthorized,
    Unreachable,
    UnsupportedHere,
    UnusableProfile,
)
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.kafka.kerberos import gssapi_available
from kafkaview.cluster.ports.cluster import Cluster, Copy, TransactionStage
from kafkaview.cluster.ports.coordination import CoordinationMode
from kafkaview.cluster.tls.contexts import tls_material
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Certificate, SecretField, Secrets, Tls
from kafkaview.terms import GroupListing, GroupState, GroupType, TopicPartition
from tests.broker import false_servers as false
from tests.broker.certificates import KEY_PASSPHRASE, KEYSTORE_PASSWORD, TRUSTSTORE_PASSWORD
from tests.broker.oidc import CLIENTS
from tests.broker.secure_kafka import PASSWORDS, TOPIC, SecureKafka
from tests.kit.patience import patience

Way = tuple[ConnectionProfile, Secrets]

LOGINS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")
OPENS_KEY = {SecretField.KEY_PASSPHRASE: KEY_PASSPHRASE}
OPENS_STORE = {SecretField.KEYSTORE_PASSWORD: KEYSTORE_PASSWORD}
SECRETS = {*PASSWORDS.values(), *CLIENTS.values(), KEY_PASSPHRASE, KEYSTORE_PASSWORD, TRUSTSTORE_PASSWORD}

# What each trusts.
TRUSTS: dict[str, Callable[[SecureKafka], Way]] = {
    "a CA file": lambda kafka: kafka.way("SSL"),
    "pasted CAs": lambda kafka: kafka.way("SSL", tls=Tls(ca_pem=kafka.certificates.ca_pem)),
    "a truststore": lambda kafka: kafka.way(
        "SSL",
        tls=Tls(truststore_file=kafka.certificates.truststore_file),
        secrets={SecretField.TRUSTSTORE_PASSWORD: TRUSTSTORE_PASSWORD},
    ),
    "another name": lambda kafka: kafka.way(
        "WRONGHOST", tls=Tls(ca_file=kafka.certificates.ca_file, verify_hostname=False)
    ),
}
# By what each says who it is.
CERTIFICATES: dict[str, Callable[[SecureKafka], tuple[Certificate, dict[SecretField, str]]]] = {
    "files": lambda kafka: (
        Certificate(kafka.certificates.client_certificate_file, kafka.certificates.client_key_file),
        {},
    ),
    "an encrypted key": lambda kafka: (
        Certificate(kafka.certificates.client_certificate_file, kafka.certificates.client_encrypted_key_file),
        OPENS_KEY,
    ),
    "one file": lambda kafka: (Certificate(kafka.certificates.nobody_certificate_file), {}),
    "pasted": lambda kafka: (Certificate(pem=kafka.certificates.client_pem), OPENS_KEY),
    "a keystore": lambda kafka: (Certificate(pkcs12_file=kafka.certificates.client_keystore_file), OPENS_STORE),
    "a keystore with a chain": lambda kafka: (
        Certificate(pkcs12_file=kafka.certificates.chained_keystore_file),
        OPENS_STORE,
    ),
}


@pytest.fixture(autouse=True)
def nothing_tells_a_secret(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    said = caplog.text + "".join(capfd.readouterr())
    assert not [secret for secret in SECRETS if secret in said]


@asynccontextmanager
async def opened(way: Way) -> AsyncIterator[Cluster]:
    cluster = open_cluster(*way)
    try:
        yield cluster
    finally:
        await cluster.close()


async def look(way: Way) -> None:
    """All of it through both libraries: topics by one, groups and the quorum by the other."""
    async with opened(way) as cluster:
        assert TOPIC in [topic.name for topic in await cluster.topics()]
        groups = await cluster.groups()
        assert not groups.errors
        await cluster.describe_groups([GroupListing("g", GroupType.CLASSIC, GroupState.EMPTY)])
        coordination = await cluster.coordination()
        assert (coordination.mode, coordination.controller_id) == (CoordinationMode.KRAFT, 1)


async def test_plain_text(secure_kafka: SecureKafka) -> None:
    await look(secure_kafka.way("PLAINTEXT"))


@pytest.mark.parametrize("name", TRUSTS)
async def test_tls_trusts(secure_kafka: SecureKafka, name: str) -> None:
    await look(TRUSTS[name](secure_kafka))


async def test_tls_trusts_the_systems_authorities(secure_kafka: SecureKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    way = secure_kafka.way("SSL", tls=Tls())
    async with opened(way) as cluster:
        with pytest.raises(Unreachable, match="certificate"):
            await cluster.topics()
    monkeypatch.setenv("SSL_CERT_FILE", secure_kafka.certificates.ca_file)
    await look(way)


@pytest.mark.parametrize("name", CERTIFICATES)
async def test_a_client_certificate_is_who_we_are(secure_kafka: SecureKafka, name: str) -> None:
    certificate, secrets = CERTIFICATES[name](secure_kafka)
    tls = Tls(ca_file=secure_kafka.certificates.ca_file, certificate=certificate)
    way = secure_kafka.way("MTLS", tls=tls, secrets=secrets)
    if name == "one file":  # nobody's
        async with opened(way) as cluster:
            assert await cluster.topics() == ()
            assert isinstance((await cluster.coordination()).refused, NotAuthorized)
    else:
        await look(way)


@pytest.mark.parametrize("mechanism", LOGINS)
@pytest.mark.parametrize("listener", ["SASL_PLAINTEXT", "SASL_SSL"])
async def test_a_login(secure_kafka: SecureKafka, listener: str, mechanism: str) -> None:
    await look(secure_kafka.way(listener, mechanism=mechanism))


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_a_name_that_scram_writes_otherwise_logs_in(secure_kafka: SecureKafka, mechanism: str) -> None:
    await look(secure_kafka.way("SASL_SSL", mechanism=mechanism, user="a=b,c"))


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "OAUTHBEARER"])
async def test_reading_and_writing_log_in_too(secure_kafka: SecureKafka, mechanism: str) -> None:
    async def fine(_stage: TransactionStage) -> None:
        """Nothing is wrong."""

    async with opened(secure_kafka.way("SASL_SSL", mechanism=mechanism)) as cluster:
        (written,) = await cluster.transact("ways", [Copy(TOPIC, 0, None, b"in", (), None)], [], fine)
        start = {TopicPartition(TOPIC, 0): written.offset}
        async with asyncio.timeout(patience(10)):  # the broker marks what is committed a moment later
            while (read := [r.value async for batch in cluster.read(start) for r in batch.records]) == []:
                continue
        assert read == [b"in"]


@pytest.mark.parametrize("mechanism", LOGINS)
async def test_a_refused_login_says_so_in_the_brokers_words(secure_kafka: SecureKafka, mechanism: str) -> None:
    words = {"PLAIN": "Invalid username or password", "OAUTHBEARER": "invalid_client"}
    async with opened(secure_kafka.way("SASL_SSL", mechanism=mechanism, password="not-this-one")) as cluster:  # noqa: S106
        for question in (cluster.topics, cluster.groups, cluster.coordination):
            began = time.monotonic()
            with pytest.raises(AuthenticationFailed, match=words.get(mechanism, "invalid credentials")):
                await question()
            assert time.monotonic() - began < patience(10)


async def test_a_mechanism_that_is_not_offered_is_named_with_those_that_are(secure_kafka: SecureKafka) -> None:
    async with opened(secure_kafka.way("SCRAM256", mechanism="PLAIN")) as cluster:
        with pytest.raises(AuthenticationFailed, match="SCRAM-SHA-256"):
            await cluster.topics()


@pytest.mark.parametrize("mechanism", LOGINS)
async def test_without_a_right_the_refusal_is_the_answer(secure_kafka: SecureKafka, mechanism: str) -> None:
    if mechanism == "SCRAM-SHA-512":
        pytest.skip("nobody has no password of that kind")
    async with opened(secure_kafka.way("SASL_SSL", mechanism=mechanism, user="nobody")) as cluster:
        refused = (await cluster.coordination()).refused
        assert isinstance(refused, NotAuthorized)
        assert refused.exit_code == 5


@pytest.mark.parametrize(
    ("way", "kind", "words"),
    [
        ("broken", Unreachable, "500: the database is away"),
        ("html", AuthenticationFailed, "no JWT"),
        ("opaque", AuthenticationFailed, "no JWT"),
        ("expired", AuthenticationFailed, "expired already"),
        ("wrong-audience", AuthenticationFailed, "invalid_token"),
        ("slow", Unreachable, "no whole answer within 3 s"),
    ],
)
async def test_a_token_endpoint_that_fails_is_told_in_time(
    secure_kafka: SecureKafka, way: str, kind: type[ClusterError], words: str
) -> None:
    endpoint = f"{secure_kafka.oidc.token_endpoint}/{way}"
    began = time.monotonic()
    async with opened(secure_kafka.way("SASL_PLAINTEXT", mechanism="OAUTHBEARER", token_endpoint=endpoint)) as cluster:
        with pytest.raises(kind, match=words):
            await cluster.topics()
    assert time.monotonic() - began < patience(10)


async def test_one_token_serves_both_libraries_and_is_replaced_before_it_ends(secure_kafka: SecureKafka) -> None:
    oidc = secure_kafka.oidc
    lifetime, before = oidc.lifetime_seconds, oidc.asked
    oidc.lifetime_seconds = 8.0  # a broker takes no second login within a second
    try:
        async with opened(secure_kafka.way("SASL_PLAINTEXT", mechanism="OAUTHBEARER")) as cluster:
            await cluster.topics()
            await cluster.groups()
            assert oidc.asked == before + 1
            until = time.monotonic() + 13
            while time.monotonic() < until:
                assert await cluster.topics()
                assert not (await cluster.groups()).errors
                await asyncio.sleep(0.05)
            assert before + 2 <= oidc.asked <= before + 5
    finally:
        oidc.lifetime_seconds = lifetime


async def test_kerberos_that_is_not_here_says_why(secure_kafka: SecureKafka) -> None:
    reason = gssapi_available()
    if reason is None:
        pytest.skip("this computer has it")
    async with opened(secure_kafka.way("SASL_PLAINTEXT", mechanism="GSSAPI")) as cluster:
        for question in (cluster.topics, cluster.groups):
            with pytest.raises(UnsupportedHere, match="Kerberos"):
                await question()


@pytest.mark.parametrize(
    ("certificate", "secrets", "words"),
    [
        (lambda c: Certificate(c.client_certificate_file, c.client_encrypted_key_file), {}, "is encrypted"),
        (
            lambda c: Certificate(c.client_certificate_file, c.client_encrypted_key_file),
            {SecretField.KEY_PASSPHRASE: "wrong"},
            "passphrase does not open",
        ),
        (lambda c: Certificate(c.client_certificate_file, c.other_key_file), {}, "not that of the certificate"),
        (lambda c: Certificate(pkcs12_file=c.client_keystore_file), {}, "needs a password"),
        (lambda c: Certificate(c.client_certificate_file, "/nowhere/key"), {}, "cannot be read"),
        (lambda c: Certificate(c.client_certificate_file), {}, "no private key"),
        (lambda c: Certificate(pem=Path(c.nobody_certificate_file).read_text()), {}, "is not encrypted"),
    ],
)
async def test_a_certificate_that_cannot_be_used_is_told_before_anything_is_sent(
    secure_kafka: SecureKafka,
    certificate: Callable[[object], Certificate],
    secrets: dict[SecretField, str],
    words: str,
) -> None:
    tls = Tls(ca_file=secure_kafka.certificates.ca_file, certificate=certificate(secure_kafka.certificates))
    async with opened(secure_kafka.way("MTLS", tls=tls, secrets=secrets)) as cluster:
        for question in (cluster.topics, cluster.groups):
            with pytest.raises(UnusableProfile, match=words):
                await question()


def test_no_key_is_left_in_a_file(secure_kafka: SecureKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ssl reads from a file is encrypted while it is there, and gone after."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen: list[str] = []
    audited = True

    def see(event: str, arguments: tuple[object, ...]) -> None:
        if audited and event == "os.remove" and str(arguments[0]).endswith("own.pem"):
            seen.append(next(tmp_path.rglob("own.pem")).read_text())

    sys.addaudithook(see)
    tls = Tls(certificate=Certificate(pkcs12_file=secure_kafka.certificates.client_keystore_file))
    tls_material(tls, Secrets(OPENS_STORE)).context()
    audited = False
    assert len(seen) == 1
    assert "BEGIN ENCRYPTED PRIVATE KEY" in seen[0]
    assert "BEGIN PRIVATE KEY" not in seen[0]
    assert not list(tmp_path.iterdir())


def test_the_command_line_lists_and_coordinates_through_a_secure_listener(
    secure_kafka: SecureKafka, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "client.properties"
    file.write_text(
        f"bootstrap.servers={secure_kafka.bootstrap('SASL_SSL')}\nsecurity.protocol=SASL_SSL\n"
        f"sasl.mechanism=SCRAM-SHA-256\nssl.ca.location={secure_kafka.certificates.ca_file}\n"
    )
    for user, code in (("alice", 0), ("nobody", 5)):
        monkeypatch.setitem(os.environ, "KAFKAVIEW_PASSWORD", PASSWORDS[user])
        line = ["--config", str(file), "-X", f"sasl.username={user}"]
        assert main([*line, "topics", "--json"]) == 0
        topics = json.loads(capfd.readouterr().out)["topics"]
        shown = {topic["topic"] for topic in topics if not topic["internal"]}  # other tests may have left some
        assert TOPIC in shown if user == "alice" else not shown
        assert main([*line, "coordination", "--json"]) == code
        document = json.loads(capfd.readouterr().out)
        assert document["mode"] == "kraft" if code == 0 else document["error"]["kind"] == "authorization"


@pytest.mark.parametrize("listener", ["PLAINTEXT", "SSL", "SASL_SSL"])
async def test_bootstrap_servers_that_say_nothing_hold_up_neither_library(
    secure_kafka: SecureKafka, listener: str
) -> None:
    profile, secrets = secure_kafka.way(listener, mechanism="SCRAM-SHA-256" if "SASL" in listener else None)
    async with (
        false.serving(false.silent) as one,
        false.serving(false.silent) as two,
        false.serving(false.silent) as three,
    ):
        silent = ",".join(f"127.0.0.1:{port}" for port in (one, two, three))
        cluster = open_cluster(replace(profile, bootstrap=f"{silent},{profile.bootstrap}"), secrets)
        try:
            async with asyncio.timeout(patience(20)):
                assert (await cluster.coordination()).mode is CoordinationMode.KRAFT
        finally:
            await cluster.close()
