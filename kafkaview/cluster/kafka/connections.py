"""Connections to brokers, each opened when it is first needed, on kafka-python's single I/O thread.

Only the event loop, the protocol and the logins of kafka-python are used. Its clients are not: they choose a broker at
random, give no reason for a failure, repeat a failed login for ever, and read more than is needed.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

import kafka.errors as wire_errors  # type: ignore[import-untyped]
from kafka.future import Future as KafkaFuture  # type: ignore[import-untyped]
from kafka.net.connection import KafkaConnection  # type: ignore[import-untyped]
from kafka.net.selector import NetworkSelector  # type: ignore[import-untyped]
from kafka.protocol.parser import KafkaProtocol  # type: ignore[import-untyped]
from kafka.protocol.sasl import SaslHandshakeRequest  # type: ignore[import-untyped]

from kafkaview.cluster.kafka.sockets import ConnectionFailed, SocketAddress, Stage, open_transport

SETUP_SECONDS: Final = 5.0  # TCP, TLS and login together
_PAUSE_SECONDS: Final = 0.05  # after a failure; twice as long after each further one
_LONGEST_PAUSE_SECONDS: Final = 1.0
_LOGIN_PAUSE_SECONDS: Final = 5.0  # after a refused login: too many of them lock an account
_JOIN_MS: Final = 2_000
_IDLE_SECONDS: Final = 0.05  # between looks


class NeverSent(Exception):
    """The connection could not be opened, so the request was not sent and may be sent again, even a write. `since` is
    when the first attempt failed.
    """

    def __init__(self, cause: BaseException, since: float) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.since = since


@dataclass(frozen=True, slots=True)
class _FailedAttempt:
    """The error of a failed connection attempt, and the moment before which no other is made."""

    cause: BaseException
    since: float
    count: int
    until: float


@dataclass(frozen=True, slots=True)
class UnreadableResponse:
    """The stand-in for a response that cannot be decoded. Reading any of its fields raises the error."""

    failure: Exception
    throttle_time_ms: int = 0

    def __getattr__(self, name: str) -> Any:
        raise self.failure


class AnswerParser(KafkaProtocol):  # type: ignore[misc]
    """kafka-python's parser, changed so that one response that cannot be decoded does not end the others."""

    def _process_response(self, read_buffer: Any) -> tuple[int, Any]:
        header = self.in_flight_requests[0] if self.in_flight_requests else None
        try:
            answer: tuple[int, Any] = super()._process_response(read_buffer)
        except wire_errors.CorrelationIdError:
            raise  # it is an answer to something else, so none that follows can be trusted
        except Exception as failure:
            if header is None:
                raise
            damaged = wire_errors.KafkaProtocolError(str(failure))
            damaged.__context__ = failure.__context__ or failure
            return header.correlation_id, UnreadableResponse(damaged)
        return answer


class BrokerConnection(KafkaConnection):  # type: ignore[misc]
    """kafka-python's connection, which also reports its stage and the SASL mechanisms that a broker offers."""

    def __init__(self, net: Any, place: SocketAddress, settings: Mapping[str, Any]) -> None:
        super().__init__(net, node_id=str(place), **settings)
        self.stage = Stage.NAME
        self._offered: Sequence[str] = ()  # mechanisms

    def enter(self, stage: Stage) -> None:
        """Records the stage that the connection has reached."""
        self.stage = stage

    @property
    def heard_at(self) -> float:
        """Returns when the last bytes came (monotonic seconds); 0 where none came."""
        return getattr(self.transport, "heard_at", 0.0)

    def connection_made(self, transport: Any) -> None:
        """Installs the parser that survives a response that cannot be decoded."""
        super().connection_made(transport)
        names = ("client_id", "receive_message_max_bytes")
        self.parser = AnswerParser(**{name: self.config[name] for name in names})

    def _send_request(self, request: Any, future: Any = None, timeout_at: float | None = None) -> Any:
        answer = KafkaFuture() if future is None else future
        try:
            super()._send_request(request, answer, timeout_at)
        except Exception as error:  # noqa: BLE001 - it cannot be encoded; those that wait behind it for the login go on
            return answer.failure(error)
        if isinstance(request, SaslHandshakeRequest):
            answer.add_callback(self._keep_offered_mechanisms)
        return answer

    def _keep_offered_mechanisms(self, answer: Any) -> None:
        self._offered = answer.mechanisms

    async def _sasl_authenticate(self, timeout_at: float | None = None) -> None:
        try:
            await super()._sasl_authenticate(timeout_at)
        except wire_errors.UnsupportedSaslMechanismError as failure:
            words = (
                f"the listener does not take {self.config['sasl_mechanism']}, only {', '.join(self._offered) or 'none'}"
            )
            raise wire_errors.UnsupportedSaslMechanismError(words) from failure


class BrokerConnections:
    """Sends requests to addresses. Called from any thread; the methods below `_send` run on the I/O thread."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        context: ssl.SSLContext | None,
        failures: Mapping[SocketAddress, _FailedAttempt] | None = None,
    ) -> None:
        self._settings = settings
        self._context = context
        # A large answer takes the loop longer than its own threshold.
        self._net = NetworkSelector(client_id=settings["client_id"], slow_task_threshold_secs=0)
        self._made: dict[SocketAddress, BrokerConnection] = {}
        self._failures: dict[SocketAddress, _FailedAttempt] = dict(failures or {})
        self._waiting: set[Future[Any]] = set()
        self._net.start()

    def send(self, request: Any, place: SocketAddress, seconds: float) -> Future[Any]:
        """Returns the future of a response. Raises RuntimeError once the loop has ended."""
        answer: Future[Any] = Future()
        answer.set_running_or_notify_cancel()  # from here on a cancelled caller cannot cancel it under the I/O thread
        self._waiting.add(answer)
        answer.add_done_callback(self._waiting.discard)
        try:
            self._net.call_soon_threadsafe(lambda: self._send(request, place, seconds, answer))
        except Exception as crashed:  # whatever ended the loop
            self._waiting.discard(answer)
            raise RuntimeError("the I/O loop has ended") from crashed
        return answer

    def hang_up(self, place: SocketAddress, words: str) -> None:
        """Closes a connection that sent nothing in time: the other end may be gone without a close."""
        self._net.call_soon_threadsafe(lambda: self._hang_up(place, words))

    def stage(self, place: SocketAddress) -> Stage:
        """Returns the stage of a connection."""
        connection = self._made.get(place)
        return Stage.NAME if connection is None else connection.stage

    def heard_at(self, place: SocketAddress) -> float:
        """Returns when the last bytes came on a connection (monotonic seconds); 0 where none came."""
        connection = self._made.get(place)
        return 0.0 if connection is None else connection.heard_at

    def is_failing(self, place: SocketAddress) -> bool:
        """Returns whether the address was silent or refused to connect at the last attempt, and has
        sent nothing since.
        """
        return place in self._failures or (place not in self._made and place.plain in self._failures)

    def versions(self, place: SocketAddress) -> Any:
        """Returns the API versions of the broker as kafka-python's BrokerVersionData; None while not connected."""
        connection = self._made.get(place)
        return None if connection is None else connection.broker_version_data

    def successor(self) -> BrokerConnections:
        """Returns new connections that keep the record of the addresses that did not answer."""
        return BrokerConnections(self._settings, self._context, dict(self._failures))

    def close_when_idle(self, seconds: float) -> None:
        """Closes all connections once every request that was sent has its answer or has failed, or the time is up.
        Blocks until then.
        """
        until = time.monotonic() + seconds
        while self._waiting and time.monotonic() < until:
            time.sleep(_IDLE_SECONDS)
        self.close()

    def close(self) -> None:
        """Closes all connections. Blocks until the I/O thread ends, at most some seconds."""
        try:
            self._net.call_soon_threadsafe(self._end)
            self._net.stop(_JOIN_MS)
            self._net.close()
        except (RuntimeError, OSError, wire_errors.KafkaError):
            pass  # it has crashed, or hangs: then its thread ends with the process
        for answer in tuple(self._waiting):
            _fail(answer, ConnectionFailed("the connection was ended"))

    def _send(self, request: Any, place: SocketAddress, seconds: float, answer: Future[Any]) -> None:
        failure = self._failures.get(place)
        connection = self._made.get(place)
        if connection is None or connection.closed:
            if failure is not None and time.monotonic() < failure.until:
                _fail(answer, NeverSent(failure.cause, failure.since))
                return
            connection = self._begin(place)
        sent = connection.send_request(request, request_timeout_ms=round(1_000 * seconds))
        sent.add_callback(lambda response: _finish(answer, response))
        sent.add_errback(lambda error: _fail(answer, self._name_error(error, connection, place)))

    def _name_error(self, error: BaseException, connection: BrokerConnection, place: SocketAddress) -> BaseException:
        """Returns NeverSent for a request that was not sent, else the error itself."""
        if not connection.init_future.is_done or connection.init_future.exception is None:
            return error
        failure = self._failures.get(place)
        return NeverSent(error, time.monotonic() if failure is None else failure.since)

    def _begin(self, place: SocketAddress) -> BrokerConnection:
        connection = BrokerConnection(self._net, place, self._settings)
        self._made[place] = connection
        connection.init_future.add_callback(lambda _: self._forget_failure(place, connection))
        connection.init_future.add_errback(lambda error: self._remember_failure(place, error))
        connection.close_future.add_both(lambda _: self._forget(place, connection))
        self._net.call_soon(self._connect(place, connection))
        return connection

    async def _connect(self, place: SocketAddress, connection: BrokerConnection) -> None:
        deadline = time.monotonic() + SETUP_SECONDS
        transport = None
        try:
            transport = await open_transport(self._net, place, self._context, deadline, connection.enter)
            if not connection.closed:
                connection.connection_made(transport)
                transport = None
                connection.enter(Stage.GREETING)
                await connection.initialize(deadline)
        except Exception as error:  # noqa: BLE001 - whatever it is, requests wait for it
            connection.connection_lost(error)
        finally:
            if transport is not None:
                transport.abort()

    def _forget_failure(self, place: SocketAddress, connection: BrokerConnection) -> None:
        connection.enter(Stage.OPEN)
        self._failures.pop(place, None)

    def _remember_failure(self, place: SocketAddress, error: BaseException) -> None:
        now, known = time.monotonic(), self._failures.get(place)
        count = 0 if known is None else known.count + 1
        refused = isinstance(error, wire_errors.SaslAuthenticationFailedError)
        pause = _LOGIN_PAUSE_SECONDS if refused else min(_LONGEST_PAUSE_SECONDS, _PAUSE_SECONDS * 2 ** min(count, 9))
        self._failures[place] = _FailedAttempt(error, now if known is None else known.since, count, now + pause)

    def _forget(self, place: SocketAddress, connection: BrokerConnection) -> None:
        if self._made.get(place) is connection:
            del self._made[place]

    def _hang_up(self, place: SocketAddress, words: str) -> None:
        connection = self._made.get(place)
        if connection is None:
            return
        silent = ConnectionFailed(words)
        if connection.connected:  # else it is counted when its making fails
            self._remember_failure(place, silent)
        connection.close(silent)

    def _end(self) -> None:
        for connection in tuple(self._made.values()):
            connection.close(ConnectionFailed("the connection was ended"))


def _finish(answer: Future[Any], response: Any) -> None:
    if isinstance(response, UnreadableResponse):
        _fail(answer, response.failure)
    else:
        answer.set_result(response)


def _fail(answer: Future[Any], error: BaseException) -> None:
    """Fails the future with an error. A GeneratorExit, which a stopped loop raises in its requests, is replaced."""
    if not answer.done():
        answer.set_exception(error if isinstance(error, Exception) else ConnectionFailed("the connection was ended"))
