"""The SASL login on a connection with a valid certificate: which mechanisms are offered, and which round fails."""

from __future__ import annotations

from typing import Any, Final, cast

from kafka.protocol.sasl import SaslAuthenticateRequest, SaslHandshakeRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import text_of
from kafkaview.cluster.errors import AuthenticationFailed, ClusterError
from kafkaview.cluster.kafka.bearer_tokens import Token, TokenInvalid, TokenSource
from kafkaview.doctor.blocking_call import run_blocking
from kafkaview.doctor.configuration import Setup
from kafkaview.doctor.conversation import Conversation, NotKafka
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep
from kafkaview.doctor.tls import Refused
from kafkaview.doctor.wire import Ended
from kafkaview.profiles.mechanisms.registry import MECHANISMS
from kafkaview.profiles.mechanisms.sasl_exchange import LoginAnswer, LoginMaterial, LoginRefused, Tickets
from kafkaview.profiles.security import Sasl, SecretField

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

    async def log_in(self) -> str:
        """Logs in and returns what was seen. Raises FailedStep if the broker refuses."""
        token = await fetch_token(self._setup.tokens) if self._setup.tokens else None
        offered = await self._handshake()
        try:
            await self._exchange(token)
        except TimeoutError:
            raise self._report_refusal(Cause.SILENT, "The broker says nothing to the login.") from None
        except (Ended, Refused, NotKafka):
            words = "The broker closes the connection at the login and gives no reason."
            raise self._report_refusal(Cause.LOGIN_REFUSED, words) from None
        lasts = f"; the login lasts {self._session_ms / 1000:.0f} s" if self._session_ms else ""
        return f"{self._sasl.mechanism} accepted for {self._who(token)}; offered: {', '.join(offered)}{lasts}."

    async def _handshake(self) -> list[str]:
        try:
            answer = await self._conversation.ask(SaslHandshakeRequest, 1, mechanism=self._sasl.mechanism)
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

    async def _exchange(self, token: Token | None) -> None:
        """Carries the mechanism's messages to the broker, and its answers back. Raises FailedStep for a refusal."""
        secrets = self._setup.secrets
        material = LoginMaterial(
            secrets.get(SecretField.SASL_PASSWORD) or "", token.value if token else "", self._kerberos_tickets
        )
        messages = MECHANISMS[self._sasl.mechanism].exchange(self._sasl, material)
        try:
            answer = await self._send(next(messages))
            while True:
                answer = await self._send(messages.send(answer))
        except StopIteration:
            return
        except LoginRefused as refused:
            raise self._report_refusal(Cause(refused.cause), refused.message, refused.hint) from None

    def _kerberos_tickets(self, service: str) -> Tickets:
        """Returns kafka-python's own mechanism."""
        from kafka.net.sasl import get_sasl_mechanism  # type: ignore[import-untyped]

        return cast("Tickets", get_sasl_mechanism("GSSAPI")(host=self._host, sasl_kerberos_service_name=service))

    async def _send(self, data: bytes) -> LoginAnswer:
        answer = await self._conversation.ask(SaslAuthenticateRequest, 1, auth_bytes=data)
        self._session_ms = getattr(answer, "session_lifetime_ms", 0) or 0
        return LoginAnswer(bytes(answer.auth_bytes or b""), _words(answer) if answer.error_code else "")

    def _who(self, token: Token | None) -> str:
        return token.subject if token else self._sasl.username or "our Kerberos principal"

    def _report_refusal(self, cause: Cause, detail: str, hint: str = "") -> FailedStep:
        return FailedStep(DiagnosisLayer.SASL, cause, detail, hint)


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


async def offered_mechanisms(conversation: Conversation) -> tuple[str, ...] | None:
    """Returns the SASL mechanisms of a listener; None if it has no SASL. Sends no credentials."""
    answer = await conversation.ask(SaslHandshakeRequest, 1, mechanism=_NO_MECHANISM)
    return tuple(_mechanisms_of(answer)) if answer.error_code == _UNSUPPORTED else None


def _mechanisms_of(answer: Any) -> list[str]:
    return [text_of(mechanism) for mechanism in answer.mechanisms or ()]


def _words(answer: Any) -> str:
    words = str(answer.error_message or f"error {answer.error_code}").strip()
    return f"The broker says: {words.rstrip('.')}."
