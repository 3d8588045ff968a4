"""Requests that kafka-python does not know, made from Kafka's message definitions in this folder."""

from __future__ import annotations

from kafka.protocol.api_message import ApiMessage  # type: ignore[import-untyped]


class ConsumerGroupDescribeRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """ConsumerGroupDescribe (69): members of groups of the newer protocol (KIP-848)."""


class ConsumerGroupDescribeResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """The answer to ConsumerGroupDescribe. kafka-python finds the class by its API key."""


class StreamsGroupDescribeRequest(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """StreamsGroupDescribe (89): members of groups of Kafka Streams (KIP-1071)."""


class StreamsGroupDescribeResponse(ApiMessage, load_json=__package__):  # type: ignore[misc, call-arg]
    """The answer to StreamsGroupDescribe. kafka-python finds the class by its API key."""
