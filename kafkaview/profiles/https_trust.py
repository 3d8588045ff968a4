"""Whom to trust over https beside the brokers, as client settings say it: librdkafka's `https.ca.*`, and the stores
that Java's clients take for the token endpoint (`ssl.truststore.*` within the JAAS entry, KIP-768) and the registry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from kafkaview.profiles.file_paths import absolute_path
from kafkaview.profiles.key_stores import StoreKind, authorities_of, how_to_convert, store_kind
from kafkaview.profiles.security import WebTrust

OF_REGISTRY: Final = "schema.registry."
_PROBE: Final = "probe"  # librdkafka's word for the system's CAs


def web_trust(given: Mapping[str, str], login: Mapping[str, str], *, brokers: bool) -> WebTrust:
    """Returns whom the settings and the login's options trust over https. The `brokers`' own settings mean the web
    services where the way to the brokers is plain text: nothing else there could take them. Raises ValueError.
    """
    files: dict[str, None] = {}
    pasted: dict[str, None] = {}
    for location, password, type_name in _stores(given, login, brokers=brokers):
        path = Path(absolute_path(location))
        match store_kind(path, type_name):
            case StoreKind.PEM:
                files[str(path)] = None
            case StoreKind.PKCS12:
                pasted[authorities_of(path, password)] = None
            case StoreKind.JKS:
                raise ValueError(f"{location} is a JKS store. Make a PKCS12 store of it: {how_to_convert(path)}")
    pasted |= dict.fromkeys(_find_pasted_files(given, login, brokers=brokers))
    if not pasted and len(files) <= 1:
        return WebTrust(next(iter(files), None))
    return WebTrust(ca_pem="".join(f"{pem.strip()}\n" for pem in (*map(_read, files), *pasted)))


def _stores(
    given: Mapping[str, str], login: Mapping[str, str], *, brokers: bool
) -> Iterator[tuple[str, str | None, str]]:
    """Each file with the password that opens it and its type, where the settings name one."""
    for name in ("https.ca.location", *(("ssl.ca.location",) if brokers else ())):
        if given.get(name) and given[name] != _PROBE:
            yield given[name], None, StoreKind.PEM
    for settings, prefix in ((given, OF_REGISTRY), (login, ""), *(((given, ""),) if brokers else ())):
        location = settings.get(f"{prefix}ssl.truststore.location")
        if location:
            type_name = settings.get(f"{prefix}ssl.truststore.type", "")
            yield location, settings.get(f"{prefix}ssl.truststore.password"), type_name


def _find_pasted_files(given: Mapping[str, str], login: Mapping[str, str], *, brokers: bool) -> Iterator[str]:
    names = ("https.ca.pem", f"{OF_REGISTRY}ssl.truststore.certificates")
    own = ("ssl.ca.pem", "ssl.truststore.certificates")
    yield from (given[name] for name in (*names, *(own if brokers else ())) if given.get(name))
    if login.get("ssl.truststore.certificates"):
        yield login["ssl.truststore.certificates"]


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise ValueError(f"{file} cannot be read as PEM: {failure}.") from None
