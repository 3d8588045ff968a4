"""Whatever the other side sends, it is Kafka's answer, or one of the few ways in which it is not."""

from __future__ import annotations

import asyncio
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.doctor.conversation import Conversation, NotKafka
from kafkaview.doctor.wire import Ended


class Scripted:
    """A wire on which these bytes come, in pieces of this size, and then the end."""

    def __init__(self, data: bytes, piece: int = 65_536) -> None:
        self._data = data
        self._piece = piece
        self.sent = b""

    async def send(self, data: bytes) -> None:
        self.sent += data

    async def receive(self) -> bytes:
        taken, self._data = self._data[: self._piece], self._data[self._piece :]
        if not taken:
            raise Ended
        return taken

    def close(self) -> None:
        """Nothing to end."""


CORRELATION = b"\r\n\r\n"


def framed(body: bytes) -> bytes:
    return struct.pack(">i", len(body)) + body


GOOD = framed(CORRELATION + struct.pack(">hihhhhhh", 0, 2, 3, 0, 13, 18, 0, 4))


@pytest.mark.parametrize("piece", [1, 3, 65_536])
async def test_an_answer_is_read_however_it_is_cut(piece: int) -> None:
    conversation = Conversation(Scripted(GOOD, piece))
    await conversation.hello()
    assert conversation.versions == {3: (0, 13), 18: (0, 4)}


async def test_the_first_question_ends_a_line_so_that_an_http_server_answers_it() -> None:
    wire = Scripted(GOOD)
    await Conversation(wire).hello()
    assert CORRELATION in wire.sent


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n", "HTTP/1.1 400 Bad Request"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2"),
        (b"\x15\x03\x03\x00\x02\x02\x50", "......P"),
        (framed(b"another number and more"), "....another number and more"),
    ],
)
async def test_what_is_not_kafka_is_quoted_by_its_first_line(said: bytes, line: str) -> None:
    with pytest.raises(NotKafka) as raised:
        await Conversation(Scripted(said)).hello()
    assert raised.value.data == said
    assert raised.value.first_line == line


@given(body=st.binary(max_size=80), framed_well=st.booleans())
def test_any_bytes_raise_only_declared_errors(body: bytes, *, framed_well: bool) -> None:
    data = framed(CORRELATION + body) if framed_well else body
    try:
        asyncio.run(Conversation(Scripted(data)).hello())
    except (NotKafka, Ended):
        return
