"""A broker that goes and comes back is followed by the session that is open: nothing has to be started again."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._scram import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from kafkaview.cluster.errors import AuthenticationFailed, Unreachable
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.cluster import Cluster, Copy, TransactionStage
from kafkaview.decode.topics import TopicDecoders
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.demo.ports import free_ports
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Protocol, Secrets, Security, Tls
from kafkaview.session import Session
from kafkaview.triage.watch.view import View
from kafkaview.triage.watch.watch import Watch
from tests.broker.certificates import Certificates
from tests.broker.relay import Relay
from tests.broker.secure_kafka import TOPIC, SecureKafka
from tests.kit.patience import patience

BACK_SECONDS = 20.0  # from the broker's first answer to a full view
GONE_SECONDS = 30.0

WAYS: dict[str, str | None] = {
    "PLAINTEXT": None,
    "SSL": None,
    "SASL_SSL": "SCRAM-SHA-256",
    "SASL_PLAINTEXT": "OAUTHBEARER",
}


@pytest.fixture(scope="module")
def kafka() -> Iterator[SecureKafka]:
    """A secure broker of this file's own, for it is killed here."""
    with SecureKafka() as kafka:
        yield kafka


@asynccontextmanager
async def watched(
    way: tuple[ConnectionProfile, Secrets], journal: Path
) -> AsyncIterator[tuple[Session, AsyncGenerator[View, None]]]:
    session = Session(way[0], open_cluster(*way), TopicDecoders(), Journal(journal))
    views = Watch(session, interval=0.2, window=1.0).views()
    try:
        await until(views, fresh)
        yield session, views
    finally:
        await views.aclose()
        await session.journal.close()
        await session.cluster.close()


def fresh(view: View) -> bool:
    return view.samples > 0 and not view.stale and not view.errors


def stale(view: View) -> bool:
    return view.stale


async def until(views: AsyncGenerator[View, None], holds: Callable[[View], bool], seconds: float = 30.0) -> View:
    began = time.monotonic()
    last: View | None = None
    try:
        async with asyncio.timeout(patience(seconds)):
            async for view in views:
                last = view
                if holds(view):
                    return view
    except TimeoutError:
        text = "nothing" if last is None else f"stale={last.stale} {[str(error) for error in last.errors]}"
        raise AssertionError(f"not so after {time.monotonic() - began:.0f} s; last: {text}") from None
    raise AssertionError("the views ended")


async def fine(_stage: TransactionStage) -> None:
    """Nothing is wrong."""


async def check_it_writes(session: Session, topic: str) -> None:
    (written,) = await session.cluster.transact(uuid.uuid4().hex, [Copy(topic, 0, None, b"v", (), None)], [], fine)
    assert written.topic == topic


@pytest.mark.parametrize("listener", WAYS)
async def test_a_killed_broker_is_told_and_followed_when_it_is_back(
    kafka: SecureKafka, listener: str, tmp_path: Path
) -> None:
    async with watched(kafka.way(listener, mechanism=WAYS[listener]), tmp_path / "journal") as (session, views):
        await asyncio.to_thread(kafka.kafka.kill, 1)
        try:
            gone = await until(views, stale, GONE_SECONDS)
            assert isinstance(gone.errors[0], Unreachable)
            assert gone.topics, "the last known values stay"
        finally:
            await asyncio.to_thread(kafka.kafka.restart, 1)
        await until(views, fresh, BACK_SECONDS)
        await check_it_writes(session, TOPIC)


@pytest.mark.parametrize("listener", ["PLAINTEXT", "SASL_SSL"])
async def test_a_frozen_broker_is_told_and_followed_when_it_goes_on(
    kafka: SecureKafka, listener: str, tmp_path: Path
) -> None:
    async with watched(kafka.way(listener, mechanism=WAYS[listener]), tmp_path / "journal") as (session, views):
        await asyncio.to_thread(kafka.kafka.pause, 1)
        try:
            await until(views, stale, GONE_SECONDS)
        finally:
            await asyncio.to_thread(kafka.kafka.resume, 1)
        await until(views, fresh, BACK_SECONDS)
        await check_it_writes(session, TOPIC)


@asynccontextmanager
async def relayed(folder: Path) -> AsyncIterator[tuple[Relay, tuple[ConnectionProfile, Secrets]]]:
    """A TLS broker behind a relay: what it advertises is the relay too."""
    certificates = Certificates(folder)
    with free_ports(2) as (port, target):
        pass
    settings = {
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,RELAYED:SSL",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": certificates.broker,
    }
    listeners = {f"RELAYED://127.0.0.1:{target}": f"RELAYED://localhost:{port}"}
    async with EmbeddedKafka(settings=settings, listeners=listeners), Relay(port, target) as relay:
        security = Security(Protocol.SSL, Tls(ca_file=certificates.ca_file))
        profile = ConnectionProfile("relayed", f"localhost:{port}", security=security)
        yield relay, (profile, Secrets())


async def test_connections_that_died_without_a_word_are_made_anew(tmp_path: Path) -> None:
    async with relayed(tmp_path) as (relay, way), watched(way, tmp_path / "journal") as (session, views):
        await session.cluster.create_topic("after", 1)
        relay.cut(silent=False)
        await until(views, lambda view: not fresh(view), GONE_SECONDS)
        await until(views, fresh, BACK_SECONDS)
        await check_it_writes(session, "after")


async def test_a_network_that_swallows_everything_is_told_and_its_return_followed(tmp_path: Path) -> None:
    async with relayed(tmp_path) as (relay, way), watched(way, tmp_path / "journal") as (session, views):
        await session.cluster.create_topic("after", 1)
        relay.cut(silent=True)
        await until(views, stale, GONE_SECONDS)
        for _ in range(2):  # by now all clients hang in new handshakes
            await until(views, stale, GONE_SECONDS)
        relay.heal()
        await until(views, fresh, BACK_SECONDS)
        await check_it_writes(session, "after")


async def test_a_login_that_is_refused_for_a_while_is_tried_again(kafka: SecureKafka) -> None:
    admin = AdminClient({"bootstrap.servers": kafka.kafka.bootstrap, "log_level": 0})
    credential = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096)

    async def alter(alteration: UserScramCredentialAlteration) -> None:
        await asyncio.wrap_future(admin.alter_user_scram_credentials([alteration])["late"])

    present = UserScramCredentialUpsertion("late", credential, b"late-1Password")
    await alter(present)
    way = kafka.way("SASL_PLAINTEXT", mechanism="SCRAM-SHA-256", user="late", password="late-1Password")  # noqa: S106
    cluster = open_cluster(*way)
    try:
        await until_answered(cluster)
        await alter(UserScramCredentialDeletion("late", ScramMechanism.SCRAM_SHA_256))
        await asyncio.to_thread(kafka.kafka.kill, 1)
        await asyncio.to_thread(kafka.kafka.restart, 1)
        await until_refused(cluster)
        await alter(present)
        await until_answered(cluster)
    finally:
        await cluster.close()


async def until_refused(cluster: Cluster) -> None:
    """Until kafka-python has met the refusal itself."""
    async with asyncio.timeout(patience(BACK_SECONDS)):
        while True:
            try:
                await cluster.groups()
            except AuthenticationFailed:
                return
            except Unreachable:
                await asyncio.sleep(0.2)


async def until_answered(cluster: Cluster) -> None:
    """Until both libraries answer."""
    async with asyncio.timeout(patience(BACK_SECONDS)):
        while True:
            with suppress(AuthenticationFailed, Unreachable):
                await cluster.topics()
                if not (await cluster.groups()).errors:
                    return
            await asyncio.sleep(0.2)
