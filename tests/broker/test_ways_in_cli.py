"""Every way into a secure cluster from the command line: a saved connection, or a file of its properties.

Most lines are carried out in this process, as the program carries them out; a few are programs of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keyring
import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.profiles.client_settings import connection
from kafkaview.profiles.exporting import Spelling, export
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.properties import read_settings
from kafkaview.profiles.required_secrets import word_of
from kafkaview.profiles.security import Certificate, SecretField, Secrets, Tls
from kafkaview.profiles.store import ProfileStore
from tests.broker.keyring_session import KeyringSession
from tests.broker.program import Program
from tests.broker.secure_kafka import TOPIC, SecureKafka
from tests.broker.test_ways_in import CERTIFICATES, LOGINS, SECRETS, TRUSTS

Way = tuple[ConnectionProfile, Secrets]
FindWay = Callable[[SecureKafka], Way]
NAME = "orders-eu"
RIGHT = "DESCRIBE on Cluster kafka-cluster"


def by_certificate(name: str) -> FindWay:
    def way(kafka: SecureKafka) -> Way:
        certificate, secrets = CERTIFICATES[name](kafka)
        tls = Tls(ca_file=kafka.certificates.ca_file, certificate=certificate)
        return kafka.way("MTLS", tls=tls, secrets=secrets)

    return way


def by_login(listener: str, mechanism: str, user: str = "alice") -> FindWay:
    return lambda kafka: kafka.way(listener, mechanism=mechanism, user=user)


def alice_in_one_file(kafka: SecureKafka) -> Way:
    """Key and certificate in one file, as Kafka's own PEM keystores are."""
    file = Path(kafka.certificates.ca_file).with_name("alice.pair.pem")
    parts = (kafka.certificates.client_certificate_file, kafka.certificates.client_key_file)
    file.write_text("".join(Path(part).read_text() for part in parts))
    return kafka.way("MTLS", tls=Tls(ca_file=kafka.certificates.ca_file, certificate=Certificate(str(file))))


WAYS: dict[str, FindWay] = {
    "plain text": lambda kafka: kafka.way("PLAINTEXT"),
    "the system's CAs": lambda kafka: kafka.way("SSL", tls=Tls()),
    **TRUSTS,
    **{f"a certificate: {name}": by_certificate(name) for name in CERTIFICATES if name != "one file"},
    "a certificate: one file": alice_in_one_file,
    **{
        f"{listener} {mechanism}": by_login(listener, mechanism)
        for listener in ("SASL_PLAINTEXT", "SASL_SSL")
        for mechanism in LOGINS
    },
    **{
        f"{mechanism} of a name that is written otherwise": by_login("SASL_SSL", mechanism, "a=b,c")
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
    },
}
WITHOUT_RIGHTS: dict[str, FindWay] = {
    "a certificate: one file": by_certificate("one file"),
    **{
        f"{listener} {mechanism}": by_login(listener, mechanism, "nobody")
        for listener in ("SASL_PLAINTEXT", "SASL_SSL")
        for mechanism in LOGINS
        if mechanism != "SCRAM-SHA-512"  # nobody has no password of that kind
    },
}
AS_PROGRAM = ("a truststore", "a certificate: a keystore with a chain", "SASL_SSL OAUTHBEARER")
AS_FILE = (
    "a CA file",
    "pasted CAs",
    "a truststore",
    "a certificate: files",
    "a certificate: pasted",
    "a certificate: a keystore",
    "SASL_SSL SCRAM-SHA-512",
    "SASL_PLAINTEXT OAUTHBEARER",
)


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Carries out lines in this process, with a real keyring."""

    keyring_session: KeyringSession
    captured: pytest.CaptureFixture[str]

    def save(self, way: Way) -> None:
        """As the window does: the connection into its file, the secrets into the keyring."""
        kept = ProfileStore().add(replace(way[0], name=NAME))
        with self.keyring_session.entered() as keys:
            asyncio.run(keys.keep(kept, way[1]))

    def ask(self, *words: str) -> tuple[int, dict[str, Any]]:
        """Exit code and the one document on stdout."""
        with self.keyring_session.entered():
            code = main([*words, "--json"])
        said = self.captured.readouterr()
        assert not [secret for secret in SECRETS if secret in said.out + said.err]
        document: dict[str, Any] = orjson.loads(said.out)
        return code, document


@pytest.fixture
def line(
    keyring_session: KeyringSession,
    secure_kafka: SecureKafka,
    tmp_home: Path,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[CommandLine]:
    monkeypatch.setenv("SSL_CERT_FILE", secure_kafka.certificates.ca_file)  # the system's CAs
    chosen = keyring.get_keyring()
    keyring.set_keyring(keyring_session.backend)
    yield CommandLine(keyring_session, capfd)
    keyring.set_keyring(chosen)


def with_secrets(text: str, secrets: Secrets) -> str:
    """An exported file as its reader completes it: each secret where a comment of the file says that it belongs."""
    for field in secrets.fields():
        value = secrets.get(field) or ""
        place = text.partition(f"# The {word_of(field)} belongs here: ")[2].partition("\n")[0]
        option, place_words, _ = place.partition('="..." in sasl.jaas.config')
        text = text.replace(";\n", f' {option}="{value}";\n') if place_words else f"{text}{place}={value}\n"
    return text


def assert_all_seen(ask: Callable[..., tuple[int, dict[str, Any]]], *where: str) -> None:
    code, topics = ask(*where, "topics")
    assert (code, TOPIC in [row["topic"] for row in topics.get("topics", ())]) == (0, True), topics
    code, output = ask(*where, "coordination")
    assert (code, output["mode"], output["controller"]["id"]) == (0, "kraft", 1), output
    assert [(voter["id"], voter["health"]) for voter in output["quorum"]["voters"]] == [(1, "leader")]


@pytest.mark.parametrize("name", WAYS)
def test_a_saved_connection_lists_topics_and_reads_the_quorum(
    line: CommandLine, secure_kafka: SecureKafka, name: str
) -> None:
    way = WAYS[name](secure_kafka)
    line.save(way)
    assert len(line.keyring_session.users()) == len(way[1].fields())
    assert_all_seen(line.ask, "--profile", NAME)


@pytest.mark.parametrize("name", WITHOUT_RIGHTS)
def test_a_principal_without_the_right_is_told_which_one_with_exit_code_5(
    line: CommandLine, secure_kafka: SecureKafka, name: str
) -> None:
    line.save(WITHOUT_RIGHTS[name](secure_kafka))
    code, output = line.ask("--profile", NAME, "topics")
    assert (code, output["topics"], [error["kind"] for error in output["errors"]]) == (0, [], ["authorization"])
    code, output = line.ask("--profile", NAME, "coordination")
    assert (code, output["error"]["kind"]) == (5, "authorization")
    assert RIGHT in output["error"]["hint"]


@pytest.mark.parametrize("name", AS_PROGRAM)
def test_the_program_itself_uses_a_saved_connection(
    keyring_session: KeyringSession, secure_kafka: SecureKafka, tmp_path: Path, name: str
) -> None:
    program = Program(keyring_session, tmp_path)
    profile, secrets = WAYS[name](secure_kafka)
    with keyring_session.entered() as keys:
        file = Path(program.environment["XDG_CONFIG_HOME"], "kafkaview", "profiles.toml")
        asyncio.run(keys.keep(ProfileStore(file).add(replace(profile, name=NAME)), secrets))
    assert_all_seen(program.ask, "--profile", NAME)


def test_the_program_itself_ends_with_5_where_the_right_is_missing(
    keyring_session: KeyringSession, secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    program = Program(keyring_session, tmp_path)
    profile, secrets = secure_kafka.way("SASL_SSL", mechanism="SCRAM-SHA-256", user="nobody")
    file = tmp_path / "client.properties"
    file.write_text(export(profile))
    password = secrets.get(SecretField.SASL_PASSWORD) or ""
    code, output = program.ask("--config", str(file), "coordination", KAFKAVIEW_PASSWORD=password)
    assert (code, output["error"]["kind"], RIGHT in output["error"]["hint"]) == (5, "authorization", True)


@pytest.mark.parametrize(
    ("name", "spelling"),
    [(name, Spelling.JAVA) for name in AS_FILE]
    + [(name, Spelling.LIBRDKAFKA) for name in AS_FILE if name != "a truststore"],  # which librdkafka does not read
)
def test_the_exported_properties_with_their_secrets_written_in_are_a_way_in_as_well(
    secure_kafka: SecureKafka, line: CommandLine, tmp_path: Path, name: str, spelling: Spelling
) -> None:
    profile, secrets = WAYS[name](secure_kafka)
    file = tmp_path / "client.properties"
    file.write_text(with_secrets(export(profile, spelling), secrets))
    _, found = connection(read_settings(file))
    assert found.fields() == secrets.fields()
    assert_all_seen(line.ask, "--config", str(file))
