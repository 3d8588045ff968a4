"""Whatever a schema registry or a token endpoint sends: a reason each time, in time, and nothing else comes out.

A real server on a real socket sends it, byte by byte as it stands here. `make soak` sends 4,000 damaged answers.
"""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import math
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from typing import Final

import pytest

from kafkaview.cluster.errors import AuthenticationFailed, ClusterError, Unreachable
from kafkaview.cluster.kafka import bearer_tokens
from kafkaview.cluster.kafka.bearer_tokens import Token, TokenSource
from kafkaview.doctor import schema_registry
from kafkaview.doctor.diagnosis import Cause
from kafkaview.doctor.fault import FailedStep
from kafkaview.doctor.schema_registry import ask_registry
from kafkaview.profiles.mechanisms.oauthbearer import claims_of
from kafkaview.profiles.profile import SchemaRegistry
from kafkaview.profiles.security import OAuth, SecretField, Secrets, Security
from tests.kit.damaged_answers import damage_bytes
from tests.kit.patience import patience

LIMIT_S: Final = 0.5
SECRETS: Final = Secrets({SecretField.OAUTH_CLIENT_SECRET: "s", SecretField.REGISTRY_PASSWORD: "p"})
Send = Callable[[socket.socket], object]


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def token(**claims: object) -> bytes:
    part = base64.urlsafe_b64encode(json.dumps({"sub": "a", "exp": time.time() + 600, **claims}).encode()).decode()
    return json.dumps({"access_token": f"e30.{part.rstrip('=')}.s"}).encode()


def drip(before: bytes, part: bytes) -> Send:
    def send(peer: socket.socket) -> None:
        peer.sendall(before)
        while True:
            peer.sendall(part)
            time.sleep(LIMIT_S / 5)

    return send


def flood(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n[")
    while True:
        peer.sendall(b'"subject",' * 100_000)


SUBJECTS: Final = b'["a-value","b-value"]'
CHUNKED: Final = "Transfer-Encoding: chunked"
ANSWERS: Final[Mapping[str, bytes | Send]] = {
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "half a status line": b"HTTP/1.1 2",
    "no content": http(b"", "204 No Content"),
    "a page": http(b"<html>Log in</html>", "200 OK", "Content-Type: text/html"),
    "another's page that is an error": http(b"<h1>Bad gateway</h1>" * 10_000, "502 Bad Gateway"),
    "not UTF-8": http(b'["\xff\xfe"]', "200 OK", "Content-Type: application/json; charset=utf-99"),
    "UTF-16 cut in the middle": http('["ab"]'.encode("utf-16")[:-1]),
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[",
    "cut in a chunk": f"HTTP/1.1 200 OK\r\n{CHUNKED}\r\n\r\n50\r\n[".encode(),
    "no chunk": f"HTTP/1.1 200 OK\r\n{CHUNKED}\r\n\r\nzz\r\n[]\r\n".encode(),
    "no gzip": http(b"[]", "200 OK", "Content-Encoding: gzip"),
    "moved": http(b"", "302 Found", "Location: https://login.example/\x1b[2J"),
    "moved to what is no address": http(b"", "301 Moved", "Location: http://[::1/\xff"),
    "moved round": http(b"", "307 Temporary Redirect", "Location: /subjects"),
    "an odd cookie": http(b"{", "200 OK", "Set-Cookie: =;;=;\xff; Expires=never; Max-Age=9e9"),
    "deep": http(b"[" * 200_000),
    "a number of many digits": http(b'{"access_token":' + b"9" * 5_000 + b"}"),
    "other types": http(b'{"access_token":["a.b.c"],"error":{"a":1}}'),
    "half a character": http(b'{"error":"\\ud800","error_description":["\\udfff"]}', "400 Bad Request"),
    "much to say": http(json.dumps({"error": "x" * 900_000}).encode(), "401 Unauthorized"),
    "silent": drip(b"", b""),
    "headers that do not end": drip(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
    "a body that does not end": drip(b"HTTP/1.1 200 OK\r\n\r\n[", b'"a",'),
    "one byte after the other": drip(b"", b"H"),
    "huge": flood,
    "much of one byte": http(gzip.compress(b" " * 100_000_000), "200 OK", "Content-Encoding: gzip"),
}
NO_TOKENS: Final[Mapping[str, object]] = {
    "no number": {"exp": "soon"},
    "no time": {"exp": math.nan},
    "for ever": {"exp": math.inf},
    "beyond the calendar": {"exp": 1e300},
    "in milliseconds": {"exp": time.time() * 1_000_000},
    "begun at no time": {"iat": math.nan},
    "null": {"exp": None},
}


class Server:
    """Sends the same answer to whoever asks."""

    def __init__(self) -> None:
        self.answer: bytes | Send = b""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._server.accept()
                threading.Thread(target=self._one, args=(peer, self.answer), daemon=True).start()

    def _one(self, peer: socket.socket, answer: bytes | Send) -> None:
        with closing(peer), suppress(OSError):
            peer.settimeout(5)
            head = b""
            while b"\r\n\r\n" not in head:
                head += peer.recv(65_536)
            if b"content-length: 29" in head.lower() and head.endswith(b"\r\n\r\n"):
                peer.recv(100)
            if isinstance(answer, bytes):
                peer.sendall(answer)
            else:
                answer(peer)

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearer_tokens, "FETCH_SECONDS", LIMIT_S)
    monkeypatch.setattr(schema_registry, "LIMIT_S", LIMIT_S)


@pytest.fixture
def server() -> Iterator[Server]:
    with closing(Server()) as server:
        yield server


def fetch_token(server: Server) -> Token:
    return TokenSource(OAuth(server.url, "client", None), Security(), SECRETS).fresh_token()


async def subjects(server: Server) -> str:
    return await ask_registry(SchemaRegistry(server.url, "u"), Security(), SECRETS)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("name", ANSWERS)
async def test_an_odd_answer_has_a_reason_in_time(server: Server, name: str) -> None:
    server.answer = ANSWERS[name]
    threads, began = set(threading.enumerate()), time.monotonic()
    with pytest.raises(FailedStep) as fault:
        await subjects(server)
    assert fault.value.cause in (Cause.REGISTRY_UNREACHABLE, Cause.NOT_A_REGISTRY, Cause.REGISTRY_REFUSED)
    with pytest.raises((AuthenticationFailed, Unreachable)) as failed:
        fetch_token(server)
    assert time.monotonic() - began < patience(2 * LIMIT_S + 2)
    for words in (fault.value.detail, failed.value.message):
        assert server.url in words
        assert len(words) < 400
    until = time.monotonic() + patience(5)
    while any("kafkaview" in one.name for one in set(threading.enumerate()) - threads):
        assert time.monotonic() < until, "a thread goes on asking"
        await asyncio.sleep(0.02)


async def test_a_sound_answer_is_read(server: Server) -> None:
    server.answer = http(SUBJECTS)
    assert await subjects(server) == "2 subjects."
    server.answer = http(gzip.compress(SUBJECTS), "200 OK", "Content-Encoding: gzip")
    assert await subjects(server) == "2 subjects."
    server.answer = http(token(sub="alice"))
    assert fetch_token(server).subject == "alice"


async def test_where_an_answer_leads_is_said(server: Server) -> None:
    server.answer = http(b"<html>", "302 Found", "Location: https://login.example/")
    with pytest.raises(FailedStep, match=r"302 and no list of subjects: moved to https://login\.example/"):
        await subjects(server)
    with pytest.raises(Unreachable, match=r"answers 302: moved to https://login\.example/"):
        fetch_token(server)


@pytest.mark.parametrize("name", NO_TOKENS)
def test_a_token_without_a_time_to_end_is_none(server: Server, name: str) -> None:
    claims = NO_TOKENS[name]
    assert isinstance(claims, dict)
    server.answer = http(token(**claims))
    with pytest.raises(AuthenticationFailed, match="no JWT with an expiry"):
        fetch_token(server)


@pytest.mark.parametrize("subject", ["\ud800", "a\0b", {"a": 1}, [], 7, "\x1b[2J", "x\ny"])
def test_a_subject_goes_to_a_client_library_as_it_can_be_taken(server: Server, subject: object) -> None:
    server.answer = http(token(sub=subject))
    found = fetch_token(server)
    assert found.subject.encode().isascii()
    assert found.subject.isprintable()
    assert isinstance(claims_of(found.value), str)


@pytest.mark.parametrize("count", [15, pytest.param(2_000, marks=pytest.mark.soak)])
async def test_damaged_answers_have_a_reason(server: Server, count: int) -> None:
    chance = random.Random(count)
    sound = {"registry": SUBJECTS, "endpoint": token()}
    for _ in range(count):
        for name, body in sound.items():
            whole = http(body, chance.choice(["200 OK", "400 Bad Request"]), "Content-Type: application/json")
            server.answer = damage_bytes(chance, whole) if chance.random() < 0.5 else http(damage_bytes(chance, body))
            with suppress(FailedStep, ClusterError):
                if name == "registry":
                    await subjects(server)
                else:
                    claims_of(fetch_token(server).value)
