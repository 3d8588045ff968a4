"""A profile into the settings of each client library."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from kafkaview.cluster.complaints import LOG, Complaints
from kafkaview.cluster.sockets import DIRECT
from kafkaview.profiles.profile import ConnectionProfile

CLIENT_ID = "kafkaview"


def librdkafka_settings(profile: ConnectionProfile, complaints: Complaints, **more: Any) -> dict[str, Any]:
    """Settings for any confluent-kafka client; `more` in librdkafka's names with `_` for `.` wins over the profile."""
    return {
        "client.id": CLIENT_ID,
        "reconnect.backoff.max.ms": 1000,  # the default of 10 s would hide a broker that is back
        **profile.settings,
        "bootstrap.servers": profile.bootstrap,
        "error_cb": complaints.hear,
        "logger": LOG,
        **{name.replace("_", "."): value for name, value in more.items()},
    }


def kafka_python_settings(profile: ConnectionProfile) -> dict[str, Any]:
    """Settings for kafka-python's admin client. Reads the certificate files, so it belongs on a client's thread."""
    settings = profile.settings
    protocol = settings.get("security.protocol", "PLAINTEXT").upper()
    made: dict[str, Any] = {
        "bootstrap_servers": profile.bootstrap.split(","),
        "client_id": settings.get("client.id", CLIENT_ID),
        "security_protocol": protocol,
        "bootstrap_timeout_ms": 5_000,
        "request_timeout_ms": 5_000,
        "reconnect_backoff_max_ms": 1_000,
        "proxy_url": DIRECT,
    }
    if protocol.endswith("SSL"):
        made["ssl_context"] = tls_context(settings)
    if protocol.startswith("SASL"):
        made["sasl_mechanism"] = settings.get("sasl.mechanism", settings.get("sasl.mechanisms", "PLAIN"))
        made["sasl_plain_username"] = settings.get("sasl.username", "")
        made["sasl_plain_password"] = settings.get("sasl.password", "")
    return made


def tls_context(settings: Mapping[str, str]) -> ssl.SSLContext:
    """The profile's TLS: its trust, its own certificate, and whether the broker's name is checked."""
    context = ssl.create_default_context(cafile=settings.get("ssl.ca.location"), cadata=settings.get("ssl.ca.pem"))
    context.check_hostname = settings.get("ssl.endpoint.identification.algorithm", "https") == "https"
    if settings.get("enable.ssl.certificate.verification", "true").lower() == "false":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate = settings.get("ssl.certificate.location")
    if certificate:
        # A password is always given: without one an encrypted key is asked for on the terminal, and blocks.
        context.load_cert_chain(certificate, settings.get("ssl.key.location"), settings.get("ssl.key.password", ""))
    return context
