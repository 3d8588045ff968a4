"""A call of librdkafka that does not come back: its producer is given up, and the caller is told."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, cast

import pytest

from kafkaview.cluster.errors import ClientStuck
from kafkaview.cluster.kafka import reroute_transaction
from kafkaview.cluster.kafka.reroute_transaction import KafkaTransactor, TransactionalProducer
from kafkaview.cluster.ports.cluster import GroupMove, TransactionStage
from kafkaview.terms import CommittedOffset, RecordId, TopicPartition
from tests.kit.patience import patience


class HangingProducer(TransactionalProducer):
    """Its client waits for good when it adds offsets."""

    def __init__(self) -> None:
        super().__init__(cast("Any", None), "kafkaview-test")
        self.freed = threading.Event()
        self.aborted = False

    def begin(self) -> None:
        """Begins nothing."""

    def produce(self, copies: Any) -> tuple[RecordId, ...]:  # noqa: ARG002
        """Has nothing to produce."""
        return ()

    def add_offsets(self, moves: Any) -> None:  # noqa: ARG002
        """Hangs until the test ends."""
        self.freed.wait(patience(30))

    def abort(self) -> None:
        """Notes it."""
        self.aborted = True


async def fine(_stage: TransactionStage) -> None:
    """Nothing is wrong."""


async def test_offsets_that_are_never_added_end_in_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reroute_transaction, "STUCK_SECONDS", 0.1)

    async def no_targets(*_: Any) -> None:
        """There are none to be checked."""

    monkeypatch.setattr(reroute_transaction, "check_targets", no_targets)
    producer = HangingProducer()
    move = GroupMove("g", TopicPartition("orders", 0), CommittedOffset(3))
    try:
        with pytest.raises(ClientStuck, match="does not come back"):
            async with asyncio.timeout(patience(5)):
                await KafkaTransactor(cast("Any", None), producer).transact([], [move], fine)
        async with asyncio.timeout(patience(5)):
            await producer.close()
        assert not producer.aborted, "it would wait behind the call that hangs"
    finally:
        producer.freed.set()
