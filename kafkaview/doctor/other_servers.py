"""Other servers that close the connection at Kafka's request without an answer. Each is recognized by its answer to its
own greeting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from kafkaview.doctor.fault import FailedStep
from kafkaview.doctor.wire import Ended, PlainWire

_PROOF_S: Final = 0.7


@dataclass(frozen=True, slots=True)
class OtherServer:
    """A kind of server: its greeting, the start of its answer, and its name in words."""

    greeting: bytes
    answers: tuple[bytes, ...]
    name: str
    hint: str


OTHER_SERVERS: Final = (
    OtherServer(
        b"srvr",
        (b"Zookeeper version", b"srvr is not executed", b"This ZooKeeper instance"),
        "a ZooKeeper server",
        "Give the address of a broker, and this one as ZooKeeper's (zookeeper.connect).",
    ),
    OtherServer(
        b"JRMI\x00\x02K",  # version 2 of RMI's stream protocol
        (b"\x4e",),  # its acknowledgement
        "a Java program's port for management (JMX)",
        "Give the port of a Kafka listener; JMX is for monitoring.",
    ),
)


async def recognize(connect: Callable[[], Awaitable[PlainWire]]) -> OtherServer | None:
    """Returns the kinds of server that answer to their own greeting, each on a connection of its own."""
    answers = await asyncio.gather(*(_is_there(one, connect) for one in OTHER_SERVERS))
    return next((one for one, is_there in zip(OTHER_SERVERS, answers, strict=True) if is_there), None)


async def _is_there(one: OtherServer, connect: Callable[[], Awaitable[PlainWire]]) -> bool:
    try:
        wire = await connect()
    except FailedStep:
        return False
    try:
        with suppress(TimeoutError, Ended):
            async with asyncio.timeout(_PROOF_S):
                await wire.send(one.greeting)
                while len(wire.first) < max(map(len, one.answers)):
                    await wire.receive()
    finally:
        wire.close()
    return wire.first.startswith(one.answers)
