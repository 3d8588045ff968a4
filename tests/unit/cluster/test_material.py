"""Certificates as they lie in files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kafkaview.cluster.tls.files import UnusableMaterial, read_material
from kafkaview.doctor.configuration import load_setup
from kafkaview.doctor.fault import FailedStep
from kafkaview.profiles.profile import ConnectionProfile, SchemaRegistry
from kafkaview.profiles.security import Secrets, Security, Tls, WebTrust


def test_a_ca_is_read_from_pem_and_from_der(tmp_path: Path) -> None:
    pem = trustme.CA().cert_pem.bytes()
    (certificate,) = x509.load_pem_x509_certificates(pem)
    for name, data in {
        "pem": pem,
        "with words before it": b"Certificate:\n    Data:\n" + pem,
        "of Windows": b"\xef\xbb\xbf" + pem.replace(b"\n", b"\r\n"),
        "der": certificate.public_bytes(Encoding.DER),
    }.items():
        (tmp_path / name).write_bytes(data)
        assert read_material(Tls(ca_file=str(tmp_path / name)), Secrets()).trust == (certificate,), name


@pytest.mark.parametrize(
    "data", [b"", b"\x30\x82\x01", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_file_that_holds_no_certificate_is_named_without_the_librarys_words(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "ca").write_bytes(data)
    with pytest.raises(UnusableMaterial) as failure:
        read_material(Tls(ca_file=str(tmp_path / "ca")), Secrets())
    assert failure.value.message == f"{tmp_path / 'ca'} holds no certificate, neither as PEM nor as DER."
    assert failure.value.field == "security.tls.ca_file"


ODD = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def test_a_certificate_that_cannot_be_read_is_left_out_by_its_place(tmp_path: Path) -> None:
    one, other = (trustme.CA().cert_pem.bytes().decode() for _ in range(2))
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(f"# one\n{one}\n# odd\n{ODD}\n{other}")
    read = read_material(Tls(ca_file=str(bundle)), Secrets())
    assert len(read.trust or ()) == 2
    assert read.unreadable == (f"Certificate 2 of 3 in {bundle} cannot be read and is left out",)
    bundle.write_text(ODD + ODD)
    with pytest.raises(UnusableMaterial, match="holds no certificate"):
        read_material(Tls(ca_file=str(bundle)), Secrets())


def test_a_certificate_that_is_left_out_for_web_services_is_named_too(tmp_path: Path) -> None:
    bundle = tmp_path / "web.pem"
    bundle.write_text(trustme.CA().cert_pem.bytes().decode() + ODD)
    profile = ConnectionProfile(
        "p",
        "k:1",
        security=Security(web=WebTrust(ca_file=str(bundle))),
        schema_registry=SchemaRegistry("https://registry:8081", None),
    )
    left_out = (f"Certificate 2 of 2 in {bundle} cannot be read and is left out",)
    assert load_setup(profile, Secrets()).unreadable == left_out
    by_the_brokers = replace(profile, security=Security(tls=Tls(ca_file=str(bundle))))
    assert load_setup(by_the_brokers, Secrets()).unreadable == left_out
    with pytest.raises(FailedStep, match="cannot be read"):
        load_setup(replace(profile, security=Security(tls=Tls(ca_file=str(tmp_path / "none")))), Secrets())
