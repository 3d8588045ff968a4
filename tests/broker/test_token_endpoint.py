"""Whom a token endpoint's certificate may be signed by: the CA of the profile, and every CA of the system."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.kafka.bearer_tokens import TokenSource
from kafkaview.doctor.diagnose import diagnose
from kafkaview.doctor.diagnosis import Cause
from kafkaview.profiles.profile import SchemaRegistry
from kafkaview.profiles.security import OAuth, SecretField, Secrets, Security, Tls, WebTrust
from tests.broker.certificates import TRUSTSTORE_PASSWORD, Certificates
from tests.broker.false_servers import http_server, registry, tls_server
from tests.broker.oidc import CLIENTS, OidcServer
from tests.broker.secure_kafka import TOPIC, SecureKafka

SECRETS = Secrets(
    {SecretField.OAUTH_CLIENT_SECRET: CLIENTS["alice"], SecretField.TRUSTSTORE_PASSWORD: TRUSTSTORE_PASSWORD}
)


@pytest.fixture
def files(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def subject(pair: str, tls: Tls, web: WebTrust | None = None) -> str:
    """Of the token that an endpoint with this certificate gives."""
    with OidcServer(context=tls_server(pair)) as oidc:
        security = Security(tls=tls, web=web or WebTrust())
        return TokenSource(OAuth(oidc.token_endpoint, "alice", "kafka"), security, SECRETS).fresh_token().subject


@pytest.mark.parametrize("form", ["ca_file", "ca_pem", "truststore_file"])
def test_the_profiles_own_ca_is_trusted(files: Certificates, form: str) -> None:
    assert subject(files.broker, Tls(**{form: getattr(files, form)})) == "alice"


@pytest.mark.parametrize("form", ["ca_file", "ca_pem"])
def test_a_ca_of_web_services_alone_is_trusted_beside_the_profiles_own(files: Certificates, form: str) -> None:
    authority = {"ca_file": files.unknown_ca_file, "ca_pem": Path(files.unknown_ca_file).read_text()}[form]
    for pair in (files.broker, files.unknown_ca):
        assert subject(pair, Tls(ca_file=files.ca_file), WebTrust(**{form: authority})) == "alice"


def https_endpoint_beside_a_plain_listener(kafka: SecureKafka, folder: Path, endpoint: str, trust: str) -> Path:
    """Its settings, in a file."""
    file = folder / "client.properties"
    file.write_text(
        f"bootstrap.servers={kafka.bootstrap('SASL_PLAINTEXT')}\nsecurity.protocol=SASL_PLAINTEXT\n"
        f"sasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.client.id=alice\nsasl.oauthbearer.scope=kafka\n"
        f"sasl.oauthbearer.client.secret={CLIENTS['alice']}\nsasl.oauthbearer.token.endpoint.url={endpoint}\n{trust}"
    )
    return file


def test_both_clients_and_the_doctor_log_in_beside_a_plain_listener_by_a_private_ca(
    secure_kafka: SecureKafka,
    tmp_path: Path,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = secure_kafka.certificates
    with OidcServer(context=tls_server(files.unknown_ca), twin=secure_kafka.oidc) as oidc:

        def said(trust: str, *verb: str) -> tuple[int, dict[str, Any]]:
            file = https_endpoint_beside_a_plain_listener(secure_kafka, tmp_path, oidc.token_endpoint, trust)
            code = main(["--config", str(file), *verb, "--json"])
            return code, orjson.loads(capsys.readouterr().out)

        trust = f"https.ca.location={files.unknown_ca_file}\n"
        assert TOPIC in {one["topic"] for one in said(trust, "topics")[1]["topics"]}  # by librdkafka
        assert said(trust, "configs", "broker", "1")[0] == 0  # by kafka-python
        assert said(trust, "doctor")[1]["cause"] is None
        assert said("", "topics")[0] == 3
        cause = said("", "doctor")[1]["cause"]
        assert cause == Cause.TOKEN_ENDPOINT_UNREACHABLE
        missing = said("https.ca.location=/nowhere.pem\n", "doctor")[1]["steps"][0]
        assert (missing["cause"], missing["field"]) == (Cause.CERTIFICATE_FILE, "security.web.ca_file")


async def test_the_doctor_asks_a_registry_with_a_private_ca_beside_a_plain_listener(secure_kafka: SecureKafka) -> None:
    files = secure_kafka.certificates
    with http_server(registry(b"[]"), context=tls_server(files.unknown_ca)) as port:
        profile, secrets = secure_kafka.way("PLAINTEXT")
        beside = replace(profile, schema_registry=SchemaRegistry(f"https://localhost:{port}"))
        trusting = replace(beside, security=Security(web=WebTrust(files.unknown_ca_file)))
        assert (await diagnose(trusting, secrets)).cause is None
        assert (await diagnose(beside, secrets)).cause is Cause.REGISTRY_UNREACHABLE


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
