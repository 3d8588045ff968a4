"""The window's end of the pipe: calls with one answer and streams with many."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, cast

from kafkaview.engine.messages import Answer, Call, Cancel, EngineLost, Item, More, Refusal
from kafkaview.engine.pipe import Pipe
from kafkaview.engine.window_words import window_hint
from kafkaview.failure import Failure


class Caller:
    """Sends calls and returns the answer of each. After the end of the pipe every call raises EngineLost."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._numbers = count(1)
        self._open: dict[int, _CallMessages] = {}
        self.ended = asyncio.Event()
        pipe.start(self._receive, self._end)

    async def call(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Returns the answer of one call, or raises the engine's error. Cancelling it cancels the call
        in the engine.
        """
        with self._conversation(method, arguments, options) as conversation:
            return (await conversation.next()).value

    async def stream(self, method: str, *arguments: Any, **options: Any) -> AsyncGenerator[Any, None]:
        """Yields every item of a stream. The engine sends the next item when this one was taken; closing the iterator
        ends the stream.
        """
        with self._conversation(method, arguments, options) as conversation:
            while isinstance(message := await conversation.next(), Item):
                yield message.value
                self._pipe.send(More(message.number))

    def close(self) -> None:
        """Closes the pipe, which ends the engine."""
        self._pipe.close()

    @contextmanager
    def _conversation(
        self, method: str, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> Iterator[_CallMessages]:
        if self.ended.is_set():
            raise engine_lost()
        number = next(self._numbers)
        self._pipe.send(Call(number, method, arguments, options))
        self._open[number] = conversation = _CallMessages()
        try:
            yield conversation
        finally:
            del self._open[number]
            if not conversation.ended:
                self._pipe.send(Cancel(number))

    def _receive(self, message: Any) -> None:
        conversation = self._open.get(message.number)
        if conversation is not None:
            conversation.put(message)

    def _end(self) -> None:
        self.ended.set()
        for number, conversation in self._open.items():
            conversation.put(Refusal(number, engine_lost()))


class _CallMessages:
    """The messages that came for one call."""

    def __init__(self) -> None:
        self._messages: deque[Any] = deque()
        self._came = asyncio.Event()
        self.ended = False  # the engine has said its last word

    def put(self, message: Any) -> None:
        """Adds a message of the engine."""
        self._messages.append(message)
        self.ended = self.ended or not isinstance(message, Item)
        self._came.set()

    async def next(self) -> Item | Answer:
        """Waits for the next message; raises the error of a refusal."""
        while not self._messages:
            self._came.clear()
            await self._came.wait()
        message = self._messages.popleft()
        if isinstance(message, Refusal):
            if isinstance(message.error, Failure):
                message.error.hint = window_hint(message.error.hint)
            raise message.error
        return cast("Item | Answer", message)


def engine_lost() -> EngineLost:
    """Returns the error of every call while there is no engine."""
    return EngineLost(
        "The part of kafkaview that speaks to the cluster has ended by itself",
        "It is started again. What was being written then is looked up in the journal.",
    )
