"""Delegation tokens on the wire (KIP-48), without the HMAC that makes one usable."""

from __future__ import annotations

from typing import Any, Final

from confluent_kafka import KafkaError

from kafkaview.cluster.access import DelegationToken
from kafkaview.cluster.errors import RefusedByPolicy, UnsupportedByBroker
from kafkaview.cluster.messages import DescribeDelegationTokenRequest
from kafkaview.cluster.refusals import check
from kafkaview.cluster.wire import Wire

_DOING: Final = "reading the delegation tokens"
_RIGHT: Final = "DESCRIBE on the DelegationToken"


async def described(wire: Wire) -> tuple[DelegationToken, ...]:
    """Tokens that the principal owns, renews, or has DESCRIBE on; ordered by owner, then id."""
    answer = await wire.send_any(DescribeDelegationTokenRequest(owners=None), _DOING)
    if answer.error_code == KafkaError.DELEGATION_TOKEN_AUTH_DISABLED:
        raise UnsupportedByBroker(
            f"{_DOING}: this cluster has none (DELEGATION_TOKEN_AUTH_DISABLED).",
            "Set delegation.token.secret.key on every node to have them.",
        )
    if answer.error_code == KafkaError.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED:
        raise RefusedByPolicy(
            f"{_DOING}: not over this connection (DELEGATION_TOKEN_REQUEST_NOT_ALLOWED).",
            "Log in with SASL or a client certificate, and not by a delegation token.",
        )
    check(answer.error_code, _DOING, _RIGHT)
    return tuple(sorted(map(_read, answer.tokens), key=lambda token: (token.owner, token.token_id)))


def _read(row: Any) -> DelegationToken:
    owner = f"{row.principal_type}:{row.principal_name}"
    requester = getattr(row, "token_requester_principal_name", None)
    return DelegationToken(
        row.token_id,
        owner,
        f"{row.token_requester_principal_type}:{requester}" if requester else owner,  # told since Kafka 3.3
        tuple(f"{renewer.principal_type}:{renewer.principal_name}" for renewer in row.renewers),
        row.issue_timestamp,
        row.expiry_timestamp,
        row.max_timestamp,
    )
