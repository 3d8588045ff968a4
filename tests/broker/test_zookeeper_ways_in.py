"""A real ZooKeeper server that wants TLS and a login: what gets in, and how each refusal is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from kazoo.client import KazooClient  # type: ignore[import-untyped]

from kafkaview.cluster.errors import AuthenticationFailed, ClusterError, UnusableProfile
from kafkaview.cluster.ports.zookeeper import EnsembleHealth, ZooKeeperRole, ZooKeeperState
from kafkaview.cluster.tls.files import read_material
from kafkaview.cluster.zookeeper.ensemble import ZooKeeperClient
from kafkaview.cluster.zookeeper.four_letter_words import zookeeper_address
from kafkaview.cluster.zookeeper.login import zookeeper_login
from kafkaview.demo.ports import free_ports
from kafkaview.doctor.address import servers_in
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep
from kafkaview.doctor.zookeeper import ask_zookeepers
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import SecretField, Secrets, Security, Tls
from tests.broker.certificates import Certificates
from tests.broker.old_servers import OldServers
from tests.kit.patience import patience

PASSWORD = "dial-tone-93Q"  # noqa: S105 - of a server that lives as long as the test
SECRETS = Secrets({SecretField.ZOOKEEPER_PASSWORD: PASSWORD})
JAAS = 'Server {{ org.apache.zookeeper.server.auth.DigestLoginModule required user_oncall="{}"; }};\n'
CONTROLLER = b'{"version":2,"brokerid":7,"timestamp":"1","kraftControllerEpoch":-1}'


@dataclass(frozen=True)
class Guarded:
    """The server, and the profile that gets in."""

    plain: int
    profile: ConnectionProfile
    certificates: Certificates


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("zookeeper")
    certificates, servers = Certificates(folder), OldServers()
    try:
        with free_ports(2) as (plain, secure):
            pass
        jaas = folder / "jaas.conf"
        jaas.write_text(JAAS.format(PASSWORD))
        login = [f"-Djava.security.auth.login.config={jaas}"]
        servers.zookeeper("guarded", plain, _settings(certificates, secure), jvm=login)
        _fill(plain)
        security = Security(tls=Tls(ca_file=certificates.ca_file))
        profile = ConnectionProfile("guarded", "127.0.0.1:1", zookeeper=f"127.0.0.1:{secure}/kafka", security=security)
        yield Guarded(plain, replace(profile, zookeeper_tls=True, zookeeper_user="oncall"), certificates)
    finally:
        servers.guard.close()


def _settings(certificates: Certificates, secure: int) -> dict[str, object]:
    return {
        "secureClientPort": secure,
        "secureClientPortAddress": "127.0.0.1",
        "serverCnxnFactory": "org.apache.zookeeper.server.NettyServerCnxnFactory",
        "ssl.keyStore.location": certificates.broker,
        "ssl.trustStore.location": certificates.ca_file,
        "ssl.clientAuth": "none",
        "authProvider.sasl": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
        "sessionRequireClientSASLAuth": "true",
    }


def _fill(port: int) -> None:
    login = {"mechanism": "DIGEST-MD5", "username": "oncall", "password": PASSWORD}
    client = KazooClient(f"127.0.0.1:{port}", sasl_options=login)
    client.start(10)
    try:
        client.create("/kafka/controller", CONTROLLER, makepath=True, ephemeral=False)
        client.create(
            "/kafka/config/users/alice", b'{"config":{"SCRAM-SHA-256":"salt=x,iterations=4096"}}', makepath=True
        )
    finally:
        client.stop()
        client.close()


async def state_of(profile: ConnectionProfile, secrets: Secrets = SECRETS) -> ZooKeeperState:
    assert profile.zookeeper is not None
    client = ZooKeeperClient(zookeeper_address(profile.zookeeper), lambda: zookeeper_login(profile, secrets))
    try:
        return await client.state()
    finally:
        await client.close()


async def test_tls_and_a_login_get_in(guarded: Guarded) -> None:
    state = await state_of(guarded.profile)
    assert state.error is None
    assert (state.health, state.ensemble[0].role) == (EnsembleHealth.HEALTHY, ZooKeeperRole.STANDALONE)
    assert (state.controller_id, state.controller_is_ephemeral) == (7, False)
    assert state.ensemble[0].watches == 0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kafkaview-zoo")]


async def test_a_wrong_password_is_told_at_once(guarded: Guarded) -> None:
    began = time.monotonic()
    state = await state_of(guarded.profile, Secrets({SecretField.ZOOKEEPER_PASSWORD: "wrong"}))
    assert state.error == "ZooKeeper refuses the login of oncall."
    assert state.health is EnsembleHealth.HEALTHY, "srvr needs no login"
    assert time.monotonic() - began < patience(10)


async def test_without_a_login_the_session_is_refused(guarded: Guarded) -> None:
    state = await state_of(replace(guarded.profile, zookeeper_user=None))
    assert state.error == "ZooKeeper asks for a login."
    assert state.controller_id is None


async def test_a_password_that_is_not_known_is_told_before_a_socket_is_opened(guarded: Guarded) -> None:
    state = await state_of(guarded.profile, Secrets())
    assert (state.error, state.ensemble) == ("The password of oncall at ZooKeeper is not known here.", ())
    with pytest.raises(UnusableProfile):
        zookeeper_login(guarded.profile, Secrets())


async def test_a_ca_that_is_not_trusted_is_named(guarded: Guarded) -> None:
    security = Security(tls=Tls(ca_file=guarded.certificates.unknown_ca_file))
    state = await state_of(replace(guarded.profile, security=security))
    assert "certificate is not trusted" in (state.ensemble[0].error or "")
    assert state.health is not EnsembleHealth.HEALTHY


async def test_plain_text_to_the_tls_port_is_no_state(guarded: Guarded) -> None:
    state = await state_of(replace(guarded.profile, zookeeper_tls=False))
    assert state.ensemble[0].role is None
    assert state.error is not None


async def test_the_doctor_asks_in_tls(guarded: Guarded) -> None:
    servers = servers_in((guarded.profile.zookeeper or "").partition("/")[0])
    server = await ask_zookeepers(servers, read_material(guarded.profile.security.tls, SECRETS))
    assert "is standalone, 3.8.4" in server
    unknown = read_material(Tls(ca_file=guarded.certificates.unknown_ca_file), SECRETS)
    with pytest.raises(FailedStep) as fault:
        await ask_zookeepers(servers, unknown)
    assert (fault.value.step, fault.value.cause) == (DiagnosisLayer.ZOOKEEPER, Cause.UNKNOWN_CA)
    with pytest.raises(FailedStep, match="does not speak TLS"):
        await ask_zookeepers(servers_in(f"127.0.0.1:{guarded.plain}"), unknown)


async def test_a_node_is_read_behind_the_login(guarded: Guarded) -> None:
    profile = guarded.profile
    assert profile.zookeeper is not None
    client = ZooKeeperClient(zookeeper_address(profile.zookeeper), lambda: zookeeper_login(profile, SECRETS))
    refused = ZooKeeperClient(
        zookeeper_address(profile.zookeeper),
        lambda: zookeeper_login(profile, Secrets({SecretField.ZOOKEEPER_PASSWORD: "wrong"})),
    )
    try:
        assert "iterations=4096" in (await client.node("/config/users/alice")).text
        with pytest.raises(ClusterError, match="ZooKeeper has no /config/users/bob"):
            await client.node("/config/users/bob")
        with pytest.raises(AuthenticationFailed, match="refuses the login of oncall") as failure:
            await refused.node("/config")
        assert PASSWORD not in repr(zookeeper_login(profile, SECRETS))
        assert "wrong" not in str(failure.value)
    finally:
        await client.close()
        await refused.close()
