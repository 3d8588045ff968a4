"""A request whose connection is lost says to whom."""

from __future__ import annotations

from typing import Any

import pytest

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.deadline import Limit
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.kafka.sockets import ConnectionFailed, SocketAddress, Stage
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets


@pytest.mark.parametrize("words", [Stage.OPEN.value, "it closed the connection"])
async def test_the_broker_of_a_lost_connection_is_named(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    wire = BrokerRequests(ClientSettings(ConnectionProfile("orders", "127.0.0.1:1"), Secrets(), Limit()))

    async def lose(*_arguments: Any) -> Any:
        raise ConnectionFailed(words)

    monkeypatch.setattr(wire._network, "answer", lose)
    with pytest.raises(Unreachable) as caught:
        await wire._send(object(), SocketAddress("127.0.0.1", 1), "broker 2", "reading committed offsets", 0.1)
    assert str(caught.value) == f"reading committed offsets: broker 2: {words}"
    await wire.close()


async def test_what_cannot_be_sent_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = BrokerRequests(ClientSettings(ConnectionProfile("orders", "127.0.0.1:1"), Secrets(), Limit()))

    async def encode(*_arguments: Any) -> Any:
        "\udcff".encode()

    monkeypatch.setattr(wire._network, "answer", encode)
    with pytest.raises(ClusterError, match=r"^reading committed offsets: a name has bytes"):
        await wire._send(object(), SocketAddress("127.0.0.1", 1), "broker 2", "reading committed offsets", 0.1)
    await wire.close()
