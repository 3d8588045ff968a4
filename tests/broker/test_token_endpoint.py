"""Whom a token endpoint's certificate may be signed by: the CA of the profile, and every CA of the system."""

from __future__ import annotations

from pathlib import Path

import pytest

from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.tokens import TokenSource
from kafkaview.profiles.security import OAuth, SecretField, Secrets, Tls
from tests.broker.certificates import TRUSTSTORE_PASSWORD, Certificates
from tests.broker.false_servers import tls_server
from tests.broker.oidc import CLIENTS, OidcServer

SECRETS = Secrets(
    {SecretField.OAUTH_CLIENT_SECRET: CLIENTS["alice"], SecretField.TRUSTSTORE_PASSWORD: TRUSTSTORE_PASSWORD}
)


@pytest.fixture
def files(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def subject(pair: str, tls: Tls) -> str:
    """Of the token that an endpoint with this certificate gives."""
    with OidcServer(context=tls_server(pair)) as oidc:
        return TokenSource(OAuth(oidc.token_endpoint, "alice", "kafka"), tls, SECRETS).fresh().subject


@pytest.mark.parametrize("form", ["ca_file", "ca_pem", "truststore_file"])
def test_the_profiles_own_ca_is_trusted(files: Certificates, form: str) -> None:
    assert subject(files.broker, Tls(**{form: getattr(files, form)})) == "alice"


def test_the_systems_authorities_are_trusted_beside_the_profiles_own(
    files: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", files.unknown_ca_file)
    for pair in (files.broker, files.unknown_ca):
        assert subject(pair, Tls(ca_file=files.ca_file)) == "alice"
    assert subject(files.unknown_ca, Tls()) == "alice"


@pytest.mark.parametrize(
    ("pair", "words"), [("unknown_ca", "certificate"), ("wrong_host", "IP address mismatch"), ("expired", "expired")]
)
def test_any_other_certificate_is_refused_even_where_brokers_names_are_not_checked(
    files: Certificates, pair: str, words: str
) -> None:
    with pytest.raises(Unreachable, match=words):
        subject(getattr(files, pair), Tls(ca_file=files.ca_file, verify_hostname=False))
