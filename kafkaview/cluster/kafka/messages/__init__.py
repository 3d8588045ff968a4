"""Requests that kafka-python does not know yet, from Kafka's own message definitions beside this file."""

from __future__ import annotations

from kafka.protocol.api_message import ApiMessage  # type: ignore[import-untyped]


class ConsumerGroupDescribeRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """ConsumerGroupDescribe (69): members of groups of the newer protocol (KIP-848)."""


class ConsumerGroupDescribeResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """Its answer, found by the client through the API key."""


class StreamsGroupDescribeRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """StreamsGroupDescribe (89): members of groups of Kafka Streams (KIP-1071)."""


class StreamsGroupDescribeResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """Its answer, likewise."""
