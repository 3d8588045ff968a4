"""What a file says to another program: refused by its key, and never taken for a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from kafkaview.profiles.client_settings import connection
from kafkaview.profiles.file_paths import absolute_path, typed_path
from kafkaview.profiles.foreign_settings import prefixed_settings, repeated_settings, settings_without_effect
from kafkaview.profiles.properties_file import property_pairs

SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
OIDC_LOGIN = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler"
LOGIN = {"bootstrap.servers": "k:1", "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-256"}


@pytest.mark.parametrize("reference", ["${env:KAFKA_PASSWORD}", "${file:/etc/kafka/p:password}", "${secrets:a/b:c}"])
def test_a_value_of_a_config_provider_is_refused_by_its_key(reference: str) -> None:
    for key, value in (
        ("sasl.password", reference),
        ("sasl.jaas.config", f'{SCRAM} required username="u" password="{reference}";'),
        ("ssl.truststore.location", reference),
        ("bootstrap.servers", reference),
    ):
        with pytest.raises(ValueError, match=f"^{key} names its value by a config provider") as refused:
            connection({**LOGIN, "sasl.username": "u", key: value})
        assert reference not in str(refused.value)
    connection({**LOGIN, "sasl.username": "u", "sasl.password": "$x{env:y}", "my.application": reference})


def test_a_protocol_under_a_prefix_alone_is_not_taken_for_plain_text() -> None:
    worker = {"bootstrap.servers": "k:1", "consumer.security.protocol": "SASL_SSL", "consumer.sasl.username": "u"}
    with pytest.raises(ValueError, match=r"Not taken over: consumer\.security\.protocol, consumer\.sasl\.username\."):
        connection(worker)
    whole = {**worker, "security.protocol": "PLAINTEXT", "producer.acks": "all"}
    assert connection(whole)[0].security.protocol == "PLAINTEXT"
    assert prefixed_settings(whole) == ["consumer.security.protocol", "consumer.sasl.username"]


def test_a_delegation_token_is_refused_with_its_reason() -> None:
    jaas = f'{SCRAM} required username="id" password="hmac" tokenauth="true";'
    with pytest.raises(ValueError, match="holds a delegation token") as refused:
        connection({**LOGIN, "sasl.jaas.config": jaas})
    assert "hmac" not in str(refused.value)


def test_a_file_url_is_a_path() -> None:
    assert absolute_path("file:/etc/kafka/a%20b.p12") == "/etc/kafka/a b.p12"
    assert absolute_path("file:///etc/kafka/trust.p12") == "/etc/kafka/trust.p12"
    assert absolute_path("trust.p12") == str(Path("trust.p12").absolute())
    assert typed_path("~/trust.p12") == Path.home() / "trust.p12"
    assert typed_path("~nobody-of-that-name/x") == Path("~nobody-of-that-name/x"), "it is said to be missing when read"
    with pytest.raises(ValueError, match="another machine"):
        absolute_path("file://host/trust.p12")


def test_a_setting_that_is_given_twice_is_named_without_its_values() -> None:
    text = "sasl.password=p1\nclient.id=me\nsasl.password=p2\nclient.id=me\nfetch.min.bytes=1\nfetch.min.bytes=2\n"
    assert repeated_settings(property_pairs(text)) == [
        "sasl.password is given 2 times: all but the last have no effect."
    ]


def test_settings_of_tls_without_an_effect_here_are_named() -> None:
    settings = {
        "ssl.enabled.protocols": "TLSv1.3",
        "ssl.cipher.suites": "",
        "bootstrap.servers": "k:1",
        "sasl.login.callback.handler.class": OIDC_LOGIN,
        "ssl.crl.location": "/etc/kafka/revoked.pem",
    }
    protocols, revoked = settings_without_effect(settings)
    assert protocols.startswith("ssl.enabled.protocols has no effect here: TLS 1.2 and 1.3 are spoken")
    assert revoked == "ssl.crl.location has no effect here: certificates that were revoked are not known."
    other = {"sasl.login.callback.handler.class": "com.example.TokenFromVault"}
    assert settings_without_effect(other) == [
        "sasl.login.callback.handler.class has no effect here: a class of Java's is not loaded."
    ]
