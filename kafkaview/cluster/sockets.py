"""kafka-python's sockets, closed also where the connection fails: by itself it leaves that to the garbage collector."""

from __future__ import annotations

from typing import Any

from kafka.net.inet import KafkaNetSocket  # type: ignore[import-untyped]

DIRECT = "direct://"  # as its `proxy_url`: it looks the class below up by this scheme


class DirectSocket(KafkaNetSocket):  # type: ignore[misc]
    """A connection without a proxy."""

    SCHEMES = ("direct",)

    async def sock_connect(self, net: Any, sock: Any, address: Any, timeout_at: float | None = None) -> Any:
        """Connect, or close what was opened."""
        try:
            return await super().sock_connect(net, sock, address, timeout_at=timeout_at)
        except BaseException:
            sock.close()
            raise
