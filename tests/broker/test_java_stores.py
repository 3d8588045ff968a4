"""Stores as Java's own keytool makes them, and the command that is given to whoever has a JKS one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509

from kafkaview.cluster.tls.files import TlsFileProblem, UnusableMaterial, read_material
from kafkaview.profiles.security import Certificate, SecretField, Secrets, Tls
from tests.broker.certificates import KEYSTORE_PASSWORD, Certificates

PASSWORD = "open-the-java-store-6D"  # noqa: S105 - of files that live as long as the test
BY_ENVIRONMENT = {**os.environ, "STORE": PASSWORD, "SOURCE": KEYSTORE_PASSWORD}
OPENS = Secrets({SecretField.TRUSTSTORE_PASSWORD: PASSWORD, SecretField.KEYSTORE_PASSWORD: PASSWORD})

pytestmark = pytest.mark.skipif(shutil.which("keytool") is None, reason="keytool comes with a Java runtime")


@pytest.fixture
def files(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def keytool(*words: str) -> None:
    subprocess.run(["keytool", *words], env=BY_ENVIRONMENT, check=True, capture_output=True, timeout=60)


def truststore(files: Certificates, folder: Path, kind: str) -> Path:
    store = folder / f"the trust.{kind}"  # with a space: the command has to bear it
    into = ("-keystore", str(store), "-storetype", kind, "-storepass:env", "STORE")
    keytool("-importcert", "-noprompt", "-alias", "ca", "-file", files.ca_file, *into)
    return store


def keystore(files: Certificates, folder: Path) -> Path:
    store = folder / "the key.jks"
    source = ("-srckeystore", files.client_keystore_file, "-srcstorepass:env", "SOURCE")
    into = ("-destkeystore", str(store), "-deststoretype", "JKS", "-deststorepass:env", "STORE")
    keytool("-importkeystore", "-noprompt", *source, *into, "-destkeypass:env", "STORE")
    return store


def converted(refused: UnusableMaterial, store: Path) -> str:
    """The store that the hint's own command makes, its questions answered."""
    command = refused.hint.removeprefix("Convert it: ")
    answers = f"{PASSWORD}\n" * 3
    subprocess.run(command, shell=True, input=answers, text=True, check=True, capture_output=True, timeout=60)  # noqa: S602
    return str(store.with_suffix(".p12"))


def test_a_truststore_of_keytool_is_read(files: Certificates, tmp_path: Path) -> None:
    read = read_material(Tls(truststore_file=str(truststore(files, tmp_path, "PKCS12"))), OPENS)
    assert read.trust == tuple(x509.load_pem_x509_certificates(files.ca_pem.encode()))


def test_a_jks_truststore_is_read_after_the_command_that_is_given(files: Certificates, tmp_path: Path) -> None:
    store = truststore(files, tmp_path, "JKS")
    with pytest.raises(UnusableMaterial, match="only Java reads") as refused:
        read_material(Tls(truststore_file=str(store)), OPENS)
    assert (refused.value.flaw, refused.value.field) == (TlsFileProblem.FILE, "security.tls.truststore_file")
    read = read_material(Tls(truststore_file=converted(refused.value, store)), OPENS)
    assert read.trust == tuple(x509.load_pem_x509_certificates(files.ca_pem.encode()))


def test_a_jks_keystore_is_read_after_the_command_that_is_given(files: Certificates, tmp_path: Path) -> None:
    store = keystore(files, tmp_path)
    with pytest.raises(UnusableMaterial, match="only Java reads") as refused:
        read_material(Tls(certificate=Certificate(pkcs12_file=str(store))), OPENS)
    read = read_material(Tls(certificate=Certificate(pkcs12_file=converted(refused.value, store))), OPENS)
    assert read.identity is not None
    (own,) = x509.load_pem_x509_certificates(Path(files.client_certificate_file).read_bytes())[:1]
    assert read.identity.certificate == own
