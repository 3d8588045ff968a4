"""The doctor: checks a connection layer by layer, from the profile to the rights on the cluster, up to the first cause.
It uses its own sockets, because both client libraries hide most causes behind a timeout. It only reads.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Final

from kafka.protocol.metadata import MetadataRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import text_of
from kafkaview.cluster.errors import UnreadableAnswer
from kafkaview.doctor.address import LIMIT_S, ServerAddress, connect, resolve
from kafkaview.doctor.advertised import enter_all
from kafkaview.doctor.blocking_call import run_blocking
from kafkaview.doctor.chart import Chart, Report
from kafkaview.doctor.configuration import Setup, load_setup
from kafkaview.doctor.controller import refuse_controller
from kafkaview.doctor.conversation import Conversation, NotKafka
from kafkaview.doctor.diagnosis import Cause, Diagnosis, DiagnosisLayer, DiagnosisStep
from kafkaview.doctor.fault import FailedStep
from kafkaview.doctor.layers import join_outcomes, try_each
from kafkaview.doctor.login import fetch_token
from kafkaview.doctor.missing_requests import lost_features
from kafkaview.doctor.rights import rights_on
from kafkaview.doctor.schema_registry import ask_registry
from kafkaview.doctor.server_login import ResolvedServer
from kafkaview.doctor.tls import Refused, TlsWire
from kafkaview.doctor.wire import Ended
from kafkaview.doctor.zookeeper import ask_zookeepers
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Protocol, Secrets

WHOLE_S: Final = 9.5
_METADATA: Final = 9  # the highest version that is asked: it tells rights, since Kafka 2.4
_LOWEST_METADATA: Final = 5  # since Kafka 1.0


def _nobody(_step: DiagnosisStep) -> None:
    """Ignores a report."""


async def diagnose(
    profile: ConnectionProfile,
    secrets: Secrets,
    report: Report = _nobody,
    *,
    seconds: float = WHOLE_S,
    notes: Sequence[str] = (),
) -> Diagnosis:
    """Examines a connection. `report` gets each step twice: when it begins (ok None, no ms) and when it ends. After the
    first cause it gets each remaining step once, as not tried. `notes` are sentences for the first step: what of a
    file has no effect.
    """
    chart = Chart(_plan_steps(profile), report)
    examination = _Examination(profile, secrets, chart, notes)
    try:
        async with asyncio.timeout(seconds) as whole, AsyncExitStack() as open_connections:
            await examination.run(open_connections)
    except FailedStep as fault:
        chart.fail_step(fault)
    except TimeoutError:
        if not whole.expired():
            raise
        chart.late(seconds)
    return chart.diagnosis()


def diagnose_keyring(profile: ConnectionProfile, detail: str, hint: str = "", report: Report = _nobody) -> Diagnosis:
    """Returns the diagnosis for secrets that cannot be read: without them nothing is tried."""
    chart = Chart(_plan_steps(profile), report)
    chart.fail_step(FailedStep(DiagnosisLayer.CONFIG, Cause.KEYRING_UNAVAILABLE, detail, hint))
    return chart.diagnosis()


def diagnose_settings(file: str, detail: str, report: Report = _nobody) -> Diagnosis:
    """Returns the diagnosis for a file that describes no connection: there is no address to try."""
    chart = Chart([(DiagnosisLayer.CONFIG, file)], report)
    chart.fail_step(FailedStep(DiagnosisLayer.CONFIG, Cause.BAD_SETTING, detail))
    return chart.diagnosis()


def _plan_steps(profile: ConnectionProfile) -> Iterator[tuple[DiagnosisLayer, str]]:
    """Returns the steps for this profile, with their targets."""
    protocol = profile.security.protocol
    yield DiagnosisLayer.CONFIG, profile.name
    yield DiagnosisLayer.DNS, profile.bootstrap
    yield DiagnosisLayer.TCP, profile.bootstrap
    if protocol.tls:
        yield DiagnosisLayer.TLS, profile.bootstrap
    if protocol.sasl:
        yield DiagnosisLayer.SASL, profile.bootstrap
    yield DiagnosisLayer.API, profile.bootstrap
    yield DiagnosisLayer.METADATA, profile.bootstrap
    yield DiagnosisLayer.ADVERTISED, "all brokers"
    yield DiagnosisLayer.AUTHORIZATION, _principal(profile)
    if profile.schema_registry is not None:
        yield DiagnosisLayer.REGISTRY, profile.schema_registry.url
    if profile.zookeeper:
        yield DiagnosisLayer.ZOOKEEPER, profile.zookeeper


class _Examination:
    """One examination. Each bootstrap server goes through the layers up to the first response. One that answers is
    enough; the login goes to it.
    """

    def __init__(self, profile: ConnectionProfile, secrets: Secrets, chart: Chart, notes: Sequence[str] = ()) -> None:
        self._profile = profile
        self._notes = [note.rstrip(".") for note in notes]
        self._secrets = secrets
        self._chart = chart
        self._api_detail = ""
        self._api_ms = 0
        self._lost: list[ServerAddress] = []  # bootstrap servers that do not answer

    async def run(self, opened: AsyncExitStack) -> None:
        """Checks the layers in order. The first FailedStep ends it."""
        setup = await self._config()
        bootstrap, conversation = await self._reach(setup, opened)
        await self._log_in(bootstrap, conversation)
        brokers = await self._metadata(bootstrap, conversation)
        inside = await self._enter_advertised(brokers, bootstrap, opened)
        if inside is not None:
            await self._authorization(*inside)
            await self._beside(setup)

    async def _config(self) -> Setup:
        self._chart.begin_step(DiagnosisLayer.CONFIG)
        try:
            setup = await run_blocking(lambda: load_setup(self._profile, self._secrets), LIMIT_S)
        except TimeoutError:
            words = f"The files of the profile are not read within {LIMIT_S:g} s."
            raise FailedStep(DiagnosisLayer.CONFIG, Cause.CERTIFICATE_FILE, words) from None
        security = self._profile.security
        named = f"{security.protocol}{f', {setup.sasl.mechanism}' if setup.sasl else ''}"
        self._chart.good(DiagnosisLayer.CONFIG, ". ".join([named, *setup.unreadable, *self._notes]) + ".")
        self._chart.add_gaps([*setup.unreadable, *self._notes])
        return setup

    async def _reach(self, setup: Setup, opened: AsyncExitStack) -> tuple[ResolvedServer, Conversation]:
        """Returns the first bootstrap server that answers; notes what is wrong with the others."""
        chart = self._chart
        chart.begin_step(DiagnosisLayer.DNS)
        resolved, unknown = await try_each(setup.servers, resolve)
        named = [f"{server} is {', '.join(map(str, addresses))}" for server, addresses in resolved]
        chart.good(DiagnosisLayer.DNS, join_outcomes(named, unknown))
        chart.begin_step(DiagnosisLayer.TCP)
        connected, closed = await try_each(resolved, lambda one: connect(*one))
        for _one, connection in connected:
            opened.callback(connection.close)
        accepts = [f"{server} accepts the connection" for (server, _addresses), _connection in connected]
        chart.good(DiagnosisLayer.TCP, join_outcomes(accepts, closed))
        chart.begin_step(DiagnosisLayer.API if setup.material is None else DiagnosisLayer.TLS)
        greeted, lost = await try_each(connected, lambda one: _greet(ResolvedServer(*one[0], setup), one[1]))
        chart.add_gaps(fault.detail for fault in (*unknown, *closed, *lost))
        answering = {one[0] for (one, _connection), _conversation in greeted}
        self._lost = [server for server in setup.servers if server not in answering]
        ((server, addresses), _connection), conversation = greeted[0]
        if isinstance(conversation.wire, TlsWire):
            session = conversation.wire.describe_session().rstrip(".")
            in_tls = [fault for fault in lost if fault.step is DiagnosisLayer.TLS]
            chart.good(DiagnosisLayer.TLS, join_outcomes([f"{server}: {session}"], in_tls))
            lost = [fault for fault in lost if fault not in in_tls]
        lacks = _describe_lost_features(conversation)
        chart.add_gaps(lacks)
        self._api_detail = join_outcomes([". ".join([_requests_taken(conversation, server), *lacks])], lost)
        self._api_ms = conversation.hello_ms
        if setup.sasl is None:
            chart.good(DiagnosisLayer.API, self._api_detail, ms=self._api_ms)
        return ResolvedServer(server, addresses, setup), conversation

    async def _log_in(self, bootstrap: ResolvedServer, conversation: Conversation) -> None:
        if bootstrap.setup.sasl is None:
            return
        self._chart.begin_step(DiagnosisLayer.SASL)
        self._chart.good(DiagnosisLayer.SASL, await bootstrap.log_in(conversation))
        self._chart.good(DiagnosisLayer.API, self._api_detail, ms=self._api_ms)

    async def _metadata(self, bootstrap: ResolvedServer, conversation: Conversation) -> dict[int, ServerAddress]:
        """Reads the metadata: every broker, and its advertised address."""
        self._chart.begin_step(DiagnosisLayer.METADATA)
        try:
            metadata = await conversation.ask(MetadataRequest, _METADATA, topics=[], allow_auto_topic_creation=False)
        except TimeoutError:
            words = f"{bootstrap.server} does not answer a metadata request within {LIMIT_S:g} s."
            raise FailedStep(DiagnosisLayer.METADATA, Cause.SILENT, words) from None
        except (Ended, Refused, NotKafka):
            raise await self._hung_up(bootstrap) from None
        if not metadata.brokers:
            raise FailedStep(DiagnosisLayer.METADATA, Cause.METADATA_FAILED, f"{bootstrap.server} names no broker.")
        count = len(metadata.brokers)
        words = f"Cluster {metadata.cluster_id or 'without an id'}, {count} {'broker' if count == 1 else 'brokers'}."
        self._chart.good(DiagnosisLayer.METADATA, words)
        brokers = {broker.node_id: ServerAddress(text_of(broker.host), broker.port) for broker in metadata.brokers}
        self._chart.add_gaps(
            _describe_unlisted(server, count) for server in self._lost if server not in brokers.values()
        )
        return dict(sorted(brokers.items()))

    async def _hung_up(self, bootstrap: ResolvedServer) -> FailedStep:
        """Explains a connection closed after the first response: a listener with SASL answers only ApiVersions before a
        login, and names its mechanisms on request.
        """
        offered = None if bootstrap.setup.sasl else await bootstrap.mechanisms()
        if offered is None:
            words = f"{bootstrap.server} closes the connection at a metadata request."
            return FailedStep(DiagnosisLayer.METADATA, Cause.METADATA_FAILED, words)
        words = f"{bootstrap.server} requires a login; it offers {', '.join(offered) or 'no mechanism'}."
        protocol = Protocol.SASL_PLAINTEXT if bootstrap.setup.material is None else Protocol.SASL_SSL
        hint = f"Set the security protocol to {protocol}, and give a login."
        return FailedStep(DiagnosisLayer.SASL, Cause.SASL_NEEDED, words, hint)

    async def _enter_advertised(
        self, brokers: dict[int, ServerAddress], bootstrap: ResolvedServer, opened: AsyncExitStack
    ) -> tuple[int, Conversation] | None:
        self._chart.begin_step(DiagnosisLayer.ADVERTISED)
        if bootstrap.setup.tokens is not None:
            await fetch_token(bootstrap.setup.tokens)  # once for all of them
        return await enter_all(brokers, bootstrap, self._chart, opened)

    async def _authorization(self, broker: int, inside: Conversation) -> None:
        self._chart.begin_step(DiagnosisLayer.AUTHORIZATION)
        try:
            rights = await rights_on(inside, broker)
        except (Ended, Refused, NotKafka, TimeoutError, UnreadableAnswer):
            words = f"Broker {broker} gives no whole answer to what this principal may do."
            raise FailedStep(DiagnosisLayer.AUTHORIZATION, Cause.METADATA_FAILED, words) from None
        who = _principal(self._profile)
        self._chart.good(DiagnosisLayer.AUTHORIZATION, rights.describe(who))
        self._chart.add_gaps(f"{who} {line}" for line in rights.refused)

    async def _beside(self, setup: Setup) -> None:
        """Checks the services beside the brokers."""
        registry = self._profile.schema_registry
        if registry is not None:
            self._chart.begin_step(DiagnosisLayer.REGISTRY)
            detail = await ask_registry(registry, self._profile.security, self._secrets)
            self._chart.good(DiagnosisLayer.REGISTRY, detail)
        if setup.zookeepers:
            self._chart.begin_step(DiagnosisLayer.ZOOKEEPER)
            self._chart.good(DiagnosisLayer.ZOOKEEPER, await ask_zookeepers(setup.zookeepers, setup.zookeeper_material))


async def _greet(bootstrap: ResolvedServer, connection: socket.socket) -> Conversation:
    conversation = await bootstrap.greet(connection)
    await refuse_controller(bootstrap, conversation)
    return conversation


def _requests_taken(conversation: Conversation, server: ServerAddress) -> str:
    """Returns the requests that the broker accepts. Raises FailedStep if it is too old."""
    versions = conversation.versions
    low, high = versions.get(MetadataRequest.API_KEY, (0, 0))
    if low > _METADATA or high < _LOWEST_METADATA:
        words = f"{server} takes Metadata requests of version {low} to {high}, and {_LOWEST_METADATA} is needed."
        raise FailedStep(DiagnosisLayer.API, Cause.API_TOO_OLD, words)
    return f"{len(versions)} kinds of requests, Metadata up to version {high}"


def _describe_lost_features(conversation: Conversation) -> list[str]:
    lost = lost_features(conversation.versions)
    return [f"This release lacks what kafkaview needs for: {', '.join(lost)}"] if lost else []


def _describe_unlisted(server: ServerAddress, count: int) -> str:
    """Returns what it means that no broker of the metadata has the address of a server that does not answer."""
    others = "only 1 other" if count == 1 else f"only {count} others"
    return (
        f"The cluster can be used without it. Its metadata lists no broker at {server}, {others}: one that advertises"
        " this address counts as gone, and what it alone holds can be neither read nor written"
    )


def _principal(profile: ConnectionProfile) -> str:
    """Returns the principal that the authorizer sees, as far as the profile shows it."""
    security = profile.security
    sasl = security.sasl if security.protocol.sasl else None
    if sasl is not None:
        name = sasl.username or (sasl.oauth.client_id if sasl.oauth else None)
        return f"User:{name}" if name else "This principal"
    if security.protocol.tls and security.tls.certificate is not None:
        return "The client certificate's principal"
    return "User:ANONYMOUS"
