"""A connection from a client.properties file, in Java's or librdkafka's spelling, and from single settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.propertiesfile import parse_properties

LOGIN_VARIABLE: Final = "KAFKAVIEW_PASSWORD"
KEY_VARIABLE: Final = "KAFKAVIEW_SSL_KEY_PASSWORD"

_PROTOCOLS: Final = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_WITH_PASSWORD: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_BOOTSTRAP: Final = ("bootstrap.servers", "metadata.broker.list")
_OURS: Final = frozenset({*_BOOTSTRAP, "read.only", "zookeeper.connect", "schema.registry.url"})
_TRANSLATED: Final = frozenset(
    {
        "security.protocol",
        "sasl.mechanism",
        "sasl.mechanisms",
        "sasl.jaas.config",
        "ssl.truststore.location",
        "ssl.truststore.type",
        "ssl.truststore.certificates",
        "ssl.keystore.location",
        "ssl.keystore.type",
        "ssl.endpoint.identification.algorithm",
    }
)
# librdkafka's own names that are about the connection; anything else in a file is some other client's business.
_KEPT: Final = frozenset(
    {
        "client.id",
        "sasl.username",
        "sasl.password",
        "ssl.ca.location",
        "ssl.ca.pem",
        "ssl.certificate.location",
        "ssl.key.location",
        "ssl.key.password",
        "enable.ssl.certificate.verification",
        "socket.keepalive.enable",
        "socket.connection.setup.timeout.ms",
        "broker.address.family",
        "client.dns.lookup",
        "connections.max.idle.ms",
        "reconnect.backoff.ms",
        "reconnect.backoff.max.ms",
    }
)
_SECRET: Final = frozenset({"sasl.password", "sasl.jaas.config", "ssl.key.password"})
_JAAS: Final = re.compile(r"""^\s*(?P<module>[\w.$]+)\s+required\b(?P<options>.*?);?\s*$""", re.DOTALL)
_JAAS_OPTION: Final = re.compile(r"""([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s;"']+))""")


def profile_from(
    bootstrap: str | None, config_file: Path | None, overrides: Mapping[str, str], env: Mapping[str, str]
) -> ConnectionProfile:
    """The connection that a command line names. Bad input raises ValueError with a sentence."""
    _check_overrides(overrides)
    given = {**_read(config_file), **overrides}
    servers = _servers(bootstrap or next((given[key] for key in _BOOTSTRAP if given.get(key)), ""))
    settings = {key: value for key, value in given.items() if key in _KEPT}
    settings |= _tls(given)
    settings |= _sasl(given, env)
    if env.get(KEY_VARIABLE):
        settings["ssl.key.password"] = env[KEY_VARIABLE]
    return ConnectionProfile(
        name=config_file.stem if config_file else servers,
        bootstrap=servers,
        read_only=_flag("read.only", given.get("read.only", "false")),
        settings=settings,
        zookeeper=given.get("zookeeper.connect") or None,
        schema_registry=given.get("schema.registry.url") or None,
    )


def _check_overrides(overrides: Mapping[str, str]) -> None:
    for key in overrides:
        if key in _SECRET:
            raise ValueError(
                f"{key} is a secret and not taken from an argument: put it into the file, or into {LOGIN_VARIABLE}."
            )
        if key not in _KEPT | _TRANSLATED | _OURS:
            raise ValueError(f"{key} is no setting of a connection.")


def _read(config_file: Path | None) -> dict[str, str]:
    if config_file is None:
        return {}
    try:
        return parse_properties(config_file.read_text(encoding="utf-8"))
    except OSError as failure:
        raise ValueError(f"{config_file} cannot be read: {failure.strerror}.") from failure
    except UnicodeDecodeError as failure:
        raise ValueError(f"{config_file} is not UTF-8: {failure.reason} at byte {failure.start}.") from failure


def _servers(text: str) -> str:
    servers = [server.strip() for server in text.split(",") if server.strip()]
    if not servers:
        raise ValueError("No broker is named: give bootstrap.servers as HOST:PORT.")
    for server in servers:
        host, _, port = server.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise ValueError(f"{server!r} is not HOST:PORT.")
    return ",".join(servers)


def _protocol(given: Mapping[str, str]) -> str:
    protocol = given.get("security.protocol", "PLAINTEXT").upper()
    if protocol not in _PROTOCOLS:
        raise ValueError(f"security.protocol is {protocol}; it is one of {', '.join(_PROTOCOLS)}.")
    return protocol


def _tls(given: Mapping[str, str]) -> dict[str, str]:
    """Trust and own certificate; Java keeps both in stores, of which PEM files are read."""
    made = {"security.protocol": _protocol(given)}
    if "ssl.truststore.location" in given:
        made["ssl.ca.location"] = _pem(given, "truststore")
    if "ssl.truststore.certificates" in given:
        made["ssl.ca.pem"] = given["ssl.truststore.certificates"]
    if "ssl.keystore.location" in given:
        made["ssl.certificate.location"] = made["ssl.key.location"] = _pem(given, "keystore")
    if "ssl.endpoint.identification.algorithm" in given:
        algorithm = given["ssl.endpoint.identification.algorithm"].lower() or "none"
        if algorithm not in ("https", "none"):
            raise ValueError(f"ssl.endpoint.identification.algorithm is {algorithm}; it is https, or empty.")
        made["ssl.endpoint.identification.algorithm"] = algorithm
    return made


def _pem(given: Mapping[str, str], store: str) -> str:
    location = given[f"ssl.{store}.location"]
    suffix = Path(location).suffix.lower()
    kind = given.get(f"ssl.{store}.type", "JKS" if suffix in (".jks", ".p12", ".pfx") else "PEM").upper()
    if kind != "PEM":
        raise ValueError(f"The {store} {location} is a {kind} store; a PEM file is needed.")
    return location


def _sasl(given: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
    if not _protocol(given).startswith("SASL"):
        return {}
    user, password, implied = _jaas(given.get("sasl.jaas.config"))
    mechanism = (given.get("sasl.mechanism") or given.get("sasl.mechanisms") or implied).upper()
    if mechanism not in _WITH_PASSWORD:
        raise ValueError(f"sasl.mechanism is {mechanism or 'missing'}; it is one of {', '.join(_WITH_PASSWORD)}.")
    user = given.get("sasl.username") or user
    password = env.get(LOGIN_VARIABLE) or given.get("sasl.password") or password
    if not user:
        raise ValueError(f"{mechanism} needs a user name: sasl.username, or username in sasl.jaas.config.")
    if not password:
        raise ValueError(f"{mechanism} needs a password: in the file, or in {LOGIN_VARIABLE}.")
    return {"sasl.mechanism": mechanism, "sasl.username": user, "sasl.password": password}


def _jaas(text: str | None) -> tuple[str, str, str]:
    """User, password and the mechanism that the module implies (PLAIN; SCRAM does not tell which)."""
    if not text:
        return "", "", ""
    entry = _JAAS.match(text)
    module = entry.group("module").rpartition(".")[2] if entry else ""
    if entry is None or module not in ("PlainLoginModule", "ScramLoginModule"):
        raise ValueError("sasl.jaas.config is not a PlainLoginModule or ScramLoginModule entry.")
    options = {
        name: re.sub(r"\\(.)", r"\1", double or single) or plain
        for name, double, single, plain in _JAAS_OPTION.findall(entry.group("options"))
    }
    return options.get("username", ""), options.get("password", ""), "PLAIN" if module == "PlainLoginModule" else ""


def _flag(key: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{key} is {text!r}; it is true or false.")
    return text.lower() == "true"
