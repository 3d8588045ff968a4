"""A profile and its form say the same, the form shows what a way in needs, and it says what is wrong in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer, DiagnosisStep
from kafkaview.profiles.fields import FIELDS, field_of
from kafkaview.profiles.form import empty_values, problems, profile_of, secrets_of, values_of, visible_fields
from kafkaview.profiles.form_choices import Proof, Trust, WebCas
from kafkaview.profiles.journal_rules import JournalRules, KeptFor, PayloadForm
from kafkaview.profiles.profile import ConnectionProfile, Environment, SchemaRegistry
from kafkaview.profiles.security import (
    Certificate,
    Kerberos,
    OAuth,
    Protocol,
    Sasl,
    SecretField,
    Security,
    Tls,
    WebTrust,
)
from kafkaview.ui.pages.connections.words import (
    CAUSES,
    STEPS,
    extras_summary,
    fix,
    for_an_admin,
    journal_summary,
    registry_summary,
    steps_of_test,
)

GOOD = empty_values().replace(name="orders", bootstrap="a:9092")
WAYS = [
    Security(),
    Security(Protocol.SSL),
    Security(Protocol.SSL, Tls(ca_file="/ca.pem", verify_hostname=False)),
    Security(Protocol.SSL, Tls(ca_pem="-----BEGIN CERTIFICATE-----", certificate=Certificate("/c.pem", "/k.pem"))),
    Security(Protocol.SSL, Tls(truststore_file="/t.p12", certificate=Certificate(pkcs12_file="/k.p12"))),
    Security(Protocol.SSL, Tls(certificate=Certificate(pem="-----BEGIN CERTIFICATE-----"))),
    Security(Protocol.SASL_PLAINTEXT, sasl=Sasl("PLAIN", "alice")),
    Security(Protocol.SASL_SSL, Tls(ca_file="/ca.pem"), Sasl("SCRAM-SHA-256", "a=b,c")),
    Security(
        Protocol.SASL_SSL,
        sasl=Sasl("OAUTHBEARER", oauth=OAuth("https://idp/token", "me", "kafka", {"pool": "1"})),
    ),
    Security(Protocol.SASL_SSL, sasl=Sasl("GSSAPI", kerberos=Kerberos("kafka", "me@X", "/me.keytab"))),
]


@pytest.mark.parametrize("security", WAYS, ids=lambda way: f"{way.protocol}-{way.sasl.mechanism if way.sasl else ''}")
def test_a_profile_comes_out_of_its_form_as_it_went_in(security: Security) -> None:
    profile = ConnectionProfile(
        "orders",
        "a:9092,b:9092",
        Environment.STAGING,
        read_only=True,
        settings={"client.id": "me", "socket.keepalive.enable": "true"},
        zookeeper="zk:2181",
        zookeeper_tls=True,
        zookeeper_user="oncall",
        schema_registry=SchemaRegistry("https://r:8081", "me"),
        security=security,
        colour="#59626F",
    )
    assert profile_of(values_of(profile), profile) == profile


def test_only_the_fields_of_the_chosen_login_are_shown() -> None:
    assert not visible_fields(GOOD) & {"trust", "mechanism", "username", "verify_hostname", *SecretField}
    tls = GOOD.replace(protocol=Protocol.SSL, trust=Trust.CA_FILE)
    assert {"ca_file", "verify_hostname", "proof"} <= visible_fields(tls)
    assert not visible_fields(tls) & {"mechanism", "ca_pem", "truststore_file"}
    assert secrets_of(tls.replace(proof=Proof.KEYSTORE)) == (SecretField.KEYSTORE_PASSWORD,)
    assert secrets_of(GOOD.replace(protocol=Protocol.SASL_SSL)) == (SecretField.SASL_PASSWORD,)
    oauth = GOOD.replace(protocol=Protocol.SASL_SSL, mechanism="OAUTHBEARER")
    assert secrets_of(oauth) == (SecretField.OAUTH_CLIENT_SECRET,)
    assert "username" not in visible_fields(oauth)


@pytest.mark.parametrize(
    "service",
    [
        {"registry_url": "https://r:8081"},
        {
            "protocol": Protocol.SASL_PLAINTEXT,
            "mechanism": "OAUTHBEARER",
            "token_endpoint": "https://id/token",
            "client_id": "c",
        },
    ],
)
def test_the_ca_for_https_can_be_chosen_with_a_plain_listener_too(service: dict[str, str]) -> None:
    values = GOOD.replace(**service, web_trust=WebCas.CA_FILE, web_ca_file="/ca.pem")
    assert {"web_trust", "web_ca_file"} <= visible_fields(values)
    assert "trust" not in visible_fields(values)
    made = profile_of(values, ConnectionProfile("", ""))
    assert made.security.web == WebTrust("/ca.pem")
    assert values_of(made)["web_trust"] == WebCas.CA_FILE
    assert "web_ca_file" in problems(values.replace(web_ca_file=""))
    plain = {name: str(value).replace("https:", "http:") for name, value in service.items() if "https" in str(value)}
    assert not visible_fields(values.replace(**plain)) & {"web_trust", "web_ca_file"}


def test_a_field_out_of_sight_keeps_the_form_from_nothing() -> None:
    assert problems(GOOD.replace(trust=Trust.CA_FILE, registry_user="me")) == {}


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": " "}, "name", "A connection needs a name"),
        ({"name": "taken"}, "name", "There is a connection called taken already"),
        ({"bootstrap": ""}, "bootstrap", "Name at least one broker: host:9092"),
        ({"bootstrap": "kafka"}, "bootstrap", "kafka names no port: kafka:9092"),
        ({"bootstrap": "a:9092,b:70000"}, "bootstrap", "b:70000: a port is a number from 1 to 65535"),
        ({"bootstrap": "http://a:9092"}, "bootstrap", "http://a:9092 is not host:port"),
        ({"settings": "client.id"}, "settings", "“client.id” is not key=value"),
        ({"settings": "sasl.password=x"}, "settings", "sasl.password belongs to the fields above, where no secret"),
        ({"registry_url": "r:8081"}, "registry_url", "The registry is a URL: https://host:port"),
        ({"protocol": Protocol.SSL, "trust": Trust.CA_FILE}, "ca_file", "Choose the PEM file of the certificate"),
        ({"protocol": Protocol.SASL_SSL}, "username", "This login needs a user"),
        (
            {"protocol": Protocol.SASL_SSL, "mechanism": "OAUTHBEARER", "token_endpoint": "idp"},
            "token_endpoint",
            "The token endpoint is a URL",
        ),
    ],
)
def test_an_error_is_shown_at_its_field(change: dict[str, str], field: str, words: str) -> None:
    assert problems(GOOD.replace(**change), taken={"taken"})[field].startswith(words)


def test_a_pasted_key_that_is_not_encrypted_is_refused() -> None:
    pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n-----BEGIN {} KEY-----\n"
    values = GOOD.replace(protocol=Protocol.SSL, proof=Proof.PEM, certificate_pem=pem.format("PRIVATE"))
    assert "not encrypted" in problems(values)["certificate_pem"]
    assert problems(values.replace(certificate_pem=pem.format("ENCRYPTED PRIVATE"))) == {}


def test_every_step_and_cause_has_words_and_every_field_a_label() -> None:
    assert set(STEPS) == set(DiagnosisLayer)
    assert set(CAUSES) == set(Cause)
    assert all(row.label or row.word for row in FIELDS)


def test_the_fix_names_the_field_it_jumps_to() -> None:
    assert field_of("security.tls.ca_file") == "ca_file"
    assert field_of("security.tls.certificate") == "proof"
    assert field_of("sasl_password") == SecretField.SASL_PASSWORD
    assert field_of("nothing.of.ours") == ""
    assert fix("sasl_password") == "Enter it again"
    assert fix("bootstrap") == "Change bootstrap"
    assert fix("ca_file") == "Change CA file"


def test_a_test_shows_only_steps_that_it_will_take() -> None:
    plain = ConnectionProfile("a", "a:1")
    assert not {DiagnosisLayer.TLS, DiagnosisLayer.SASL, DiagnosisLayer.REGISTRY, DiagnosisLayer.ZOOKEEPER} & set(
        steps_of_test(plain)
    )
    assert DiagnosisLayer.TLS in steps_of_test(replace(plain, security=Security(Protocol.SSL)))


def test_folded_sections_say_what_they_hold() -> None:
    assert registry_summary(GOOD.replace(registry_url="https://r:8081", registry_user="me")) == "r:8081, basic login"
    assert extras_summary(GOOD) == "none"
    assert extras_summary(GOOD.replace(zookeeper="zk:2181", settings="a=1\nb=2")) == "zk:2181, 2 settings"
    assert journal_summary(GOOD) == "records as they are, for 90 days"
    changed = GOOD.replace(journal_payloads="encrypted", journal_entry_age="365-days")
    assert journal_summary(changed) == "records encrypted, the key in the keyring, keep entries for 365 days"
    assert profile_of(changed, ConnectionProfile("", "")).journal == JournalRules(
        PayloadForm.ENCRYPTED, entry_age=KeptFor.YEAR
    )


def test_what_an_admin_gets_tells_cause_target_and_user() -> None:
    profile = ConnectionProfile("a", "a:1", security=Security(Protocol.SASL_SSL, sasl=Sasl("PLAIN", "triage-bot")))
    step = DiagnosisStep(
        DiagnosisLayer.SASL, "a:1", ok=False, cause=Cause.BAD_CREDENTIALS, detail="The broker says: no"
    )
    text = for_an_admin(profile, step)
    assert "bad_credentials" in text
    assert "user triage-bot" in text
    assert "The broker says: no" in text
