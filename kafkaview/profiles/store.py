"""Where the connections are saved: one TOML file in the user's configuration folder, without a secret in it.

Every change reads the file, changes it and puts a new one in its place, under a lock: two programs at once lose
nothing, and one that is killed leaves the file as it was.
"""

from __future__ import annotations

import os
import tempfile
import time
import tomllib
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import platformdirs
import tomli_w

from kafkaview.profiles.checks import problems
from kafkaview.profiles.document import VERSION, WrittenByLaterRelease, document_of, migrated, profile_of
from kafkaview.profiles.errors import ProfileNotKept, StoreUnavailable, UnknownProfile
from kafkaview.profiles.lock import locked
from kafkaview.profiles.profile import ConnectionProfile

_FILE: Final = "profiles.toml"
Profiles = tuple[ConnectionProfile, ...]


def default_path() -> Path:
    """The file of this user."""
    return Path(platformdirs.user_config_dir("kafkaview", appauthor=False)) / _FILE


@dataclass(frozen=True, slots=True)
class StoreDamaged:
    """The file could not be read as a whole. It was kept as `aside`; `readable` connections of it are still listed."""

    aside: Path
    readable: int
    reason: str

    @property
    def text(self) -> str:
        """For the user."""
        left = f"{self.readable} of its connections could be read" if self.readable else "none of it could be read"
        return f"The file of saved connections was damaged ({self.reason}); {left}. It is kept as {self.aside}."


@dataclass(frozen=True, slots=True)
class _Content:
    profiles: Profiles = ()
    last_used: str | None = None


class _Damaged(Exception):
    def __init__(self, reason: str, content: _Content | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.content = content or _Content()


class ProfileStore:
    """The saved connections, in the user's order. Every call reads the file anew, for other programs change it too;
    it takes a millisecond or so. The file's folder is its own. All methods raise StoreUnavailable where the file does
    not serve; `note` says what was found damaged since this object was made.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()
        self.note: StoreDamaged | None = None

    def list(self) -> Profiles:
        """All of them."""
        return self._read().profiles

    def get(self, name: str) -> ConnectionProfile:
        """The one of this name. Raises UnknownProfile."""
        found = self.list()
        for profile in found:
            if profile.name == name:
                return profile
        names = ", ".join(profile.name for profile in found)
        hint = f"There are: {names}." if names else "None is saved yet."
        raise UnknownProfile(f"No connection is saved as {name!r}.", hint)

    def last_used(self) -> ConnectionProfile | None:
        """The one that was connected to last, if it is still there."""
        content = self._read()
        return next((profile for profile in content.profiles if profile.id == content.last_used), None)

    def set_last_used(self, profile_id: str) -> None:
        """Remember that this one was connected to."""
        self._change(lambda content: replace(content, last_used=profile_id))

    def add(self, profile: ConnectionProfile) -> ConnectionProfile:
        """Save a new one, at the end. Raises ProfileNotKept where its name is taken or it cannot be kept."""
        kept = replace(profile, saved=True)
        self._change_profiles(lambda all_: (*all_, kept), check=kept)
        return kept

    def replace(self, profile: ConnectionProfile) -> ConnectionProfile:
        """Save another state of the one with this id, in its place. Raises as `add` does, and UnknownProfile."""
        kept = replace(profile, saved=True)

        def change(all_: Profiles) -> Profiles:
            _place(all_, profile.id)
            return tuple(kept if old.id == kept.id else old for old in all_)

        self._change_profiles(change, check=kept)
        return kept

    def remove(self, profile_id: str) -> None:
        """Forget one. Its keyring entries are deleted apart, and first: see `Keyring.delete_all`."""

        def change(all_: Profiles) -> Profiles:
            _place(all_, profile_id)
            return tuple(profile for profile in all_ if profile.id != profile_id)

        self._change_profiles(change)

    def move(self, profile_id: str, to: int) -> None:
        """Put one at another place of the order, 0 the first."""

        def change(all_: Profiles) -> Profiles:
            moved = all_[_place(all_, profile_id)]
            others = [profile for profile in all_ if profile.id != profile_id]
            others.insert(to, moved)
            return tuple(others)

        self._change_profiles(change)

    def duplicate(self, profile_id: str) -> ConnectionProfile:
        """A copy right behind it, with a name and an id of its own; secrets are not copied (`Keyring.copy`)."""
        made: list[ConnectionProfile] = []

        def change(all_: Profiles) -> Profiles:
            place = _place(all_, profile_id)
            name = _free_name(all_[place].name, {profile.name for profile in all_})
            made.append(replace(all_[place], id=uuid.uuid4().hex, name=name))
            return (*all_[: place + 1], made[0], *all_[place + 1 :])

        self._change_profiles(change)
        return made[0]

    # --- the file

    def _change_profiles(
        self, change: Callable[[Profiles], Profiles], *, check: ConnectionProfile | None = None
    ) -> None:
        def changed(content: _Content) -> _Content:
            if check is not None:
                _check(check, content.profiles)
            return replace(content, profiles=change(content.profiles))

        self._change(changed)

    def _change(self, change: Callable[[_Content], _Content]) -> None:
        with self._locked():
            self._write(change(self._read_locked()))

    def _read(self) -> _Content:
        try:
            return self._parsed()
        except _Damaged:
            with self._locked():
                return self._read_locked()

    def _read_locked(self) -> _Content:
        """A damaged file goes aside, and what could be read of it takes its place."""
        try:
            return self._parsed()
        except _Damaged as damage:
            with _said(self.path):
                aside = _free_path(self.path)
                self.path.rename(aside)
            self.note = StoreDamaged(aside, len(damage.content.profiles), damage.reason)
            if damage.content.profiles:
                self._write(damage.content)
            return damage.content

    def _parsed(self) -> _Content:
        with _said(self.path):
            try:
                raw = self.path.read_bytes()
            except FileNotFoundError:
                return _Content()
        try:
            file = migrated(tomllib.loads(raw.decode()))
        except WrittenByLaterRelease as later:
            raise StoreUnavailable(
                f"{self.path} was written by a later release of kafkaview ({later}).",
                "Use that release, or move the file away; it is left as it is.",
            ) from later
        except UnicodeDecodeError as failure:
            raise _Damaged("it is not UTF-8") from failure
        except ValueError as failure:  # TOML's errors are such too
            raise _Damaged(str(failure)) from failure
        return _content(file)

    def _write(self, content: _Content) -> None:
        document: dict[str, Any] = {"version": VERSION}
        if content.last_used:
            document["last_used"] = content.last_used
        document["profile"] = [document_of(profile) for profile in content.profiles]
        with _said(self.path):
            _put(Path(os.path.realpath(self.path)), tomli_w.dumps(document, multiline_strings=False).encode())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with _said(self.path):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.parent.chmod(0o700)
            lock = locked(self.path.with_name("profiles.lock"))
            lock.__enter__()
        try:
            yield
        finally:
            lock.__exit__(None, None, None)


def _content(file: dict[str, Any]) -> _Content:
    tables = file.get("profile", [])
    last_used = file.get("last_used")
    if not isinstance(tables, list):
        raise _Damaged("profile is no list of tables")
    found, reason = [], ""
    for number, table in enumerate(tables, start=1):
        try:
            found.append(profile_of(table))
        except (ValueError, TypeError, AttributeError) as failure:
            reason = reason or f"connection {number}: {failure}"
    content = _Content(_distinct(found), last_used if isinstance(last_used, str) else None)
    if reason:
        raise _Damaged(reason, content)
    return content


def _distinct(profiles: Sequence[ConnectionProfile]) -> Profiles:
    """Two of the same id, from an edit by hand, would share their secrets and be changed together."""
    return tuple({profile.id: profile for profile in profiles}.values())


def _check(profile: ConnectionProfile, others: Profiles) -> None:
    wrong = problems(profile)
    if wrong:
        raise ProfileNotKept(wrong[0].text, f"Change {wrong[0].field}.")
    if any(other.name == profile.name and other.id != profile.id for other in others):
        raise ProfileNotKept(f"A connection named {profile.name!r} is saved already.", "Give it another name.")


def _place(profiles: Profiles, profile_id: str) -> int:
    for place, profile in enumerate(profiles):
        if profile.id == profile_id:
            return place
    raise UnknownProfile("This connection is no longer saved.", "Another window or program has removed it.")


def _free_name(name: str, taken: set[str]) -> str:
    copies = (f"{name} copy" if number == 1 else f"{name} copy {number}" for number in range(1, len(taken) + 2))
    return next(copy for copy in copies if copy not in taken)


def _free_path(path: Path) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    wanted = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 2
    while wanted.exists():
        wanted = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
        number += 1
    return wanted


def _put(path: Path, content: bytes) -> None:
    """The whole file or none: a new one beside it (mode 0600), on the disk, then in its place."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        raise StoreUnavailable(
            f"The saved connections cannot be used: {failure.filename or path}: {failure.strerror}.",
            "Look at the rights of the file and its folder, and at the room on the disk.",
        ) from failure
