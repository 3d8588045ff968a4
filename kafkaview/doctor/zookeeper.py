"""The check of ZooKeeper by the four-letter word `srvr`, which every release allows."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from kafkaview.cluster.tls.files import Material
from kafkaview.doctor.address import LIMIT_S, ServerAddress, connect, resolve
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep
from kafkaview.doctor.tls import Refused, TlsWire
from kafkaview.doctor.wire import Ended, PlainWire, ServerConnection

_MODE = re.compile(r"^Mode: (\w+)", re.MULTILINE)
_VERSION = re.compile(r"^Zookeeper version: ([\w.]+)", re.MULTILINE)
_QUOTED = 80


async def ask_zookeepers(servers: tuple[ServerAddress, ...], material: Material | None = None) -> str:
    """Returns the role of each server; uses TLS if there is material. Raises FailedStep if none of them serves."""
    answers = await asyncio.gather(*(_ask(server, material) for server in servers), return_exceptions=True)
    serving, faults = [], []
    for answer in answers:
        if isinstance(answer, FailedStep):
            faults.append(answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            serving.append(answer)
    if not serving:
        raise min(faults, key=lambda fault: fault.cause is not Cause.ZOOKEEPER_NOT_SERVING)
    return "; ".join([*serving, *(f"but {fault.detail.rstrip('.')}" for fault in faults)]) + "."


async def _ask(server: ServerAddress, material: Material | None) -> str:
    try:
        plain = PlainWire(await connect(server, await resolve(server)))
    except FailedStep as fault:
        raise _unreachable(fault.detail) from None
    wire = plain if material is None else TlsWire(plain, server.host, material)
    try:
        async with asyncio.timeout(LIMIT_S):
            if isinstance(wire, TlsWire):
                await _encrypt(wire, server)
            answer = await _srvr(wire)
    except TimeoutError:
        words = f"{server} accepts the connection, then says nothing for {LIMIT_S:g} s."
        raise _unreachable(words) from None
    finally:
        wire.close()
    if "not currently serving" in answer:
        raise FailedStep(DiagnosisLayer.ZOOKEEPER, Cause.ZOOKEEPER_NOT_SERVING, f"{server} says: {answer.strip()}")
    if "not in the whitelist" in answer:
        return f"{server} answers, and keeps its state back (4lw.commands.whitelist lacks srvr)"
    mode, version = _MODE.search(answer), _VERSION.search(answer)
    if mode is None:
        quoted = answer[:_QUOTED].strip() or "nothing"
        raise _unreachable(f"{server} does not speak ZooKeeper's protocol; it says '{quoted}'.")
    return f"{server} is {mode.group(1)}{', ' + version.group(1) if version else ''}"


async def _encrypt(wire: TlsWire, server: ServerAddress) -> None:
    try:
        await wire.handshake()
        wire.verify(str(server))
    except (Ended, Refused) as failure:
        raise _unreachable(f"{server} does not speak TLS with us: {failure or 'it hangs up'}.") from None
    except FailedStep as fault:
        raise FailedStep(DiagnosisLayer.ZOOKEEPER, fault.cause, fault.detail, fault.hint, fault.field) from None


async def _srvr(wire: ServerConnection) -> str:
    answer = b""
    await wire.send(b"srvr")
    with suppress(Ended):
        while True:
            answer += await wire.receive()
    return answer.decode(errors="replace")


def _unreachable(detail: str) -> FailedStep:
    return FailedStep(DiagnosisLayer.ZOOKEEPER, Cause.ZOOKEEPER_UNREACHABLE, detail)
