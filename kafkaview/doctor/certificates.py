"""Whether a broker's certificate is for this host, and until when."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

from cryptography import x509

from kafkaview.cluster.kafka.certificate_fields import Address, addresses_of, host_names_of


def is_for(certificate: x509.Certificate, host: str) -> bool:
    """Whether it was issued for this host."""
    address = as_address(host)
    if address is not None:
        return address in addresses_of(certificate)
    return any(_fits(name.lower().rstrip("."), host.lower().rstrip(".")) for name in host_names_of(certificate))


def as_address(host: str) -> Address | None:
    """The address that a host is written as, None where it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _fits(pattern: str, host: str) -> bool:
    """A star stands for one whole first label, with two more at least behind it: OpenSSL takes no `*.example`."""
    if not pattern.startswith("*."):
        return pattern == host
    return "." in pattern[2:] and host.partition(".")[2] == pattern[2:]


def days_left(certificate: x509.Certificate) -> int:
    """Whole days for which it is still valid; negative when that is over."""
    return (certificate.not_valid_after_utc - datetime.now(UTC)).days
