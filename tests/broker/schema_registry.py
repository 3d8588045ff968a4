"""Apicurio's registry, which speaks Confluent's API, on this computer; it keeps its schemas in memory."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock
from platformdirs import user_cache_path

from kafkaview.demo.guarded_processes import Guarded, is_running
from kafkaview.demo.jars import CannotRunKafka, java
from kafkaview.demo.ports import free_ports
from kafkaview.profiles.environment import without_secrets
from tests.kit.patience import patience

_VERSION = "2.6.13.Final"  # 3.x needs a newer Java
_ARTIFACT = f"io.apicurio:apicurio-registry-app:{_VERSION}:tar.gz:all"
_SECONDS_TO_START = 60.0


class EmbeddedRegistry:
    """A registry without a login, as a context manager; it ends with the test run."""

    def __init__(self) -> None:
        self._guard = Guarded()
        self._port = 0

    @property
    def url(self) -> str:
        """The root of Confluent's API."""
        return f"http://127.0.0.1:{self._port}/apis/ccompat/v7"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._guard.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._guard.close()

    def start(self) -> None:
        """Starts it, at the same port again after `end`."""
        folder = _program()
        if not self._port:
            with free_ports(1) as (self._port,):
                pass
        log = self._guard.folder / "registry.log"
        options = ["-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dquarkus.http.host=127.0.0.1"]
        (jar,) = folder.glob("*-runner.jar")
        pid = self._guard.start(
            "registry", [java(), *options, f"-Dquarkus.http.port={self._port}", "-jar", str(jar)], log
        )
        deadline = time.monotonic() + patience(_SECONDS_TO_START)
        while not self._answers():
            if not is_running(pid) or time.monotonic() > deadline:
                raise CannotRunKafka(f"the registry does not come up. Its last lines:\n{log.read_text()[-3000:]}")
            time.sleep(0.05)

    def end(self) -> None:
        """Ends it; its schemas are lost."""
        self._guard.end("registry", at_once=True)

    def _answers(self) -> bool:
        with (
            suppress(OSError, http.client.HTTPException),
            closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)) as connection,
        ):
            connection.request("GET", "/apis/ccompat/v7/subjects")
            with connection.getresponse() as answer:
                return answer.status == 200
        return False


def _program() -> Path:
    """Returns the folder of the program; the first call downloads it (142 MB)."""
    cache = user_cache_path("kafkaview")
    folder = cache / f"apicurio-registry-{_VERSION}"
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / "registry.lock"):
        if not folder.is_dir():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotRunKafka("the registry is fetched by Maven, which is not installed: apt-get install maven")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}.") as part:
        subprocess.run(
            [maven, "-q", "-B", "dependency:copy", f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={part}"],
            check=True,
            capture_output=True,
            env=without_secrets(os.environ),
        )
        (archive,) = Path(part).glob("*.tar.gz")
        made = Path(part) / "program"
        with tarfile.open(archive) as files:
            if hasattr(tarfile, "data_filter"):  # Python has it since 3.11.4
                files.extraction_filter = tarfile.data_filter
            files.extractall(made)  # noqa: S202 - a release whose sum Maven has checked
        made.rename(folder)
