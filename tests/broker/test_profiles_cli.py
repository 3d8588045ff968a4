"""`kafkaview profiles` and `--profile` on a real keyring and a real secure broker."""

from __future__ import annotations

from pathlib import Path

import pytest

from kafkaview.profiles.security import SecretField
from tests.broker.certificates import KEYSTORE_PASSWORD, TRUSTSTORE_PASSWORD
from tests.broker.keyring_session import KeyringSession
from tests.broker.program import Program
from tests.broker.secure_kafka import PASSWORDS, TOPIC, SecureKafka
from tests.broker.terminal import typed_into

SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


@pytest.fixture
def program(keyring_session: KeyringSession, tmp_path: Path) -> Program:
    return Program(keyring_session, tmp_path)


@pytest.fixture
def alone(tmp_path: Path) -> Program:
    """Where there is no keyring."""
    return Program(None, tmp_path)


@pytest.fixture
def properties(secure_kafka: SecureKafka, tmp_path: Path) -> Path:
    file = tmp_path / "client.properties"
    file.write_text(
        f"bootstrap.servers={secure_kafka.bootstrap('SASL_SSL')}\nsecurity.protocol=SASL_SSL\n"
        f"sasl.mechanism=SCRAM-SHA-512\n"
        f'sasl.jaas.config={SCRAM} required username="alice" password="{PASSWORDS["alice"]}";\n'
        f"ssl.truststore.location={secure_kafka.certificates.truststore_file}\n"
        f"ssl.truststore.password={TRUSTSTORE_PASSWORD}\n"
    )
    return file


def test_an_imported_connection_lists_topics(
    program: Program, keyring_session: KeyringSession, properties: Path
) -> None:
    code, output = program.ask(
        "profiles", "import", str(properties), "--name", "eu", "--environment", "production", "--read-only"
    )
    assert (code, output["secrets_kept"], output["secrets_missing"]) == (
        0,
        ["sasl_password", "truststore_password"],
        [],
    )
    assert output["file_still_holds_secrets"] is True
    assert [user.partition("/")[2] for user in keyring_session.users()] == output["secrets_kept"]
    code, topics = program.ask("--profile", "eu", "topics")
    assert (code, TOPIC in {row["topic"] for row in topics["topics"]}) == (0, True)
    code, one = program.ask("profiles", "show", "eu")
    assert (one["environment"], one["user"], one["read_only"]) == ("production", "alice", True)
    assert one["secrets"] == {"sasl_password": True, "truststore_password": True}


def test_a_secret_is_set_from_stdin_and_the_environment_wins_over_it(
    program: Program, secure_kafka: SecureKafka
) -> None:
    where = ["--bootstrap", secure_kafka.bootstrap("SASL_PLAINTEXT"), "-X", "security.protocol=SASL_PLAINTEXT"]
    login = ["-X", "sasl.mechanism=PLAIN", "-X", "sasl.username=alice"]
    code, output = program.ask(*where, *login, "profiles", "add", "--name", "plain")
    assert (code, output["secrets_missing"]) == (0, ["sasl_password"])
    code, failed = program.ask("--profile", "plain", "topics")
    assert (code, "alice" in failed["error"]["message"]) == (3, True)
    assert program.ask("profiles", "set-secret", "plain", "sasl_password", stdin="wrong\n")[0] == 0
    code, failed = program.ask("--profile", "plain", "topics")
    assert (code, failed["error"]["kind"]) == (3, "authentication")
    assert program.run("--profile", "plain", "topics", KAFKAVIEW_PASSWORD=PASSWORDS["alice"])[0] == 0
    assert program.ask("profiles", "set-secret", "plain", "sasl_password", stdin=PASSWORDS["alice"])[0] == 0
    assert program.run("--profile", "plain", "topics")[0] == 0
    scram = ["-X", "sasl.mechanism=SCRAM-SHA-256", "-X", "client.id=me"]
    assert program.run("--profile", "plain", *scram, "topics")[0] == 0


def test_every_kind_of_secret_is_kept_and_used(program: Program, secure_kafka: SecureKafka, tmp_path: Path) -> None:
    profile, secrets = secure_kafka.way("SASL_SSL", mechanism="OAUTHBEARER")
    assert profile.security.sasl is not None
    oauth = profile.security.sasl.oauth
    assert oauth is not None
    file = tmp_path / "oauth.properties"
    file.write_text(
        f"bootstrap.servers={profile.bootstrap}\nsecurity.protocol=SASL_SSL\nsasl.mechanisms=OAUTHBEARER\n"
        f"sasl.oauthbearer.method=oidc\nsasl.oauthbearer.client.id={oauth.client_id}\n"
        f"sasl.oauthbearer.client.secret={secrets.get(SecretField.OAUTH_CLIENT_SECRET)}\n"
        f"sasl.oauthbearer.scope={oauth.scope}\nsasl.oauthbearer.token.endpoint.url={oauth.token_endpoint}\n"
        f"ssl.ca.location={secure_kafka.certificates.ca_file}\n"
    )
    assert program.ask("profiles", "import", str(file), "--name", "oauth")[0] == 0
    file.write_text(
        f"bootstrap.servers={secure_kafka.bootstrap('MTLS')}\nsecurity.protocol=SSL\n"
        f"ssl.keystore.location={secure_kafka.certificates.client_keystore_file}\n"
        f"ssl.keystore.password={KEYSTORE_PASSWORD}\nssl.ca.location={secure_kafka.certificates.ca_file}\n"
    )
    assert program.ask("profiles", "import", str(file), "--name", "mtls")[0] == 0
    file.unlink()
    for name in ("oauth", "mtls"):
        code, topics = program.ask("--profile", name, "topics")
        assert (code, TOPIC in {row["topic"] for row in topics["topics"]}) == (0, True)


def test_an_export_imports_again(program: Program, properties: Path, tmp_path: Path) -> None:
    program.run("profiles", "import", str(properties), "--name", "eu")
    for spelling in ("java", "librdkafka"):
        code, text = program.run("profiles", "export", "eu", "--spelling", spelling)
        assert code == 0
        assert PASSWORDS["alice"] not in text
        (tmp_path / "again.properties").write_text(text)
        code, output = program.ask("profiles", "import", str(tmp_path / "again.properties"), "--name", spelling)
        assert (code, output["secrets_kept"], output["secrets_missing"]) == (0, [], ["sasl_password"])
        assert output["file_still_holds_secrets"] is False
    assert [one["name"] for one in program.ask("profiles", "list")[1]["profiles"]] == ["eu", "java", "librdkafka"]


def test_removing_a_connection_deletes_its_secrets(
    program: Program, keyring_session: KeyringSession, properties: Path
) -> None:
    program.run("profiles", "import", str(properties), "--name", "eu")
    assert keyring_session.users()
    assert program.ask("profiles", "remove", "eu") == (0, {"removed": "eu"})
    assert not keyring_session.users()
    code, output = program.ask("profiles", "remove", "eu")
    assert (code, output["error"]["kind"]) == (2, "unknown_profile")
    code, output = program.ask("--profile", "eu", "topics")
    assert (code, output["error"]["message"]) == (2, "No connection is saved as 'eu'.")


def test_without_a_keyring_a_connection_is_saved_without_its_secrets_or_not_at_all(
    alone: Program, properties: Path
) -> None:
    code, output = alone.ask("profiles", "import", str(properties), "--name", "eu")
    assert (code, output["error"]["kind"]) == (3, "keyring_unavailable")
    assert "The connection is not saved." in output["error"]["message"]
    assert alone.ask("profiles", "list")[1]["profiles"] == []
    line = ["profiles", "import", str(properties), "--name", "eu", "--without-secrets"]
    assert alone.ask(*line)[0] == 0
    code, output = alone.ask("--profile", "eu", "topics")
    assert (code, output["error"]["kind"]) == (3, "keyring_unavailable")
    assert "KAFKAVIEW_PASSWORD" in output["error"]["hint"]
    code, one = alone.ask("profiles", "show", "eu")
    assert (code, set(one["secrets"].values())) == (0, {None})
    assert one["keyring"]
    assert alone.ask("profiles", "remove", "eu")[0] == 3
    assert alone.ask("profiles", "remove", "eu", "--leave-secrets")[0] == 0
    assert alone.ask("profiles", "list")[1]["profiles"] == []


def test_a_damaged_file_is_said_once_on_stderr_and_in_the_list(alone: Program) -> None:
    file = alone.home / "config_home" / "kafkaview" / "profiles.toml"
    file.parent.mkdir(parents=True)
    file.write_text("version = 1\n[[profile")
    code, output = alone.ask("profiles", "list")
    assert (code, output["profiles"]) == (0, [])
    assert "was damaged" in output["note"]
    assert "was damaged" in alone.said[-1]
    assert alone.ask("profiles", "list")[1]["note"] is None
    assert len(list(file.parent.glob("*.damaged-*"))) == 1


@pytest.fixture
def mutual(secure_kafka: SecureKafka) -> list[str]:
    """A line without its verb: a login, and a keystore that shows who we are to TLS."""
    settings = {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "alice",
        "ssl.ca.location": secure_kafka.certificates.ca_file,
        "ssl.keystore.location": secure_kafka.certificates.client_keystore_file,
    }
    options = [word for key, value in settings.items() for word in ("-X", f"{key}={value}")]
    return ["--bootstrap", secure_kafka.bootstrap("SASL_SSL"), *options]


def test_a_terminal_is_asked_for_the_secrets_that_the_settings_call_for(
    program: Program, keyring_session: KeyringSession, mutual: list[str]
) -> None:
    answers = [
        ("Password of eu: ", PASSWORDS["alice"] + "\n"),
        ("Password of the keystore of eu, empty if there is none: ", KEYSTORE_PASSWORD + "\n"),
    ]
    code, screen = typed_into([*mutual, "profiles", "add", "--name", "eu"], answers, program.environment)
    assert (code, "eu is saved" in screen) == (0, True), screen
    assert not any(secret in screen for secret in (PASSWORDS["alice"], KEYSTORE_PASSWORD))
    assert {user.partition("/")[2] for user in keyring_session.users()} == {"sasl_password", "keystore_password"}
    assert program.run("--profile", "eu", "topics")[0] == 0


def test_an_empty_line_leaves_a_secret_out_and_an_interrupt_the_connection_too(
    program: Program, keyring_session: KeyringSession, mutual: list[str]
) -> None:
    add = [*mutual, "profiles", "add", "--name", "eu"]
    code, _ = typed_into(add, [("Password of eu: ", "\n"), ("keystore", "\x03")], program.environment)
    assert code == 130
    assert program.ask("profiles", "list")[1]["profiles"] == []
    code, screen = typed_into(add, [("Password of eu: ", "\n"), ("keystore", "\x04")], program.environment)
    assert (code, "set-secret eu sasl_password" in " ".join(screen.split())) == (0, True), screen
    assert not keyring_session.users()


def test_where_no_terminal_is_nobody_is_asked(program: Program, mutual: list[str]) -> None:
    code, output = program.ask(*mutual, "profiles", "add", "--name", "eu", stdin="not-for-you\n")
    assert (code, output["secrets_kept"], output["secrets_missing"]) == (0, [], ["sasl_password"])


def test_who_keeps_no_secret_is_not_asked_for_one(program: Program, mutual: list[str]) -> None:
    add = [*mutual, "profiles", "add", "--name", "eu", "--without-secrets"]
    code, screen = typed_into(add, [], program.environment)
    assert (code, "empty if there is none" in screen) == (0, False)
