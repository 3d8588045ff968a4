"""Delegation tokens made by a test: kafkaview shows them and makes none."""

from __future__ import annotations

from kafka.protocol.api_message import ApiMessage  # type: ignore[import-untyped]

from kafkaview.cluster.kafka import KafkaCluster
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets

HOUR_MS = 3_600_000


class CreateDelegationTokenRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """CreateDelegationToken (38)."""


class CreateDelegationTokenResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """Its answer."""


async def make_token(profile: ConnectionProfile, secrets: Secrets, renewer: str) -> tuple[str, bytes]:
    """A token of the profile's user that a second one may renew: its id and its HMAC."""
    cluster = KafkaCluster(profile, secrets)
    try:
        renewers = [CreateDelegationTokenRequest.CreatableRenewers(principal_type="User", principal_name=renewer)]
        request = CreateDelegationTokenRequest(
            owner_principal_type=None, owner_principal_name=None, renewers=renewers, max_lifetime_ms=HOUR_MS
        )
        answer = await cluster._wire.send_any(request, "making a token")
        assert answer.error_code == 0
        return answer.token_id, answer.hmac
    finally:
        await cluster.close()
