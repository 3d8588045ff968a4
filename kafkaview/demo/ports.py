"""Free TCP ports of this computer."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

# Below the range from which systems give ports to outgoing connections: a client's own socket could hold one there
# while a broker is down.
_PORTS = range(15_000, 32_000)


@contextmanager
def free_ports(count: int) -> Iterator[tuple[int, ...]]:
    """Reserves free ports on 127.0.0.1 for the block: leave it just before the server starts."""
    with ExitStack() as held:
        yield tuple(_hold_one(held) for _ in range(count))


def _hold_one(held: ExitStack) -> int:
    for port in random.sample(_PORTS, 200):
        one = held.enter_context(socket.socket())
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            continue
        return port
    raise OSError("no free port on 127.0.0.1")
