"""Delegation token requests (KIP-48): create, renew, expire and describe."""

from __future__ import annotations

from kafka.protocol.api_message import ApiMessage  # type: ignore[import-untyped]


class CreateDelegationTokenRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """CreateDelegationToken (38): a token for the principal, or from version 3 on for another owner (KIP-373)."""


class CreateDelegationTokenResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """The answer to CreateDelegationToken, with the HMAC. kafka-python finds the class by its API key."""


class RenewDelegationTokenRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """RenewDelegationToken (39): a later expiry for a token, which its HMAC names."""


class RenewDelegationTokenResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """The answer to RenewDelegationToken."""


class ExpireDelegationTokenRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """ExpireDelegationToken (40): an expiry; a negative one ends the token at once."""


class ExpireDelegationTokenResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """The answer to ExpireDelegationToken."""


class DescribeDelegationTokenRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """DescribeDelegationToken (41): tokens with owner, renewers and expiry."""


class DescribeDelegationTokenResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """The answer to DescribeDelegationToken, with the HMACs."""
