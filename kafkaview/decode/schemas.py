"""The schemas that records name: each is asked for once, read by its own format, and kept while the connection is open.

What is not known here is never waited for while a record is decoded: whoever has time calls `learn` before.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, Protocol

from kafkaview.cluster.errors import ClusterError, SchemaUnknown
from kafkaview.cluster.kafka.client_thread import run_aside
from kafkaview.cluster.ports.schemas import RegisteredSchema, SchemaReference
from kafkaview.decode.result import Decoded, SchemaLabel, Undecodable
from kafkaview.decode.wire_format import Payload

_UNKNOWN_S: Final = 60.0  # an id that the registry does not have is asked for again
_LATEST_S: Final = 60.0  # a subject may have got another version
_UNAVAILABLE_S: Final = 10.0
_AT_ONCE: Final = 4
_MOST_ASKED: Final = 50  # new ones at once: bytes that only look as if they named schemas name very many
_MOST: Final = 10_000  # schemas kept; records of random bytes name very many that are unknown
_READERS: Final = {
    "AVRO": "avro.read_registered",
    "PROTOBUF": "protobuf.read_registered",
    "JSON": "json_schema.read_registered",
}

Ask = Callable[[SchemaReference], RegisteredSchema]


class PayloadReader(Protocol):
    """Reads what lies behind the frame of a record, by one schema."""

    def problem(self, payload: Payload) -> Undecodable | None:
        """Returns why the bytes cannot be read."""
        ...

    def decode(self, payload: Payload) -> Decoded | Undecodable:
        """Reads the bytes."""
        ...

    def refuse(self, payload: Payload, writer: PayloadReader) -> str | None:
        """Returns why a reader of this schema cannot take bytes that another schema describes; None if it can."""
        ...


@dataclass(frozen=True, slots=True)
class KnownSchema:
    """A schema that was read, and under which subjects the registry has it."""

    source: RegisteredSchema
    reader: PayloadReader
    until: float = math.inf

    def label(self, reference: SchemaReference, wanted: str) -> SchemaLabel:
        """Returns its label; of several subjects the `wanted` one, else the first."""
        versions = self.source.versions
        subject, version = next(
            (one for one in versions if one[0] == wanted), versions[0] if versions else (None, None)
        )
        guid = reference.guid or self.source.guid
        return SchemaLabel(reference.id, guid, self.source.kind, subject, version)


@dataclass(frozen=True, slots=True)
class MissingSchema:
    """Why a schema is not known. `judged` is true where the registry itself says that it has none."""

    reason: str
    judged: bool = False
    until: float = 0.0


_ASKED: Final = MissingSchema("the registry is being asked")
_NO_REGISTRY: Final = MissingSchema("this connection names no schema registry")


class Schemas:
    """The schemas of one connection. `ask` asks its registry and blocks; without it none is known. One that `waits`
    asks while a record is decoded: for a scan, which has nothing to show meanwhile.
    """

    def __init__(self, ask: Ask | None = None, *, waits: bool = False) -> None:
        self._ask = ask
        self._waits = waits
        self._known: dict[SchemaReference, KnownSchema | MissingSchema] = {}
        self._asked: dict[SchemaReference, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(_AT_ONCE)

    @property
    def has_registry(self) -> bool:
        """Whether there is a registry to ask."""
        return self._ask is not None

    def find(self, reference: SchemaReference) -> KnownSchema | MissingSchema:
        """Returns a schema if it is known, else why it is not."""
        known = self._known.get(reference)
        if known is not None and not _is_past(known):
            return known
        if self._ask is None:
            return _NO_REGISTRY
        if not self._waits:
            return known or _ASKED
        found = _look_up(self._ask, reference)
        self._keep(reference, found)
        return found

    def knows(self, reference: SchemaReference) -> bool:
        """Returns whether a schema is known."""
        return isinstance(self.find(reference), KnownSchema)

    async def learn(self, references: Iterable[SchemaReference], seconds: float | None = None) -> None:
        """Asks for the schemas that are not known, each once, and waits until they are known, at most so long."""
        unknown = [one for one in dict.fromkeys(references) if self._is_unknown(one)]
        asked = [self._begin(one) for one in unknown[:_MOST_ASKED]]
        if asked:
            await asyncio.wait(asked, timeout=seconds)

    async def learn_anew(self, reference: SchemaReference) -> None:
        """Asks for a schema again, as for the latest of a subject that may have got another version."""
        self._known.pop(reference, None)
        await self.learn([reference])

    def waiting(self) -> Schemas:
        """Returns the same schemas for a thread that has nothing to show meanwhile: it asks for the others itself."""
        made = Schemas(self._ask, waits=True)
        made._known = self._known
        return made

    async def close(self) -> None:
        """Ends the questions that are under way."""
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    def _is_unknown(self, reference: SchemaReference) -> bool:
        known = self._known.get(reference)
        return self._ask is not None and (known is None or _is_past(known))

    def _begin(self, reference: SchemaReference) -> asyncio.Task[None]:
        if reference not in self._asked:
            self._asked[reference] = asyncio.ensure_future(self._learn(reference))
        return self._asked[reference]

    async def _learn(self, reference: SchemaReference) -> None:
        assert self._ask is not None
        try:
            async with self._room:
                self._keep(reference, await run_aside("kafkaview-schema", _look_up, self._ask, reference))
        finally:
            self._asked.pop(reference, None)

    def _keep(self, reference: SchemaReference, found: KnownSchema | MissingSchema) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[reference] = found


def _is_past(known: KnownSchema | MissingSchema) -> bool:
    return time.monotonic() >= known.until


def _look_up(ask: Ask, reference: SchemaReference) -> KnownSchema | MissingSchema:
    """Asks and reads the schema. Blocks."""
    now = time.monotonic()
    try:
        found = ask(reference)
    except SchemaUnknown as error:
        reason = f"{error.message[:1].lower()}{error.message[1:]}"
        return MissingSchema(reason, judged=True, until=now + _UNKNOWN_S)
    except ClusterError as error:
        return MissingSchema(error.message, until=now + _UNAVAILABLE_S)
    try:
        reader = _load(found.kind)(found)
    except ValueError as error:
        return MissingSchema(f"{reference} cannot be used: {error}", until=now + _UNKNOWN_S)
    is_fixed = reference.subject is None or reference.version is not None
    return KnownSchema(found, reader, math.inf if is_fixed else now + _LATEST_S)


def _load(kind: str) -> Any:
    place = _READERS.get(kind)
    if place is None:
        raise ValueError(f"it is of the type {kind}, which is not read here")
    module, _, function = place.partition(".")
    return getattr(import_module(f"kafkaview.decode.{module}"), function)
