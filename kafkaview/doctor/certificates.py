"""Whether a broker's certificate is for this host, and until when."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

from cryptography import x509

from kafkaview.cluster.issued import names_of


def is_for(certificate: x509.Certificate, host: str) -> bool:
    """Whether it was issued for this host."""
    names = names_of(certificate)
    address = as_address(host)
    if address is not None:
        return any(as_address(name) == address for name in names)
    return any(_fits(name.lower().rstrip("."), host.lower().rstrip(".")) for name in names)


def as_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is written as, None where it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _fits(pattern: str, host: str) -> bool:
    """A star stands for one whole first label."""
    if not pattern.startswith("*."):
        return pattern == host
    return host.partition(".")[2] == pattern[2:] != ""


def days_left(certificate: x509.Certificate) -> int:
    """Whole days for which it is still valid; negative when that is over."""
    return (certificate.not_valid_after_utc - datetime.now(UTC)).days
