"""The remedy of each cause: what to change, and in which field of the profile. A field is a dotted path into the
profile (`security.tls.ca_file`), or the name of a secret (`sasl_password`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.tls.files import HINTS, TlsFileProblem
from kafkaview.doctor.diagnosis import Cause


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to change, and where."""

    hint: str
    field: str = ""


_BOOTSTRAP: Final = "bootstrap"
_PROTOCOL: Final = "security.protocol"
_MECHANISM: Final = "security.sasl.mechanism"
_USER: Final = "security.sasl.username"
_PASSWORD: Final = "sasl_password"  # noqa: S105 - the name of a field
_CERTIFICATE: Final = "security.tls.certificate"
_CA: Final = "security.tls.ca_file"
_TOKEN: Final = "security.sasl.oauth.token_endpoint"  # noqa: S105
_REGISTRY: Final = "schema_registry.url"

REMEDIES: Final[Mapping[Cause, Remedy]] = {
    Cause.BAD_SETTING: Remedy(HINTS[TlsFileProblem.SETTING]),
    Cause.CERTIFICATE_FILE: Remedy(HINTS[TlsFileProblem.FILE], _CERTIFICATE),
    Cause.KEY_PASSPHRASE_MISSING: Remedy(HINTS[TlsFileProblem.KEY_PASSPHRASE_MISSING], "key_passphrase"),
    Cause.KEY_PASSPHRASE_WRONG: Remedy(HINTS[TlsFileProblem.KEY_PASSPHRASE_WRONG], "key_passphrase"),
    Cause.KEY_DOES_NOT_MATCH: Remedy(HINTS[TlsFileProblem.KEY_DOES_NOT_MATCH], _CERTIFICATE),
    Cause.KEYSTORE_PASSWORD_WRONG: Remedy(HINTS[TlsFileProblem.STORE_PASSWORD_WRONG], "keystore_password"),
    Cause.SECRET_MISSING: Remedy(HINTS[TlsFileProblem.STORE_PASSWORD_MISSING], _PASSWORD),
    Cause.KEYRING_UNAVAILABLE: Remedy("Unlock the keyring, or give the secrets for this run only."),
    Cause.UNKNOWN_HOST: Remedy("Check the spelling; names of a private network may need its VPN.", _BOOTSTRAP),
    Cause.CONNECTION_REFUSED: Remedy("Check the port, and whether the broker runs.", _BOOTSTRAP),
    Cause.NO_ROUTE: Remedy("Check the network, and whether its VPN is up.", _BOOTSTRAP),
    Cause.FILTERED: Remedy("A firewall drops it: let this machine through to the port, or use its VPN.", _BOOTSTRAP),
    Cause.CLOSED_AT_ONCE: Remedy("Check the port; a tunnel or proxy without a broker behind it does this.", _BOOTSTRAP),
    Cause.SILENT: Remedy("Check the port; a broker that is stuck or still starting is silent too.", _BOOTSTRAP),
    Cause.NOT_KAFKA: Remedy("Give the port of a Kafka listener.", _BOOTSTRAP),
    Cause.TLS_NEEDED: Remedy(
        "Set the security protocol to SSL, or to SASL_SSL for a login with a password.", _PROTOCOL
    ),
    Cause.TLS_NOT_SPOKEN: Remedy("Set the security protocol to PLAINTEXT or SASL_PLAINTEXT.", _PROTOCOL),
    Cause.TLS_VERSION: Remedy("Let the broker offer TLS 1.2 or 1.3 (ssl.enabled.protocols)."),
    Cause.TLS_REFUSED: Remedy("Look for its side of this in the broker's log."),
    Cause.UNKNOWN_CA: Remedy("Give the certificate of the CA that signed the broker's.", _CA),
    Cause.CERTIFICATE_INVALID: Remedy("The broker needs another certificate."),
    Cause.WRONG_HOSTNAME: Remedy(
        "Use a name that the certificate holds, or have it reissued for this one.", _BOOTSTRAP
    ),
    Cause.CERTIFICATE_EXPIRED: Remedy("The broker's certificate must be renewed."),
    Cause.CERTIFICATE_NOT_YET_VALID: Remedy("Check this machine's clock, and the certificate's dates."),
    Cause.CLIENT_CERTIFICATE_MISSING: Remedy("Choose a client certificate with its private key.", _CERTIFICATE),
    Cause.CLIENT_CERTIFICATE_UNKNOWN_CA: Remedy("Choose one signed by a CA that the broker trusts.", _CERTIFICATE),
    Cause.CLIENT_CERTIFICATE_EXPIRED: Remedy("Choose one that is still valid.", _CERTIFICATE),
    Cause.CLIENT_CERTIFICATE_REFUSED: Remedy("Choose another; the broker's log says why.", _CERTIFICATE),
    Cause.SASL_NOT_ENABLED: Remedy("Set the security protocol to one without SASL, or use the SASL port.", _PROTOCOL),
    Cause.SASL_NEEDED: Remedy("Set the security protocol to one with SASL, and give a login.", _PROTOCOL),
    Cause.MECHANISM_NOT_OFFERED: Remedy("Choose a mechanism that the broker offers.", _MECHANISM),
    Cause.MECHANISM_UNAVAILABLE: Remedy("Choose another mechanism, or install what this one needs.", _MECHANISM),
    Cause.BAD_CREDENTIALS: Remedy("Check user name and password: PLAIN does not tell which of them.", _PASSWORD),
    Cause.UNKNOWN_USER: Remedy("Check the user name, and that it has a password for this mechanism.", _USER),
    Cause.WRONG_PASSWORD: Remedy("Enter the password again.", _PASSWORD),
    Cause.LOGIN_REFUSED: Remedy("Look for the reason in the broker's log.", _MECHANISM),
    Cause.TOKEN_ENDPOINT_UNREACHABLE: Remedy("Check the address of the token endpoint.", _TOKEN),
    Cause.TOKEN_REFUSED: Remedy("Check client id, client secret and scope.", "oauth_client_secret"),
    Cause.TOKEN_INVALID: Remedy("Check the address of the token endpoint; it must answer with a JWT.", _TOKEN),
    Cause.CONTROLLER_ADDRESS: Remedy("Give the address of a broker.", _BOOTSTRAP),
    Cause.API_TOO_OLD: Remedy("kafkaview needs Kafka 1.0 or later."),
    Cause.METADATA_FAILED: Remedy("Look at the broker's log."),
    Cause.ADVERTISED_UNREACHABLE: Remedy("Have advertised.listeners name an address that this machine reaches."),
    Cause.NOT_AUTHORIZED: Remedy("Ask for DESCRIBE and DESCRIBE_CONFIGS on the cluster for this principal."),
    Cause.REGISTRY_UNREACHABLE: Remedy("Check the registry's address, and whether it runs.", _REGISTRY),
    Cause.REGISTRY_REFUSED: Remedy("Check the registry's user and password.", "registry_password"),
    Cause.NOT_A_REGISTRY: Remedy("Give the address below which /subjects lies.", _REGISTRY),
    Cause.ZOOKEEPER_UNREACHABLE: Remedy("Check the addresses, and whether ZooKeeper runs.", "zookeeper"),
    Cause.ZOOKEEPER_NOT_SERVING: Remedy("Its ensemble has no majority: look at its other servers.", "zookeeper"),
}
