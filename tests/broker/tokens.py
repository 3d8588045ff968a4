"""A delegation token for a test."""

from __future__ import annotations

from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.security import NewToken
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets

HOUR_MS = 3_600_000


async def make_token(profile: ConnectionProfile, secrets: Secrets, renewer: str) -> tuple[str, bytes]:
    """A token of the profile's user that a second one may renew: its id and its HMAC."""
    cluster = open_cluster(profile, secrets)
    try:
        issued = await cluster.security.create_token(NewToken(renewers=(f"User:{renewer}",), life_ms=HOUR_MS))
        return issued.token.token_id, issued.hmac
    finally:
        await cluster.close()
