"""Who makes a write: the account, and the principal as far as the connection tells it."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
import trustme

from kafkaview import __version__
from kafkaview.journal.author import author_of
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Certificate, OAuth, Protocol, Sasl, Security, Tls


def principal(security: Security) -> str | None:
    return author_of(ConnectionProfile("p", "b:1", security=security)).principal


def test_the_account_is_told_by_the_system_and_not_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    author = author_of(ConnectionProfile("p", "b:1"))
    assert (author.os_user, author.version) == (pwd.getpwuid(os.getuid()).pw_name, __version__)


def test_an_account_without_a_name_has_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert author_of().os_user == f"uid {os.getuid()}"


def test_the_principal_is_the_login_or_the_subject_of_the_certificate(tmp_path: Path) -> None:
    made = trustme.CA().issue_cert("client.example", common_name="oncall", organization_name="Ops")
    file = tmp_path / "client.pem"
    made.private_key_and_cert_chain_pem.write_to_path(str(file))
    certificate = Tls(certificate=Certificate(certificate_file=str(file)))
    told = principal(Security(Protocol.SSL, certificate))
    assert told is not None
    assert told.startswith("User:CN=oncall,")
    assert "O=Ops" in told
    assert principal(Security()) == principal(Security(Protocol.SSL)) == "User:ANONYMOUS"
    assert principal(Security(Protocol.SASL_SSL, certificate, Sasl("SCRAM-SHA-256", "alice"))) == "User:alice"
    oauth = Sasl("OAUTHBEARER", oauth=OAuth("https://idp/token", "me"))
    assert principal(Security(Protocol.SASL_SSL, sasl=oauth)) == "User:me"


def test_what_the_connection_does_not_tell_is_unknown(tmp_path: Path) -> None:
    gone = Tls(certificate=Certificate(certificate_file=str(tmp_path / "gone.pem")))
    assert principal(Security(Protocol.SSL, gone)) is None
    assert principal(Security(Protocol.SASL_PLAINTEXT, sasl=Sasl("GSSAPI"))) is None
