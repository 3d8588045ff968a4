"""Real brokers for the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafkaview.demo.kafka import EmbeddedKafka


@pytest.fixture(scope="session")
def kafka() -> Iterator[EmbeddedKafka]:
    """One plain broker for the whole run: make topics and groups of your own names on it."""
    with EmbeddedKafka() as kafka:
        yield kafka
