"""Secrets in a real keyring, and where there is none."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from kafkaview.demo.guarded_processes import is_running
from kafkaview.journal.errors import JournalUnavailable, PayloadUnreadable
from kafkaview.journal.sealing import SealingKeys
from kafkaview.journal.store import Journal
from kafkaview.profiles.errors import KeyringUnavailable
from kafkaview.profiles.journal_rules import JournalRules, PayloadForm
from kafkaview.profiles.keyring import Keyring
from kafkaview.profiles.opening import secrets_of
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Protocol, Sasl, SecretField, Secrets, Security
from tests.broker.keyring_session import KeyringSession
from tests.kit.patience import patience
from tests.kit.payloads import payloads_of
from tests.kit.processes import command, environment
from tests.unit.journal.entries import ODD, intent

SASL = Security(Protocol.SASL_PLAINTEXT, sasl=Sasl("PLAIN", "u"))
PROFILE = ConnectionProfile("orders-eu", "k:1", id="eu", security=SASL)
OTHER = ConnectionProfile("orders-us", "k:1", id="us")
BOTH = Secrets({SecretField.SASL_PASSWORD: "gehéim \U0001f511\n", SecretField.KEY_PASSPHRASE: "p"})


@pytest.fixture
def keyring(keyring_session: KeyringSession) -> Iterator[Keyring]:
    with keyring_session.entered() as keyring:
        yield keyring


async def test_secrets_come_back_as_they_were_and_only_those_of_the_profile(
    keyring: Keyring, keyring_session: KeyringSession
) -> None:
    await keyring.check()
    await keyring.keep(PROFILE, BOTH)
    await keyring.set(OTHER, SecretField.SASL_PASSWORD, "other")
    assert keyring_session.users() == ["eu/key_passphrase", "eu/sasl_password", "us/sasl_password"]
    read = await keyring.read_all(PROFILE)
    assert {name: read.get(name) for name in read.fields()} == {name: BOTH.get(name) for name in BOTH.fields()}
    assert await keyring.get(PROFILE, SecretField.REGISTRY_PASSWORD) is None


async def test_renaming_keeps_the_secrets_and_a_copy_has_its_own(keyring: Keyring) -> None:
    await keyring.keep(PROFILE, BOTH)
    assert await keyring.get(replace(PROFILE, name="new"), SecretField.KEY_PASSPHRASE) == "p"
    await keyring.copy(PROFILE, OTHER)
    await keyring.set(PROFILE, SecretField.KEY_PASSPHRASE, "changed")
    assert await keyring.get(OTHER, SecretField.KEY_PASSPHRASE) == "p"


async def test_deleting_a_profile_deletes_its_entries_alone(keyring: Keyring, keyring_session: KeyringSession) -> None:
    await keyring.keep(PROFILE, BOTH)
    await keyring.keep(OTHER, BOTH)
    await keyring.delete(OTHER, SecretField.KEY_PASSPHRASE)
    await keyring.delete(OTHER, SecretField.KEY_PASSPHRASE)  # again: it need not be there
    await keyring.delete_all(PROFILE)
    assert keyring_session.users() == ["us/sasl_password"]


# The library lets the bus' socket go unclosed where a keyring refuses.
library_leaves_its_socket = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@library_leaves_its_socket
async def test_a_locked_keyring_is_said_and_not_waited_for_for_ever(
    keyring: Keyring, keyring_session: KeyringSession
) -> None:
    await keyring.keep(PROFILE, BOTH)
    keyring_session.lock()
    began = time.monotonic()
    with pytest.raises(KeyringUnavailable) as failure:
        await Keyring(keyring_session.backend, limit=2).read_all(PROFILE)
    assert time.monotonic() - began < patience(10)
    assert "locked" in failure.value.message + failure.value.hint
    assert "for this run" in failure.value.hint
    gc.collect()


@library_leaves_its_socket
async def test_the_journal_encrypts_with_a_key_of_the_keyring_and_says_when_it_is_locked(
    keyring: Keyring, keyring_session: KeyringSession, tmp_path: Path
) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = Journal(path, SealingKeys(keyring))
    entry = await journal.begin(intent(), [ODD], JournalRules(PayloadForm.ENCRYPTED))
    assert await payloads_of(journal, entry) == (ODD,)
    await journal.close()
    (user,) = keyring_session.users()
    assert user.startswith("journal/")
    again = Journal(path, SealingKeys(Keyring(keyring_session.backend, limit=5)))
    assert await payloads_of(again, entry) == (ODD,)
    await again.close()
    keyring_session.lock()
    locked = Journal(path, SealingKeys(Keyring(keyring_session.backend, limit=2)))
    with pytest.raises(PayloadUnreadable, match="The record is encrypted: The keyring"):
        await payloads_of(locked, entry)
    with pytest.raises(JournalUnavailable, match="cannot be encrypted"):
        await locked.begin(intent(), [ODD], JournalRules(PayloadForm.ENCRYPTED))
    assert [one.id for one in await locked.entries()] == [entry]
    await locked.close()
    gc.collect()


@library_leaves_its_socket
async def test_a_keyring_that_went_away_is_said(keyring: Keyring, keyring_session: KeyringSession) -> None:
    await keyring.keep(PROFILE, BOTH)
    keyring_session.end_keyring()
    with pytest.raises(KeyringUnavailable) as failure:
        await Keyring(keyring_session.backend, limit=5).read_all(PROFILE)
    assert "geh" not in failure.value.message
    gc.collect()


async def test_what_the_environment_gives_needs_no_keyring(
    keyring_session: KeyringSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    keyring = Keyring(keyring_session.backend, limit=5)
    with pytest.raises(KeyringUnavailable):
        await secrets_of(PROFILE, {}, keyring)
    given = await secrets_of(PROFILE, {"KAFKAVIEW_PASSWORD": "once"}, keyring)
    assert given.get(SecretField.SASL_PASSWORD) == "once"
    assert not (await secrets_of(OTHER, {}, keyring)).fields()


_ASKS = """
import asyncio, sys
from kafkaview.profiles.errors import KeyringUnavailable
from kafkaview.profiles.keyring import Keyring
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import SecretField
try:
    asyncio.run(Keyring().set(ConnectionProfile("n", "k:1"), SecretField.SASL_PASSWORD, "geheim"))
except KeyringUnavailable as told:
    print(told.message)
"""
_PLAIN_FILE = """
import pathlib
from keyring.backend import KeyringBackend
from tests.kit.patience import patience
class Keyring(KeyringBackend):
    priority = 9
    def get_password(self, service, username): return None
    def set_password(self, service, username, password): pathlib.Path(__file__).with_name("leak").write_text(password)
    def delete_password(self, service, username): pass
"""


def _asked(tmp_path: Path, **more: str) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith("DBUS_")}
    env |= {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), **more}
    return subprocess.run([sys.executable, "-c", _ASKS], env=env, capture_output=True, text=True, check=True).stdout


def test_without_a_keyring_nothing_is_kept_anywhere(tmp_path: Path) -> None:
    assert "There is no keyring on this computer" in _asked(tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"geheim" in path.read_bytes()]


def test_a_backend_that_may_be_a_plain_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plainfile.py").write_text(_PLAIN_FILE)
    more = {"PYTHONPATH": str(tmp_path), "PYTHON_KEYRING_BACKEND": "plainfile.Keyring"}
    assert "is not the operating system's (plainfile.Keyring)" in _asked(tmp_path, **more)
    assert not (tmp_path / "leak").exists()
    assert "not the operating system's" in _asked(tmp_path, PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring")


_HOLDS = """
import time
from tests.broker.keyring_session import KeyringSession
with KeyringSession() as session:
    print(session.home, flush=True)
    time.sleep(600)
"""


def test_a_killed_test_leaves_neither_bus_nor_keyring() -> None:
    holder = subprocess.Popen([sys.executable, "-c", _HOLDS], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder.stdout:
        home = holder.stdout.readline().strip()
    of_it = [pid for pid in psutil.pids() if home in command(pid) + environment(pid)]
    holder.kill()
    holder.wait()
    end = time.monotonic() + patience(10)
    while any(map(is_running, of_it)) or Path(home).exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert of_it
