"""The file of saved connections: one TOML file in the user's configuration folder, without a secret in it.

Every change reads the file, changes it and puts a new one in its place, under a lock: two programs at once lose
nothing, and one that is killed leaves the file as it was.
"""

from __future__ import annotations

import os
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from kafkaview.profiles.document import VERSION, WrittenByLaterRelease, document_of, migrate, profile_of
from kafkaview.profiles.errors import ProfileNotKept, StoreUnavailable
from kafkaview.profiles.profile import ConnectionProfile

Profiles = tuple[ConnectionProfile, ...]


@dataclass(frozen=True, slots=True)
class StoreDamaged:
    """The file could not be read as a whole. It was kept as `aside`; `readable` connections of it are still listed."""

    aside: Path
    readable: int
    reason: str

    @property
    def text(self) -> str:
        """The words for the user."""
        left = f"{self.readable} of its connections could be read" if self.readable else "none of it could be read"
        return f"The file of saved connections was damaged ({self.reason}); {left}. It is kept as {self.aside}."


@dataclass(frozen=True, slots=True)
class Content:
    """The content of the file."""

    profiles: Profiles = ()
    last_used: str | None = None


class _Damaged(Exception):
    def __init__(self, reason: str, content: Content | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.content = content or Content()


class StoreFile:
    """The file at `path`. Where it does not serve, StoreUnavailable is raised; one that is damaged goes aside, and
    `note` says so.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.note: StoreDamaged | None = None

    def change(self, change: Callable[[Content], Content]) -> None:
        """Reads the file, changes its content and replaces the file."""
        with self._lock():
            self._write(change(self._read_locked()))

    def read(self) -> Content:
        """Returns the content of the file."""
        try:
            return self._parse()
        except _Damaged:
            with self._lock():
                return self._read_locked()

    def _read_locked(self) -> Content:
        """Returns the content. A damaged file is put aside and replaced by what could be read of it."""
        try:
            return self._parse()
        except _Damaged as damage:
            with _translate_errors(self.path):
                aside = _free_path(self.path)
                self.path.rename(aside)
            if damage.content.profiles:
                try:
                    self._write(damage.content)
                except StoreUnavailable:  # the disk is full: next time there has to be something to read
                    with _translate_errors(self.path):
                        aside.rename(self.path)
                    raise
            self.note = StoreDamaged(aside, len(damage.content.profiles), damage.reason)
            return damage.content

    def _parse(self) -> Content:
        with _translate_errors(self.path):
            try:
                raw = self.path.read_bytes()
            except FileNotFoundError:
                return Content()
        try:
            file = migrate(tomllib.loads(raw.decode("utf-8-sig")))  # Windows' editor begins with a mark
        except WrittenByLaterRelease as later:
            raise StoreUnavailable(
                f"{self.path} was written by a later release of kafkaview ({later}).",
                "Use that release, or move the file away; it is left as it is.",
            ) from later
        except UnicodeDecodeError as failure:
            raise _Damaged("it is not UTF-8") from failure
        except RecursionError:
            raise _Damaged("its tables are nested too deep") from None
        except ValueError as failure:  # TOML's errors are such too
            raise _Damaged(str(failure)) from failure
        return _content(file)

    def _write(self, content: Content) -> None:
        document: dict[str, Any] = {"version": VERSION}
        if content.last_used:
            document["last_used"] = content.last_used
        document["profile"] = [document_of(profile) for profile in content.profiles]
        try:
            text = tomli_w.dumps(document, multiline_strings=False).encode()
        except UnicodeEncodeError:
            raise ProfileNotKept("A text of this connection holds half a character.", "Type it again.") from None
        with _translate_errors(self.path):
            _put(Path(os.path.realpath(self.path)), text)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        from filelock import FileLock  # 45 ms, and a read needs no lock

        with _translate_errors(self.path):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.parent.chmod(0o700)
            lock = FileLock(self.path.with_name("profiles.lock"), mode=0o600)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()


def _content(file: dict[str, Any]) -> Content:
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
    content = Content(_drop_duplicates(found), last_used if isinstance(last_used, str) else None)
    if reason:
        raise _Damaged(reason, content)
    return content


def _drop_duplicates(profiles: Sequence[ConnectionProfile]) -> Profiles:
    """Drops all but one of several with the same id, from an edit by hand: they would share their secrets."""
    return tuple({profile.id: profile for profile in profiles}.values())


def _free_path(path: Path) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    wanted = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 2
    while wanted.exists():
        wanted = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
        number += 1
    return wanted


def _put(path: Path, content: bytes) -> None:
    """Writes the whole file or none: a new file beside it (mode 0600), on the disk, then in its place."""
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
def _translate_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        raise StoreUnavailable(
            f"The saved connections cannot be used: {failure.filename or path}: {failure.strerror}.",
            "Look at the rights of the file and its folder, and at the room on the disk.",
        ) from failure
