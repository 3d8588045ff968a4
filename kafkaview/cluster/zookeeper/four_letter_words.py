"""ZooKeeper's four-letter words: `srvr`, which every release allows, and `mntr` where it is allowed.

They need no session and no login, and a server without a majority still answers them, so they show its state when
nothing else does. Every call blocks, no longer than `LIMIT_SECONDS` plus the name server's time.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.errors import UnusableProfile
from kafkaview.cluster.ports.zookeeper import ZooKeeperRole, ZooKeeperServer

LIMIT_SECONDS: Final = 2.0
DEFAULT_PORT: Final = 2181
KEEPS_BACK: Final = "keeps its state back: 4lw.commands.whitelist lacks srvr"
_NOT_SERVING: Final = "not currently serving requests"
_NOT_ALLOWED: Final = "not in the whitelist"
_MOST_DIGITS: Final = 18
_ROLES: Final = {"leader", "follower", "observer", "standalone"}


@dataclass(frozen=True, slots=True)
class ZooKeeperAddress:
    """`zookeeper.connect`: the servers of the ensemble, and the chroot of Kafka (`/` without one)."""

    servers: tuple[tuple[str, int], ...]
    chroot: str = "/"


def zookeeper_address(connect: str) -> ZooKeeperAddress:
    """Parses `host:port,host:port/chroot`. Raises UnusableProfile for any other text."""
    hosts, _, chroot = connect.strip().partition("/")
    servers = tuple(_server(part) for part in map(str.strip, hosts.split(",")) if part)
    if not servers:
        raise UnusableProfile("zookeeper.connect names no server.", "Name one as HOST:PORT.")
    return ZooKeeperAddress(servers, "/" + chroot.strip("/"))


def _server(part: str) -> tuple[str, int]:
    host, port = part, str(DEFAULT_PORT)
    if part.count(":") == 1 or "]:" in part:
        host, _, port = part.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise UnusableProfile(f"zookeeper.connect: '{part}' is not HOST:PORT.", "Name each server as HOST:PORT.")
    return host.strip("[]"), int(port)


def server_name(host: str, port: int) -> str:
    """Returns a server as `zookeeper.connect` writes it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def ask_server(host: str, port: int, tls: ssl.SSLContext | None) -> ZooKeeperServer:
    """Returns what a server reports about itself. A server that does not serve has an error; nothing is raised."""
    name, deadline = server_name(host, port), time.monotonic() + LIMIT_SECONDS
    try:
        state = _ask_word(host, port, b"srvr", tls, deadline)
    except OSError as failure:
        return ZooKeeperServer(name, error=_words(failure), undecided=not isinstance(failure, ConnectionError))
    if _NOT_ALLOWED in state:
        return ZooKeeperServer(name, error=KEEPS_BACK, undecided=True)
    if _NOT_SERVING in state:
        return ZooKeeperServer(name, error=state.strip(), waits=True)
    if _text(state, "Mode") not in _ROLES:
        quoted = state[:80].strip() or "nothing"
        return ZooKeeperServer(name, error=f"does not speak ZooKeeper's protocol: it says '{quoted}'")
    return _server_of(name, state, _read_watch_count(host, port, tls, deadline))


def open_socket(
    host: str, port: int, tls: ssl.SSLContext | None, seconds: float, name: str | None = None
) -> socket.socket:
    """Returns a connection, encrypted where there is a context; the time limit is for each step. `name` is the host
    name for the certificate where `host` is an address already.
    """
    plain = socket.create_connection((host, port), max(0.01, seconds))
    if tls is None:
        return plain
    try:
        return tls.wrap_socket(plain, server_hostname=name or host)
    except BaseException:
        plain.close()
        raise


def _ask_word(host: str, port: int, word: bytes, tls: ssl.SSLContext | None, deadline: float) -> str:
    """Returns the answer to one word; the server closes the connection after it."""
    said = b""
    with open_socket(host, port, tls, deadline - time.monotonic()) as wire:
        wire.sendall(word)
        while True:
            wire.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                got = wire.recv(65_536)
            except (ssl.SSLEOFError, ConnectionResetError):
                got = b""  # ended without TLS's goodbye, as ZooKeeper does
            if not got:
                return said.decode(errors="replace")
            said += got


def _read_watch_count(host: str, port: int, tls: ssl.SSLContext | None, deadline: float) -> int | None:
    """Returns how many watches the server holds; only `mntr` says so, which `4lw.commands.whitelist` must allow."""
    try:
        count = re.search(r"^zk_watch_count\t(\d+)", _ask_word(host, port, b"mntr", tls, deadline), re.MULTILINE)
    except OSError:
        return None
    return _count(count.group(1)) if count else None


def _server_of(name: str, state: str, watches: int | None) -> ZooKeeperServer:
    version = re.match(r"[\d.]+", _text(state, "Zookeeper version") or "")
    latency = re.match(r"[\d.]+/(\d+(?:\.\d+)?)/", _text(state, "Latency min/avg/max") or "")
    return ZooKeeperServer(
        name,
        ZooKeeperRole(_text(state, "Mode") or ""),
        version.group().rstrip(".") if version else None,
        _number(state, "Node count"),
        watches,
        _number(state, "Connections"),
        _number(state, "Outstanding"),
        float(latency.group(1)) if latency else None,
    )


def _text(state: str, name: str) -> str | None:
    found = re.search(rf"^{re.escape(name)}: *(.*?) *$", state, re.MULTILINE)
    return found.group(1) if found else None


def _number(state: str, name: str) -> int | None:
    return _count(_text(state, name))


def _count(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _words(failure: OSError) -> str:
    if isinstance(failure, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {failure.verify_message}"
    if isinstance(failure, ssl.SSLError):
        return f"TLS fails: {failure.reason or failure}"
    if isinstance(failure, socket.gaierror):
        return "its name does not resolve"
    if isinstance(failure, TimeoutError):
        return f"says nothing for {LIMIT_SECONDS:g} s"
    return (failure.strerror or str(failure)).lower()
