"""The file of saved connections."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given

from kafkaview.profiles import document
from kafkaview.profiles.document import VERSION, Document, document_of, migrate, profile_of
from kafkaview.profiles.errors import ProfileNotKept, StoreUnavailable, UnknownProfile
from kafkaview.profiles.profile import ConnectionProfile, Environment, SchemaRegistry
from kafkaview.profiles.security import Certificate, OAuth, Protocol, Sasl, Security, Tls
from kafkaview.profiles.store import ProfileStore
from tests.unit.profiles.connections import profiles

A, B, C = (ConnectionProfile(name, f"{name}:9092", id=name * 4) for name in "abc")
WRITTEN = Path(__file__).with_name("profiles-1.toml")


@pytest.fixture
def store(tmp_path: Path) -> ProfileStore:
    return ProfileStore(tmp_path / "config" / "profiles.toml")


def names(store: ProfileStore) -> list[str]:
    return [profile.name for profile in store.list()]


@given(profile=profiles)
def test_every_connection_comes_back_from_the_file_as_it_was(profile: ConnectionProfile) -> None:
    assert profile_of(tomllib.loads(tomli_w.dumps(document_of(profile)))) == profile


def test_the_order_is_kept_and_changed_only_when_asked(store: ProfileStore) -> None:
    for profile in (A, B, C):
        store.add(profile)
    store.move("cccc", 0)
    assert names(store) == ["c", "a", "b"]
    store.replace(replace(A, name="z", environment=Environment.PRODUCTION))
    store.move("cccc", 9)
    assert names(store) == ["z", "b", "c"]
    assert store.duplicate("bbbb").id not in ("aaaa", "bbbb", "cccc")
    store.duplicate("bbbb")
    store.remove("cccc")
    assert names(store) == ["z", "b", "b copy 2", "b copy"]
    assert store.get("z").environment is Environment.PRODUCTION
    assert all(profile.saved for profile in store.list())
    assert store.note is None


def test_the_last_used_is_remembered_until_it_is_removed(store: ProfileStore) -> None:
    store.add(A)
    store.add(B)
    store.set_last_used("bbbb")
    last = ProfileStore(store.path).last_used()
    assert last is not None
    assert last.name == "b"
    store.remove("bbbb")
    assert store.last_used() is None


def test_only_the_owner_may_read_file_and_folder(store: ProfileStore) -> None:
    store.add(A)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    assert sorted(path.name for path in store.path.parent.iterdir()) == ["profiles.lock", "profiles.toml"]


def test_a_link_to_the_file_stays_a_link(store: ProfileStore, tmp_path: Path) -> None:
    store.path.parent.mkdir()
    store.path.symlink_to(tmp_path / "dotfiles.toml")
    store.add(A)
    assert store.path.is_symlink()
    assert names(ProfileStore(tmp_path / "dotfiles.toml")) == ["a"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"version = 1\n[[profile]\n", "Expected ']]'"),
        (b"\xff\xfe", "it is not UTF-8"),
        (b"", "it has no version"),
        (b"version = 1\nx = " + b"[" * 5000, "nested too deep"),
        (b"version = 1\nprofile = 3\n", "profile is no list of tables"),
        (b"version = 1\n[[profile]]\nname = 'x'\n", "connection 1: id is missing"),
    ],
)
def test_a_damaged_file_is_kept_aside_and_reported(store: ProfileStore, content: bytes, reason: str) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    assert store.list() == ()
    assert store.note is not None
    assert reason in store.note.reason
    assert store.note.aside.name.startswith("profiles.toml.damaged-")
    assert store.note.aside.read_bytes() == content
    assert "none of it could be read" in store.note.text
    store.add(A)
    store.path.write_bytes(b"again")
    assert store.list() == ()
    assert len(list(store.path.parent.glob("*.damaged-*"))) == 2


def test_what_can_be_read_of_a_damaged_file_is_still_listed(store: ProfileStore) -> None:
    store.add(A)
    store.add(B)
    damaged = store.path.read_text().replace('bootstrap = "b:9092"', "bootstrap = 3")
    store.path.write_text(damaged)
    assert names(store) == ["a"]
    assert store.note is not None
    assert (store.note.readable, store.note.reason) == (1, "connection 2: bootstrap is missing or no text")
    assert store.note.aside.read_text() == damaged
    assert names(ProfileStore(store.path)) == ["a"]


@contextmanager
def full_disk() -> Iterator[None]:
    """Nothing that is written gets onto it."""

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.MonkeyPatch.context() as disk:
        disk.setattr(os, "fsync", full)
        yield


def test_a_damaged_file_stays_where_it_is_if_there_is_no_room_for_what_can_be_read(store: ProfileStore) -> None:
    store.add(replace(A, environment=Environment.PRODUCTION))  # too long for one line of TOML
    damaged = store.path.read_bytes() + b"[[profile]]\nid = 3\n"
    store.path.write_bytes(damaged)

    with full_disk(), pytest.raises(StoreUnavailable, match="No space left"):
        store.list()
    assert store.path.read_bytes() == damaged
    assert names(store) == ["a"]


def test_a_full_disk_leaves_the_file_as_it_was(store: ProfileStore) -> None:
    store.add(A)
    before = store.path.read_bytes()

    with full_disk(), pytest.raises(StoreUnavailable, match="No space left"):
        store.add(B)
    assert store.path.read_bytes() == before
    assert sorted(path.name for path in store.path.parent.iterdir()) == ["profiles.lock", "profiles.toml"]


def test_a_mark_of_the_encoding_is_no_damage(store: ProfileStore) -> None:
    store.add(A)
    store.path.write_bytes(b"\xef\xbb\xbf" + store.path.read_bytes())
    assert names(store) == ["a"]
    assert store.note is None


@pytest.mark.parametrize(
    "name", ["a/b", "\N{GRINNING FACE} prod", "x" * 1000, "--json", " a ", "\N{CJK UNIFIED IDEOGRAPH-4E2D}"]
)
def test_any_name_of_one_line_is_kept(store: ProfileStore, name: str) -> None:
    store.add(ConnectionProfile(name, "b:1"))
    assert store.get(name).name == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "needs a name"),
        (" ", "needs a name"),
        *((f"a{odd}b", f"text of one line, which '{odd}' cannot be in") for odd in "\n\0\u202e\ud800\udcff"),
    ],
)
def test_a_name_that_would_deceive_or_break_a_line_is_refused(store: ProfileStore, name: str, reason: str) -> None:
    with pytest.raises(ProfileNotKept, match=reason):
        store.add(ConnectionProfile(name, "b:1"))


def test_half_a_character_is_refused_and_nothing_is_written(store: ProfileStore) -> None:
    with pytest.raises(ProfileNotKept, match="half a character"):
        store.add(ConnectionProfile("a", "b\ud800:1"))
    assert store.list() == ()


def test_a_file_of_a_later_release_is_left_as_it_is(store: ProfileStore) -> None:
    store.path.parent.mkdir()
    later = f"version = {VERSION + 1}\n".encode()
    store.path.write_bytes(later)
    for change in (store.list, lambda: store.add(A), lambda: store.set_last_used("x")):
        with pytest.raises(StoreUnavailable, match=f"later release of kafkaview .version {VERSION + 1}"):
            change()
    assert store.path.read_bytes() == later
    assert store.note is None


def test_a_file_of_version_1_opens() -> None:
    """The file as this release wrote it: it stays in the repository for every release to open."""
    file = migrate(tomllib.loads(WRITTEN.read_text(encoding="utf-8")))
    scram = Sasl("SCRAM-SHA-512", "alice")
    assert [profile_of(table) for table in file["profile"]] == [
        ConnectionProfile(
            "orders-eu",
            "broker-1:9093,broker-2:9093",
            Environment.PRODUCTION,
            read_only=True,
            settings={"client.dns.lookup": "use_all_dns_ips"},
            zookeeper="zk:2181",
            schema_registry=SchemaRegistry("https://registry", "reader"),
            security=Security(
                Protocol.SASL_SSL,
                Tls("/ca.pem", certificate=Certificate("/me.pem", "/me.key"), verify_hostname=False),
                scram,
            ),
            colour="#a0b1c2",
            id="0" * 32,
        ),
        ConnectionProfile(
            "tokens",
            "k:1",
            Environment.STAGING,
            security=Security(
                Protocol.SASL_PLAINTEXT,
                sasl=Sasl("OAUTHBEARER", oauth=OAuth("https://id/token", "c", "s", {"pool": "7"})),
            ),
            id="1" * 32,
        ),
    ]


def test_an_older_file_goes_through_every_version_between(monkeypatch: pytest.MonkeyPatch) -> None:
    def second(file: Document) -> Document:
        return {**file, "profile": [{**table, "two": True} for table in file["profile"]]}

    monkeypatch.setattr(document, "MIGRATIONS", {1: second, 2: lambda file: {**file, "three": file["version"]}})
    assert migrate({"version": 1, "profile": [{}]}, to=3) == {"version": 3, "profile": [{"two": True}], "three": 2}


def test_there_is_a_way_up_from_every_version() -> None:
    assert sorted(document.MIGRATIONS) == list(range(1, VERSION))


KEY = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        (replace(C, name="a"), "named 'a' is saved already"),
        (replace(C, name=" "), "needs a name"),
        (replace(C, bootstrap="k"), "'k' is not HOST:PORT"),
        (replace(C, settings={"sasl.password": "geheim"}), "sasl.password is no further setting"),
        (replace(C, schema_registry=SchemaRegistry("http://u:geheim@r")), "A password stands in the URL"),
        (replace(C, security=Security(Protocol.SSL, Tls(certificate=Certificate(pem=KEY)))), "is not encrypted"),
        (replace(C, security=Security(Protocol.SSL, Tls(ca_pem=KEY))), "A private key stands among"),
    ],
)
def test_a_connection_with_a_secret_or_without_a_name_of_its_own_is_not_kept(
    store: ProfileStore, profile: ConnectionProfile, words: str
) -> None:
    store.add(A)
    with pytest.raises(ProfileNotKept, match=words) as failure:
        store.add(profile)
    assert names(store) == ["a"]
    assert "geheim" not in str(failure.value) + store.path.read_text()


def test_an_unsaved_connection_is_neither_changed_nor_found(store: ProfileStore) -> None:
    store.add(A)
    with pytest.raises(UnknownProfile, match="no longer saved"):
        store.replace(B)
    with pytest.raises(UnknownProfile, match="No connection is saved as 'b'") as failure:
        store.get("b")
    assert failure.value.hint == "There are: a."


def test_an_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        ProfileStore(tmp_path / "file" / "profiles.toml").add(A)


_ADDS = """
import sys, pathlib
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.store import ProfileStore
for number in range(25):
    ProfileStore(pathlib.Path(sys.argv[1])).add(ConnectionProfile(f"{sys.argv[2]}{number}", "k:1"))
"""


def test_two_programs_at_once_lose_no_connection(store: ProfileStore) -> None:
    both = [subprocess.Popen([sys.executable, "-c", _ADDS, str(store.path), name]) for name in "xy"]
    assert [process.wait(60) for process in both] == [0, 0]
    assert sorted(names(store)) == sorted(f"{name}{number}" for name in "xy" for number in range(25))


def test_an_environment_is_kept_as_it_was_named_and_none_is_made_up(store: ProfileStore) -> None:
    for name, environment in (("named", Environment.DEVELOPMENT), ("unnamed", None)):
        store.add(ConnectionProfile(name, "b:1", environment))
        assert store.get(name).environment is environment
    assert [one.title for one in store.list()] == ["named (development)", "unnamed"]
    assert b"environment" in store.path.read_bytes()  # also where it is development, as files always had it
