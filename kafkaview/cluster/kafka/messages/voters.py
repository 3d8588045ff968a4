"""Requests that change the voters of the metadata quorum (KIP-853)."""

from __future__ import annotations

from kafka.protocol.api_message import ApiMessage  # type: ignore[import-untyped]


class AddRaftVoterRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """AddRaftVoter (80): makes a controller a voter. Brokers forward it to the quorum's leader."""


class AddRaftVoterResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """The answer to AddRaftVoter. kafka-python finds the class by its API key."""


class RemoveRaftVoterRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """RemoveRaftVoter (81): removes a voter. Brokers forward it to the quorum's leader."""


class RemoveRaftVoterResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """The answer to RemoveRaftVoter. kafka-python finds the class by its API key."""
