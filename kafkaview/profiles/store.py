"""The saved connections: added, changed, ordered, found by name. None of their secrets is here."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import platformdirs

from kafkaview.profiles.checks import problems
from kafkaview.profiles.connections_file import Content, Profiles, StoreDamaged, StoreFile
from kafkaview.profiles.errors import ProfileNotKept, UnknownProfile
from kafkaview.profiles.profile import ConnectionProfile

_FILE: Final = "profiles.toml"


def default_path() -> Path:
    """Returns the path of this user's file."""
    return Path(platformdirs.user_config_dir("kafkaview", appauthor=False)) / _FILE


class ProfileStore:
    """The saved connections, in the user's order. Every call reads the file anew, for other programs change it too;
    it takes a millisecond or so. The file's folder is its own. All methods raise StoreUnavailable where the file does
    not serve; `note` says what was found damaged since this object was made.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._file = StoreFile(path or default_path())

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    @property
    def note(self) -> StoreDamaged | None:
        """What was found damaged."""
        return self._file.note

    def list(self) -> Profiles:
        """Returns all saved connections."""
        return self._file.read().profiles

    def get(self, name: str) -> ConnectionProfile:
        """Returns the connection of a name. Raises UnknownProfile."""
        found = self.list()
        for profile in found:
            if profile.name == name:
                return profile
        names = ", ".join(profile.name for profile in found)
        hint = f"There are: {names}." if names else "None is saved yet."
        raise UnknownProfile(f"No connection is saved as '{name}'.", hint)

    def last_used(self) -> ConnectionProfile | None:
        """Returns the connection that was used last, if it still exists."""
        content = self._file.read()
        return next((profile for profile in content.profiles if profile.id == content.last_used), None)

    def set_last_used(self, profile_id: str) -> None:
        """Notes that a connection was used."""
        self._file.change(lambda content: replace(content, last_used=profile_id))

    def add(self, profile: ConnectionProfile) -> ConnectionProfile:
        """Saves a new connection at the end. Raises ProfileNotKept if its name is taken or it cannot be kept."""
        kept = replace(profile, saved=True, named_by=())
        self._change_profiles(lambda all_: (*all_, kept), check=kept)
        return kept

    def replace(self, profile: ConnectionProfile) -> ConnectionProfile:
        """Saves another state of the connection with this id. Raises as `add` does, and UnknownProfile."""
        kept = replace(profile, saved=True, named_by=())

        def change(all_: Profiles) -> Profiles:
            _place(all_, profile.id)
            return tuple(kept if old.id == kept.id else old for old in all_)

        self._change_profiles(change, check=kept)
        return kept

    def remove(self, profile_id: str) -> None:
        """Deletes a connection. Its keyring entries are deleted apart, and first: see `Keyring.delete_all`."""

        def change(all_: Profiles) -> Profiles:
            _place(all_, profile_id)
            return tuple(profile for profile in all_ if profile.id != profile_id)

        self._change_profiles(change)

    def move(self, profile_id: str, to: int) -> None:
        """Moves a connection to another place of the order; 0 is the first."""

        def change(all_: Profiles) -> Profiles:
            moved = all_[_place(all_, profile_id)]
            others = [profile for profile in all_ if profile.id != profile_id]
            others.insert(to, moved)
            return tuple(others)

        self._change_profiles(change)

    def duplicate(self, profile_id: str) -> ConnectionProfile:
        """Copies a connection to the place behind it, with a name and an id of its own; without secrets
        (`Keyring.copy`).
        """
        made: list[ConnectionProfile] = []

        def change(all_: Profiles) -> Profiles:
            place = _place(all_, profile_id)
            name = _free_name(all_[place].name, {profile.name for profile in all_})
            made.append(replace(all_[place], id=uuid.uuid4().hex, name=name))
            return (*all_[: place + 1], made[0], *all_[place + 1 :])

        self._change_profiles(change)
        return made[0]

    def _change_profiles(
        self, change: Callable[[Profiles], Profiles], *, check: ConnectionProfile | None = None
    ) -> None:
        def change_content(content: Content) -> Content:
            if check is not None:
                _check(check, content.profiles)
            return replace(content, profiles=change(content.profiles))

        self._file.change(change_content)


def _check(profile: ConnectionProfile, others: Profiles) -> None:
    wrong = problems(profile)
    if wrong:
        raise ProfileNotKept(wrong[0].text, f"Change {wrong[0].field}.")
    if any(other.name == profile.name and other.id != profile.id for other in others):
        raise ProfileNotKept(f"A connection named '{profile.name}' is saved already.", "Give it another name.")


def _place(profiles: Profiles, profile_id: str) -> int:
    for place, profile in enumerate(profiles):
        if profile.id == profile_id:
            return place
    raise UnknownProfile("This connection is no longer saved.", "Another window or program has removed it.")


def _free_name(name: str, taken: set[str]) -> str:
    copies = (f"{name} copy" if number == 1 else f"{name} copy {number}" for number in range(1, len(taken) + 2))
    return next(copy for copy in copies if copy not in taken)
