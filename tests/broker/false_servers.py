"""Small servers that are no Kafka, or a broken one: what stands behind a wrong address.

Each is an asynchronous context manager that gives its port on 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(answer: Answer, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A port on which `answer` speaks; every connection is closed afterwards."""
    ending = asyncio.Event()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        speaking = asyncio.ensure_future(answer(reader, writer))
        waiting = asyncio.ensure_future(ending.wait())
        try:
            await asyncio.wait((speaking, waiting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (speaking, waiting):
                task.cancel()
            with suppress(asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await speaking
            writer.transport.abort() if context else writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        ending.set()
        server.close()
        await server.wait_closed()


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Takes everything and says nothing."""
    while await reader.read(1000):
        pass


async def closing(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Closes at once, as a tunnel without a broker behind it does."""


def saying(words: bytes) -> Answer:
    """Says this to whatever it is asked, and stays."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(words)
        await writer.drain()
        await silent(reader, writer)

    return answer


def answering(greeting: bytes, words: bytes) -> Answer:
    """Closes without a byte at anything but its own protocol's greeting."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (await reader.read(1000)).startswith(greeting):
            writer.write(words)
            await writer.drain()

    return answer


def greeting(words: bytes) -> Answer:
    """Speaks first, as SSH does."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        await writer.drain()
        await silent(reader, writer)

    return answer


def broker(highest_metadata: int, then: Answer = closing) -> Answer:
    """Answers Kafka's first question, with a release told by its Metadata requests, then does something else."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = int.from_bytes(await reader.readexactly(4), "big")
        request = await reader.readexactly(size)
        keys = [(3, 0, highest_metadata), (18, 0, 3)]
        body = request[4:8] + struct.pack(">hi", 0, len(keys)) + b"".join(struct.pack(">hhh", *key) for key in keys)
        writer.write(struct.pack(">i", len(body)) + body)
        await writer.drain()
        await then(reader, writer)

    return answer


def zookeeper(words: str) -> Answer:
    """Answers a four-letter word and closes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)
        writer.write(words.encode())
        await writer.drain()

    return answer


@contextmanager
def filtered() -> Iterator[int]:
    """A port whose queue is full: it does not answer to a SYN, as behind a firewall that drops it."""
    with ExitStack() as held, socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(3):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@contextmanager
def http_server(
    handler: type[BaseHTTPRequestHandler] = SimpleHTTPRequestHandler, context: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Python's own HTTP server."""

    class Quiet(handler):  # type: ignore[misc, valid-type]
        def log_message(self, *_words: object) -> None:
            """Silent: what pytest captures is the tests'."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_about: object) -> None:
            """One who hangs up is no error here."""

    server = Server(("127.0.0.1", 0), Quiet)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="false-http", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def registry(subjects: bytes, *, user: str = "", status: int = 200) -> type[BaseHTTPRequestHandler]:
    """A Schema Registry that knows these subjects (JSON), and wants a login if a `user:password` is given in base64."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if user and self.headers.get("Authorization") != f"Basic {user}":
                self._say(401, b'{"error_code":401,"message":"Unauthorized"}')
            elif self.path == "/subjects":
                self._say(status, subjects)
            else:
                self._say(404, b"nothing here")

        def _say(self, code: int, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def tls_server(pair: str, highest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    """A server's side of TLS with a certificate and key in one file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    if highest < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = highest
    context.maximum_version = highest
    return context
