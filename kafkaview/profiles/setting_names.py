"""The names of a client's settings that are read here, in Java's and librdkafka's spelling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BOOTSTRAP: Final = ("bootstrap.servers", "metadata.broker.list")
# Settings that name the same thing in other words: the one that is given later replaces all of its row.
ALTERNATIVES: Final = (
    BOOTSTRAP,
    ("ssl.ca.location", "ssl.ca.pem", "ssl.truststore.location", "ssl.truststore.certificates"),
    (
        "ssl.certificate.location",
        "ssl.certificate.pem",
        "ssl.keystore.location",
        "ssl.keystore.certificate.chain",
    ),
    ("sasl.mechanism", "sasl.mechanisms"),
    (
        "https.ca.location",
        "https.ca.pem",
        "schema.registry.ssl.truststore.location",
        "schema.registry.ssl.truststore.certificates",
    ),
)
# librdkafka's own settings that are about the connection and no secret; whatever else a file says is some other
# client's business.
FURTHER: Final = frozenset(
    {
        "allow.auto.create.topics",
        "api.version.request.timeout.ms",
        "broker.address.family",
        "broker.address.ttl",
        "client.dns.lookup",
        "client.id",
        "client.rack",
        "connections.max.idle.ms",
        "message.max.bytes",
        "metadata.max.age.ms",
        "receive.message.max.bytes",
        "reconnect.backoff.max.ms",
        "reconnect.backoff.ms",
        "retry.backoff.max.ms",
        "retry.backoff.ms",
        "socket.connection.setup.timeout.ms",
        "socket.keepalive.enable",
        "socket.nagle.disable",
        "socket.timeout.ms",
    }
)
# Settings whose values are secrets, or hold some.
SECRET: Final = frozenset(
    {
        "sasl.password",
        "sasl.jaas.config",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.client.credentials.client.secret",
        "ssl.key.password",
        "ssl.key.pem",
        "ssl.keystore.key",
        "ssl.keystore.password",
        "ssl.truststore.password",
        "basic.auth.user.info",
        "schema.registry.basic.auth.user.info",
        "schema.registry.ssl.truststore.password",
        "zookeeper.sasl.password",
    }
)
_READ: Final = frozenset(
    {
        *(name for row in ALTERNATIVES for name in row),
        "enable.ssl.certificate.verification",
        "read.only",
        "sasl.kerberos.keytab",
        "sasl.kerberos.principal",
        "sasl.kerberos.service.name",
        "sasl.oauthbearer.client.credentials.client.id",
        "sasl.oauthbearer.client.id",
        "sasl.oauthbearer.extensions",
        "sasl.oauthbearer.method",
        "sasl.oauthbearer.scope",
        "sasl.oauthbearer.token.endpoint.url",
        "sasl.username",
        "schema.registry.ssl.truststore.type",
        "schema.registry.url",
        "security.protocol",
        "ssl.endpoint.identification.algorithm",
        "ssl.key.location",
        "ssl.keystore.type",
        "ssl.truststore.type",
        "zookeeper.connect",
        "zookeeper.sasl.username",
        "zookeeper.ssl.client.enable",
    }
)
KNOWN: Final = FURTHER | SECRET | _READ


def replaced(given: Mapping[str, str], later: Mapping[str, str]) -> dict[str, str]:
    """The settings with later ones over them, whichever spelling either is in."""
    dropped = {name for row in ALTERNATIVES if not later.keys().isdisjoint(row) for name in row}
    return {**{name: value for name, value in given.items() if name not in dropped}, **later}
