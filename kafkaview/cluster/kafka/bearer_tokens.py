"""Bearer tokens for OAUTHBEARER: fetched by us from the OIDC endpoint, so that both clients and every thread share one.

The client libraries could fetch them, each in its own way: one retries a failing endpoint for 50 s unheard.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kafkaview.cluster.damage import DAMAGE
from kafkaview.cluster.errors import AuthenticationFailed, Unreachable, UnusableProfile
from kafkaview.cluster.kafka.deadline import Limit
from kafkaview.profiles.security import OAuth, SecretField, Secrets, Security

if TYPE_CHECKING:
    import httpx

FETCH_SECONDS: Final = 3.0
_USED_UP: Final = 0.75  # librdkafka asks again at 0.8 of a token's life: it must get a new one then
_RETRY_AFTER_SECONDS: Final = 2.0
_MOST_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its endpoint gave it; times in Unix seconds."""

    value: str = field(repr=False)
    subject: str
    issued_at: float
    expires_at: float

    @property
    def used_up(self) -> bool:
        """Whether it is time for the next one."""
        return time.time() > self.issued_at + _USED_UP * (self.expires_at - self.issued_at)


class TokenInvalid(AuthenticationFailed):
    """The endpoint answers, and what it gives is no token that a broker could take."""


class TokenSource:
    """The token of one profile, fetched when it is first asked for and again before it expires. Any thread may ask."""

    def __init__(self, oauth: OAuth, security: Security, secrets: Secrets, limit: Limit | None = None) -> None:
        self.extensions = oauth.extensions
        self._oauth = oauth
        self._security = security
        self._secrets = secrets
        self._limit = limit or Limit()
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._failure: AuthenticationFailed | Unreachable | None = None
        self._failed_at = 0.0

    @property
    def due(self) -> bool:
        """Whether the next `fresh_token` is going to fetch, and so to block."""
        return self._token is None or self._token.used_up

    def fresh_token(self) -> Token:
        """A token with life left; fetched where it is due, which takes at most FETCH_SECONDS. Raises
        AuthenticationFailed or Unreachable with the endpoint's own words.
        """
        with self._lock:
            if self.due:
                self._renew()
            assert self._token is not None
            return self._token

    def _renew(self) -> None:
        if self._failure is None or time.monotonic() - self._failed_at > _RETRY_AFTER_SECONDS:
            try:
                self._token, self._failure = self._fetch(), None
            except (AuthenticationFailed, Unreachable) as failure:
                self._failure, self._failed_at = failure, time.monotonic()
        if self._failure is not None and (self._token is None or self._token.expires_at <= time.time()):
            raise self._failure.with_traceback(None)

    def _fetch(self) -> Token:
        secret = self._secrets.get(SecretField.OAUTH_CLIENT_SECRET)
        if not secret:
            raise UnusableProfile(
                f"The secret of the OAuth client {self._oauth.client_id} is not known here.", "Give the client secret."
            )
        status, body = self._post(secret)
        endpoint = self._oauth.token_endpoint
        if status != 200:
            kind = AuthenticationFailed if 400 <= status < 500 else Unreachable
            raise kind(
                f"The token endpoint {endpoint} answers {status}: {_words(body)}",
                "Check the client's id and secret, and the scope." if status < 500 else "Look at the token server.",
            )
        return _token_in(body, endpoint)

    def _post(self, secret: str) -> tuple[int, bytes]:
        import httpx  # heavy, and few profiles need it

        from kafkaview.cluster.tls.contexts import web_context

        asked = {"grant_type": "client_credentials"}
        if self._oauth.scope:
            asked["scope"] = self._oauth.scope
        endpoint, seconds = self._oauth.token_endpoint, self._limit.left(FETCH_SECONDS)
        try:
            with (
                httpx.Client(verify=web_context(self._security, self._secrets)) as client,
                client.stream(
                    "POST", endpoint, data=asked, auth=(self._oauth.client_id, secret), timeout=seconds
                ) as answer,
            ):
                return answer.status_code, _body_of(answer, time.monotonic() + seconds)
        except httpx.TimeoutException:
            raise Unreachable(
                f"The token endpoint {endpoint} gives no answer within {seconds:.2g} s.",
                "Look at the token server.",
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            raise Unreachable(f"The token endpoint {endpoint} cannot be reached: {failure}", _hint(failure)) from None


def _hint(failure: Exception) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(failure):  # httpx keeps ssl's words, not its exception
        return "Check its certificate: its name, its dates, and that the profile or the system trusts its CA."
    return "Check its URL, and that it runs."


def _body_of(answer: httpx.Response, deadline: float) -> bytes:
    body = b""
    for part in answer.iter_bytes():
        body += part
        if time.monotonic() > deadline or len(body) > _MOST_BYTES:
            break
    return body


def _token_in(body: bytes, endpoint: str) -> Token:
    """The token of an endpoint's answer; its times are those it tells of itself (RFC 7519)."""
    now = time.time()
    try:
        value = json.loads(body)["access_token"]
        claims = json.loads(_base64(str(value).split(".")[1]))
        expires = float(claims["exp"])
        issued = float(claims.get("iat", now))
    except DAMAGE:
        raise TokenInvalid(
            f"The token endpoint {endpoint} gives no JWT with an expiry.", "Check that its URL is the token endpoint's."
        ) from None
    if expires <= now:
        raise TokenInvalid(
            f"The token of {endpoint} has expired already, {now - expires:.0f} s ago.",
            "Compare this computer's clock with the token server's.",
        )
    return Token(str(value), _subject(claims), min(now, issued), expires)


def _subject(claims: dict[str, Any]) -> str:
    return str(claims.get("sub") or claims.get("client_id") or "kafkaview")


def _base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _words(body: bytes) -> str:
    """The endpoint's own words (RFC 6749, 5.2), or the beginning of whatever it sent."""
    try:
        document = json.loads(body)
        return (
            " ".join(str(document[key]) for key in ("error", "error_description") if document.get(key)) or "no reason"
        )
    except DAMAGE:
        return body[:200].decode(errors="replace").strip() or "no reason"
