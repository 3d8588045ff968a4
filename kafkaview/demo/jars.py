"""Kafka's jars: downloaded once by Maven with the poms in `resources/kafka`, kept in the user's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

from kafkaview.cluster.errors import ClusterError
from kafkaview.profiles.environment import without_secrets
from kafkaview.resources import ROOT

if sys.platform != "win32":
    import fcntl

KAFKA_VERSION = "4.4.0"


class CannotRunKafka(ClusterError):
    """The embedded Kafka cannot be downloaded or started here; the message says what to do."""

    kind = "demo"


def kafka_jars(version: str = KAFKA_VERSION, pom: Path = ROOT / "kafka" / "pom.xml") -> Path:
    """Returns the folder with the jars of a Kafka release; the first call downloads them (50 MB)."""
    cache = user_cache_path("kafkaview")
    jars = cache / f"kafka-{version}"
    if jars.is_dir():
        return jars
    cache.mkdir(parents=True, exist_ok=True)
    with _lock(cache / "kafka.lock"):
        if not jars.is_dir():
            _fetch(pom, jars)
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


def _fetch(pom: Path, jars: Path) -> None:
    """Downloads into a folder beside the target and renames it, so that a partial download is never used."""
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotRunKafka("Kafka's jars are fetched by Maven, which is not installed: apt-get install maven")
    with tempfile.TemporaryDirectory(dir=jars.parent, prefix=f"{jars.name}.") as part:
        fetched = Path(part) / "jars"
        done = subprocess.run(
            [maven, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={fetched}"],
            capture_output=True,
            text=True,
            check=False,
            env=without_secrets(os.environ),
        )
        if done.returncode != 0:
            raise CannotRunKafka(f"Maven cannot fetch Kafka's jars:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        fetched.rename(jars)


@contextmanager
def _lock(lock: Path) -> Iterator[None]:
    """Allows one download at a time: two Mavens at once can damage their common repository."""
    with lock.open("w") as file:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
