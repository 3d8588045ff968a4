"""Opening saved connections."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from hypothesis import given
from keyring.backend import KeyringBackend

from kafkaview.profiles.errors import KeyringUnavailable
from kafkaview.profiles.keyring import Keyring
from kafkaview.profiles.opening import secrets_of, with_settings
from kafkaview.profiles.profile import ConnectionProfile, Environment, SchemaRegistry
from kafkaview.profiles.required_secrets import find_needed_secrets, find_used_secrets, missing_secrets
from kafkaview.profiles.security import Certificate, Protocol, Sasl, SecretField, Secrets, Security, Tls
from tests.kit.patience import patience
from tests.unit.profiles.connections import profiles

TLS = Tls(truststore_file="/t.p12", certificate=Certificate(pkcs12_file="/k.p12"))
PROFILE = ConnectionProfile(
    "orders-eu",
    "k:1",
    Environment.PRODUCTION,
    read_only=True,
    colour="#a0b1c2",
    schema_registry=SchemaRegistry("https://r", "reader"),
    security=Security(Protocol.SASL_SSL, TLS, Sasl("SCRAM-SHA-256", "alice")),
    saved=True,
)
PLAINTEXT = ConnectionProfile("plain", "k:1")


class Asking(KeyringBackend):
    """A locked keyring whose question nobody answers."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.answered = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002
        self.answered.wait(30)
        return "late"

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


def test_a_profile_names_the_secrets_it_uses() -> None:
    assert find_needed_secrets(PROFILE) == (SecretField.SASL_PASSWORD, SecretField.REGISTRY_PASSWORD)
    assert set(find_used_secrets(PROFILE)) == {
        *find_needed_secrets(PROFILE),
        SecretField.KEYSTORE_PASSWORD,
        SecretField.TRUSTSTORE_PASSWORD,
    }
    assert find_used_secrets(PLAINTEXT) == ()
    assert missing_secrets(PROFILE, Secrets({SecretField.SASL_PASSWORD: "x"})) == (SecretField.REGISTRY_PASSWORD,)


async def test_a_keyring_that_does_not_answer_is_given_up_and_a_late_answer_dropped() -> None:
    backend = Asking()
    began = time.monotonic()
    with pytest.raises(KeyringUnavailable, match=r"did not answer within 0\.1 s"):
        await Keyring(backend, limit=0.1).read_all(PROFILE)
    assert time.monotonic() - began < patience(5)
    backend.answered.set()


async def test_a_profile_without_secrets_asks_no_keyring() -> None:
    assert not (await secrets_of(PLAINTEXT, {}, Keyring(Asking(), limit=0.1))).fields()


async def test_what_is_only_perhaps_needed_does_not_wait_for_a_keyring() -> None:
    env = {"KAFKAVIEW_PASSWORD": "p", "KAFKAVIEW_REGISTRY_PASSWORD": "r", "KAFKAVIEW_SSL_KEY_PASSWORD": "k"}
    found = await secrets_of(PROFILE, env, Keyring(Asking(), limit=0.1))
    assert {name: found.get(name) for name in found.fields()} == {
        SecretField.SASL_PASSWORD: "p",
        SecretField.REGISTRY_PASSWORD: "r",
        SecretField.KEYSTORE_PASSWORD: "k",
    }


@given(profile=profiles)
def test_one_setting_over_a_profile_changes_nothing_else(profile: ConnectionProfile) -> None:
    over = with_settings(profile, {"client.rack": "r1"})
    assert over == replace(profile, settings={**profile.settings, "client.rack": "r1"})
    assert over.saved == profile.saved
    assert over.options == (*profile.options, "-X", "client.rack=r1")


def test_settings_replace_what_they_are_an_alternative_to() -> None:
    over = with_settings(PROFILE, {"ssl.ca.location": "/ca.pem", "sasl.mechanism": "PLAIN", "read.only": "false"})
    assert over.security.tls == Tls(ca_file="/ca.pem", certificate=TLS.certificate)
    assert over.security.sasl == Sasl("PLAIN", "alice")
    assert (over.id, over.colour, over.saved, over.read_only) == (PROFILE.id, PROFILE.colour, True, False)


def test_a_secret_is_not_taken_as_a_setting() -> None:
    with pytest.raises(ValueError, match=r"sasl\.password is a secret"):
        with_settings(PROFILE, {"sasl.password": "geheim"})
