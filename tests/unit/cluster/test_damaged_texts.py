"""Damaged nodes of ZooKeeper, certificates, tokens and greetings: each costs only what cannot be read of it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Final

import orjson
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from kafka.protocol.metadata import ApiVersionsResponse  # type: ignore[import-untyped]

from kafkaview.cluster.errors import AuthenticationFailed, UnusableProfile
from kafkaview.cluster.kafka.bearer_tokens import _token_in, _words
from kafkaview.cluster.kafka.certificate_fields import DAMAGED
from kafkaview.cluster.kafka.certificates import endpoints_of, protocols_of, read_certificate
from kafkaview.cluster.kafka.controllers import _static
from kafkaview.cluster.kafka.groups import _read_assignment
from kafkaview.cluster.kafka.known_brokers import place_of
from kafkaview.cluster.ports.security import ListenerCertificate
from kafkaview.cluster.web_service import WebAnswer
from kafkaview.cluster.zookeeper import znodes
from kafkaview.cluster.zookeeper.four_letter_words import _ROLES, _count, _server_of, _text, zookeeper_address
from kafkaview.doctor.certificates import is_for
from kafkaview.doctor.conversation import Conversation, NotKafka
from kafkaview.doctor.wire import Ended
from kafkaview.profiles.mechanisms.scram_proof import NotProven, Scram
from tests.kit.damaged_answers import ASSIGNMENT, damage_bytes

SRVR: Final = b"""Zookeeper version: 3.8.4-93, built on 2024-02-12 22:16 UTC
Latency min/avg/max: 0/1.7664/41
Connections: 3
Outstanding: 2
Mode: follower
Node count: 29
"""
LISTENER: Final = ListenerCertificate(1, "SSL", "broker", 9093)
DEEP: Final = b"[" * 100_000 + b"]" * 100_000
CERTIFICATE: Final = x509.load_pem_x509_certificate(
    trustme.CA().issue_cert("kafka-1.example", "10.0.0.7").cert_chain_pems[0].bytes()
).public_bytes(Encoding.DER)


def node(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def printed(value: object) -> None:
    """What is read can be printed as a document."""
    orjson.dumps(value)


def read_certificate_(data: bytes) -> None:
    printed(read_certificate(data, LISTENER))
    try:
        is_for(x509.load_der_x509_certificate(data), "kafka-1.example")
    except DAMAGED:
        return


def read_token(data: bytes) -> None:
    assert isinstance(_words(WebAnswer(401, "Unauthorized", None, data)), str)
    try:
        _token_in(data, "https://token")
    except AuthenticationFailed:
        return


def read_server(data: bytes) -> None:
    text = data.decode(errors="replace")
    printed([_count(text)])
    if _text(text, "Mode") in _ROLES:
        printed(_server_of("zk:2181", text, None))


def read_addresses(data: bytes) -> None:
    text = data.decode(errors="replace")
    printed([endpoints_of(text), protocols_of(text), str(place_of(text))])
    try:
        zookeeper_address(text)
    except UnusableProfile:
        return


def read_challenge(data: bytes) -> None:
    scram = Scram("sha256", "u", "p", "nonce")
    try:
        scram.final(data)
        scram.check(data)
    except (NotProven, ValueError, LookupError, TypeError):  # what a login takes for a refusal
        return


READERS: Final[Mapping[str, tuple[bytes, Callable[[bytes], object]]]] = {
    "controller": (
        node(version=2, brokerid=1, timestamp="1", kraftControllerEpoch=7),
        lambda data: printed(znodes.controller_of(data)),
    ),
    "controller epoch": (b"17", lambda data: printed(znodes.epoch_of(data))),
    "registration": (
        node(endpoints=["SSL://h:9093"], rack="a", version=5),
        lambda data: printed(znodes.broker_of("1", data, 0)),
    ),
    "migration": (
        node(kraft_controller_id=1, kraft_controller_epoch=2, kraft_metadata_offset=3, kraft_metadata_epoch=4),
        lambda data: printed(znodes.migration_of(data)),
    ),
    "cluster id": (node(version="1", id="x"), lambda data: printed(znodes.cluster_id_of(data))),
    "node": (
        node(version=1, config={"SCRAM-SHA-256": "salt=a,iterations=4096", "sasl.jaas.config": "p", "a": [1, {}]}),
        lambda data: printed(znodes.mask_secrets("/config/users/u", data)),
    ),
    "srvr": (SRVR, read_server),
    "voters": (b"1@c1:9093,2@c2:9093,3@[::1]:9093", lambda data: list(_static(data.decode(errors="replace")))),
    "addresses": (b"SSL://h:9093,PLAINTEXT://[::1]:9092/chroot", read_addresses),
    "assignment": (ASSIGNMENT, _read_assignment),
    "certificate": (CERTIFICATE, read_certificate_),
    "token": (
        json.dumps({"access_token": "e30.eyJleHAiOjk5OTk5OTk5OTksInN1YiI6ImEifQ.s", "error": "no"}).encode(),
        read_token,
    ),
    "challenge": (b"r=nonceserver,s=c2FsdA==,i=4096", read_challenge),
}


# The program keeps what libraries say at the side in a file (`kafkaview/log_files.py`).
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@pytest.mark.parametrize("count", [100, pytest.param(5_000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("name", READERS)
def test_a_damaged_text_raises_nothing(name: str, count: int) -> None:
    data, read = READERS[name]
    chance = random.Random(f"{name} {count}")
    for octets in (data, b"", DEEP, b"\xff\xfe", b"9" * 5_000, b'{"id":"\\ud800","brokerid":1%s}' % (b"0" * 40)):
        read(octets)
    for _ in range(count):
        read(damage_bytes(chance, data))


class Wire:
    """A server whose every answer is damaged."""

    def __init__(self, answer: bytes) -> None:
        self._left = answer

    async def send(self, _data: bytes) -> None:
        """It answers whatever is asked."""

    async def receive(self) -> bytes:
        data, self._left = self._left, b""
        if not data:
            raise Ended
        return data

    def close(self) -> None:
        """It has no end."""


@pytest.mark.parametrize("count", [100, pytest.param(5_000, marks=pytest.mark.soak)])
async def test_a_damaged_greeting_is_not_kafka(count: int) -> None:
    row = ApiVersionsResponse.ApiVersion(api_key=3, min_version=0, max_version=12)
    body = bytes(ApiVersionsResponse(error_code=0, api_keys=[row] * 3).encode(version=0))
    chance = random.Random(count)
    for _ in range(count):
        octets = damage_bytes(chance, b"\r\n\r\n" + body)
        conversation = Conversation(Wire(len(octets).to_bytes(4, "big") + octets), 1.0)
        try:
            await conversation.hello()
        except (NotKafka, Ended):
            continue
        assert all(isinstance(key, int) for key in conversation.versions)


def test_the_parts_of_a_certificate_that_can_be_read_are_shown() -> None:
    names, key_usage = bytes.fromhex("0603551d11"), bytes.fromhex("0603551d0f")  # object ids of extensions
    assert key_usage in CERTIFICATE
    shown = read_certificate(CERTIFICATE.replace(key_usage, names), LISTENER)  # twice the same
    assert shown.error is not None
    assert (shown.names, shown.not_after_ms is not None, shown.issuer is not None) == ((), True, True)


def test_a_certificate_of_a_version_that_does_not_exist_has_its_own_error() -> None:
    version = bytes.fromhex("a003020102")
    assert version in CERTIFICATE
    shown = read_certificate(CERTIFICATE.replace(version, bytes.fromhex("a003020107")), LISTENER)
    assert shown.error is not None
    assert "broker:9093" in shown.error


def test_a_last_comma_among_the_voters_loses_no_voter() -> None:
    assert [voter.id for voter in _static("1@a:1, 2@b:2,")] == [1, 2]
