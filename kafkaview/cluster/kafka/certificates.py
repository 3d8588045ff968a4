"""The certificate of each listener of each broker, read by a TLS handshake without a login."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from cryptography import x509

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.kafka.certificate_fields import DAMAGED, names_of, title
from kafkaview.cluster.kafka.client_thread import run_aside
from kafkaview.cluster.kafka.configurations import values_of_broker
from kafkaview.cluster.kafka.deadline import Limit
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.security import ListenerCertificate
from kafkaview.profiles.security import Protocol
from kafkaview.terms import Broker

_LOOK_SECONDS: Final = 3.0  # for connecting, and again for the handshake
_ALL_SECONDS: Final = 8.0  # for all of them; looking a host up has no limit of its own
_TELLING_SECONDS: Final = 1.0  # before the whole limit: what is known by then is returned, and what is not
_AT_ONCE: Final = 32
_ADVERTISED, _LISTENERS, _PROTOCOLS = "advertised.listeners", "listeners", "listener.security.protocol.map"
_CONTROLLERS: Final = "controller.listener.names"
_ANYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - a broker's words for "every interface"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One listener as a broker's settings write it: `SSL://kafka-1:9093`."""

    listener: str
    host: str
    port: int


async def read_certificates(
    wire: BrokerRequests, brokers: Sequence[Broker], protocol: Protocol, limit: Limit
) -> tuple[ListenerCertificate, ...]:
    """Returns the certificate of every listener, ordered by broker and listener. `protocol` is the profile's security
    protocol. Where a broker's settings may not be read, only its address in the metadata is read, with that protocol.
    """
    listed = await asyncio.gather(*(_listeners_of(wire, broker, protocol) for broker in brokers))
    seconds = limit.left(_ALL_SECONDS + _TELLING_SECONDS) - _TELLING_SECONDS
    turn = asyncio.Semaphore(_AT_ONCE)
    found = await asyncio.gather(*(_look_in_time(one, turn, seconds) for listeners in listed for one in listeners))
    return tuple(sorted(found, key=lambda one: (one.broker_id, one.listener)))


async def _look_in_time(listener: ListenerCertificate, turn: asyncio.Semaphore, seconds: float) -> ListenerCertificate:
    try:
        async with asyncio.timeout(seconds), turn:
            return await run_aside("kafkaview-look", _look, listener)
    except TimeoutError:
        where = f"{listener.host}:{listener.port}"
        return replace(listener, error=f"{where} gave no answer in time, as where its name cannot be looked up.")


async def _listeners_of(wire: BrokerRequests, broker: Broker, protocol: Protocol) -> list[ListenerCertificate]:
    try:
        settings = await values_of_broker(wire, broker.id, (_ADVERTISED, _LISTENERS, _PROTOCOLS, _CONTROLLERS))
    except ClusterError:
        settings = {}
    endpoints = endpoints_of(settings.get(_ADVERTISED) or settings.get(_LISTENERS) or "")
    controllers = {name.strip() for name in (settings.get(_CONTROLLERS) or "").split(",")}
    if not endpoints:
        return [ListenerCertificate(broker.id, protocol.value, broker.host, broker.port, plain=not protocol.tls)]
    kinds = protocols_of(settings.get(_PROTOCOLS) or "")
    return [
        ListenerCertificate(
            broker.id,
            one.listener,
            broker.host if one.host in _ANYWHERE else one.host,
            one.port,
            plain=not kinds.get(one.listener, one.listener).endswith("SSL"),
        )
        for one in endpoints
        if one.listener not in controllers
    ]


def endpoints_of(setting: str) -> list[Endpoint]:
    """Returns the listeners of `advertised.listeners`; it writes an IPv6 address in brackets."""
    found = []
    for text in filter(None, (part.strip() for part in setting.split(","))):
        listener, _, address = text.partition("://")
        host, _, port = address.rpartition(":")
        if port.isdecimal():
            found.append(Endpoint(listener, host.strip("[]"), int(port)))
    return found


def protocols_of(setting: str) -> Mapping[str, str]:
    """Returns the security protocol of each listener, read from `listener.security.protocol.map`."""
    pairs = (part.strip().partition(":") for part in setting.split(","))
    return {name: protocol.strip() for name, _, protocol in pairs if protocol}


def _look(listener: ListenerCertificate) -> ListenerCertificate:
    if listener.plain:
        return listener
    try:
        with (
            socket.create_connection((listener.host, listener.port), _LOOK_SECONDS) as plain,
            _accept_all_context().wrap_socket(plain, server_hostname=listener.host) as tls,
        ):
            return _read(listener, tls)
    except (OSError, *DAMAGED) as failure:  # a host or a certificate that cannot be parsed among them
        return replace(listener, error=_words(failure, listener))


def _accept_all_context() -> ssl.SSLContext:
    """Returns a TLS context that accepts every certificate, key size and TLS version, so that a faulty one can be shown
    too. Nothing is sent over it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def _read(listener: ListenerCertificate, tls: ssl.SSLSocket) -> ListenerCertificate:
    data = tls.getpeercert(binary_form=True)
    if data is None:
        return replace(listener, tls_version=tls.version(), error="It shows no certificate.")
    return read_certificate(data, replace(listener, tls_version=tls.version()))


def read_certificate(data: bytes, listener: ListenerCertificate) -> ListenerCertificate:
    """Returns the listener with the fields of its certificate, and an error where a field cannot be read."""
    shown = listener
    try:
        certificate = x509.load_der_x509_certificate(data)
    except DAMAGED as failure:
        return replace(shown, error=_words(failure, listener))
    for name, read in _FIELDS.items():
        try:
            shown = replace(shown, **{name: read(certificate)})
        except DAMAGED as failure:
            shown = replace(shown, error=_words(failure, listener))
    return shown


_FIELDS: Final[Mapping[str, Callable[[x509.Certificate], Any]]] = {
    "subject": lambda certificate: title(certificate.subject),
    "issuer": lambda certificate: title(certificate.issuer),
    "names": names_of,
    "not_after_ms": lambda certificate: int(certificate.not_valid_after_utc.timestamp() * 1000),
}


def _words(failure: Exception, listener: ListenerCertificate) -> str:
    where = f"{listener.host}:{listener.port}"
    match failure:
        case TimeoutError():
            return f"{where} gave no answer within {_LOOK_SECONDS:g} s."
        case socket.gaierror():
            return f"{listener.host} is not known here: {failure.strerror}."
        case ssl.SSLError():
            return f"{where} ends the TLS handshake: {failure.reason or failure.strerror or failure}."
        case OSError():
            return f"{where} takes no connection: {failure.strerror or failure}."
        case _:
            return f"What {where} shows cannot be read: {failure}."
