"""Kafka's jars: downloaded once by Maven with the poms in `resources/kafka`, kept in the user's cache."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from kafkaview.cluster.errors import ClusterError
from kafkaview.demo.guarded_processes import Guarded
from kafkaview.resources import ROOT

if sys.platform != "win32":
    import fcntl

KAFKA_VERSION = "4.4.0"
JARS_OCTETS: Final = 43 * 1024 * 1024  # about; Maven's own plugins come on top the first time
_MAVEN: Final = "maven"
_SECONDS_BETWEEN_LOOKS: Final = 0.2
_DOWNLOADED: Final = re.compile(r"Downloaded from \S+: \S+ \(([\d.]+) (B|kB|MB)")
_UNITS: Final = {"B": 1, "kB": 1_000, "MB": 1_000_000}


class CannotRunKafka(ClusterError):
    """The embedded Kafka cannot be downloaded or started here; the message says what to do."""

    kind = "demo"


def kafka_jars(
    version: str = KAFKA_VERSION,
    pom: Path = ROOT / "kafka" / "pom.xml",
    *,
    guard: Guarded | None = None,
    tell: Callable[[int], object] = lambda _octets: None,
) -> Path:
    """Returns the folder with the jars of a Kafka release; the first call downloads them (JARS_OCTETS). `tell` gets the
    number of octets that were downloaded so far. The download ends with the `guard`, if there is one.
    """
    cache = user_cache_path("kafkaview")
    jars = cache / f"kafka-{version}"
    if jars.is_dir():
        return jars
    cache.mkdir(parents=True, exist_ok=True)
    with _lock(cache / "kafka.lock"):
        if not jars.is_dir():
            with nullcontext(guard) if guard is not None else Guarded() as guarded:
                _fetch(pom, jars, guarded, tell)
    return jars


def java() -> str:
    """Returns the Java launcher: JAVA_HOME's, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home, "bin"))) if home else shutil.which("java")
    if found is None:
        raise CannotRunKafka("Kafka needs Java 17 or later: apt-get install default-jre-headless")
    return found


def class_archive(jars: Path) -> Path:
    """Returns the file for the broker's class archive, which the JVM maps into memory (JEP 350): a broker then starts
    in two thirds of the time. The JVM ignores an archive that another Java made.
    """
    return jars.with_name(f"{jars.name}.jsa")


def java_command(jars: Path, *options: str) -> list[str]:
    """Returns the launcher with the class path of some jars, and with their class archive where there is one."""
    archive = class_archive(jars)
    archived = [f"-XX:SharedArchiveFile={archive}", "-Xshare:auto"] if archive.exists() else []
    return [java(), *archived, *options, "-cp", str(jars / "*")]


def _fetch(pom: Path, jars: Path, guarded: Guarded, tell: Callable[[int], object]) -> None:
    """Downloads into a folder beside the target and renames it, so that a partial download is never used."""
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotRunKafka("Kafka's jars are fetched by Maven, which is not installed: apt-get install maven")
    with tempfile.TemporaryDirectory(dir=jars.parent, prefix=f"{jars.name}.") as part:
        fetched = Path(part) / "jars"
        log = Path(part) / "maven.log"
        line = [maven, "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={fetched}"]
        guarded.start(_MAVEN, line, log)
        while (code := guarded.exit_code(_MAVEN)) is None:
            tell(_count_octets(log.read_text(errors="replace")))
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        if code != 0:
            raise CannotRunKafka(f"Maven cannot fetch Kafka's jars:\n{log.read_text(errors='replace')[-2000:]}")
        fetched.rename(jars)


def _count_octets(log: str) -> int:
    """Returns how much Maven has downloaded, as its log tells it."""
    return sum(round(float(figure) * _UNITS[unit]) for figure, unit in _DOWNLOADED.findall(log))


@contextmanager
def _lock(lock: Path) -> Iterator[None]:
    """Allows one download at a time: two Mavens at once can damage their common repository."""
    with lock.open("w") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
