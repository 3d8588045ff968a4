"""Connections from client.properties files and single settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.properties import profile_from
from kafkaview.profiles.propertiesfile import parse_properties

SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


def profile_of(tmp_path: Path, text: str, env: dict[str, str] | None = None) -> ConnectionProfile:
    file = tmp_path / "client.properties"
    file.write_text(text, encoding="utf-8")
    return profile_from(None, file, {}, env or {})


def test_a_properties_file_has_comments_escapes_and_continued_lines() -> None:
    text = "# c\n! c\n\na = 1\nb:2\nc 3\nd=x\\\n   y\ne\\=f=g\nh=\\u00e9\\t.\nwin=c:\\\\dir\nempty=\n"
    assert parse_properties(text) == {
        "a": "1", "b": "2", "c": "3", "d": "xy", "e=f": "g", "h": "\xe9\t.", "win": "c:\\dir", "empty": "",
    }  # fmt: skip


def test_bootstrap_alone_is_a_plaintext_connection() -> None:
    profile = profile_from("a:9092, b:9093", None, {}, {})
    assert (profile.bootstrap, profile.settings) == ("a:9092,b:9093", {"security.protocol": "PLAINTEXT"})
    assert not profile.read_only


@pytest.mark.parametrize("quoted", ['"p;a\'s\\"s"', "'p;a\\'s\"s'"])
def test_java_spelling_of_scram_over_tls(tmp_path: Path, quoted: str) -> None:
    profile = profile_of(
        tmp_path,
        "bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n"
        f"sasl.jaas.config={SCRAM} required username=alice password={quoted.replace(chr(92), chr(92) * 2)};\n"
        "ssl.truststore.type=PEM\nssl.truststore.location=/t/ca.pem\nssl.keystore.location=/t/me.pem\n"
        "ssl.endpoint.identification.algorithm=\ngroup.id=x\nkey.deserializer=y\n",
    )
    assert profile.settings == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "alice",
        "sasl.password": "p;a's\"s",
        "ssl.ca.location": "/t/ca.pem",
        "ssl.certificate.location": "/t/me.pem",
        "ssl.key.location": "/t/me.pem",
        "ssl.endpoint.identification.algorithm": "none",
    }


def test_librdkafka_spelling_and_the_same_settings_again(tmp_path: Path) -> None:
    profile = profile_of(
        tmp_path,
        "metadata.broker.list=k:1\nsecurity.protocol=sasl_plaintext\nsasl.mechanisms=PLAIN\nsasl.username=u\n"
        "sasl.password=p\nssl.ca.location=/ca\n",
    )
    assert profile.settings["sasl.password"] == "p"
    assert profile.settings["ssl.ca.location"] == "/ca"


def test_secrets_come_from_the_environment_too(tmp_path: Path) -> None:
    env = {"KAFKAVIEW_PASSWORD": "e", "KAFKAVIEW_SSL_KEY_PASSWORD": "k"}
    profile = profile_of(
        tmp_path,
        f"bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL\nsasl.jaas.config={PLAIN} required username=u;\n",
        env,
    )
    assert (profile.settings["sasl.password"], profile.settings["ssl.key.password"]) == ("e", "k")
    assert profile.settings["sasl.mechanism"] == "PLAIN"


def test_a_secret_is_not_shown_with_its_profile(tmp_path: Path) -> None:
    text = (
        "bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=geheim"
    )
    assert "geheim" not in repr(profile_of(tmp_path, text))


def test_single_settings_win_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "prod.properties"
    file.write_text("bootstrap.servers=k:1\nclient.id=a\n", encoding="utf-8")
    overrides = {
        "client.id": "b", "read.only": "true", "zookeeper.connect": "z:2181", "schema.registry.url": "http://r",
    }  # fmt: skip
    profile = profile_from("other:2", file, overrides, {})
    assert (profile.name, profile.bootstrap, profile.settings["client.id"]) == ("prod", "other:2", "b")
    assert (profile.read_only, profile.zookeeper, profile.schema_registry) == (True, "z:2181", "http://r")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "No broker is named"),
        ("bootstrap.servers=k", "'k' is not HOST:PORT"),
        ("bootstrap.servers=k:99999", "is not HOST:PORT"),
        ("bootstrap.servers=k:1\nsecurity.protocol=TLS", "security.protocol is TLS"),
        ("bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL", "sasl.mechanism is missing"),
        ("bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN", "needs a user name"),
        (
            "bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.username=u",
            "needs a password",
        ),
        (
            "bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL\nsasl.jaas.config=Krb required;",
            "is not a PlainLoginModule",
        ),
        ("bootstrap.servers=k:1\nssl.truststore.location=/t.jks", "is a JKS store"),
        ("bootstrap.servers=k:1\nread.only=yes", "read.only is 'yes'"),
    ],
)
def test_bad_input_is_told_in_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        profile_of(tmp_path, text)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        profile_from(None, tmp_path / "none", {}, {})


@pytest.mark.parametrize(("key", "words"), [("sasl.password", "is a secret"), ("clientid", "is no setting")])
def test_single_settings_are_checked(key: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        profile_from("k:1", None, {key: "x"}, {})
