"""Bearer tokens for OAUTHBEARER, fetched here from the OIDC endpoint, so that both clients and every thread share one.

The client libraries could fetch tokens, but differently: librdkafka retries a failing endpoint for 50 s silently.
"""

from __future__ import annotations

import base64
import json
import math
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

from kafkaview.cluster.damage import DAMAGE
from kafkaview.cluster.errors import AuthenticationFailed, Unreachable, UnusableProfile
from kafkaview.cluster.kafka.deadline import Limit
from kafkaview.cluster.web_service import NoWebAnswer, WebAnswer, WebRequest, ask_web_service
from kafkaview.profiles.security import OAuth, SecretField, Secrets, Security

FETCH_SECONDS: Final = 3.0
_USED_UP: Final = 0.75  # librdkafka asks again at 0.8 of a token's life: it must get a new one then
_RETRY_AFTER_SECONDS: Final = 2.0
_QUOTED: Final = 200
_LAST_MOMENT: Final = 253_402_300_800.0  # the year 10,000: a client library counts in milliseconds
_TOKEN: Final = re.compile(r"[\w.~+/=-]+", re.ASCII)  # RFC 6750, 2.1


@dataclass(frozen=True, slots=True)
class Token:
    """A token from its endpoint; times in Unix seconds."""

    value: str = field(repr=False)
    subject: str
    issued_at: float
    expires_at: float

    @property
    def used_up(self) -> bool:
        """Returns whether the token is so near its expiry that a new one is needed."""
        return time.time() > self.issued_at + _USED_UP * (self.expires_at - self.issued_at)


class TokenInvalid(AuthenticationFailed):
    """The endpoint answered with something that is not a token for a broker."""


class TokenSource:
    """The bearer token of one profile, fetched on first use and again before it expires. Safe to call
    from any thread.
    """

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
        """Returns whether the next `fresh_token` fetches a token, and so blocks."""
        return self._token is None or self._token.used_up

    def fresh_token(self) -> Token:
        """Returns a token that is not about to expire. A fetch takes at most FETCH_SECONDS. Raises AuthenticationFailed
        or Unreachable with the endpoint's own words.
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
        endpoint, answer = self._oauth.token_endpoint, self._ask(secret)
        if answer.status != 200:
            kind = AuthenticationFailed if 400 <= answer.status < 500 else Unreachable
            raise kind(
                f"The token endpoint {endpoint} answers {answer.status}: {_words(answer)}",
                "Check the client's id and secret, and the scope."
                if kind is AuthenticationFailed
                else "Look at the token server.",
            )
        return _token_in(answer.body, endpoint)

    def _ask(self, secret: str) -> WebAnswer:
        from kafkaview.cluster.tls.contexts import web_context  # heavy, and few profiles need it

        form = {"grant_type": "client_credentials"}
        if self._oauth.scope:
            form["scope"] = self._oauth.scope
        endpoint = self._oauth.token_endpoint
        request = WebRequest(endpoint, (self._oauth.client_id, secret), form)
        try:
            return ask_web_service(request, web_context(self._security, self._secrets), self._limit.left(FETCH_SECONDS))
        except NoWebAnswer as reason:
            raise Unreachable(f"The token endpoint {endpoint} {reason}", _hint(reason)) from None


def _hint(failure: Exception) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(failure):  # httpx keeps ssl's words, not its exception
        return "Check its certificate: its name, its dates, and that the profile or the system trusts its CA."
    return "Check its URL, and that it runs."


def _token_in(body: bytes, endpoint: str) -> Token:
    """Returns the token of an endpoint's answer; its times are read from the token itself (RFC 7519)."""
    now = time.time()
    try:
        value = json.loads(body)["access_token"]
        claims = json.loads(_base64(value.split(".")[1]))
        expires = float(claims["exp"])
        issued = float(claims.get("iat", now))
    except DAMAGE:
        value, claims, issued, expires = "", {}, now, math.nan
    if not (_TOKEN.fullmatch(value) and abs(issued) < _LAST_MOMENT and abs(expires) < _LAST_MOMENT):
        raise TokenInvalid(
            f"The token endpoint {endpoint} gives no JWT with an expiry.", "Check that its URL is the token endpoint's."
        )
    if expires <= now:
        raise TokenInvalid(
            f"The token of {endpoint} has expired already, {now - expires:.0f} s ago.",
            "Compare this computer's clock with the token server's.",
        )
    return Token(value, _subject(claims), min(now, issued), expires)


def _subject(claims: dict[str, Any]) -> str:
    """Returns who the token is for, as a client library can take it."""
    named = str(claims.get("sub") or claims.get("client_id") or "")
    return named if named.isprintable() and named else "kafkaview"


def _base64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _words(answer: WebAnswer) -> str:
    """Returns the endpoint's own error text (RFC 6749, 5.2), or the beginning of its answer."""
    try:
        document = json.loads(answer.body)
        said = " ".join(str(document[key]) for key in ("error", "error_description") if document.get(key))
    except DAMAGE:
        said = ""
    return said[:_QUOTED] or answer.words or "no reason"
