"""A member of a group of Kafka Streams (KIP-1071), played by raw requests: it joins, and says that it is there."""

from __future__ import annotations

import asyncio
import struct
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.deadline import Limit
from kafkaview.cluster.kafka.raw_requests import RawAnswer, RawRequest, read_string, write_count, write_string
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets

_HEARTBEAT: Final = 88
_INT: Final = struct.Struct(">i")
_NULL: Final = b"\0"
_NO_TAGS: Final = b"\0"
_EMPTY: Final = write_count(0)
_REBALANCE_MS: Final = 30_000
_BEAT_SECONDS: Final = 0.3


@asynccontextmanager
async def streams_member(bootstrap: str, group: str, topic: str) -> AsyncIterator[None]:
    """A member with one task for each partition of a topic, that takes what it is given."""
    wire = BrokerRequests(ClientSettings(ConnectionProfile("member", bootstrap), Secrets(), Limit()))
    beating = asyncio.create_task(_beat(wire, group, topic))
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait([beating])
        await wire.close()


async def _beat(wire: BrokerRequests, group: str, topic: str) -> None:
    member, epoch = str(uuid.uuid4()), 0
    while True:
        joins = epoch == 0
        request = _heartbeat(group, member, epoch, topic if joins else None, _EMPTY if joins else _NULL)
        epoch = _epoch_of(await wire.send_any(request, "saying that the member is there"))
        await asyncio.sleep(_BEAT_SECONDS)


def _heartbeat(group: str, member: str, epoch: int, topic: str | None, owned: bytes) -> RawRequest:
    body = b"".join(
        (
            write_string(group.encode()),
            write_string(member.encode()),
            _INT.pack(epoch),
            _INT.pack(0),  # the epoch of the endpoints
            _NULL,  # static id
            _NULL,  # rack
            _INT.pack(_REBALANCE_MS),
            b"\xff" if topic is None else _topology(topic),
            owned,
            owned,
            owned,
            write_string(member.encode()),  # the process
            b"\xff",  # endpoint
            _EMPTY,  # tags of the client
            _NULL,
            _NULL,
            b"\0",  # no shutdown
            _NO_TAGS,
        )
    )
    return RawRequest("StreamsGroupHeartbeat", _HEARTBEAT, lambda _version: body, versions=(0, 1), flexible=0)


def _topology(topic: str) -> bytes:
    subtopology = b"".join(
        (write_string(b"0"), write_count(1) + write_string(topic.encode()), _EMPTY, _EMPTY, _EMPTY, _EMPTY, _EMPTY)
    )
    return b"\x01" + _INT.pack(0) + write_count(1) + subtopology + _NO_TAGS + _NO_TAGS


def _epoch_of(answer: RawAnswer) -> int:
    at = answer.start + 4
    error = int.from_bytes(answer.data[at : at + 2], "big", signed=True)
    message, at = read_string(answer.data, at + 2)
    assert error == 0, message
    _member, at = read_string(answer.data, at)
    return int(_INT.unpack_from(answer.data, at)[0])
