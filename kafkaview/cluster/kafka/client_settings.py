"""Settings of each client library, made from a profile and its secrets."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, Final, TypeVar

from confluent_kafka import Consumer, Producer
from kafka.net.sasl.oauth import AbstractTokenProvider  # type: ignore[import-untyped]

from kafkaview.cluster.errors import UnsupportedHere, UnusableProfile
from kafkaview.cluster.kafka.bearer_tokens import Token, TokenSource
from kafkaview.cluster.kafka.deadline import Limit
from kafkaview.cluster.kafka.kerberos import gssapi_available
from kafkaview.cluster.kafka.librdkafka_log import LOG, Complaints
from kafkaview.profiles import fields
from kafkaview.profiles.mechanisms.registry import MECHANISMS
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Sasl, Secrets

if TYPE_CHECKING:
    from kafkaview.cluster.tls.contexts import TlsMaterial

IN_FLIGHT: Final = 1_000  # at its limit (of 5) kafka-python does not queue a request but refuses it
LARGEST_ANSWER: Final = 256_000_000  # committed offsets of 10 million partitions; what claims to be larger is no Kafka
CLIENT_ID: Final = "kafkaview"
SETUP_MS: Final = 5_000
Client = TypeVar("Client", Consumer, Producer)


class ClientSettings:
    """The login of one open profile for each client library. Certificates are read and tokens fetched when a client is
    made, so `librdkafka` and `kafka_python` block and belong on a client's thread. They raise UnusableProfile before a
    socket is opened.
    """

    def __init__(self, profile: ConnectionProfile, secrets: Secrets, limit: Limit) -> None:
        self.bootstrap = profile.bootstrap
        self._settings = profile.settings
        self._security = profile.security
        self._secrets = secrets
        self._limit = limit
        sasl = profile.security.sasl if profile.security.protocol.sasl else None
        oauth = sasl.oauth if sasl is not None and MECHANISMS[sasl.mechanism].takes_token else None
        self.tokens = None if oauth is None else TokenSource(oauth, profile.security, secrets, limit)

    def librdkafka(self, complaints: Complaints, **more: Any) -> dict[str, Any]:
        """Returns settings for any confluent-kafka client. `more` has librdkafka's names with `_` for `.`, and
        overrides.
        """
        security = self._security
        made: dict[str, Any] = {
            "client.id": CLIENT_ID,
            # The default of 10 s would hide a broker that is back. It may not lie below the profile's own beginning.
            **({} if "reconnect.backoff.ms" in self._settings else {"reconnect.backoff.max.ms": 1000}),
            # TCP, TLS and login together; the default of 30 s would hold on to an attempt that died in between.
            "socket.connection.setup.timeout.ms": SETUP_MS,
            **self._settings,
            "bootstrap.servers": self.bootstrap,
            "security.protocol": security.protocol.value,
            "error_cb": complaints.hear,
            "logger": LOG,
        }
        if security.protocol.tls:
            made |= _librdkafka_tls(self._tls_material())
        if security.protocol.sasl:
            made |= self._librdkafka_login(self._login())
        return made | {name.replace("_", "."): value for name, value in more.items()}

    def authenticate(self, client: Client) -> Client:
        """Passes the password to a new librdkafka client by a call, because a setting loses leading blanks. It is in
        time: the first login comes several answers of a broker later.
        """
        if (login := self.password_login) is not None:
            client.set_sasl_credentials(*login)
        return client

    @property
    def password_login(self) -> tuple[str, str] | None:
        """Returns user and password; None where the profile has no login or another one."""
        sasl = self._security.sasl
        if not self._security.protocol.sasl or sasl is None or MECHANISMS[sasl.mechanism].principal(sasl) is None:
            return None
        return MECHANISMS[sasl.mechanism].credentials(sasl, self._secrets)

    def kafka_python(self) -> tuple[dict[str, Any], ssl.SSLContext | None]:
        """Returns settings for kafka-python's connections, and their TLS context."""
        security = self._security
        made: dict[str, Any] = {
            "client_id": CLIENT_ID,
            **{
                row.kafka_python_name: self._settings[row.setting]
                for row in fields.FIELDS
                if row.kafka_python_name and row.setting in self._settings
            },
            "security_protocol": security.protocol.value,
            "request_timeout_ms": 5_000,
            "receive_message_max_bytes": LARGEST_ANSWER,
            "max_in_flight_requests_per_connection": IN_FLIGHT,
        }
        if security.protocol.sasl:
            made |= self._kafka_python_login(self._login())
        return made, self._tls_material().context() if security.protocol.tls else None

    def _tls_material(self) -> TlsMaterial:
        from kafkaview.cluster.tls.contexts import tls_material  # heavy, and a plain connection does without

        return tls_material(self._security.tls, self._secrets)

    def _login(self) -> Sasl:
        sasl = self._security.sasl
        if sasl is None:
            raise UnusableProfile(
                f"{self._security.protocol.value} needs a login, and the profile has none.",
                "Choose a SASL mechanism.",
            )
        login = MECHANISMS[sasl.mechanism]
        reason = gssapi_available() if login.takes_ticket else None
        if reason is not None:
            raise UnsupportedHere(reason, "Choose another SASL mechanism.")
        gap = login.gap(sasl, self._secrets)
        if gap is not None:
            raise UnusableProfile(gap.message, gap.hint)
        return sasl

    def _librdkafka_login(self, sasl: Sasl) -> dict[str, Any]:
        login = MECHANISMS[sasl.mechanism]
        made = {"sasl.mechanism": login.name, **login.librdkafka(sasl, self._secrets)}
        if not login.takes_token:
            return made
        tokens = self._token_source()
        tokens.fresh_token()  # a callback that fails would hold the constructor for 10 s

        def fetch(_config: str) -> tuple[str, float, str, dict[str, str]]:
            token = tokens.fresh_token()
            return token.value, token.expires_at, token.subject, dict(tokens.extensions)

        return made | {"oauth_cb": fetch}

    def _kafka_python_login(self, sasl: Sasl) -> dict[str, Any]:
        login = MECHANISMS[sasl.mechanism]
        made = {"sasl_mechanism": login.name, **login.kafka_python(sasl, self._secrets)}
        if not login.takes_token:
            return made
        tokens = self._token_source()
        tokens.fresh_token()
        return made | {"sasl_oauth_token_provider": _Provider(tokens)}

    def _token_source(self) -> TokenSource:
        if self.tokens is None:
            raise UnusableProfile("OAUTHBEARER needs a token endpoint.", "Give its URL and the client's id.")
        return self.tokens


class _Provider(AbstractTokenProvider):  # type: ignore[misc]
    """The token source with the interface that kafka-python needs."""

    def __init__(self, tokens: TokenSource) -> None:
        super().__init__()
        self._tokens = tokens

    def token(self) -> str:
        """Returns the current token."""
        token: Token = self._tokens.fresh_token()
        return token.value

    def extensions(self) -> dict[str, str]:
        """Returns the SASL extensions of the profile."""
        return dict(self._tokens.extensions)


def _librdkafka_tls(material: TlsMaterial) -> dict[str, Any]:
    made: dict[str, Any] = {"ssl.endpoint.identification.algorithm": "https" if material.verify_hostname else "none"}
    if material.authorities is not None:
        made["ssl.ca.pem"] = material.authorities
    else:
        known = ssl.get_default_verify_paths().cafile
        if known is not None:  # both clients trust the same then; else each looks where such files lie
            made["ssl.ca.location"] = known
    if material.own is not None:
        made["ssl.certificate.pem"] = material.own.chain
        made["ssl.key.pem"] = material.own.key
        made["ssl.key.password"] = material.own.passphrase
    return made
