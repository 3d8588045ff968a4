"""What a broker's certificate says: for whom, by whom, until when."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The names and addresses for which it was issued; the common name only where there is no other, as clients do."""
    try:
        names = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except x509.ExtensionNotFound:
        names = None
    found: list[str] = []
    if isinstance(names, x509.SubjectAlternativeName):
        found += names.get_values_for_type(x509.DNSName)
        found += map(str, names.get_values_for_type(x509.IPAddress))
    if not found:
        found += (str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
    return tuple(found)


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


def title(name: x509.Name) -> str:
    """A subject or an issuer in short."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string() or "(no name)"
