"""Addresses of brokers and web services, taken apart and checked."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

_NO_HOST: Final = re.compile(r"[\s/;]")  # a protocol before it, or several in one


def servers(text: str) -> str:
    """Returns bootstrap servers, each checked to be HOST:PORT. Raises ValueError."""
    found = split_servers(text)
    if not found:
        raise ValueError("No broker is named: give bootstrap.servers as HOST:PORT.")
    for server in found:
        host, _, port = server.rpartition(":")
        if not host or _NO_HOST.search(host) or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise ValueError(f"'{server}' is not HOST:PORT.")
    return ",".join(found)


def split_servers(text: str) -> tuple[str, ...]:
    """Returns the servers of a comma-separated list."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def split_login(url: str) -> tuple[str, str, str]:
    """Returns a URL without its `user:password@`, and those two: they may not be kept in it."""
    parts = urlsplit(url)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return urlunsplit(bare), unquote(parts.username or ""), unquote(parts.password or "")
