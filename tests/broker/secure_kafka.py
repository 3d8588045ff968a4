"""One real broker with every way in, and a listener for each way that goes wrong.

`kafka.way("SASL_SSL", mechanism="PLAIN")` is a profile with its secrets. alice has every right on topics and
groups and may look at the cluster; nobody logs in and has no right at all. ANONYMOUS (PLAINTEXT, and TLS without a
client certificate) is a super user.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from typing import Protocol as TypingProtocol

from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclBindingFilter, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType
from confluent_kafka.admin._scram import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)
from confluent_kafka.cimpl import KafkaError, KafkaException, NewTopic

from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.demo.ports import free_ports
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import (
    OAuth,
    Protocol,
    Sasl,
    SecretField,
    Secrets,
    Security,
    Tls,
)
from tests.broker.certificates import Certificates
from tests.broker.oidc import AUDIENCE, CLIENTS, OidcServer
from tests.kit.patience import patience

# Users of PLAIN and SCRAM. The last one is written otherwise on the wire, and a setting would lose blanks of it.
PASSWORDS: Final = {"alice": "wonder-8Xland", "nobody": "nothing-5Rmuch", "a=b,c": ' odd-6T"name\\ '}
TOPIC: Final = "orders"

_SASL: Final = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER"
# Name of the listener: its protocol.
_LISTENERS: Final = {
    "SSL": Protocol.SSL,  # asks for no client certificate
    "REQUESTED": Protocol.SSL,  # asks for one and goes on without
    "MTLS": Protocol.SSL,  # demands one
    "SASL_PLAINTEXT": Protocol.SASL_PLAINTEXT,
    "SASL_SSL": Protocol.SASL_SSL,
    "SCRAM256": Protocol.SASL_PLAINTEXT,  # offers SCRAM-SHA-256 alone
    "TLS12": Protocol.SSL,  # speaks that version alone
    "TLS13": Protocol.SSL,
    "EXPIRED": Protocol.SSL,
    "WRONGHOST": Protocol.SSL,
    "UNKNOWNCA": Protocol.SSL,
    "UNREACHABLE": Protocol.PLAINTEXT,  # advertised on a port where nobody listens
    "UNRESOLVED": Protocol.PLAINTEXT,  # advertised on a host that there is not
}
_ANY: Any = None  # the client's own annotation leaves None out
_RIGHTS_OF_NOBODY: Final = AclBindingFilter(
    ResourceType.ANY, _ANY, ResourcePatternType.ANY, "User:nobody", _ANY, AclOperation.ANY, AclPermissionType.ANY
)


class Allow(TypingProtocol):
    """Gives nobody one more right."""

    def __call__(
        self, kind: ResourceType, operation: AclOperation, name: str, pattern: ResourcePatternType = ...
    ) -> None: ...


class SecureKafka:
    """A context manager. `ports` by listener (and PLAINTEXT), `certificates`, `oidc`, `kafka` (the broker itself)."""

    def __init__(self) -> None:
        self._held = ExitStack()
        self.ports: dict[str, int] = {}
        self.closed_port = 0

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._held.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._held.close()

    def bootstrap(self, listener: str, host: str = "localhost") -> str:
        """`bootstrap.servers` of one listener."""
        return f"{host}:{self.ports[listener]}"

    def way(
        self,
        listener: str,
        *,
        mechanism: str | None = None,
        user: str = "alice",
        password: str | None = None,
        tls: Tls | None = None,
        token_endpoint: str | None = None,
        secrets: Mapping[SecretField, str] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> tuple[ConnectionProfile, Secrets]:
        """A way in through a listener: what is not said is what works."""
        protocol = _LISTENERS.get(listener, Protocol.PLAINTEXT)
        known: dict[SecretField, str] = {}
        sasl = None
        if mechanism == "OAUTHBEARER":
            known[SecretField.OAUTH_CLIENT_SECRET] = CLIENTS.get(user, "") if password is None else password
            sasl = Sasl(mechanism, oauth=OAuth(token_endpoint or self.oidc.token_endpoint, user, "kafka"))
        elif mechanism is not None:
            known[SecretField.SASL_PASSWORD] = PASSWORDS.get(user, "") if password is None else password
            sasl = Sasl(mechanism, user)
        trusted = Tls(ca_file=self.certificates.ca_file) if tls is None else tls
        profile = ConnectionProfile(
            listener.lower(),
            self.bootstrap(listener),
            settings=dict(settings or {}),
            security=Security(protocol, trusted, sasl),
        )
        return profile, Secrets({**known, **(secrets or {})})

    @contextmanager
    def allowing_nobody(self, rights: Sequence[tuple[ResourceType, AclOperation, str]]) -> Iterator[Allow]:
        """Some rights of nobody, and more as they are called for. Afterwards it has none, as other tests expect."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap("PLAINTEXT")})

        def allow(
            kind: ResourceType,
            operation: AclOperation,
            name: str,
            pattern: ResourcePatternType = ResourcePatternType.LITERAL,
        ) -> None:
            binding = AclBinding(kind, name, pattern, "User:nobody", "*", operation, AclPermissionType.ALLOW)
            admin.create_acls([binding])[binding].result(patience(10))

        try:
            for right in rights:
                allow(*right)
            yield allow
        finally:
            for removed in admin.delete_acls([_RIGHTS_OF_NOBODY]).values():
                removed.result(patience(10))

    def _start(self) -> None:
        folder = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="kafkaview-secure-")))
        self.certificates = Certificates(folder)
        self.oidc = self._held.enter_context(OidcServer())  # the broker ends at once where its keys are not there
        with free_ports(len(_LISTENERS) + 1) as ports:
            *listening, self.closed_port = ports
        self.ports = dict(zip(_LISTENERS, listening, strict=True))
        self.kafka = self._held.enter_context(
            EmbeddedKafka(
                settings=self._settings(),
                listeners=self._listeners(),
                jvm=[f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={self.oidc.jwks_endpoint}"],
            )
        )
        self.ports["PLAINTEXT"] = self.kafka.nodes[0].port
        self._fill()

    def _listeners(self) -> dict[str, str]:
        advertised = {name: f"localhost:{port}" for name, port in self.ports.items()}
        advertised["UNREACHABLE"] = f"127.0.0.1:{self.closed_port}"
        advertised["UNRESOLVED"] = f"kafka.nowhere.invalid:{self.ports['UNRESOLVED']}"
        return {f"{name}://127.0.0.1:{port}": f"{name}://{advertised[name]}" for name, port in self.ports.items()}

    def _settings(self) -> dict[str, str]:
        protocols = {"PLAINTEXT": Protocol.PLAINTEXT, "CONTROLLER": Protocol.PLAINTEXT, **_LISTENERS}
        made = {
            "listener.security.protocol.map": ",".join(f"{name}:{kind.value}" for name, kind in protocols.items()),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "delegation.token.secret.key": "of-this-run-alone",
            "ssl.keystore.type": "PEM",
            "ssl.truststore.type": "PEM",
            "ssl.keystore.location": self.certificates.broker,
            "ssl.truststore.location": self.certificates.ca_file,
            "ssl.principal.mapping.rules": "RULE:^.*CN=([^,]+).*$/$1/,DEFAULT",
            "listener.name.requested.ssl.client.auth": "requested",
            "listener.name.mtls.ssl.client.auth": "required",
            "listener.name.tls12.ssl.enabled.protocols": "TLSv1.2",
            "listener.name.tls12.ssl.protocol": "TLSv1.2",
            "listener.name.tls13.ssl.enabled.protocols": "TLSv1.3",
            "listener.name.expired.ssl.keystore.location": self.certificates.expired,
            "listener.name.wronghost.ssl.keystore.location": self.certificates.wrong_host,
            "listener.name.unknownca.ssl.keystore.location": self.certificates.unknown_ca,
            "sasl.oauthbearer.jwks.endpoint.url": self.oidc.jwks_endpoint,
            "sasl.oauthbearer.expected.audience": AUDIENCE,
            "sasl.oauthbearer.expected.issuer": self.oidc.url,
        }
        for name in ("sasl_plaintext", "sasl_ssl"):
            made |= _logins(name, _SASL)
        return made | _logins("scram256", "SCRAM-SHA-256")

    def _fill(self) -> None:
        admin = AdminClient({"bootstrap.servers": self.kafka.bootstrap, "log_level": 0})
        _create_topic(admin)
        for made in admin.create_acls(_rights("User:alice") + _rights("User:a=b,c")).values():
            made.result(10)
        for mechanism in (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512):  # not both in one request
            for altered in admin.alter_user_scram_credentials(_scram_users(mechanism)).values():
                altered.result(10)


def _create_topic(admin: AdminClient) -> None:
    """The first request of all: a broker that has just come up may still close the connection under it."""
    deadline = time.monotonic() + patience(20)
    while True:
        try:
            admin.create_topics([NewTopic(TOPIC, 1, 1)])[TOPIC].result(10)
        except KafkaException as error:
            code = error.args[0].code()
            if code == KafkaError.TOPIC_ALREADY_EXISTS:  # the request came through, its answer did not
                return
            if code != KafkaError._TRANSPORT or time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return


def _logins(listener: str, mechanisms: str) -> dict[str, str]:
    security = "org.apache.kafka.common.security"
    users = " ".join(f'user_{name}="{password}"' for name, password in PASSWORDS.items() if name.isalnum())
    scram = f"{security}.scram.ScramLoginModule required ;"
    at = f"listener.name.{listener}"
    every = {
        "PLAIN": {"sasl.jaas.config": f"{security}.plain.PlainLoginModule required {users} ;"},
        "SCRAM-SHA-256": {"sasl.jaas.config": scram},
        "SCRAM-SHA-512": {"sasl.jaas.config": scram},
        "OAUTHBEARER": {
            "sasl.jaas.config": f"{security}.oauthbearer.OAuthBearerLoginModule required ;",
            # Without this one it accepts a token that nobody signed.
            "sasl.server.callback.handler.class": f"{security}.oauthbearer.OAuthBearerValidatorCallbackHandler",
        },
    }
    made = {f"{at}.sasl.enabled.mechanisms": mechanisms}
    for mechanism in mechanisms.split(","):
        made |= {f"{at}.{mechanism.lower()}.{key}": value for key, value in every[mechanism].items()}
    return made


def _scram_users(mechanism: ScramMechanism) -> list[UserScramCredentialAlteration]:
    """nobody has no SCRAM-SHA-512."""
    return [
        UserScramCredentialUpsertion(user, ScramCredentialInfo(mechanism, 4096), password.encode())
        for user, password in PASSWORDS.items()
        if (user, mechanism) != ("nobody", ScramMechanism.SCRAM_SHA_512)
    ]


def _rights(principal: str) -> list[AclBinding]:
    cluster = [AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS]
    wanted = [
        (ResourceType.TOPIC, "*", [AclOperation.ALL]),
        (ResourceType.GROUP, "*", [AclOperation.ALL]),
        (ResourceType.TRANSACTIONAL_ID, "*", [AclOperation.ALL]),
        (ResourceType.BROKER, "kafka-cluster", cluster),
    ]
    return [
        AclBinding(kind, name, ResourcePatternType.LITERAL, principal, "*", operation, AclPermissionType.ALLOW)
        for kind, name, operations in wanted
        for operation in operations
    ]
