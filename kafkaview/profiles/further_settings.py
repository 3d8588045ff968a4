"""librdkafka's settings that are about the connection, no secret, and have no field of their own."""

from __future__ import annotations

from typing import Final

# Whatever else a file says is some other client's business.
FURTHER: Final = frozenset(
    {
        "allow.auto.create.topics",
        "api.version.request.timeout.ms",
        "broker.address.family",
        "broker.address.ttl",
        "client.dns.lookup",
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
