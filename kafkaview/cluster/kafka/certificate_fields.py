"""Fields of a certificate: its subject, its issuer and the names it is issued for."""

from __future__ import annotations

import ipaddress
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from kafkaview.cluster.damage import DAMAGE

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What cryptography raises for a certificate, or a part of one, that it cannot read.
DAMAGED: Final = (
    *DAMAGE,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Returns the names and addresses that the certificate is issued for."""
    return (*host_names_of(certificate), *map(str, addresses_of(certificate)))


def host_names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Returns the host names alone; the common name only where there is no other, as clients do (RFC 2818, 3.1)."""
    names = _alternatives(certificate)
    found = () if names is None else names.get_values_for_type(x509.DNSName)
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return tuple(found) or tuple(str(name.value) for name in common)


def addresses_of(certificate: x509.Certificate) -> tuple[Address, ...]:
    """Returns the IP addresses alone. Clients ignore an address that is written as a name."""
    names = _alternatives(certificate)
    found = [] if names is None else names.get_values_for_type(x509.IPAddress)
    return tuple(one for one in found if isinstance(one, ipaddress.IPv4Address | ipaddress.IPv6Address))


def _alternatives(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


def title(name: x509.Name) -> str:
    """Returns a subject or an issuer in short form."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string() or "(no name)"
