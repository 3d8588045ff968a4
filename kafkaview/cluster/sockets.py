"""kafka-python's sockets, ended also where a connection fails or hangs: by itself it leaves that to the garbage
collector, and gives a TLS handshake no time limit.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from kafka.net.inet import KafkaNetSocket  # type: ignore[import-untyped]

DIRECT = "direct://"  # as its `proxy_url`: it looks the class below up by this scheme
HANDSHAKE_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.5


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


class TlsContext(ssl.SSLContext):
    """TLS for kafka-python, which knows its handshakes that are not over."""

    handshakes: dict[ssl.SSLSocket, float]  # and when each began

    def hang_up(self) -> None:
        """Break off the handshakes that get no answer: their waiting connections fail then."""
        for one, began in tuple(self.handshakes.items()):
            if time.monotonic() - began > HANDSHAKE_SECONDS:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close what is left, once nothing waits on it any more."""
        for one in tuple(self.handshakes):
            one.close()
        self.handshakes.clear()


@contextmanager
def hanging_up(context: TlsContext | None) -> Iterator[None]:
    """Handshakes that get no answer are broken off meanwhile: a client that is being made waits for them for ever."""
    over = threading.Event()

    def watch() -> None:
        while context is not None and not over.wait(_LOOK_SECONDS):
            context.hang_up()

    thread = threading.Thread(target=watch, name="kafkaview-handshakes", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class _TlsSocket(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - as its base has it
        """Closes itself where the handshake fails."""
        begun = self.context.handshakes if isinstance(self.context, TlsContext) else {}
        begun.setdefault(self, time.monotonic())
        try:
            super().do_handshake(block)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except BaseException:
            begun.pop(self, None)
            self.close()
            raise
        begun.pop(self, None)


def tls_context() -> TlsContext:
    """An empty one, for kafka-python."""
    context = TlsContext(ssl.PROTOCOL_TLS_CLIENT)
    context.handshakes = {}
    context.sslsocket_class = _TlsSocket
    return context
