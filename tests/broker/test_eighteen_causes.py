"""The broken set-ups that have to be told apart, each by a word of its own: one list, to be read beside the promise."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from kafkaview.doctor.diagnose import diagnose
from kafkaview.doctor.diagnosis import Cause
from kafkaview.profiles.security import Certificate, SecretField, Tls
from tests.broker import false_servers as false
from tests.broker.examining import LIMIT_S, NOWHERE, Way, at, plain
from tests.broker.secure_kafka import SecureKafka


@dataclass(frozen=True, slots=True)
class Places:
    """The secure broker, and ports behind which there is none."""

    kafka: SecureKafka
    silent: int
    http: int
    closed: int

    def with_certificate(self, certificate: Certificate, passphrase: str | None = None) -> Way:
        """Into the listener that demands one."""
        secrets = {} if passphrase is None else {SecretField.KEY_PASSPHRASE: passphrase}
        tls = Tls(ca_file=self.kafka.certificates.ca_file, certificate=certificate)
        return self.kafka.way("MTLS", tls=tls, secrets=secrets)

    def login(self, listener: str = "SASL_SSL", *, user: str = "alice", password: str | None = None) -> Way:
        """With SCRAM, which tells a user from a password."""
        return self.kafka.way(listener, mechanism="SCRAM-SHA-256", user=user, password=password)


@pytest.fixture
async def places(secure_kafka: SecureKafka, closed_port: int) -> AsyncIterator[Places]:
    async with false.serving(false.silent) as silent:
        with false.http_server() as http:
            yield Places(secure_kafka, silent, http, closed_port)


def wrong_passphrase(places: Places) -> Way:
    files = places.kafka.certificates
    own = Certificate(files.client_certificate_file, files.client_encrypted_key_file)
    return places.with_certificate(own, "not-the-phrase")


BROKEN: dict[str, tuple[Callable[[Places], Way], Cause]] = {
    "unknown host": (lambda _: plain(f"{NOWHERE}:9092"), Cause.UNKNOWN_HOST),
    "closed port": (lambda p: plain(f"127.0.0.1:{p.closed}"), Cause.CONNECTION_REFUSED),
    "port that accepts and stays silent": (lambda p: plain(f"127.0.0.1:{p.silent}"), Cause.SILENT),
    "plain text to a TLS port": (lambda p: plain(p.kafka.bootstrap("SSL")), Cause.TLS_NEEDED),
    "TLS to a plain-text port": (
        lambda p: at(p.kafka.way("SSL"), p.kafka.bootstrap("PLAINTEXT")),
        Cause.TLS_NOT_SPOKEN,
    ),
    "unknown CA": (lambda p: p.kafka.way("UNKNOWNCA"), Cause.UNKNOWN_CA),
    "wrong hostname": (lambda p: p.kafka.way("WRONGHOST"), Cause.WRONG_HOSTNAME),
    "expired broker certificate": (lambda p: p.kafka.way("EXPIRED"), Cause.CERTIFICATE_EXPIRED),
    "client certificate missing": (lambda p: p.kafka.way("MTLS"), Cause.CLIENT_CERTIFICATE_MISSING),
    "client certificate of an unknown CA": (
        lambda p: p.with_certificate(Certificate(p.kafka.certificates.unknown_client_file)),
        Cause.CLIENT_CERTIFICATE_UNKNOWN_CA,
    ),
    "wrong key passphrase": (wrong_passphrase, Cause.KEY_PASSPHRASE_WRONG),
    "SASL to a listener without it": (
        lambda p: at(p.login("SASL_PLAINTEXT"), p.kafka.bootstrap("PLAINTEXT")),
        Cause.SASL_NOT_ENABLED,
    ),
    "mechanism not offered": (
        lambda p: p.kafka.way("SCRAM256", mechanism="PLAIN"),
        Cause.MECHANISM_NOT_OFFERED,
    ),
    "wrong password": (lambda p: p.login(password="not-hers"), Cause.WRONG_PASSWORD),  # noqa: S106
    "unknown user": (lambda p: p.login(user="mallory", password="anything"), Cause.UNKNOWN_USER),  # noqa: S106
    "advertised listener unreachable": (lambda p: p.kafka.way("UNREACHABLE"), Cause.ADVERTISED_UNREACHABLE),
    "authenticated but not authorized": (lambda p: p.login(user="nobody"), Cause.NOT_AUTHORIZED),
    "not a Kafka server at all": (lambda p: plain(f"127.0.0.1:{p.http}"), Cause.NOT_KAFKA),
}


def test_each_of_the_eighteen_has_a_word_of_its_own() -> None:
    assert len({cause for _, cause in BROKEN.values()}) == len(BROKEN) == 18


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_set_up_is_named_in_time_and_never_as_a_time_out(places: Places, name: str) -> None:
    way, cause = BROKEN[name]
    began = time.monotonic()
    diagnosis = await diagnose(*way(places))
    seconds = time.monotonic() - began
    print(f"{name}: {diagnosis.cause} after {seconds:.2f} s")
    assert diagnosis.cause is cause
    assert seconds < LIMIT_S
    text = " ".join(f"{step.detail} {step.hint}" for step in diagnosis.steps).lower()
    assert not any(word in text for word in ("timed out", "time-out", "timeout"))
