"""What a certificate says of itself: for whom it was issued and by whom."""

from __future__ import annotations

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


def title(name: x509.Name) -> str:
    """A subject or an issuer in short."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string() or "(no name)"
