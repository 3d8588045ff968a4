"""Files for other clients."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from kafkaview.profiles.client_settings import connection
from kafkaview.profiles.exporting import Spelling, export, settings_of
from kafkaview.profiles.profile import ConnectionProfile, Environment, SchemaRegistry
from kafkaview.profiles.properties_file import parse_properties
from kafkaview.profiles.security import Certificate, OAuth, Protocol, Sasl, Security, Tls
from tests.unit.profiles.connections import profiles


def _as_told(profile: ConnectionProfile) -> ConnectionProfile:
    """A file tells neither colour nor environment nor id."""
    return replace(profile, environment=Environment.DEVELOPMENT, colour=None, id="", name="n")


@given(profile=profiles)
def test_the_settings_of_a_profile_make_it_again(profile: ConnectionProfile) -> None:
    again, secrets = connection(settings_of(profile), profile.name)
    assert _as_told(again) == _as_told(profile)
    assert not secrets.fields()


@given(profile=profiles)
def test_a_file_in_java_spelling_makes_the_profile_again_but_for_the_registry_user(profile: ConnectionProfile) -> None:
    again, secrets = connection(parse_properties(export(profile)), profile.name)
    registry = profile.schema_registry
    expected = replace(profile, schema_registry=SchemaRegistry(registry.url) if registry else None)
    assert _as_told(again) == _as_told(expected)
    assert not secrets.fields()


SCRAM = ConnectionProfile(
    "orders-eu",
    "k:9093",
    read_only=True,
    security=Security(
        Protocol.SASL_SSL,
        Tls(ca_file="/ca.pem", certificate=Certificate(certificate_file="/me.pem", key_file="/me.key")),
        Sasl("SCRAM-SHA-512", "alice"),
    ),
)


def test_java_spelling_says_where_each_secret_belongs() -> None:
    assert export(SCRAM) == (
        "# orders-eu, from kafkaview. Its secrets are not in this file.\n"
        "bootstrap.servers=k:9093\n"
        "security.protocol=SASL_SSL\n"
        "ssl.truststore.type=PEM\n"
        "ssl.truststore.location=/ca.pem\n"
        "ssl.certificate.location=/me.pem\n"
        "# Java reads certificate and key from one PEM file: join them, and name it as ssl.keystore.location.\n"
        "ssl.key.location=/me.key\n"
        "sasl.mechanism=SCRAM-SHA-512\n"
        'sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="alice";\n'
        "read.only=true\n"
        '# The password belongs here: password="..." in sasl.jaas.config, before its semicolon\n'
        "# The passphrase of the private key belongs here: ssl.key.password\n"
    )


def test_librdkafka_spelling_has_no_name_that_stops_its_clients() -> None:
    oauth = Sasl("OAUTHBEARER", oauth=OAuth("https://id/token", "c", "s", {"pool": "7"}))
    security = Security(Protocol.SASL_SSL, Tls(truststore_file="/t.p12", verify_hostname=False), oauth)
    text = export(replace(SCRAM, zookeeper="z:2181", security=security), Spelling.LIBRDKAFKA)
    assert parse_properties(text) == {
        "bootstrap.servers": "k:9093",
        "security.protocol": "SASL_SSL",
        "ssl.endpoint.identification.algorithm": "none",
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.token.endpoint.url": "https://id/token",
        "sasl.oauthbearer.client.id": "c",
        "sasl.oauthbearer.scope": "s",
        "sasl.oauthbearer.extensions": "pool=7",
    }
    assert "# librdkafka reads PEM alone: openssl pkcs12 -in /t.p12 -nokeys -out ca.pem" in text
    assert "# The OAuth client secret belongs here: sasl.oauthbearer.client.secret" in text


@pytest.mark.parametrize("spelling", Spelling)
def test_a_name_cannot_break_out_of_its_comment(spelling: Spelling) -> None:
    named = export(replace(SCRAM, name="a\nx=1"), spelling)
    assert parse_properties(named) == parse_properties(export(SCRAM, spelling))
