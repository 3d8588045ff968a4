"""Every way in, typed into the form with keys and a mouse on the real broker with the real keyring: it is tested where
it stands, saved, connected to, and lists topics; the status bar says what coordinates the cluster.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kafkaview.doctor.diagnosis import Cause
from kafkaview.profiles.form_choices import Proof, Trust
from kafkaview.profiles.security import Protocol, SecretField
from kafkaview.ui.pages.connections.editor import Editor
from kafkaview.ui.pages.connections.fields import (
    AreaField,
    ChoiceField,
    Field,
    LineField,
    SegmentField,
    TickField,
    Value,
)
from kafkaview.ui.pages.connections.page import ConnectionsPage
from tests.broker.certificates import KEY_PASSPHRASE, KEYSTORE_PASSWORD, TRUSTSTORE_PASSWORD, Certificates
from tests.broker.keyring_session import KeyringSession
from tests.broker.oidc import CLIENTS
from tests.broker.secure_kafka import PASSWORDS, SecureKafka
from tests.broker.window_stage import Stage, opened_stage, until
from tests.kit.windowed import click

Typed = Mapping[str, Value]
NOBODY = "a certificate and its key in one file"  # whose owner may see nothing
LOGINS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")

# What is filled in after the listener's address and protocol.
TRUSTS: Mapping[str, Callable[[Certificates], Typed]] = {
    "a CA file": lambda made: {"trust": Trust.CA_FILE, "ca_file": made.ca_file},
    "pasted CAs": lambda made: {"trust": Trust.CA_PEM, "ca_pem": made.ca_pem},
    "a truststore": lambda made: {
        "trust": Trust.TRUSTSTORE,
        "truststore_file": made.truststore_file,
        SecretField.TRUSTSTORE_PASSWORD: TRUSTSTORE_PASSWORD,
    },
    "the system's CAs": lambda _made: {"trust": Trust.SYSTEM},
}
CERTIFICATES: Mapping[str, Callable[[Certificates], Typed]] = {
    "PEM files": lambda made: {
        "proof": Proof.FILES,
        "certificate_file": made.client_certificate_file,
        "key_file": made.client_key_file,
    },
    "an encrypted key": lambda made: {
        "proof": Proof.FILES,
        "certificate_file": made.client_certificate_file,
        "key_file": made.client_encrypted_key_file,
        SecretField.KEY_PASSPHRASE: KEY_PASSPHRASE,
    },
    NOBODY: lambda made: {"proof": Proof.FILES, "certificate_file": made.nobody_certificate_file},
    "pasted PEM": lambda made: {
        "proof": Proof.PEM,
        "certificate_pem": made.client_pem,
        SecretField.KEY_PASSPHRASE: KEY_PASSPHRASE,
    },
    "a keystore": lambda made: {
        "proof": Proof.KEYSTORE,
        "pkcs12_file": made.client_keystore_file,
        SecretField.KEYSTORE_PASSWORD: KEYSTORE_PASSWORD,
    },
    "a keystore with a chain": lambda made: {
        "proof": Proof.KEYSTORE,
        "pkcs12_file": made.chained_keystore_file,
        SecretField.KEYSTORE_PASSWORD: KEYSTORE_PASSWORD,
    },
}


@pytest.fixture
async def stage(
    qapp: QApplication,
    secure_kafka: SecureKafka,
    keyring_session: KeyringSession,
    tmp_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Stage]:
    assert tmp_home  # where the engines find profiles and journal
    monkeypatch.setenv("SSL_CERT_FILE", secure_kafka.certificates.ca_file)  # the system's, for the way that trusts it
    async with opened_stage(qapp, keyring_session) as stage:
        yield stage


async def test_plain_text(secure_kafka: SecureKafka, stage: Stage) -> None:
    await typed_in(secure_kafka, stage, "PLAINTEXT", {"protocol": Protocol.PLAINTEXT})


@pytest.mark.parametrize("name", TRUSTS)
async def test_tls_by_what_is_trusted(secure_kafka: SecureKafka, stage: Stage, name: str) -> None:
    trust = TRUSTS[name](secure_kafka.certificates)
    await typed_in(secure_kafka, stage, "SSL", {"protocol": Protocol.SSL, **trust})


async def test_tls_to_a_host_of_another_name_with_its_warning(secure_kafka: SecureKafka, stage: Stage) -> None:
    fields = {"protocol": Protocol.SSL, **TRUSTS["a CA file"](secure_kafka.certificates), "verify_hostname": False}
    await typed_in(secure_kafka, stage, "WRONGHOST", fields)


@pytest.mark.parametrize("name", CERTIFICATES)
async def test_a_client_certificate(secure_kafka: SecureKafka, stage: Stage, name: str) -> None:
    made = secure_kafka.certificates
    fields = {"protocol": Protocol.SSL, **TRUSTS["a CA file"](made), **CERTIFICATES[name](made)}
    await typed_in(secure_kafka, stage, "MTLS", fields, may_look=name != NOBODY)


@pytest.mark.parametrize("mechanism", LOGINS)
@pytest.mark.parametrize("listener", ["SASL_PLAINTEXT", "SASL_SSL"])
async def test_a_login(secure_kafka: SecureKafka, stage: Stage, listener: str, mechanism: str) -> None:
    protocol = Protocol(listener)
    trust = TRUSTS["a CA file"](secure_kafka.certificates) if protocol.tls else {}
    login: Typed = {"username": "alice", SecretField.SASL_PASSWORD: PASSWORDS["alice"]}
    if mechanism == "OAUTHBEARER":
        endpoint = secure_kafka.oidc.token_endpoint
        login = {"token_endpoint": endpoint, "client_id": "alice", SecretField.OAUTH_CLIENT_SECRET: CLIENTS["alice"]}
    fields = {"protocol": protocol, **trust, "mechanism": mechanism, **login}
    await typed_in(secure_kafka, stage, listener, fields)


async def typed_in(
    secure_kafka: SecureKafka, stage: Stage, listener: str, fields: Typed, *, may_look: bool = True
) -> None:
    """Fill in the form, test it, save it and connect: the window lists topics, and the quorum is read."""
    front = await stage.front()
    front.show_connections()
    page = front.connections
    fill(page.editor, {"name": "secure", "bootstrap": secure_kafka.bootstrap(listener)})
    fill(page.editor, {name: value for name, value in fields.items() if not isinstance(name, SecretField)})
    await until(lambda: not front.tasks.is_running("connections.kept"))
    fill(page.editor, {name: value for name, value in fields.items() if isinstance(name, SecretField)})
    await diagnosed(page, may_look=may_look)
    click(page.connect_now)
    await until(stage.windows)
    window = stage.windows()[0]
    if may_look:
        await stage.listed(window)
    said = "quorum healthy, 1 voter, led by 1" if may_look else "quorum not readable for this principal"
    await until(lambda: said in window._status._facts.text())
    assert "KRaft" in window._status._facts.text()
    await until(lambda: window._status._word.text() == "Connected")  # once all were asked


async def diagnosed(page: ConnectionsPage, *, may_look: bool) -> None:
    click(page.doctor.go)
    await until(lambda: page.doctor.diagnosis)
    assert page.doctor.diagnosis is not None
    if may_look:
        assert page.doctor.diagnosis.ok, page.doctor.diagnosis
    else:
        assert page.doctor.diagnosis.cause is Cause.NOT_AUTHORIZED


def fill(editor: Editor, fields: Typed) -> None:
    for name, value in fields.items():
        editor.go_to(name)
        if isinstance(name, SecretField):
            QTest.keyClicks(editor.secrets[name].line, str(value))
        else:
            enter(editor.controls[name], value)
            assert editor.controls[name].value() == value


def enter(field: Field, value: Value) -> None:
    """As a hand does with this kind of control."""
    assert field.isVisible()
    match field:
        case LineField():
            QTest.keyClicks(field.line, str(value))
        case AreaField():
            QGuiApplication.clipboard().setText(str(value))
            QTest.keyClick(field.area, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
            QTest.keyRelease(field.area, Qt.Key.Key_Control)  # else Qt takes it for held in the tests to come
        case SegmentField():
            click(field.segments._buttons[str(value)])
        case ChoiceField():
            while field.value() != value:
                before = field.box.currentIndex()
                QTest.keyClick(field.box, _towards(field, str(value)))
                assert field.box.currentIndex() != before
        case TickField() if field.value() != value:
            click(field.box, QPoint(8, field.box.height() // 2))


def _towards(field: ChoiceField, value: str) -> Qt.Key:
    return Qt.Key.Key_Down if field.box.findData(value) > field.box.currentIndex() else Qt.Key.Key_Up
