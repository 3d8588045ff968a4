"""A topic counts as made by this request only where the controller said so."""

from __future__ import annotations

import uuid
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError
from kafka.protocol.admin import CreateTopicsResponse  # type: ignore[import-untyped]

from kafkaview.cluster.errors import TopicExists, Unreachable
from kafkaview.cluster.kafka import topics
from kafkaview.cluster.kafka.requests import BrokerRequests

ID = uuid.uuid4()


class AnsweringWire:
    """Two brokers: the first one falls silent if `lost`, the second answers with `code`."""

    def __init__(self, code: int, *, lost: bool) -> None:
        self._code = code
        self._lost = lost

    async def answering_broker(self, _doing: str) -> int:
        return 1

    async def broker_ids(self) -> tuple[int, ...]:
        return (1, 2)

    async def send_aside(self, _request: Any, broker: int, doing: str, _seconds: float) -> Any:
        if self._lost and broker == 1:
            raise Unreachable(doing)
        row = CreateTopicsResponse.CreatableTopicResult(name="new", topic_id=ID, error_code=self._code)
        return CreateTopicsResponse(topics=[row])


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_wire: BrokerRequests, _name: str) -> None:
        return

    monkeypatch.setattr(topics, "_wait_until_known", at_once)


async def create(code: int, *, lost: bool) -> uuid.UUID | None:
    wire = cast("BrokerRequests", AnsweringWire(code, lost=lost))
    return await topics.create(wire, "new", 1, 1, None)


@pytest.mark.parametrize("lost", [False, True])
async def test_the_id_is_told_of_a_topic_that_was_made(lost: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert await create(0, lost=lost) == ID


async def test_a_topic_that_stands_already_may_be_ours_only_where_an_answer_was_lost() -> None:
    assert await create(KafkaError.TOPIC_ALREADY_EXISTS, lost=True) is None
    with pytest.raises(TopicExists):
        await create(KafkaError.TOPIC_ALREADY_EXISTS, lost=False)
