"""A small real OIDC server: client credentials in, signed tokens out, and its keys for whoever checks them."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

AUDIENCE = "kafka"
CLIENTS = {"alice": "oauth-alice-9Z", "nobody": "oauth-nobody-3V"}


class OidcServer:
    """Serves `/token` and `/jwks` on a free port until the block ends; the token's subject is the client's id.

    With a `twin` its tokens are as good as that one's: of the same key and issuer.
    `/token/WAY` goes wrong in one way: slow, broken (500), html, opaque (no JWT), expired, wrong-audience.
    """

    def __init__(
        self,
        lifetime_seconds: float = 600.0,
        context: ssl.SSLContext | None = None,
        twin: OidcServer | None = None,
    ) -> None:
        self.lifetime_seconds = lifetime_seconds
        self.asked = 0  # tokens given
        self._twin = twin
        self._key: rsa.RSAPrivateKey = twin._key if twin else rsa.generate_private_key(65537, 2048)
        self._ending = threading.Event()
        oidc = self

        class Handler(_Handler):
            server_of = oidc

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._scheme = "http" if context is None else "https"
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="oidc", daemon=True)

    @property
    def url(self) -> str:
        """Where it is; also the issuer that its tokens name."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    @property
    def token_endpoint(self) -> str:
        """Where tokens are given."""
        return f"{self.url}/token"

    @property
    def jwks_endpoint(self) -> str:
        """Where its public key is."""
        return f"{self.url}/jwks"

    def jwks(self) -> dict[str, Any]:
        """Its public key (RFC 7517)."""
        numbers = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one"}
        key |= {"n": _base64(_bytes(numbers.n)), "e": _base64(_bytes(numbers.e))}
        return {"keys": [key]}

    def token(self, subject: str, **claims: Any) -> str:
        """A signed token (RFC 7519)."""
        now = time.time()
        document = {
            "iss": self.url if self._twin is None else self._twin.url,
            "aud": AUDIENCE,
            "sub": subject,
            "scope": "kafka",
            "iat": int(now),
            "exp": int(now + self.lifetime_seconds),
            **claims,
        }
        head = _base64(json.dumps({"alg": "RS256", "typ": "JWT", "kid": "one"}).encode())
        signed = f"{head}.{_base64(json.dumps(document).encode())}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64(signature)}"

    def answer(self, way: str, subject: str) -> tuple[int, str, bytes]:
        """Status, content type and body for one who has said his secret."""
        self.asked += 1
        token = self.token(subject)
        match way:
            case "slow":
                self._ending.wait(60)
            case "broken":
                return HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain", b"the database is away"
            case "html":
                return HTTPStatus.OK, "text/html", b"<html>Log in</html>"
            case "opaque":
                token = "no-jwt-at-all"  # noqa: S105
            case "expired":
                token = self.token(subject, exp=int(time.time()) - 100)
            case "wrong-audience":
                token = self.token(subject, aud="somebody else")
        document = {"access_token": token, "token_type": "Bearer", "expires_in": int(self.lifetime_seconds)}
        return HTTPStatus.OK, "application/json", json.dumps(document).encode()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    server_of: OidcServer

    def do_GET(self) -> None:
        if self.path == "/jwks":
            self._say(HTTPStatus.OK, "application/json", json.dumps(self.server_of.jwks()).encode())
        else:
            self._say(HTTPStatus.NOT_FOUND, "text/plain", b"nothing here")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind, _, given = self.headers.get("Authorization", "").partition(" ")
        client, _, secret = base64.b64decode(given).decode().partition(":") if kind == "Basic" else ("", "", "")
        if CLIENTS.get(client) != secret:
            document = {"error": "invalid_client", "error_description": "no such client, or not its secret"}
            self._say(HTTPStatus.UNAUTHORIZED, "application/json", json.dumps(document).encode())
        elif self.path.startswith("/token"):
            self._say(*self.server_of.answer(self.path.removeprefix("/token").strip("/"), client))
        else:
            self._say(HTTPStatus.NOT_FOUND, "text/plain", b"nothing here")

    def _say(self, status: int, kind: str, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:  # the asker did not wait
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of its base
        """Silent: what pytest captures is the tests'."""


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
