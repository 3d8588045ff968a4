"""The address of a server: its name, its IP addresses, and a connection to the first that answers."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from kafkaview.doctor.blocking_call import run_blocking
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep

LIMIT_S: Final = 3.0
_NO_ROUTE: Final = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL})


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """`host:port`, as in bootstrap.servers or a broker's advertised listener."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Address:
    """One IP address of a name, in the form that sockets take."""

    family: int
    socket_address: tuple[Any, ...]

    def __str__(self) -> str:
        return str(self.socket_address[0])


def servers_in(
    text: str, step: DiagnosisLayer = DiagnosisLayer.CONFIG, field: str = "bootstrap"
) -> tuple[ServerAddress, ...]:
    """Returns the servers of a comma-separated list. Raises FailedStep if one is not HOST:PORT."""
    found = []
    for part in filter(None, map(str.strip, text.split(","))):
        host, _, port = part.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise FailedStep(step, Cause.BAD_SETTING, f"'{part}' is not HOST:PORT.", field=field)
        found.append(ServerAddress(host.strip("[]"), int(port)))
    if not found:
        raise FailedStep(step, Cause.BAD_SETTING, "No server is named.", "Name one as HOST:PORT.", field)
    return tuple(found)


async def resolve(server: ServerAddress) -> tuple[Address, ...]:
    """Returns all IP addresses of a server's name."""
    try:
        rows = await run_blocking(
            lambda: socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM), seconds=LIMIT_S
        )
    except (OSError, ValueError, OverflowError) as failure:  # ValueError: a name that no server can have
        if isinstance(failure, TimeoutError):
            detail = f"The name server says nothing about {server.host} for {LIMIT_S:g} s."
        else:
            detail = f"{server.host} does not resolve: {getattr(failure, 'strerror', None) or failure}."
        raise FailedStep(DiagnosisLayer.DNS, Cause.UNKNOWN_HOST, detail) from None
    return tuple(dict.fromkeys(Address(row[0], tuple(row[4])) for row in rows))


async def connect(server: ServerAddress, addresses: tuple[Address, ...]) -> socket.socket:
    """Returns a connection to the first address that accepts it. `localhost` is often ::1 first, where none listens."""
    tries = {asyncio.create_task(_try(address)) for address in addresses}
    failures: list[OSError] = []
    taken: asyncio.Task[socket.socket] | None = None
    waiting = tries
    try:
        while waiting and taken is None:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            failures += [failure for one in done if isinstance(failure := one.exception(), OSError)]
            taken = next((one for one in done if one.exception() is None), None)
    finally:
        await _let_go(tries - {taken} if taken else tries)
    if taken is None:
        raise _why(server, addresses, failures)
    return taken.result()


async def _try(address: Address) -> socket.socket:
    connection = socket.socket(address.family, socket.SOCK_STREAM)
    connection.setblocking(False)
    try:
        async with asyncio.timeout(LIMIT_S):
            await asyncio.get_running_loop().sock_connect(connection, address.socket_address)
    except BaseException:
        connection.close()
        raise
    return connection


async def _let_go(tries: set[asyncio.Task[socket.socket]]) -> None:
    """Cancels the attempts that still run, and closes those that connected."""
    for one in tries:
        one.cancel()
        with suppress(asyncio.CancelledError, OSError):
            (await one).close()


def _why(server: ServerAddress, addresses: tuple[Address, ...], failures: list[OSError]) -> FailedStep:
    where = f"{server} ({', '.join(map(str, addresses))})"
    if any(isinstance(failure, ConnectionRefusedError) for failure in failures):
        return FailedStep(
            DiagnosisLayer.TCP, Cause.CONNECTION_REFUSED, f"{where} refuses the connection: nothing listens there."
        )
    if any(failure.errno in _NO_ROUTE for failure in failures):
        return FailedStep(DiagnosisLayer.TCP, Cause.NO_ROUTE, f"There is no route to {where}.")
    if all(isinstance(failure, TimeoutError) for failure in failures):
        return FailedStep(
            DiagnosisLayer.TCP, Cause.FILTERED, f"{where} does not answer at all: no refusal for {LIMIT_S:g} s."
        )
    return FailedStep(DiagnosisLayer.TCP, Cause.NO_ROUTE, f"{where} cannot be connected to: {failures[0].strerror}.")
