"""Checks of a broker's certificate: its host names and its expiry."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

from cryptography import x509

from kafkaview.cluster.kafka.certificate_fields import Address, addresses_of, host_names_of


def is_for(certificate: x509.Certificate, host: str) -> bool:
    """Returns whether the certificate was issued for this host."""
    address = as_address(host)
    if address is not None:
        return address in addresses_of(certificate)
    return any(_fits(name.lower().rstrip("."), host.lower().rstrip(".")) for name in host_names_of(certificate))


def as_address(host: str) -> Address | None:
    """Returns the IP address that a host is written as; None if it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _fits(pattern: str, host: str) -> bool:
    """Returns whether a name matches. A `*` is the whole first label with two more labels behind it: OpenSSL rejects
    `*.example`.
    """
    if not pattern.startswith("*."):
        return pattern == host
    return "." in pattern[2:] and host.partition(".")[2] == pattern[2:]


def days_left(certificate: x509.Certificate) -> int:
    """Returns the whole days until the certificate expires; negative after that."""
    return (certificate.not_valid_after_utc - datetime.now(UTC)).days
