"""A real keyring for the tests: gnome-keyring on a D-Bus session of its own, in folders of its own.

`keyring.environment` is what a program needs to use it, `keyring.backend` the library's way to it in this process.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from types import TracebackType
from typing import Self

import secretstorage
from keyring.backends.SecretService import Keyring as SecretService

from kafkaview.demo.guarded_processes import Guarded
from kafkaview.profiles.keyring import Keyring
from tests.kit.patience import patience

_SECONDS_TO_START = 20.0
_BUS = "DBUS_SESSION_BUS_ADDRESS"
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy></busconfig>
"""


class KeyringSession:
    """A context manager; both programs end with it, and with a test that is killed."""

    def __init__(self) -> None:
        self.backend = SecretService()  # type: ignore[no-untyped-call]

    def __enter__(self) -> Self:
        self._guarded = Guarded()
        try:
            self._start()
        except BaseException:
            self._guarded.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._guarded.close()

    @contextmanager
    def entered(self) -> Iterator[Keyring]:
        """Let this process use it for a while."""
        before = os.environ.get(_BUS)
        os.environ[_BUS] = self.environment[_BUS]
        try:
            yield Keyring(self.backend)
        finally:
            if before is None:
                del os.environ[_BUS]
            else:
                os.environ[_BUS] = before

    def users(self) -> list[str]:
        """What kafkaview keeps there: `PROFILE_ID/FIELD`, without the secrets."""
        with self._collection() as collection:
            items = collection.search_items({"service": "kafkaview"})
            return sorted(str(item.get_attributes()["username"]) for item in items)

    def lock(self) -> None:
        """As its user does, or the screen saver; nobody is there to answer when it asks for its password."""
        with self._collection() as collection:
            collection.lock()

    def end_keyring(self) -> None:
        """The daemon goes, the bus stays."""
        self._guarded.end("keyring")

    @contextmanager
    def _collection(self) -> Iterator[secretstorage.Collection]:
        with self.entered():
            connection = secretstorage.dbus_init()
            try:
                yield secretstorage.get_default_collection(connection)
            finally:
                connection.close()

    def _start(self) -> None:
        self.home = self._guarded.folder
        folders = {f"XDG_{kind}": self.home / kind.lower() for kind in ("DATA_HOME", "CONFIG_HOME", "CACHE_HOME")}
        folders["XDG_RUNTIME_DIR"] = self.home / "runtime"
        for folder in folders.values():
            folder.mkdir(mode=0o700)
        socket = self.home / "bus"
        self.environment = {**{name: str(folder) for name, folder in folders.items()}, _BUS: f"unix:path={socket}"}
        config, password = self.home / "bus.conf", self.home / "password"
        config.write_text(_CONFIG.format(socket=socket))
        password.write_text("unlocks-the-keyring")
        self._guarded.start("bus", ["dbus-daemon", f"--config-file={config}", "--nofork"], self.home / "bus.log")
        _until(socket.exists)
        # The shell makes way for the daemon, which then is the guard's own child.
        line = f"exec gnome-keyring-daemon --foreground --unlock --components=secrets <{password}"
        words = ["env", *(f"{name}={value}" for name, value in self.environment.items()), "sh", "-c", line]
        self._guarded.start("keyring", words, self.home / "keyring.log")
        _until(self._serves)
        password.unlink()

    def _serves(self) -> bool:
        not_yet = secretstorage.exceptions.SecretStorageException  # the bus may have its socket and not listen yet
        with self.entered(), suppress(not_yet), closing(secretstorage.dbus_init()) as connection:
            return secretstorage.check_service_availability(connection) and not (
                secretstorage.get_default_collection(connection).is_locked()
            )
        return False


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + patience(_SECONDS_TO_START)
    while not condition():
        assert time.monotonic() < end, "the keyring did not start"
        time.sleep(0.02)
