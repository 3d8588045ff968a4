"""Delegation token requests (KIP-48). Only the answer to a creation carries the HMAC, which is the token's password, on
from here.
"""

from __future__ import annotations

from typing import Any, Final

from confluent_kafka import KafkaError

from kafkaview.cluster.damage import listing, reading, rows_of, text_of
from kafkaview.cluster.errors import ClusterError, NotAuthorized, RefusedByPolicy, UnsupportedByBroker
from kafkaview.cluster.kafka.messages.delegation import (
    CreateDelegationTokenRequest,
    DescribeDelegationTokenRequest,
    ExpireDelegationTokenRequest,
    RenewDelegationTokenRequest,
)
from kafkaview.cluster.kafka.refusals import check
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.security import DelegationToken, IssuedToken, NewToken

_READING: Final = "reading the delegation tokens"
_DESCRIBE: Final = "DESCRIBE on the DelegationToken"
_OF_THE_BROKERS: Final = (
    -1
)  # the brokers' own time; of an expiry: at once (DelegationTokenControlManager.java of 4.4.0)
_SECONDS: Final = 8.0  # a broker passes a write on to the controller


async def list_tokens(wire: BrokerRequests) -> tuple[DelegationToken, ...]:
    """Returns the tokens that the principal owns, requested, renews, or has DESCRIBE on; ordered by owner, then id."""
    rows = await _rows(wire, _READING)
    return tuple(sorted(map(_read, rows), key=lambda token: (token.owner, token.token_id)))


async def create(wire: BrokerRequests, new: NewToken) -> IssuedToken:
    """Creates a token."""
    owner = _parts(new.owner) if new.owner is not None else (None, None)
    request = CreateDelegationTokenRequest(
        owner_principal_type=owner[0],
        owner_principal_name=owner[1],
        renewers=[_renewer(renewer) for renewer in new.renewers],
        max_lifetime_ms=_OF_THE_BROKERS if new.life_ms is None else new.life_ms,
    )
    doing = f"creating a delegation token{f' of {new.owner}' if new.owner else ''}"
    answer = await _send_once(wire, request, doing, f"CREATE_TOKENS on User {owner[1] or ''}".rstrip())
    requester = getattr(answer, "token_requester_principal_name", None)
    owned_by = _principal(answer.principal_type, answer.principal_name)
    token = DelegationToken(
        text_of(answer.token_id),
        owned_by,
        _principal(answer.token_requester_principal_type, requester) if requester else owned_by,
        new.renewers,
        answer.issue_timestamp_ms,
        answer.expiry_timestamp_ms,
        answer.max_timestamp_ms,
    )
    with reading(doing):
        return IssuedToken(token, bytes(answer.hmac))


async def renew(wire: BrokerRequests, token_id: str, period_ms: int | None) -> int:
    """Renews a token; returns its new expiry in Unix milliseconds."""
    doing = f"renewing the delegation token {token_id}"
    period = _OF_THE_BROKERS if period_ms is None else period_ms
    request = RenewDelegationTokenRequest(hmac=await _hmac(wire, token_id, doing), renew_period_ms=period)
    return int((await _send_once(wire, request, doing, _DESCRIBE)).expiry_timestamp_ms)


async def expire(wire: BrokerRequests, token_id: str) -> None:
    """Expires a token at once."""
    doing = f"expiring the delegation token {token_id}"
    hmac = await _hmac(wire, token_id, doing)
    request = ExpireDelegationTokenRequest(hmac=hmac, expiry_time_period_ms=_OF_THE_BROKERS)
    await _send_once(wire, request, doing, _DESCRIBE)


async def _rows(wire: BrokerRequests, doing: str) -> list[Any]:
    answer = await wire.send_any(DescribeDelegationTokenRequest(owners=None), doing)
    _check(answer.error_code, doing, _DESCRIBE)
    return list(listing(answer.tokens, doing))


async def _hmac(wire: BrokerRequests, token_id: str, doing: str) -> bytes:
    """Returns the HMAC of a token, which names it in a request. Whoever may describe the token may read it."""
    seen = {row.token_id: row.hmac for row in await _rows(wire, doing)}
    if token_id not in seen:
        _check(KafkaError.DELEGATION_TOKEN_NOT_FOUND, doing, _DESCRIBE)
    with reading(doing):
        return bytes(seen[token_id])


async def _send_once(wire: BrokerRequests, request: Any, doing: str, right: str) -> Any:
    """Sends a request to one broker only: a second broker could create a second token."""
    broker = await wire.answering_broker(doing)
    answer = await wire.send_aside(request, broker, doing, _SECONDS)
    _check(answer.error_code, doing, right)
    return answer


def _check(code: int, doing: str, right: str) -> None:
    refused = _refusal(code, doing)
    if refused is not None:
        raise refused
    check(code, doing, right)


def _refusal(code: int, doing: str) -> ClusterError | None:
    """Returns the error for a refusal that only token requests have."""
    if code == KafkaError.DELEGATION_TOKEN_AUTH_DISABLED:
        return UnsupportedByBroker(
            f"{doing}: this cluster has none (DELEGATION_TOKEN_AUTH_DISABLED).",
            "Set delegation.token.secret.key on every node to have them.",
        )
    if code == KafkaError.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED:
        return RefusedByPolicy(
            f"{doing}: Kafka takes this neither over PLAINTEXT, nor over TLS without a client certificate, nor from who"
            " logged in by one (DELEGATION_TOKEN_REQUEST_NOT_ALLOWED).",
            "Log in with SASL or a client certificate, and not by a delegation token.",
        )
    if code == KafkaError.DELEGATION_TOKEN_OWNER_MISMATCH:
        message = f"{doing}: only its owner and its renewers may (DELEGATION_TOKEN_OWNER_MISMATCH)."
        return NotAuthorized(message, "Log in as one of them.")
    if code == KafkaError.DELEGATION_TOKEN_NOT_FOUND:
        message = f"{doing}: there is none that you may see (DELEGATION_TOKEN_NOT_FOUND)."
        return RefusedByPolicy(message, "List the tokens again: it may have expired.")
    if code == KafkaError.DELEGATION_TOKEN_EXPIRED:
        return RefusedByPolicy(f"{doing}: it has expired (DELEGATION_TOKEN_EXPIRED).", "Create another one.")
    return None


def _read(row: Any) -> DelegationToken:
    owner = _principal(row.principal_type, row.principal_name)
    requester = getattr(row, "token_requester_principal_name", None)
    return DelegationToken(
        text_of(row.token_id),
        owner,
        _principal(row.token_requester_principal_type, requester) if requester else owner,  # since Kafka 3.3
        tuple(_principal(renewer.principal_type, renewer.principal_name) for renewer in rows_of(row.renewers)),
        row.issue_timestamp,
        row.expiry_timestamp,
        row.max_timestamp,
    )


def _renewer(principal: str) -> Any:
    kind, name = _parts(principal)
    return CreateDelegationTokenRequest.CreatableRenewers(principal_type=kind, principal_name=name)


def _principal(kind: str | None, name: str | None) -> str:
    return f"{text_of(kind)}:{text_of(name)}"


def _parts(principal: str) -> tuple[str, str]:
    kind, _, name = principal.partition(":")
    return kind, name
