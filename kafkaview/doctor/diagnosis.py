"""A diagnosis: steps in order, each with its target, and one word for each cause."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DiagnosisLayer(StrEnum):
    """The layers, in the order in which they are tried (words of the command line's contract)."""

    CONFIG = "config"
    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    SASL = "sasl"
    API = "api"
    METADATA = "metadata"
    ADVERTISED = "advertised"
    AUTHORIZATION = "authorization"
    REGISTRY = "registry"
    ZOOKEEPER = "zookeeper"


class Cause(StrEnum):
    """Why a step failed. The list is fixed: scripts branch on these words."""

    BAD_SETTING = "bad_setting"
    CERTIFICATE_FILE = "certificate_file"
    KEY_PASSPHRASE_MISSING = "key_passphrase_missing"  # noqa: S105
    KEY_PASSPHRASE_WRONG = "key_passphrase_wrong"  # noqa: S105
    KEY_DOES_NOT_MATCH = "key_does_not_match"
    KEYSTORE_PASSWORD_WRONG = "keystore_password_wrong"  # noqa: S105 - a word
    SECRET_MISSING = "secret_missing"  # noqa: S105
    KEYRING_UNAVAILABLE = "keyring_unavailable"
    UNKNOWN_HOST = "unknown_host"
    CONNECTION_REFUSED = "connection_refused"
    NO_ROUTE = "no_route"
    FILTERED = "filtered"  # no answer to the SYN: the one honest time-out
    CLOSED_AT_ONCE = "closed_at_once"
    SILENT = "silent"
    NOT_KAFKA = "not_kafka"
    TLS_NEEDED = "tls_needed"
    TLS_NOT_SPOKEN = "tls_not_spoken"
    TLS_VERSION = "tls_version"
    TLS_REFUSED = "tls_refused"  # for a reason that the other side keeps to itself
    UNKNOWN_CA = "unknown_ca"
    CERTIFICATE_INVALID = "certificate_invalid"  # neither untrusted nor out of date: a weak key, a wrong purpose
    WRONG_HOSTNAME = "wrong_hostname"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_NOT_YET_VALID = "certificate_not_yet_valid"
    CLIENT_CERTIFICATE_MISSING = "client_certificate_missing"
    CLIENT_CERTIFICATE_UNKNOWN_CA = "client_certificate_unknown_ca"
    CLIENT_CERTIFICATE_EXPIRED = "client_certificate_expired"
    CLIENT_CERTIFICATE_REFUSED = "client_certificate_refused"
    SASL_NOT_ENABLED = "sasl_not_enabled"
    SASL_NEEDED = "sasl_needed"
    MECHANISM_NOT_OFFERED = "mechanism_not_offered"
    MECHANISM_UNAVAILABLE = "mechanism_unavailable"  # on our side: no GSSAPI library
    BAD_CREDENTIALS = "bad_credentials"  # PLAIN does not tell user from password
    UNKNOWN_USER = "unknown_user"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    LOGIN_REFUSED = "login_refused"
    TOKEN_ENDPOINT_UNREACHABLE = "token_endpoint_unreachable"  # noqa: S105
    TOKEN_REFUSED = "token_refused"  # noqa: S105
    TOKEN_INVALID = "token_invalid"  # noqa: S105
    CONTROLLER_ADDRESS = "controller_address"
    API_TOO_OLD = "api_too_old"
    METADATA_FAILED = "metadata_failed"
    ADVERTISED_UNREACHABLE = "advertised_unreachable"
    NOT_AUTHORIZED = "not_authorized"
    REGISTRY_UNREACHABLE = "registry_unreachable"
    REGISTRY_REFUSED = "registry_refused"
    NOT_A_REGISTRY = "not_a_registry"
    ZOOKEEPER_UNREACHABLE = "zookeeper_unreachable"
    ZOOKEEPER_NOT_SERVING = "zookeeper_not_serving"


@dataclass(frozen=True, slots=True)
class DiagnosisStep:
    """One step on one target (`host:port`, a URL, `broker 2 at host:port`). `ok` is True, False, or None if it was not
    tried. `detail` is what was seen, in the broker's own words; `hint` is what to change. `field` is the profile's
    field that the hint is about (`security.tls.ca_file`), if there is one.
    """

    step: DiagnosisLayer
    target: str
    ok: bool | None
    cause: Cause | None = None
    detail: str = ""
    hint: str = ""
    ms: int | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All steps, and the first cause; None if the connection works. `gaps` are sentences of what does not work on a
    connection that does: a bootstrap server beside a working one, features that the release lacks, settings without
    effect.
    """

    steps: tuple[DiagnosisStep, ...]
    cause: Cause | None
    gaps: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything that matters works."""
        return self.cause is None

    @property
    def gaps_line(self) -> str:
        """What does not work on a connection that does, in one line; empty if all does."""
        gaps = " ".join(f"{gap.rstrip('.')}." for gap in self.gaps)
        return f"What does not: {gaps}" if gaps else ""
