"""Settings that mean something to another program only: config providers' values, a Connect worker's prefixes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from kafkaview.profiles import fields
from kafkaview.profiles.environment import LOGIN_VARIABLE
from kafkaview.profiles.file_paths import absolute_path
from kafkaview.profiles.key_stores import StoreKind, how_to_convert, store_kind
from kafkaview.profiles.setting_names import SECRET, is_known

_PREFIXES: Final = ("consumer.", "producer.", "admin.")
_TLS_SPOKEN: Final = "TLS 1.2 and 1.3 are spoken, with the ciphers of the system's library"
_NO_CLASS: Final = "a class of Java's is not loaded"
_WITHOUT_EFFECT: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("ssl.enabled.protocols", "ssl.protocol", "ssl.cipher.suites", "ssl.curves.list", "ssl.sigalgs.list"),
        _TLS_SPOKEN,
    ),
    **dict.fromkeys(
        (
            "sasl.client.callback.handler.class",
            "sasl.login.callback.handler.class",
            "sasl.login.class",
            "security.providers",
            "ssl.engine.factory.class",
            "ssl.provider",
        ),
        _NO_CLASS,
    ),
    "ssl.crl.location": "certificates that were revoked are not known",
}
_OIDC_LOGIN: Final = ".OAuthBearerLoginCallbackHandler"  # does what is done here too
_REFERENCE: Final = re.compile(r"\$\{[^{}:]*:[^{}]*\}")  # as Kafka's ConfigTransformer finds them


def refuse_foreign_settings(settings: Mapping[str, str]) -> None:
    """Refuses values that only a config provider could fill in, and a file whose protocol stands under a prefix alone:
    read without it, the login would go unencrypted. Raises ValueError, which quotes no value.
    """
    for key, value in settings.items():
        if is_known(key) and _REFERENCE.search(value):
            instead = f", or leave it out and give the secret in {_variable_of(key)}" if key in SECRET else ""
            raise ValueError(
                f"{key} names its value by a config provider (${{provider:...}}), which only Kafka's own programs fill "
                f"in. Write the value itself{instead}."
            )
    prefixed = [f"{prefix}security.protocol" for prefix in _PREFIXES if f"{prefix}security.protocol" in settings]
    if prefixed and "security.protocol" not in settings:
        raise ValueError(
            f"{prefixed[0]} is set, and security.protocol is not: this is a Connect worker's file, which says how to "
            f"log in under prefixes only. Not taken over: {', '.join(prefixed_settings(settings))}. Write them without "
            "the prefix."
        )


def settings_of_unread_stores(settings: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Returns a sentence for each store that is of a kind which cannot be read, with the settings that are about it."""
    found = {}
    for name in ("truststore", "keystore"):
        location = settings.get(f"ssl.{name}.location")
        path = Path(absolute_path(location)) if location else None
        if path is not None and store_kind(path, settings.get(f"ssl.{name}.type", "")) is StoreKind.JKS:
            sentence = f"The {name} {location} is a JKS store. Make a PKCS12 store of it: {how_to_convert(path)}"
            found[sentence] = tuple(key for key in settings if key.startswith(f"ssl.{name}."))
    return found


def settings_without_effect(settings: Mapping[str, str]) -> list[str]:
    """Returns the settings that change how another client connects, and nothing here, each with what it comes to."""
    return [
        f"{key} has no effect here: {instead}."
        for key, instead in _WITHOUT_EFFECT.items()
        if settings.get(key) and not settings[key].endswith(_OIDC_LOGIN)
    ]


def repeated_settings(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Returns a sentence for each setting of a connection that a file gives with more than one value."""
    values: dict[str, list[str]] = {}
    for key, value in pairs:
        values.setdefault(key, []).append(value)
    return [
        f"{key} is given {len(given)} times: all but the last have no effect."
        for key, given in values.items()
        if is_known(key) and len(set(given)) > 1
    ]


def prefixed_settings(settings: Mapping[str, str]) -> list[str]:
    """Returns the settings of a connection that stand under a Connect worker's prefix, and are not read."""
    return [key for key in settings for prefix in _PREFIXES if key.startswith(prefix) and is_known(key[len(prefix) :])]


def settings_of_others(settings: Mapping[str, str]) -> list[str]:
    """Returns the settings that mean nothing to a connection: those of readers, writers and other programs."""
    prefixed = prefixed_settings(settings)
    return [key for key in settings if not (is_known(key) or key in _WITHOUT_EFFECT or key in prefixed)]


def untaken_settings(settings: Mapping[str, str]) -> list[str]:
    """Returns a sentence for what another client would connect otherwise by."""
    prefixed = prefixed_settings(settings)
    of_worker = [f"For a Connect worker's own clients: {', '.join(prefixed)}."] if prefixed else []
    return settings_without_effect(settings) + of_worker


def _variable_of(key: str) -> str:
    return next((row.variable for row in fields.secret_fields() if key in row.names and row.variable), LOGIN_VARIABLE)
