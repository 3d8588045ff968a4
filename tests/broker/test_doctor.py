"""Every broken connection is named by its own cause, on real brokers and small false servers."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import trustme

from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.demo.ports import free_ports
from kafkaview.doctor.diagnose import diagnose
from kafkaview.doctor.diagnosis import Cause, Diagnosis, Step, StepName
from kafkaview.profiles.profile import ConnectionProfile, SchemaRegistry
from kafkaview.profiles.security import (
    Certificate,
    Kerberos,
    Mechanism,
    OAuth,
    Protocol,
    Sasl,
    SecretField,
    Secrets,
    Security,
    Tls,
)
from kafkaview.profiles.store import ProfileStore
from tests.broker import false_servers as false
from tests.broker.certificates import KEY_PASSPHRASE, KEYSTORE_PASSWORD, TRUSTSTORE_PASSWORD
from tests.broker.secure_kafka import PASSWORDS, SecureKafka
from tests.broker.zookeeper_kafka import EmbeddedZooKeeperKafka

Way = tuple[ConnectionProfile, Secrets]
LIMIT_S = 10.0
NOWHERE = "broker-7.kafkaview.invalid"


async def examined(way: Way) -> Diagnosis:
    """The diagnosis, and that what it always holds is so: time, order, no secret, nothing tried after the cause."""
    reported: list[Step] = []
    began = time.monotonic()
    diagnosis = await diagnose(*way, reported.append)
    assert time.monotonic() - began < LIMIT_S
    order = list(StepName)
    assert [order.index(step.step) for step in diagnosis.steps] == sorted(
        order.index(step.step) for step in diagnosis.steps
    )
    ends = {(step.step, step.target): step for step in reported if step.ok is not None or step.detail}
    assert set(ends.values()) == set(diagnosis.steps), "every step is reported as it ends"
    for step in diagnosis.steps:
        assert (step.cause is not None) == (step.ok is False), step
        assert step.detail
        assert step.hint or step.ok is not False, step
        assert "timed out" not in step.detail.lower()
    told = repr(diagnosis)
    for field in way[1].known():
        secret = way[1].get(field) or ""
        assert len(secret) < 4 or secret not in told
    return diagnosis


async def guilty(way: Way) -> Step:
    """The step with the first cause."""
    diagnosis = await examined(way)
    assert diagnosis.cause is not None, diagnosis
    return next(step for step in diagnosis.steps if step.cause is diagnosis.cause)


def plain(bootstrap: str, **more: object) -> Way:
    return ConnectionProfile("plain", bootstrap, **more), Secrets()  # type: ignore[arg-type]


def encrypted(bootstrap: str, tls: Tls | None = None) -> Way:
    return ConnectionProfile("tls", bootstrap, security=Security(Protocol.SSL, tls or Tls())), Secrets()


def at(way: Way, bootstrap: str) -> Way:
    return replace(way[0], bootstrap=bootstrap), way[1]


def client(kafka: SecureKafka, **files: str) -> Tls:
    return Tls(ca_file=kafka.certificates.ca_file, certificate=Certificate(**files))


@pytest.fixture
def closed_port() -> int:
    with free_ports(1) as (port,):
        return port


# The layers below Kafka.


async def test_a_host_that_nobody_knows_is_unknown_host() -> None:
    step = await guilty(plain(f"{NOWHERE}:9092"))
    assert (step.step, step.cause, step.field) == (StepName.DNS, Cause.UNKNOWN_HOST, "bootstrap")
    assert NOWHERE in step.detail


async def test_a_closed_port_is_connection_refused(closed_port: int) -> None:
    step = await guilty(plain(f"127.0.0.1:{closed_port}"))
    assert (step.step, step.cause) == (StepName.TCP, Cause.CONNECTION_REFUSED)


async def test_a_port_that_drops_the_syn_is_filtered() -> None:
    with false.filtered() as port:
        step = await guilty(plain(f"127.0.0.1:{port}"))
    assert (step.step, step.cause) == (StepName.TCP, Cause.FILTERED)
    assert "firewall" in step.hint


async def test_a_port_that_accepts_and_stays_silent_is_silent() -> None:
    async with false.serving(false.silent) as port:
        step = await guilty(plain(f"127.0.0.1:{port}"))
    assert (step.step, step.cause) == (StepName.API, Cause.SILENT)
    assert "says nothing for 3 s" in step.detail


async def test_a_silent_port_is_silent_to_tls_too() -> None:
    async with false.serving(false.silent) as port:
        step = await guilty(encrypted(f"127.0.0.1:{port}"))
    assert (step.step, step.cause) == (StepName.TLS, Cause.SILENT)


async def test_half_an_answer_is_told_with_its_bytes() -> None:
    async with false.serving(false.saying(b"\0\0\0\x40\0\0")) as port:
        step = await guilty(plain(f"127.0.0.1:{port}"))
    assert step.cause is Cause.SILENT
    assert "6 bytes" in step.detail


@pytest.mark.parametrize("way", [plain, encrypted])
async def test_a_port_that_closes_at_once_is_told(way: Callable[[str], Way]) -> None:
    async with false.serving(false.closing) as port:
        assert (await guilty(way(f"127.0.0.1:{port}"))).cause is Cause.CLOSED_AT_ONCE


@pytest.mark.parametrize("way", [plain, encrypted])
async def test_an_http_server_is_not_kafka(way: Callable[[str], Way]) -> None:
    with false.http_server() as port:
        step = await guilty(way(f"127.0.0.1:{port}"))
    assert step.cause is Cause.NOT_KAFKA
    assert "HTTP" in step.detail or "<!DOCTYPE" in step.detail


async def test_an_https_server_is_not_kafka_with_tls_or_without(secure_kafka: SecureKafka) -> None:
    certificates = secure_kafka.certificates
    with false.http_server(context=false.tls_server(certificates.broker)) as port:
        for way in (plain(f"localhost:{port}"), encrypted(f"localhost:{port}", Tls(ca_file=certificates.ca_file))):
            assert (await guilty(way)).cause is Cause.NOT_KAFKA


async def test_an_ssh_server_is_not_kafka_and_quoted() -> None:
    async with false.serving(false.greeting(b"SSH-2.0-OpenSSH_9.2\r\n")) as port:
        step = await guilty(plain(f"127.0.0.1:{port}"))
    assert step.cause is Cause.NOT_KAFKA
    assert "SSH-2.0-OpenSSH_9.2" in step.detail


async def test_a_broker_before_2_4_is_too_old() -> None:
    async with false.serving(false.broker(highest_metadata=5)) as port:
        assert (await guilty(plain(f"127.0.0.1:{port}"))).cause is Cause.API_TOO_OLD


async def test_a_broker_that_hangs_up_without_wanting_a_login_has_failed_itself() -> None:
    async with false.serving(false.broker(highest_metadata=12)) as port:
        step = await guilty(plain(f"127.0.0.1:{port}"))
    assert (step.step, step.cause) == (StepName.METADATA, Cause.METADATA_FAILED)


async def test_a_broker_that_freezes_after_its_first_answer_is_silent() -> None:
    async with false.serving(false.broker(12, then=false.silent)) as port:
        step = await guilty(plain(f"127.0.0.1:{port}"))
    assert (step.step, step.cause) == (StepName.METADATA, Cause.SILENT)


# TLS.


async def test_plain_text_to_a_tls_port_is_tls_needed(secure_kafka: SecureKafka) -> None:
    step = await guilty(plain(secure_kafka.bootstrap("SSL")))
    assert (step.step, step.cause, step.field) == (StepName.TLS, Cause.TLS_NEEDED, "security.protocol")
    assert step.hint.endswith(" SSL.")
    assert "localhost" in step.detail, "whose certificate it is"
    mutual = await guilty(plain(secure_kafka.bootstrap("MTLS")))
    assert mutual.cause is Cause.TLS_NEEDED
    login = await guilty(plain(secure_kafka.bootstrap("SASL_SSL")))
    assert (login.cause, login.hint) == (Cause.TLS_NEEDED, "Set the security protocol to SASL_SSL.")


async def test_tls_to_a_plain_text_port_is_tls_not_spoken(secure_kafka: SecureKafka) -> None:
    step = await guilty(at(secure_kafka.way("SSL"), secure_kafka.bootstrap("PLAINTEXT")))
    assert (step.step, step.cause) == (StepName.TLS, Cause.TLS_NOT_SPOKEN)


@pytest.mark.parametrize(
    ("listener", "cause", "words"),
    [
        ("UNKNOWNCA", Cause.UNKNOWN_CA, "not trusted"),
        ("WRONGHOST", Cause.WRONG_HOSTNAME, "for elsewhere.example, not for localhost"),
        ("EXPIRED", Cause.CERTIFICATE_EXPIRED, "days ago"),
        ("MTLS", Cause.CLIENT_CERTIFICATE_MISSING, "asks for a client certificate"),
    ],
)
async def test_each_fault_of_a_certificate_is_told(
    secure_kafka: SecureKafka, listener: str, cause: Cause, words: str
) -> None:
    step = await guilty(secure_kafka.way(listener))
    assert (step.step, step.cause) == (StepName.TLS, cause)
    assert words in step.detail


async def test_a_certificate_of_tomorrow_is_not_yet_valid(tmp_path: Path) -> None:
    authority, now = trustme.CA(), dt.datetime.now(dt.UTC)
    begins, ends = now + dt.timedelta(days=1), now + dt.timedelta(days=9)
    leaf = authority.issue_cert("localhost", not_before=begins, not_after=ends)
    leaf.private_key_and_cert_chain_pem.write_to_path(tmp_path / "pair.pem")
    with false.http_server(context=false.tls_server(str(tmp_path / "pair.pem"))) as port:
        step = await guilty(encrypted(f"localhost:{port}", Tls(ca_pem=authority.cert_pem.bytes().decode())))
    assert (step.step, step.cause) == (StepName.TLS, Cause.CERTIFICATE_NOT_YET_VALID)


async def test_a_private_ca_is_unknown_where_the_system_is_to_be_trusted(secure_kafka: SecureKafka) -> None:
    assert (await guilty(secure_kafka.way("SSL", tls=Tls()))).cause is Cause.UNKNOWN_CA


async def test_an_unknown_ca_leads_to_the_field_that_says_whom_to_trust(secure_kafka: SecureKafka) -> None:
    files = secure_kafka.certificates
    password = {SecretField.TRUSTSTORE_PASSWORD: TRUSTSTORE_PASSWORD}
    for tls, field in (
        (Tls(), "security.tls.ca_file"),
        (Tls(ca_pem=files.ca_pem), "security.tls.ca_pem"),
        (Tls(truststore_file=files.truststore_file), "security.tls.truststore_file"),
    ):
        step = await guilty(secure_kafka.way("UNKNOWNCA", tls=tls, secrets=password))
        assert (step.cause, step.field) == (Cause.UNKNOWN_CA, field)


async def test_a_host_name_that_is_not_checked_is_a_warning(secure_kafka: SecureKafka) -> None:
    trusted = Tls(ca_file=secure_kafka.certificates.ca_file, verify_hostname=False)
    diagnosis = await examined(secure_kafka.way("WRONGHOST", tls=trusted))
    assert diagnosis.ok
    assert any("warning: the host name is not checked" in step.detail for step in diagnosis.steps)


async def test_no_password_is_sent_where_the_certificate_is_not_trusted(secure_kafka: SecureKafka) -> None:
    """The false broker would have it: it answers in TLS and reads on."""
    read = bytearray()

    async def listening(reader: object, _writer: object) -> None:
        while data := await reader.read(1000):  # type: ignore[attr-defined]
            read.extend(data)

    certificates = secure_kafka.certificates
    context = false.tls_server(certificates.unknown_ca)
    async with false.serving(false.broker(12, then=listening), context) as port:
        way = at(secure_kafka.way("SASL_SSL", mechanism=Mechanism.PLAIN), f"localhost:{port}")
        assert (await guilty(way)).cause is Cause.UNKNOWN_CA
    assert not read


@pytest.mark.parametrize(
    ("file", "cause"),
    [
        ("unknown_client_file", Cause.CLIENT_CERTIFICATE_UNKNOWN_CA),
        ("expired_client_file", Cause.CLIENT_CERTIFICATE_EXPIRED),
    ],
)
async def test_a_client_certificate_is_refused_for_its_own_reason(
    secure_kafka: SecureKafka, file: str, cause: Cause
) -> None:
    tls = client(secure_kafka, certificate_file=getattr(secure_kafka.certificates, file))
    step = await guilty(secure_kafka.way("MTLS", tls=tls))
    assert (step.step, step.cause, step.field) == (StepName.TLS, cause, "security.tls.certificate")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
async def test_no_common_version_of_tls_is_told(secure_kafka: SecureKafka) -> None:
    context = false.tls_server(secure_kafka.certificates.broker, ssl.TLSVersion.TLSv1_1)
    with false.http_server(context=context) as port:
        step = await guilty(encrypted(f"localhost:{port}", Tls(ca_file=secure_kafka.certificates.ca_file)))
    assert (step.step, step.cause) == (StepName.TLS, Cause.TLS_VERSION)


async def test_a_client_certificate_is_missed_with_tls_1_2_as_well(secure_kafka: SecureKafka) -> None:
    certificates = secure_kafka.certificates
    context = false.tls_server(certificates.broker, ssl.TLSVersion.TLSv1_2)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificates.ca_file)
    with false.http_server(context=context) as port:
        step = await guilty(encrypted(f"localhost:{port}", Tls(ca_file=certificates.ca_file)))
        assert step.cause is Cause.CLIENT_CERTIFICATE_MISSING
        tls = client(secure_kafka, certificate_file=certificates.unknown_client_file)
        step = await guilty(encrypted(f"localhost:{port}", tls))
        assert step.cause is Cause.CLIENT_CERTIFICATE_UNKNOWN_CA


# SASL.


async def test_a_login_where_there_is_none_is_sasl_not_enabled(secure_kafka: SecureKafka) -> None:
    way = at(secure_kafka.way("SASL_PLAINTEXT", mechanism=Mechanism.PLAIN), secure_kafka.bootstrap("PLAINTEXT"))
    step = await guilty(way)
    assert (step.step, step.cause) == (StepName.SASL, Cause.SASL_NOT_ENABLED)


@pytest.mark.parametrize(("listener", "without"), [("SASL_PLAINTEXT", "PLAINTEXT"), ("SASL_SSL", "SSL")])
async def test_no_login_where_one_is_wanted_is_sasl_needed(
    secure_kafka: SecureKafka, listener: str, without: str
) -> None:
    step = await guilty(at(secure_kafka.way(without), secure_kafka.bootstrap(listener)))
    assert (step.step, step.cause) == (StepName.SASL, Cause.SASL_NEEDED)
    assert "SCRAM-SHA-512" in step.detail
    assert listener in step.hint


async def test_a_mechanism_that_is_not_offered_is_told_with_those_that_are(secure_kafka: SecureKafka) -> None:
    step = await guilty(secure_kafka.way("SCRAM256", mechanism=Mechanism.PLAIN))
    assert (step.step, step.cause, step.hint) == (StepName.SASL, Cause.MECHANISM_NOT_OFFERED, "Choose SCRAM-SHA-256.")


@pytest.mark.parametrize(
    ("mechanism", "user", "password", "cause"),
    [
        (Mechanism.PLAIN, "alice", "not-hers", Cause.BAD_CREDENTIALS),
        (Mechanism.PLAIN, "mallory", "anything", Cause.BAD_CREDENTIALS),
        (Mechanism.SCRAM_SHA_256, "alice", "not-hers", Cause.WRONG_PASSWORD),
        (Mechanism.SCRAM_SHA_512, "alice", "not-hers", Cause.WRONG_PASSWORD),
        (Mechanism.SCRAM_SHA_256, "mallory", "anything", Cause.UNKNOWN_USER),
        (Mechanism.SCRAM_SHA_512, "nobody", PASSWORDS["nobody"], Cause.UNKNOWN_USER),  # has SHA-256 alone
    ],
)
@pytest.mark.parametrize("listener", ["SASL_PLAINTEXT", "SASL_SSL"])
async def test_a_refused_login_tells_all_that_can_be_known(
    secure_kafka: SecureKafka, listener: str, mechanism: Mechanism, user: str, password: str, cause: Cause
) -> None:
    step = await guilty(secure_kafka.way(listener, mechanism=mechanism, user=user, password=password))
    assert (step.step, step.cause) == (StepName.SASL, cause)
    assert "The broker says: Authentication failed" in step.detail


async def test_a_listener_that_hangs_up_at_the_login_gives_no_reason() -> None:
    security = Security(Protocol.SASL_PLAINTEXT, sasl=Sasl(Mechanism.PLAIN, "alice"))
    secrets = Secrets({SecretField.SASL_PASSWORD: "wonder-8Xland"})
    for then, cause in ((false.closing, Cause.LOGIN_REFUSED), (false.silent, Cause.SILENT)):
        async with false.serving(false.broker(12, then=then)) as port:
            step = await guilty((ConnectionProfile("p", f"127.0.0.1:{port}", security=security), secrets))
        assert (step.step, step.cause) == (StepName.SASL, cause)


@pytest.mark.parametrize(
    ("at_endpoint", "cause"),
    [
        ("slow", Cause.TOKEN_ENDPOINT_UNREACHABLE),
        ("broken", Cause.TOKEN_ENDPOINT_UNREACHABLE),
        ("html", Cause.TOKEN_INVALID),
        ("opaque", Cause.TOKEN_INVALID),
        ("expired", Cause.TOKEN_INVALID),
        ("wrong-audience", Cause.LOGIN_REFUSED),
    ],
)
async def test_a_token_goes_wrong_for_its_own_reason(secure_kafka: SecureKafka, at_endpoint: str, cause: Cause) -> None:
    endpoint = f"{secure_kafka.oidc.token_endpoint}/{at_endpoint}"
    step = await guilty(secure_kafka.way("SASL_SSL", mechanism=Mechanism.OAUTHBEARER, token_endpoint=endpoint))
    assert (step.step, step.cause) == (StepName.SASL, cause)


async def test_the_broker_gives_no_reason_for_a_token_so_its_claims_are_shown(secure_kafka: SecureKafka) -> None:
    endpoint = f"{secure_kafka.oidc.token_endpoint}/wrong-audience"
    step = await guilty(secure_kafka.way("SASL_SSL", mechanism=Mechanism.OAUTHBEARER, token_endpoint=endpoint))
    assert "aud somebody else" in step.detail


async def test_a_wrong_client_secret_and_a_missing_endpoint_are_told(
    secure_kafka: SecureKafka, closed_port: int
) -> None:
    bearer = Mechanism.OAUTHBEARER
    step = await guilty(secure_kafka.way("SASL_SSL", mechanism=bearer, password="not-the-secret"))  # noqa: S106
    assert (step.cause, step.field) == (Cause.TOKEN_REFUSED, "oauth_client_secret")
    assert "invalid_client" in step.detail
    endpoint = f"http://127.0.0.1:{closed_port}/token"
    step = await guilty(secure_kafka.way("SASL_SSL", mechanism=bearer, token_endpoint=endpoint))
    assert step.cause is Cause.TOKEN_ENDPOINT_UNREACHABLE


# Behind the login.


@pytest.mark.parametrize("listener", ["UNREACHABLE", "UNRESOLVED"])
async def test_an_advertised_listener_out_of_reach_is_told_with_both_addresses(
    secure_kafka: SecureKafka, listener: str
) -> None:
    step = await guilty(secure_kafka.way(listener))
    assert (step.step, step.cause) == (StepName.ADVERTISED, Cause.ADVERTISED_UNREACHABLE)
    assert secure_kafka.bootstrap(listener) in step.detail
    assert "broker 1 at " in step.target


@pytest.fixture(scope="module")
def elsewhere(secure_kafka: SecureKafka) -> Iterator[tuple[str, str]]:
    """A broker whose certificate is good where one comes in, and not where it sends its clients."""
    with free_ports(1) as (port,):
        pass
    listeners = {f"SSL://0.0.0.0:{port}": f"SSL://127.0.0.2:{port}"}
    settings = {
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": secure_kafka.certificates.broker,
    }
    with EmbeddedKafka(settings=settings, listeners=listeners):
        yield f"localhost:{port}", f"127.0.0.2:{port}"


async def test_a_certificate_of_another_at_the_advertised_listener_is_told(
    secure_kafka: SecureKafka, elsewhere: tuple[str, str]
) -> None:
    used, advertised = elsewhere
    step = await guilty(encrypted(used, Tls(ca_file=secure_kafka.certificates.ca_file)))
    assert (step.step, step.cause) == (StepName.ADVERTISED, Cause.WRONG_HOSTNAME)
    assert step.target == f"broker 1 at {advertised}"


async def test_a_principal_without_rights_is_not_authorized_and_the_rights_are_listed(
    secure_kafka: SecureKafka,
) -> None:
    step = await guilty(secure_kafka.way("SASL_SSL", mechanism=Mechanism.SCRAM_SHA_256, user="nobody"))
    assert (step.step, step.cause, step.target) == (StepName.AUTHORIZATION, Cause.NOT_AUTHORIZED, "User:nobody")
    for words in ("may not read the quorum", "may not read the settings of brokers", "may write to 0 of"):
        assert words in step.detail


# Healthy.


@pytest.mark.parametrize("listener", ["SASL_PLAINTEXT", "SASL_SSL"])
@pytest.mark.parametrize("mechanism", [one for one in Mechanism if one is not Mechanism.GSSAPI])
async def test_a_good_login_is_sound(secure_kafka: SecureKafka, listener: str, mechanism: Mechanism) -> None:
    diagnosis = await examined(secure_kafka.way(listener, mechanism=mechanism))
    assert diagnosis.ok, diagnosis
    rights = diagnosis.steps[-1]
    assert rights.target == "User:alice"
    assert "may not make new ones" in rights.detail
    assert all(step.ms is not None for step in diagnosis.steps)


async def test_a_user_name_with_the_signs_of_scram_is_sound(secure_kafka: SecureKafka) -> None:
    assert (await examined(secure_kafka.way("SASL_PLAINTEXT", mechanism=Mechanism.SCRAM_SHA_256, user="a=b,c"))).ok


async def test_every_form_of_a_client_certificate_is_sound(secure_kafka: SecureKafka) -> None:
    files = secure_kafka.certificates
    passphrase = {SecretField.KEY_PASSPHRASE: KEY_PASSPHRASE}
    keystore = {SecretField.KEYSTORE_PASSWORD: KEYSTORE_PASSWORD}
    forms: list[tuple[dict[str, str], dict[SecretField, str]]] = [
        ({"certificate_file": files.client_certificate_file, "key_file": files.client_key_file}, {}),
        ({"certificate_file": files.client_certificate_file, "key_file": files.client_encrypted_key_file}, passphrase),
        ({"pem": files.client_pem}, passphrase),
        ({"pkcs12_file": files.client_keystore_file}, keystore),
        ({"pkcs12_file": files.chained_keystore_file}, keystore),
    ]
    for form, secrets in forms:
        diagnosis = await examined(secure_kafka.way("MTLS", tls=client(secure_kafka, **form), secrets=secrets))
        assert diagnosis.ok, form
        tls = next(step for step in diagnosis.steps if step.step is StepName.TLS)
        assert "client certificate asked for and sent" in tls.detail


async def test_every_form_of_trust_is_sound(secure_kafka: SecureKafka) -> None:
    files = secure_kafka.certificates
    password = {SecretField.TRUSTSTORE_PASSWORD: TRUSTSTORE_PASSWORD}
    for tls in (Tls(ca_pem=files.ca_pem), Tls(truststore_file=files.truststore_file)):
        diagnosis = await examined(secure_kafka.way("REQUESTED", tls=tls, secrets=password))
        assert diagnosis.ok
        assert any("asked for, none sent" in step.detail for step in diagnosis.steps)


@pytest.mark.parametrize("dead", [f"{NOWHERE}:9092", "127.0.0.1:{closed}", "127.0.0.1:{silent}"])
@pytest.mark.parametrize("first", [True, False])
async def test_one_dead_bootstrap_server_of_two_is_sound_and_noted(
    secure_kafka: SecureKafka, closed_port: int, dead: str, *, first: bool
) -> None:
    async with false.serving(false.silent) as silent:
        servers = [dead.format(closed=closed_port, silent=silent), secure_kafka.bootstrap("SASL_SSL")]
        bootstrap = ",".join(servers if first else reversed(servers))
        diagnosis = await examined(at(secure_kafka.way("SASL_SSL", mechanism=Mechanism.PLAIN), bootstrap))
    assert diagnosis.ok
    assert any(f"but {servers[0].rpartition(':')[0]}" in step.detail for step in diagnosis.steps)


async def test_the_fault_that_got_furthest_is_the_cause_where_all_bootstrap_servers_fail(
    secure_kafka: SecureKafka, closed_port: int
) -> None:
    bootstrap = f"{NOWHERE}:9092,127.0.0.1:{closed_port},{secure_kafka.bootstrap('EXPIRED')}"
    step = await guilty(at(secure_kafka.way("SSL"), bootstrap))
    assert step.cause is Cause.CERTIFICATE_EXPIRED


# Beside the brokers.

LOGIN = base64.b64encode(b"reader:let-me-read").decode()


@pytest.mark.parametrize(
    ("handler", "cause"),
    [
        (false.registry(b'["orders-value"]'), None),
        (false.registry(b"[]", user=LOGIN), None),
        (false.registry(b"[]", user="other"), Cause.REGISTRY_REFUSED),
        (false.registry(b"<html>"), Cause.NOT_A_REGISTRY),
        (false.registry(b"{}", status=404), Cause.NOT_A_REGISTRY),
        (false.registry(b"away", status=503), Cause.REGISTRY_UNREACHABLE),
    ],
)
async def test_a_registry_is_asked_for_its_subjects(
    secure_kafka: SecureKafka, handler: type[BaseHTTPRequestHandler], cause: Cause | None
) -> None:
    with false.http_server(handler) as port:
        registry = SchemaRegistry(f"http://127.0.0.1:{port}", "reader")
        profile, _ = plain(secure_kafka.bootstrap("PLAINTEXT"), schema_registry=registry)
        diagnosis = await examined((profile, Secrets({SecretField.REGISTRY_PASSWORD: "let-me-read"})))
    assert diagnosis.cause is cause
    assert diagnosis.steps[-1].step is StepName.REGISTRY


async def test_a_registry_that_is_not_there_is_unreachable(secure_kafka: SecureKafka, closed_port: int) -> None:
    registry = SchemaRegistry(f"http://127.0.0.1:{closed_port}")
    step = await guilty(plain(secure_kafka.bootstrap("PLAINTEXT"), schema_registry=registry))
    assert (step.step, step.cause) == (StepName.REGISTRY, Cause.REGISTRY_UNREACHABLE)


async def test_a_zookeeper_is_asked_what_it_is(zookeeper_kafka: EmbeddedZooKeeperKafka, closed_port: int) -> None:
    ensemble = f"{zookeeper_kafka.zookeeper},127.0.0.1:{closed_port}/kafka"
    diagnosis = await examined(plain(zookeeper_kafka.bootstrap, zookeeper=ensemble))
    assert diagnosis.ok
    assert "is standalone, 3." in diagnosis.steps[-1].detail
    assert "but 127.0.0.1" in diagnosis.steps[-1].detail
    assert "no quorum (ZooKeeper)" in diagnosis.steps[-2].detail


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("This ZooKeeper instance is not currently serving requests\n", Cause.ZOOKEEPER_NOT_SERVING),
        ("HTTP/1.1 400 Bad Request\r\n", Cause.ZOOKEEPER_UNREACHABLE),
        ("srvr is not executed because it is not in the whitelist.\n", None),
    ],
)
async def test_a_zookeeper_that_does_not_serve_is_told(
    secure_kafka: SecureKafka, words: str, cause: Cause | None
) -> None:
    async with false.serving(false.zookeeper(words)) as port:
        diagnosis = await examined(plain(secure_kafka.bootstrap("PLAINTEXT"), zookeeper=f"127.0.0.1:{port}"))
    assert diagnosis.cause is cause


# Before any socket.


async def test_what_is_wrong_with_the_profile_is_told_before_any_socket(
    secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    files = secure_kafka.certificates
    jks = tmp_path / "trust.jks"
    jks.write_bytes(bytes.fromhex("feedfeed00000002"))
    own, key = files.client_certificate_file, files.client_encrypted_key_file
    wrong = {SecretField.KEY_PASSPHRASE: "not-the-phrase"}
    sasl = Security(Protocol.SASL_PLAINTEXT, sasl=Sasl(Mechanism.PLAIN, "alice"))
    bearer = Sasl(Mechanism.OAUTHBEARER, oauth=OAuth("not a url", "id"))
    bad_store = {SecretField.KEYSTORE_PASSWORD: "not-it", SecretField.TRUSTSTORE_PASSWORD: "not-it"}
    cases: list[tuple[Security, dict[SecretField, str], Cause, str]] = [
        (tls_of(Tls(ca_file="/nowhere/ca.pem")), {}, Cause.CERTIFICATE_FILE, "security.tls.ca_file"),
        (tls_of(Tls(ca_pem="no pem")), {}, Cause.CERTIFICATE_FILE, "security.tls.ca_pem"),
        (tls_of(Tls(truststore_file=str(jks))), {}, Cause.CERTIFICATE_FILE, "security.tls.truststore_file"),
        (tls_of(Tls(truststore_file=files.truststore_file)), {}, Cause.SECRET_MISSING, "truststore_password"),
        (
            tls_of(Tls(truststore_file=files.truststore_file)),
            bad_store,
            Cause.KEYSTORE_PASSWORD_WRONG,
            "truststore_password",
        ),
        (
            own_of(pkcs12_file=files.client_keystore_file),
            bad_store,
            Cause.KEYSTORE_PASSWORD_WRONG,
            "keystore_password",
        ),
        (own_of(certificate_file=own, key_file=key), {}, Cause.KEY_PASSPHRASE_MISSING, "key_passphrase"),
        (own_of(certificate_file=own, key_file=key), wrong, Cause.KEY_PASSPHRASE_WRONG, "key_passphrase"),
        (own_of(pem=files.client_pem), wrong, Cause.KEY_PASSPHRASE_WRONG, "key_passphrase"),
        (
            own_of(certificate_file=own, key_file=files.other_key_file),
            {},
            Cause.KEY_DOES_NOT_MATCH,
            "security.tls.certificate.key_file",
        ),
        (own_of(certificate_file=own), {}, Cause.CERTIFICATE_FILE, "security.tls.certificate.certificate_file"),
        (sasl, {}, Cause.SECRET_MISSING, "sasl_password"),
        (Security(Protocol.SASL_PLAINTEXT), {}, Cause.BAD_SETTING, "security.sasl"),
        (Security(Protocol.SASL_PLAINTEXT, sasl=bearer), {}, Cause.BAD_SETTING, "security.sasl.oauth.token_endpoint"),
    ]
    for security, secrets, cause, field in cases:
        step = await guilty((ConnectionProfile("p", "127.0.0.1:1", security=security), Secrets(secrets)))
        assert (step.step, step.cause, step.field) == (StepName.CONFIG, cause, field)


async def test_gssapi_without_its_library_is_unavailable_here() -> None:
    security = Security(Protocol.SASL_PLAINTEXT, sasl=Sasl(Mechanism.GSSAPI, kerberos=Kerberos()))
    step = await guilty((ConnectionProfile("p", "127.0.0.1:1", security=security), Secrets()))
    assert (step.step, step.cause) == (StepName.CONFIG, Cause.MECHANISM_UNAVAILABLE)


def tls_of(tls: Tls) -> Security:
    return Security(Protocol.SSL, tls)


def own_of(**files: str) -> Security:
    return tls_of(Tls(certificate=Certificate(**files)))


# The command line.


def run_doctor(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "kafkaview", *words]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **env})


def properties(folder: Path, bootstrap: str, user: str, password: str) -> str:
    file = folder / "client.properties"
    file.write_text(
        f"bootstrap.servers={bootstrap}\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-256\n"
        f"sasl.username={user}\nsasl.password={password}\n"
    )
    return str(file)


@pytest.mark.parametrize(
    ("user", "password", "cause", "code"),
    [
        ("alice", PASSWORDS["alice"], None, 0),
        ("alice", "not-hers-at-all", "wrong_password", 3),
        ("nobody", PASSWORDS["nobody"], "not_authorized", 5),
    ],
)
def test_the_command_ends_with_the_code_of_the_contract(
    secure_kafka: SecureKafka, tmp_path: Path, user: str, password: str, cause: str | None, code: int
) -> None:
    file = properties(tmp_path, secure_kafka.bootstrap("SASL_PLAINTEXT"), user, password)
    ended = run_doctor("--config", file, "doctor", "--json")
    told = json.loads(ended.stdout)
    assert (ended.returncode, told["ok"], ended.stderr) == (code, cause is None, "")
    assert next((step["cause"] for step in told["steps"] if step["ok"] is False), None) == cause
    assert {"step", "target", "ok", "cause", "detail", "hint", "ms"} <= set(told["steps"][0])
    assert password not in ended.stdout


def test_the_command_says_a_line_for_each_step_and_the_cause_in_a_box(
    secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    file = properties(tmp_path, secure_kafka.bootstrap("SASL_PLAINTEXT"), "mallory", "anything")
    ended = run_doctor("--config", file, "doctor")
    assert ended.returncode == 3
    lines = ended.stdout.splitlines()
    assert [line.split()[:2] for line in lines[:4]] == [["✓", "config"], ["✓", "dns"], ["✓", "tcp"], ["✗", "sasl"]]
    assert "unknown_user" in lines[lines.index(next(line for line in lines if line.startswith("╭")))]


def test_a_profile_whose_keyring_does_not_open_is_told(tmp_path: Path) -> None:
    security = Security(Protocol.SASL_PLAINTEXT, sasl=Sasl(Mechanism.PLAIN, "alice"))
    ProfileStore(tmp_path / "kafkaview" / "profiles.toml").add(
        ConnectionProfile("saved", "127.0.0.1:1", security=security)
    )
    no_keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "XDG_CONFIG_HOME": str(tmp_path)}
    ended = run_doctor("--profile", "saved", "doctor", "--json", **no_keyring)
    told = json.loads(ended.stdout)
    assert (ended.returncode, told["cause"], told["steps"][0]["cause"]) == (3, *["keyring_unavailable"] * 2)
