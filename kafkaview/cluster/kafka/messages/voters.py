"""Changing the voters of the metadata quorum (KIP-853)."""

from __future__ import annotations

from kafka.protocol.api_message import ApiMessage  # type: ignore[import-untyped]


class AddRaftVoterRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """AddRaftVoter (80): let a controller vote. Brokers forward it to the quorum's leader."""


class AddRaftVoterResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """Its answer, found by the client through the API key."""


class RemoveRaftVoterRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """RemoveRaftVoter (81): let a controller vote no more. Brokers forward it likewise."""


class RemoveRaftVoterResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """Its answer, found by the client through the API key."""
