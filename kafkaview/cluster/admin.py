"""confluent-kafka's AdminClient, made on first use, asked and ended on its own thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import ClusterMetadata

from kafkaview.cluster.codes import LOGIN_REFUSED
from kafkaview.cluster.complaints import Complaints
from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.limit import Limit
from kafkaview.cluster.settings import ClientSettings
from kafkaview.cluster.threads import ClientThread
from kafkaview.cluster.translation import as_cluster_error, kafka_error

if TYPE_CHECKING:
    from collections.abc import Hashable

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")

TIMEOUT_SECONDS = 6.0
# Each asks any broker that is connected: a frozen one too, and often the same again until its connection is given up in
# the third slice. The last one then asks another.
METADATA_SLICES = (1.0, 1.0, 1.5, 3.0)
# After this long without an answer a connection is closed and made anew. The default of 60 s would keep one that died
# unseen, while the computer slept or the network changed.
SILENT_MS = 3_000


class Admin:
    """One AdminClient. `ask` puts a request whose futures librdkafka resolves; `metadata` is its one blocking call."""

    def __init__(self, settings: ClientSettings, limit: Limit) -> None:
        self._settings = settings
        self._limit = limit
        self._complaints = Complaints()
        self._thread = ClientThread("kafkaview-admin")
        self._metadata_thread = ClientThread("kafkaview-metadata")
        self._client: AdminClient | None = None
        self._closing = False

    async def ask(
        self, doing: str, request: Callable[[AdminClient], Mapping[K, Future[V]]]
    ) -> dict[K, V | ClusterError]:
        """Send one request over many things; each comes back with its answer or its own error."""
        began = time.monotonic()
        futures = await self._thread.run(self._request, doing, request)
        await _settle(futures)
        answers: dict[K, V | ClusterError] = {}
        for key, future in futures.items():
            answer = self._answer(future, doing, began)
            answers[key] = answer
        return answers

    async def ask_one(self, doing: str, request: Callable[[AdminClient], Future[V]]) -> V:
        """Send one request with one answer; raises its error."""
        answer = (await self.ask(doing, lambda client: {"": request(client)}))[""]
        if isinstance(answer, ClusterError):
            raise answer
        return answer

    async def metadata(self, convert: Callable[[ClusterMetadata], V]) -> V:
        """All brokers, topics and partitions, read into our words on the client's thread."""
        await self._thread.run(self._open, "opening the connection")
        return await self._metadata_thread.run(self._metadata, convert)

    async def close(self) -> None:
        """End the client: what still waits ends with an error."""
        self._closing = True
        await self._metadata_thread.close(lambda: None)
        await self._thread.close(self._forget)

    def _forget(self) -> None:
        self._client = None  # the last reference: librdkafka ends here

    def _open(self, doing: str) -> AdminClient:
        if self._client is None:
            try:
                settings = self._settings.librdkafka(self._complaints, socket_timeout_ms=SILENT_MS)
                self._client = self._settings.given(AdminClient(settings))
            except KafkaException as failure:
                raise as_cluster_error(failure, doing) from failure
        self._client.poll(0)  # complaints are heard, and a token that ends soon is replaced
        return self._client

    def _request(self, doing: str, request: Callable[[AdminClient], Mapping[K, Future[V]]]) -> Mapping[K, Future[V]]:
        client = self._open(doing)
        try:
            return request(client)
        except KafkaException as failure:
            raise as_cluster_error(failure, doing) from failure

    def _metadata(self, convert: Callable[[ClusterMetadata], V]) -> V:
        client = self._open("reading the metadata")
        began = time.monotonic()
        for slice_seconds in METADATA_SLICES:
            try:
                answer = convert(client.list_topics(timeout=self._limit.left(slice_seconds)))
            except KafkaException as failure:
                client.poll(0)  # only this hands over what was said at the side
                last, reason = failure, self._complaints.since(began)
                if self._closing or (reason is not None and reason.code() in LOGIN_REFUSED):
                    break
            else:
                self._complaints.forget()
                return answer
        raise as_cluster_error(last, "reading the metadata", reason) from last

    def _answer(self, future: Future[V], doing: str, began: float) -> V | ClusterError:
        failure = future.exception()
        if failure is None:
            self._complaints.forget()
            return future.result()
        if kafka_error(failure) is not None and self._client is not None:
            self._client.poll(0)
        return as_cluster_error(failure, doing, self._complaints.since(began))


async def _settle(futures: Mapping[K, Future[V]]) -> None:
    """Wait for all. Those of one request are resolved together, so nearly all are done after the first."""
    for future in futures.values():
        if not future.done():
            with suppress(KafkaException):
                await asyncio.wrap_future(future)
