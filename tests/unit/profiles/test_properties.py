"""Connections from client.properties files and single settings."""

from __future__ import annotations

import errno
import os
import traceback
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.profiles.environment import without_secrets
from kafkaview.profiles.profile import ConnectionProfile, SchemaRegistry
from kafkaview.profiles.properties import profile_from
from kafkaview.profiles.properties_file import parse_properties, property_line
from kafkaview.profiles.security import (
    Certificate,
    Kerberos,
    OAuth,
    Protocol,
    Sasl,
    SecretField,
    Secrets,
    Security,
    Tls,
    WebTrust,
)
from tests.broker.certificates import TRUSTSTORE_PASSWORD, Certificates

SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
OAUTHBEARER = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
KERBEROS = "com.sun.security.auth.module.Krb5LoginModule"
CHAIN = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


def connection_of(tmp_path: Path, text: str, env: dict[str, str] | None = None) -> tuple[ConnectionProfile, Secrets]:
    file = tmp_path / "client.properties"
    file.write_text(text, encoding="utf-8")
    return profile_from(None, file, {}, env or {})


def known(secrets: Secrets) -> dict[str, str | None]:
    return {str(name): secrets.get(name) for name in secrets.fields()}


def test_a_properties_file_has_comments_escapes_and_continued_lines() -> None:
    text = "# c\n! c\n\na = 1\nb:2\nc 3\nd=x\\\n   y\ne\\=f=g\nh=\\u00e9\\t.\nwin=c:\\\\dir\nempty=\ni=x \\ \t\n"
    assert parse_properties(text) == {
        "a": "1", "b": "2", "c": "3", "d": "xy", "e=f": "g", "h": "\xe9\t.", "win": "c:\\dir", "empty": "", "i": "x  ",
    }  # fmt: skip


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(key=ANY_TEXT.filter(bool), value=ANY_TEXT, ascii_only=st.booleans())
def test_a_written_line_is_read_as_it_was(key: str, value: str, ascii_only: bool) -> None:  # noqa: FBT001
    line = property_line(key, value, ascii_only=ascii_only)
    assert parse_properties(f"before=1\n{line}\nafter=2\n") == {"before": "1", "after": "2", key: value}
    assert line.isascii() or not ascii_only


PLAIN_LOGIN = b"bootstrap.servers=k:1\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=m\n"


@pytest.mark.parametrize(
    ("written", "password"),
    [
        ("paß".encode(), "paß"),
        ("paß".encode("latin-1"), "paß"),  # as Java reads these files
        (rb"pa\u00DF\uD83D\uDE00", "paß\N{GRINNING FACE}"),
        (b"a\\\r\n   b\r\n", "ab"),
        (b"a b \t\r\n", "a b"),
        (b"a\\ \n", "a "),
        (b"first\nsasl.password=second\nsome.thing=else\n", "second"),
    ],
)
def test_a_password_is_read_as_other_clients_read_it(tmp_path: Path, written: bytes, password: str) -> None:
    for mark in (b"", b"\xef\xbb\xbf") if written.isascii() else (b"",):
        file = tmp_path / "client.properties"
        file.write_bytes(mark + PLAIN_LOGIN + b"sasl.password=" + written)
        _, secrets = profile_from(None, file, {}, {})
        assert secrets.get(SecretField.SASL_PASSWORD) == password


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (rb"hunter2\u12", "An escape in sasl.password is broken"),
        (rb"hunter2\uD83D", "An escape in sasl.password is half a character"),
        (b"hunter2\0", "no properties file"),
        ("hunter2".encode("utf-16"), "no properties file"),
    ],
)
def test_an_unreadable_password_is_neither_guessed_nor_shown(tmp_path: Path, written: bytes, words: str) -> None:
    file = tmp_path / "client.properties"
    file.write_bytes(PLAIN_LOGIN + b"sasl.password=" + written)
    with pytest.raises(ValueError, match=words) as failure:
        profile_from(None, file, {}, {})
    assert "hunter2" not in "".join(traceback.format_exception(failure.value))


def test_bootstrap_alone_is_a_plaintext_connection() -> None:
    profile, secrets = profile_from("a:9092, b:9093", None, {}, {})
    assert (profile.name, profile.bootstrap, profile.security) == ("a:9092,b:9093", "a:9092,b:9093", Security())
    assert not profile.read_only
    assert not secrets.fields()


@pytest.mark.parametrize("quoted", ['"p;a\'s\\"s"', "'p;a\\'s\"s'"])
def test_java_spelling_of_scram_over_tls(tmp_path: Path, quoted: str) -> None:
    profile, secrets = connection_of(
        tmp_path,
        "bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n"
        f"sasl.jaas.config={SCRAM} required username=alice password={quoted.replace(chr(92), chr(92) * 2)};\n"
        "ssl.truststore.type=PEM\nssl.truststore.location=/t/ca.pem\nssl.keystore.location=/t/me.pem\n"
        "ssl.endpoint.identification.algorithm=\ngroup.id=x\nkey.deserializer=y\n",
    )
    assert profile.security == Security(
        Protocol.SASL_SSL,
        Tls(ca_file="/t/ca.pem", certificate=Certificate(certificate_file="/t/me.pem"), verify_hostname=False),
        Sasl("SCRAM-SHA-512", "alice"),
    )
    assert known(secrets) == {"sasl_password": "p;a's\"s"}
    assert profile.settings == {}


def test_librdkafka_spelling_and_the_same_settings_again(tmp_path: Path) -> None:
    profile, secrets = connection_of(
        tmp_path,
        "metadata.broker.list=k:1\nsecurity.protocol=sasl_ssl\nsasl.mechanisms=PLAIN\nsasl.username=u\n"
        "sasl.password=p\nssl.ca.location=/ca\nssl.certificate.location=/c\nssl.key.location=/k\nssl.key.password=kp\n"
        "client.dns.lookup=use_all_dns_ips\n",
    )
    certificate = Certificate(certificate_file="/c", key_file="/k")
    assert profile.security == Security(
        Protocol.SASL_SSL, Tls(ca_file="/ca", certificate=certificate), Sasl("PLAIN", "u")
    )
    assert known(secrets) == {"sasl_password": "p", "key_passphrase": "kp"}
    assert profile.settings == {"client.dns.lookup": "use_all_dns_ips"}


def test_pkcs12_stores_keep_their_passwords_apart(tmp_path: Path) -> None:
    profile, secrets = connection_of(
        tmp_path,
        "bootstrap.servers=k:1\nsecurity.protocol=SSL\nssl.truststore.location=/t.p12\nssl.truststore.password=t\n"
        "ssl.keystore.location=/k.pfx\nssl.keystore.password=s\nssl.key.password=s\n",
    )
    assert profile.security.tls == Tls(truststore_file="/t.p12", certificate=Certificate(pkcs12_file="/k.pfx"))
    assert known(secrets) == {"truststore_password": "t", "keystore_password": "s"}


def test_a_store_is_known_by_its_bytes_not_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "trust.jks").write_bytes(b"\x30\x82\x01")
    text = f"bootstrap.servers=k:1\nsecurity.protocol=SSL\nssl.truststore.location={tmp_path}/trust.jks\n"
    assert connection_of(tmp_path, text)[0].security.tls.truststore_file == f"{tmp_path}/trust.jks"
    (tmp_path / "trust.jks").write_bytes(b"\xfe\xed\xfe\xed\x00")
    with pytest.raises(ValueError, match=r"keytool -importkeystore -srckeystore .*trust.jks .*-deststoretype PKCS12"):
        connection_of(tmp_path, text)


def test_a_pasted_bare_key_is_encrypted_before_it_is_kept(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    bare = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    lines = [
        property_line("ssl.keystore.certificate.chain", CHAIN),
        property_line("ssl.keystore.key", bare),
        property_line("ssl.truststore.certificates", CHAIN),
    ]
    text = "\n".join(["bootstrap.servers=k:1", "security.protocol=SSL", *lines])
    profile, secrets = connection_of(tmp_path, text)
    certificate = profile.security.tls.certificate
    assert profile.security.tls.ca_pem == CHAIN
    assert certificate is not None
    assert certificate.pem is not None
    assert "-----BEGIN ENCRYPTED PRIVATE KEY-----" in certificate.pem
    assert bare.splitlines()[1] not in repr(profile)
    passphrase = secrets.get(SecretField.KEY_PASSPHRASE)
    assert passphrase is not None
    opened = load_pem_private_key(certificate.pem.encode(), passphrase.encode())
    assert opened.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode() == bare


@pytest.mark.parametrize(
    "spelling",
    [
        f"sasl.jaas.config={OAUTHBEARER} required clientId='c' clientSecret='s' scope='a b' extension_pool='7';\n",
        (
            "sasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.method=oidc\nsasl.oauthbearer.client.id=c\n"
            "sasl.oauthbearer.client.secret=s\nsasl.oauthbearer.scope=a b\nsasl.oauthbearer.extensions=pool=7\n"
        ),
    ],
)
def test_oauth_in_both_spellings(tmp_path: Path, spelling: str) -> None:
    endpoint = "sasl.oauthbearer.token.endpoint.url=https://id/token\n"
    profile, secrets = connection_of(
        tmp_path, "bootstrap.servers=k:1\nsecurity.protocol=SASL_PLAINTEXT\n" + endpoint + spelling
    )
    oauth = OAuth("https://id/token", "c", "a b", {"pool": "7"})
    assert profile.security.sasl == Sasl("OAUTHBEARER", oauth=oauth)
    assert known(secrets) == {"oauth_client_secret": "s"}


PLAIN_OAUTH = (
    "bootstrap.servers=k:1\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=OAUTHBEARER\n"
    "sasl.oauthbearer.token.endpoint.url=https://id/token\nsasl.oauthbearer.client.id=c\n"
)
JAVA_STORE = (
    'sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="c" '
)


@pytest.mark.parametrize(
    "settings",
    [
        "https.ca.location=/ca.pem",
        "ssl.ca.location=/ca.pem",  # nothing else in such a file could take it
        JAVA_STORE + 'ssl.truststore.type="PEM" ssl.truststore.location="/ca.pem";',
        "schema.registry.ssl.truststore.location=/ca.pem\nschema.registry.ssl.truststore.type=PEM",
        "https.ca.location=/ca.pem\nschema.registry.ssl.truststore.location=/ca.pem",
    ],
)
def test_the_authorities_of_web_services_are_read_beside_a_plain_listener(tmp_path: Path, settings: str) -> None:
    profile, _ = connection_of(tmp_path, f"{PLAIN_OAUTH}{settings}\n")
    assert profile.security.web == WebTrust("/ca.pem")
    assert profile.security.tls == Tls()


def test_brokers_and_web_services_keep_their_authorities_apart(tmp_path: Path) -> None:
    text = "https.ca.location=/web.pem\nssl.ca.location=/ca.pem\n"
    profile, _ = connection_of(tmp_path, PLAIN_OAUTH.replace("SASL_PLAINTEXT", "SASL_SSL") + text)
    assert (profile.security.tls, profile.security.web) == (Tls(ca_file="/ca.pem"), WebTrust("/web.pem"))


def test_authorities_of_web_services_mean_nothing_without_https(tmp_path: Path) -> None:
    profile, _ = connection_of(tmp_path, "bootstrap.servers=k:1\nhttps.ca.location=/ca.pem\nssl.ca.location=/ca.pem\n")
    assert profile.security == Security()


def test_a_java_truststore_of_web_services_is_read_so_that_its_password_need_not_be_kept(tmp_path: Path) -> None:
    files = Certificates(tmp_path)
    store = f"schema.registry.ssl.truststore.location={files.truststore_file}\n"
    password = f"schema.registry.ssl.truststore.password={TRUSTSTORE_PASSWORD}\n"
    registry = "bootstrap.servers=k:1\nschema.registry.url=https://r\n"
    profile, secrets = connection_of(tmp_path, registry + store + password)
    assert profile.security.web == WebTrust(ca_pem=files.ca_pem)
    assert not secrets.fields()
    for wrong, words in (("", "it needs a password"), (password.replace("-", "_", 1), "does not open it")):
        with pytest.raises(ValueError, match=words) as failure:
            connection_of(tmp_path, registry + store + wrong)
        assert TRUSTSTORE_PASSWORD[5:] not in str(failure.value)


def test_kerberos_in_java_spelling(tmp_path: Path) -> None:
    profile, _ = connection_of(
        tmp_path,
        "bootstrap.servers=k:1\nsecurity.protocol=SASL_PLAINTEXT\nsasl.kerberos.service.name=broker\n"
        f"sasl.jaas.config={KERBEROS} required useKeyTab=true keyTab=\"/k\" principal='me@R';\n",
    )
    assert profile.security.sasl == Sasl("GSSAPI", kerberos=Kerberos("broker", "me@R", "/k"))


@pytest.mark.parametrize(
    "text", ["schema.registry.url=https://u:p@r/x", "schema.registry.url=https://r/x\nbasic.auth.user.info=u:p"]
)
def test_a_registry_password_does_not_stay_in_its_url(tmp_path: Path, text: str) -> None:
    profile, secrets = connection_of(tmp_path, f"bootstrap.servers=k:1\n{text}\n")
    assert profile.schema_registry == SchemaRegistry("https://r/x", "u")
    assert known(secrets) == {"registry_password": "p"}


def test_secrets_come_from_the_environment_too(tmp_path: Path) -> None:
    env = {"KAFKAVIEW_PASSWORD": "e", "KAFKAVIEW_SSL_KEY_PASSWORD": "k", "KAFKAVIEW_REGISTRY_PASSWORD": "r"}
    env |= {"KAFKAVIEW_SSL_TRUSTSTORE_PASSWORD": "t"}
    profile, secrets = connection_of(
        tmp_path,
        f"bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL\nsasl.jaas.config={PLAIN} required username=u;\n"
        "ssl.certificate.location=/c.pem\nssl.truststore.location=/t.p12\nschema.registry.url=https://u@r\n",
        env,
    )
    kept = {"sasl_password": "e", "key_passphrase": "k", "truststore_password": "t", "registry_password": "r"}
    assert known(secrets) == kept
    assert profile.security.sasl == Sasl("PLAIN", "u")
    assert not without_secrets(env), "no child process of ours gets one"


def test_the_way_to_zookeeper_is_read(tmp_path: Path) -> None:
    text = (
        "bootstrap.servers=k:1\nzookeeper.connect=z:2182/kafka\nzookeeper.ssl.client.enable=true\n"
        "zookeeper.sasl.username=oncall\nzookeeper.sasl.password=geheim\nssl.ca.location=/ca.pem\n"
    )
    profile, secrets = connection_of(tmp_path, text)
    assert (profile.zookeeper, profile.zookeeper_tls, profile.zookeeper_user) == ("z:2182/kafka", True, "oncall")
    assert profile.security.protocol is Protocol.PLAINTEXT
    assert profile.security.tls.ca_file == "/ca.pem", "the brokers' TLS is ZooKeeper's too"
    assert known(secrets) == {"zookeeper_password": "geheim"}
    assert known(connection_of(tmp_path, text, {"KAFKAVIEW_ZOOKEEPER_PASSWORD": "e"})[1]) == {"zookeeper_password": "e"}
    with pytest.raises(ValueError, match="is a secret and not taken from an argument"):
        profile_from("k:1", None, {"zookeeper.sasl.password": "geheim"}, {})


def test_a_secret_is_not_shown_with_its_profile(tmp_path: Path) -> None:
    text = (
        "bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=geheim"
    )
    assert "geheim" not in repr(connection_of(tmp_path, text))


def test_single_settings_win_over_the_file_whatever_its_spelling(tmp_path: Path) -> None:
    file = tmp_path / "prod.properties"
    file.write_text(
        "metadata.broker.list=k:1\nclient.id=a\nsecurity.protocol=SSL\nssl.truststore.location=/t.p12\n",
        encoding="utf-8",
    )
    overrides = {
        "client.id": "b", "read.only": "true", "zookeeper.connect": "z:2181", "schema.registry.url": "http://r",
        "ssl.ca.location": "/ca",
    }  # fmt: skip
    profile, _ = profile_from("other:2", file, overrides, {})
    assert (profile.name, profile.bootstrap, profile.settings) == ("prod", "other:2", {"client.id": "b"})
    assert (profile.read_only, profile.zookeeper) == (True, "z:2181")
    assert profile.schema_registry == SchemaRegistry("http://r")
    assert profile.security.tls == Tls(ca_file="/ca")
    named = ("--config", str(file), "--bootstrap", "other:2", *(f"{key}={value}" for key, value in overrides.items()))
    assert [word for word in profile.options if word != "-X"] == list(named)


def test_a_home_folder_may_be_short_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    overrides = {"security.protocol": "SSL", "ssl.ca.location": "~/ca.pem"}
    assert profile_from("k:1", None, overrides, {})[0].security.tls == Tls(ca_file=str(tmp_path / "ca.pem"))


SASL = "bootstrap.servers=k:1\nsecurity.protocol=SASL_SSL\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "No broker is named"),
        ("bootstrap.servers=k", "'k' is not HOST:PORT"),
        ("bootstrap.servers=k:99999", "is not HOST:PORT"),
        ("bootstrap.servers=SSL://k:1", "is not HOST:PORT"),
        ("bootstrap.servers=k:1;l:1", "is not HOST:PORT"),
        ("bootstrap.servers=k:1 l:1", "is not HOST:PORT"),
        ("bootstrap.servers=k:1\nsecurity.protocol=TLS", "security.protocol is TLS"),
        (SASL, "sasl.mechanism is missing"),
        (SASL + "sasl.mechanism=PLAIN", "needs a user name"),
        (SASL + "sasl.jaas.config=Krb required;", "names Krb; it is one of"),
        (SASL + "sasl.jaas.config=geheim", "is not one entry"),
        (SASL + f"sasl.mechanism=PLAIN\nsasl.jaas.config={SCRAM} required username=u;", "is for SCRAM-SHA-256 or"),
        (SASL + "sasl.mechanism=OAUTHBEARER", "needs sasl.oauthbearer.token.endpoint.url"),
        ("bootstrap.servers=k:1\nsecurity.protocol=SSL\nssl.truststore.location=/t.jks", "is a JKS store"),
        ("bootstrap.servers=k:1\nsecurity.protocol=SSL\nenable.ssl.certificate.verification=false", "always checks"),
        ("bootstrap.servers=k:1\nread.only=yes", "read.only is 'yes'"),
        (
            "bootstrap.servers=k:1\njournal.payloads=no",
            "journal.payloads is 'no'; it is one of kept, encrypted, masked",
        ),
        ("bootstrap.servers=k:1\njournal.entry.age=90", "journal.entry.age is '90'; it is one of 7-days, 30-days"),
    ],
)
def test_bad_input_is_reported_in_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as failure:
        connection_of(tmp_path, text)
    assert "geheim" not in str(failure.value)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"cannot be read: {os.strerror(errno.ENOENT)}"):
        profile_from(None, tmp_path / "none", {}, {})


@pytest.mark.parametrize(
    ("key", "words"),
    [("sasl.password", "is a secret"), ("ssl.keystore.password", "is a secret"), ("clientid", "is no setting")],
)
def test_single_settings_are_checked(key: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        profile_from("k:1", None, {key: "x"}, {})
