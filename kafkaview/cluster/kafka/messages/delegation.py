"""Delegation tokens (KIP-48): made, renewed, expired and described."""

from __future__ import annotations

from kafka.protocol.api_message import ApiMessage  # type: ignore[import-untyped]


class CreateDelegationTokenRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """CreateDelegationToken (38): a token of whoever asks, or from version 3 on of another owner (KIP-373)."""


class CreateDelegationTokenResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """Its answer, found by the client through the API key. It holds the HMAC."""


class RenewDelegationTokenRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """RenewDelegationToken (39): a later expiry. A token is named by its HMAC."""


class RenewDelegationTokenResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """Its answer."""


class ExpireDelegationTokenRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """ExpireDelegationToken (40): an expiry, and below 0 the end of the token at once."""


class ExpireDelegationTokenResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """Its answer."""


class DescribeDelegationTokenRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """DescribeDelegationToken (41): who may log in by a token, and until when."""


class DescribeDelegationTokenResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """Its answer. It holds the HMACs."""
