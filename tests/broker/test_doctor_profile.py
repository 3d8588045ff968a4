"""What is wrong with the profile is told before any socket; and the command line's words and codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.profiles.profile import ConnectionProfile
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
)
from kafkaview.profiles.store import ProfileStore
from tests.broker.examining import guilty
from tests.broker.secure_kafka import PASSWORDS, SecureKafka


async def test_what_is_wrong_with_the_profile_is_told_before_any_socket(
    secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    files = secure_kafka.certificates
    jks = tmp_path / "trust.jks"
    jks.write_bytes(bytes.fromhex("feedfeed00000002"))
    own, key = files.client_certificate_file, files.client_encrypted_key_file
    wrong = {SecretField.KEY_PASSPHRASE: "not-the-phrase"}
    sasl = Security(Protocol.SASL_PLAINTEXT, sasl=Sasl("PLAIN", "alice"))
    bearer = Sasl("OAUTHBEARER", oauth=OAuth("not a url", "id"))
    bad_store = {SecretField.KEYSTORE_PASSWORD: "not-it", SecretField.TRUSTSTORE_PASSWORD: "not-it"}
    cases: list[tuple[Security, dict[SecretField, str], Cause, str]] = [
        (tls_of(Tls(ca_file="/nowhere/ca.pem")), {}, Cause.CERTIFICATE_FILE, "security.tls.ca_file"),
        (tls_of(Tls(ca_pem="no pem")), {}, Cause.CERTIFICATE_FILE, "security.tls.ca_pem"),
        (tls_of(Tls(truststore_file=str(jks))), {}, Cause.CERTIFICATE_FILE, "security.tls.truststore_file"),
        (tls_of(Tls(truststore_file=files.truststore_file)), {}, Cause.SECRET_MISSING, "truststore_password"),
        (
            tls_of(Tls(truststore_file=files.truststore_file)),
            bad_store,
            Cause.KEYSTORE_PASSWORD_WRONG,
            "truststore_password",
        ),
        (
            own_of(pkcs12_file=files.client_keystore_file),
            bad_store,
            Cause.KEYSTORE_PASSWORD_WRONG,
            "keystore_password",
        ),
        (own_of(certificate_file=own, key_file=key), {}, Cause.KEY_PASSPHRASE_MISSING, "key_passphrase"),
        (own_of(certificate_file=own, key_file=key), wrong, Cause.KEY_PASSPHRASE_WRONG, "key_passphrase"),
        (own_of(pem=files.client_pem), wrong, Cause.KEY_PASSPHRASE_WRONG, "key_passphrase"),
        (
            own_of(certificate_file=own, key_file=files.other_key_file),
            {},
            Cause.KEY_DOES_NOT_MATCH,
            "security.tls.certificate.key_file",
        ),
        (own_of(certificate_file=own), {}, Cause.CERTIFICATE_FILE, "security.tls.certificate.certificate_file"),
        (sasl, {}, Cause.SECRET_MISSING, "sasl_password"),
        (Security(Protocol.SASL_PLAINTEXT), {}, Cause.BAD_SETTING, "security.sasl"),
        (Security(Protocol.SASL_PLAINTEXT, sasl=bearer), {}, Cause.BAD_SETTING, "security.sasl.oauth.token_endpoint"),
    ]
    for security, secrets, cause, field in cases:
        step = await guilty((ConnectionProfile("p", "127.0.0.1:1", security=security), Secrets(secrets)))
        assert (step.step, step.cause, step.field) == (DiagnosisLayer.CONFIG, cause, field)


async def test_gssapi_without_its_library_is_unavailable_here() -> None:
    security = Security(Protocol.SASL_PLAINTEXT, sasl=Sasl("GSSAPI", kerberos=Kerberos()))
    step = await guilty((ConnectionProfile("p", "127.0.0.1:1", security=security), Secrets()))
    assert (step.step, step.cause) == (DiagnosisLayer.CONFIG, Cause.MECHANISM_UNAVAILABLE)


def tls_of(tls: Tls) -> Security:
    return Security(Protocol.SSL, tls)


def own_of(**files: str) -> Security:
    return tls_of(Tls(certificate=Certificate(**files)))


def run_doctor(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "kafkaview", *words]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **env})


def properties(folder: Path, bootstrap: str, user: str, password: str) -> str:
    file = folder / "client.properties"
    file.write_text(
        f"bootstrap.servers={bootstrap}\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-256\n"
        f"sasl.username={user}\nsasl.password={password}\n"
    )
    return str(file)


@pytest.mark.parametrize(
    ("user", "password", "cause", "code"),
    [
        ("alice", PASSWORDS["alice"], None, 0),
        ("alice", "not-hers-at-all", "wrong_password", 3),
        ("nobody", PASSWORDS["nobody"], "not_authorized", 5),
    ],
)
def test_the_command_ends_with_the_code_of_the_contract(
    secure_kafka: SecureKafka, tmp_path: Path, user: str, password: str, cause: str | None, code: int
) -> None:
    file = properties(tmp_path, secure_kafka.bootstrap("SASL_PLAINTEXT"), user, password)
    ended = run_doctor("--config", file, "doctor", "--json")
    document = json.loads(ended.stdout)
    assert (ended.returncode, document["ok"], ended.stderr) == (code, cause is None, "")
    assert next((step["cause"] for step in document["steps"] if step["ok"] is False), None) == cause
    assert {"step", "target", "ok", "cause", "detail", "hint", "ms"} <= set(document["steps"][0])
    assert password not in ended.stdout


def test_the_command_says_a_line_for_each_step_and_the_cause_in_a_box(
    secure_kafka: SecureKafka, tmp_path: Path
) -> None:
    file = properties(tmp_path, secure_kafka.bootstrap("SASL_PLAINTEXT"), "mallory", "anything")
    ended = run_doctor("--config", file, "doctor")
    assert ended.returncode == 3
    lines = ended.stdout.splitlines()
    assert [line.split()[:2] for line in lines[:4]] == [["✓", "config"], ["✓", "dns"], ["✓", "tcp"], ["✗", "sasl"]]
    assert "unknown_user" in lines[lines.index(next(line for line in lines if line.startswith("╭")))]


def test_a_profile_whose_keyring_does_not_open_is_told(tmp_path: Path) -> None:
    security = Security(Protocol.SASL_PLAINTEXT, sasl=Sasl("PLAIN", "alice"))
    ProfileStore(tmp_path / "kafkaview" / "profiles.toml").add(
        ConnectionProfile("saved", "127.0.0.1:1", security=security)
    )
    no_keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "XDG_CONFIG_HOME": str(tmp_path)}
    ended = run_doctor("--profile", "saved", "doctor", "--json", **no_keyring)
    document = json.loads(ended.stdout)
    assert (ended.returncode, document["cause"], document["steps"][0]["cause"]) == (3, *["keyring_unavailable"] * 2)
