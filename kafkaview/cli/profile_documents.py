"""A saved connection as JSON."""

from __future__ import annotations

from typing import Any

from kafkaview.profiles.profile import ConnectionProfile


def profile_document(profile: ConnectionProfile) -> dict[str, Any]:
    """One connection as JSON; there is no secret in it."""
    security, registry = profile.security, profile.schema_registry
    return {
        "name": profile.name,
        "environment": profile.environment.value,
        "colour": profile.colour,
        "bootstrap": profile.bootstrap,
        "protocol": security.protocol.value,
        "mechanism": security.sasl.mechanism.value if security.sasl else None,
        "user": security.login,
        "verify_hostname": security.tls.verify_hostname if security.protocol.tls else None,
        "read_only": profile.read_only,
        "schema_registry": registry.url if registry else None,
        "zookeeper": profile.zookeeper,
        "zookeeper_tls": profile.zookeeper_tls,
        "zookeeper_user": profile.zookeeper_user,
        "settings": dict(profile.settings),
    }
