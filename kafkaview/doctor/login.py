"""The SASL login on a connection with a valid certificate: which mechanisms are offered, and which round fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from kafka.protocol.sasl import SaslAuthenticateRequest, SaslHandshakeRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import DAMAGE, text_of
from kafkaview.cluster.errors import AuthenticationFailed, ClusterError
from kafkaview.cluster.kafka.bearer_tokens import Token, TokenInvalid, TokenSource
from kafkaview.doctor.blocking_call import run_blocking
from kafkaview.doctor.configuration import Setup
from kafkaview.doctor.conversation import Conversation, NotKafka
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep
from kafkaview.doctor.scram import NotProven, Scram
from kafkaview.doctor.tls import Refused
from kafkaview.doctor.wire import Ended
from kafkaview.profiles.security import Kerberos, Mechanism, Sasl, SecretField

_UNSUPPORTED: Final = 33
_NO_SASL_HERE: Final = 34
_TOKEN_S: Final = 4.0
_NO_MECHANISM: Final = "?"  # asks for the list, and for nothing else


class Login:
    """One login of a profile on one connection."""

    def __init__(self, setup: Setup, sasl: Sasl, conversation: Conversation, host: str) -> None:
        self._setup = setup
        self._sasl = sasl
        self._conversation = conversation
        self._host = host
        self._session_ms = 0
        self._token: Token | None = None

    async def log_in(self) -> str:
        """Logs in and returns what was seen. Raises FailedStep if the broker refuses."""
        token = self._token = await fetch_token(self._setup.tokens) if self._setup.tokens else None
        offered = await self._handshake()
        try:
            await EXCHANGES[self._sasl.mechanism](self)
        except TimeoutError:
            raise self._report_refusal(Cause.SILENT, "The broker says nothing to the login.") from None
        except (Ended, Refused, NotKafka):
            words = "The broker closes the connection at the login and gives no reason."
            raise self._report_refusal(Cause.LOGIN_REFUSED, words) from None
        lasts = f"; the login lasts {self._session_ms / 1000:.0f} s" if self._session_ms else ""
        return f"{self._sasl.mechanism} accepted for {self._who(token)}; offered: {', '.join(offered)}{lasts}."

    async def _handshake(self) -> list[str]:
        try:
            answer = await self._conversation.ask(SaslHandshakeRequest, 1, mechanism=self._sasl.mechanism.value)
        except TimeoutError:
            raise self._report_refusal(Cause.SILENT, "The broker says nothing to the login.") from None
        except (Ended, Refused, NotKafka):
            words = "The listener closes the connection when a login is asked for."
            raise self._report_refusal(Cause.LOGIN_REFUSED, words) from None
        if answer.error_code == _NO_SASL_HERE:
            raise self._report_refusal(Cause.SASL_NOT_ENABLED, "This listener has no login (ILLEGAL_SASL_STATE).")
        if answer.error_code == _UNSUPPORTED:
            mechanisms = _mechanisms_of(answer)
            offered = ", ".join(mechanisms) or "none"
            words = f"The broker does not offer {self._sasl.mechanism} here; it offers {offered}."
            hint = f"Choose {' or '.join(mechanisms)}." if mechanisms else ""
            raise FailedStep(DiagnosisLayer.SASL, Cause.MECHANISM_NOT_OFFERED, words, hint)
        if answer.error_code:
            raise self._report_refusal(
                Cause.LOGIN_REFUSED, f"The broker refuses the login with error {answer.error_code}."
            )
        return _mechanisms_of(answer)

    async def exchange_plain(self) -> None:
        """Logs in with PLAIN, one message. A refusal does not say whether user or password is wrong."""
        user, password = self._sasl.username or "", self._password()
        answer = await self._send(f"\0{user}\0{password}".encode())
        if answer.error_code:
            raise self._report_refusal(Cause.BAD_CREDENTIALS, _words(answer))

    async def exchange_scram(self) -> None:
        """Logs in with SCRAM. The round that fails shows whether the user is unknown or the password wrong."""
        scram = Scram(self._sasl.mechanism, self._sasl.username or "", self._password())
        answer = await self._send(scram.first())
        if answer.error_code:
            words = f"{_words(answer)} It knows no {self._sasl.mechanism} password of {self._sasl.username}."
            raise self._report_refusal(Cause.UNKNOWN_USER, words)
        try:
            answer = await self._send(scram.final(bytes(answer.auth_bytes or b"")))
            if answer.error_code:
                words = f"{_words(answer)} It knows the user {self._sasl.username}: the password is another."
                raise self._report_refusal(Cause.WRONG_PASSWORD, words)
            scram.check(bytes(answer.auth_bytes or b""))
        except (NotProven, *DAMAGE) as failure:
            words = f"The broker does not prove that it knows the password ({failure})."
            raise self._report_refusal(Cause.LOGIN_REFUSED, words) from None

    async def exchange_token(self) -> None:
        """Logs in with OAUTHBEARER (RFC 7628). A refusal is a challenge with the broker's error for the token."""
        token, tokens = self._token, self._setup.tokens
        assert token is not None
        assert tokens is not None
        more = "".join(f"{name}={value}\x01" for name, value in tokens.extensions.items())
        answer = await self._send(f"n,,\x01auth=Bearer {token.value}\x01{more}\x01".encode())
        if not answer.error_code and answer.auth_bytes:
            reply = bytes(answer.auth_bytes).decode(errors="replace")
            await self._send(b"\x01")  # what RFC 7628 wants; the broker then ends it
            words = f"The broker refuses the token and says {reply}. The token says {claims_of(token)}."
            raise self._report_refusal(
                Cause.LOGIN_REFUSED, words, "Compare these with the issuer and audience it expects."
            )
        if answer.error_code:
            raise self._report_refusal(Cause.LOGIN_REFUSED, f"{_words(answer)} The token says {claims_of(token)}.")

    async def exchange_tickets(self) -> None:
        """Logs in with GSSAPI, by kafka-python's own mechanism."""
        from kafka.net.sasl import get_sasl_mechanism  # type: ignore[import-untyped]

        kerberos = self._sasl.kerberos or Kerberos()
        try:
            mechanism = get_sasl_mechanism("GSSAPI")(host=self._host, sasl_kerberos_service_name=kerberos.service_name)
            while True:
                answer = await self._send(mechanism.auth_bytes())
                if answer.error_code:
                    raise self._report_refusal(Cause.LOGIN_REFUSED, _words(answer))
                if mechanism.is_done():
                    return
                mechanism.receive(bytes(answer.auth_bytes or b""))
        except (RuntimeError, ValueError, OSError) as failure:
            raise self._report_refusal(
                Cause.LOGIN_REFUSED, f"Kerberos gives no ticket: {failure}", "Run kinit."
            ) from None

    async def _send(self, data: bytes) -> Any:
        answer = await self._conversation.ask(SaslAuthenticateRequest, 1, auth_bytes=data)
        self._session_ms = getattr(answer, "session_lifetime_ms", 0) or 0
        return answer

    def _password(self) -> str:
        return self._setup.secrets.get(SecretField.SASL_PASSWORD) or ""

    def _who(self, token: Token | None) -> str:
        return token.subject if token else self._sasl.username or "our Kerberos principal"

    def _report_refusal(self, cause: Cause, detail: str, hint: str = "") -> FailedStep:
        return FailedStep(DiagnosisLayer.SASL, cause, detail, hint)


# Every mechanism of profiles/mechanisms has its exchange here.
EXCHANGES: Final[Mapping[Mechanism, Callable[[Login], Awaitable[None]]]] = {
    Mechanism.PLAIN: Login.exchange_plain,
    Mechanism.SCRAM_SHA_256: Login.exchange_scram,
    Mechanism.SCRAM_SHA_512: Login.exchange_scram,
    Mechanism.OAUTHBEARER: Login.exchange_token,
    Mechanism.GSSAPI: Login.exchange_tickets,
}


async def fetch_token(tokens: TokenSource) -> Token:
    """Returns a token. Raises FailedStep if its endpoint is unreachable, refuses, or returns something else."""
    try:
        return await run_blocking(tokens.fresh_token, _TOKEN_S)
    except TimeoutError:
        words = f"The token endpoint gives no answer within {_TOKEN_S:g} s."
        raise FailedStep(DiagnosisLayer.SASL, Cause.TOKEN_ENDPOINT_UNREACHABLE, words) from None
    except ClusterError as failure:
        cause = Cause.TOKEN_ENDPOINT_UNREACHABLE
        if isinstance(failure, AuthenticationFailed):
            cause = Cause.TOKEN_INVALID if isinstance(failure, TokenInvalid) else Cause.TOKEN_REFUSED
        raise FailedStep(DiagnosisLayer.SASL, cause, failure.message, failure.hint) from None


def claims_of(token: Token) -> str:
    """Returns the claims of a token that a broker checks; none of them is secret."""
    import base64
    import json

    part = token.value.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return ", ".join(f"{name} {claims.get(name, 'nothing')}" for name in ("iss", "aud", "sub", "exp"))


async def offered_mechanisms(conversation: Conversation) -> tuple[str, ...] | None:
    """Returns the SASL mechanisms of a listener; None if it has no SASL. Sends no credentials."""
    answer = await conversation.ask(SaslHandshakeRequest, 1, mechanism=_NO_MECHANISM)
    return tuple(_mechanisms_of(answer)) if answer.error_code == _UNSUPPORTED else None


def _mechanisms_of(answer: Any) -> list[str]:
    return [text_of(mechanism) for mechanism in answer.mechanisms or ()]


def _words(answer: Any) -> str:
    words = str(answer.error_message or f"error {answer.error_code}").strip()
    return f"The broker says: {words.rstrip('.')}."
