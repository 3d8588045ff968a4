"""Real programs that write and read dead letters: an application of Kafka Streams, and Spring Kafka's own classes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kafkaview.demo.jars import java, kafka_jars
from kafkaview.resources import ROOT

_PROGRAMS: Final = Path(__file__).parent / "java"
_STREAMS: Final = ROOT / "kafka" / "streams-4.3" / "pom.xml"
_SPRING: Final = ROOT / "kafka" / "spring-4.0" / "pom.xml"
_END_SECONDS: Final = 20


@contextmanager
def streams_application(bootstrap: str, folder: Path, topic: str, queue: str, copies: str, name: str) -> Iterator[None]:
    """An application that copies a topic, and sends away what is no text."""
    log = folder / "streams.log"
    line = _line("streams-4.3.1", _STREAMS, "LettersOfStreams", bootstrap, name, topic, queue, copies, str(folder))
    with log.open("wb") as output:
        process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield
    except BaseException:
        print(log.read_text(errors="replace")[-4_000:])
        raise
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def send_away_by_spring(bootstrap: str, topic: str, records: int) -> None:
    """Sends all records of a topic to its `-dlt`, as the error handler of a listener of the group `billing` does."""
    subprocess.run(
        _line("spring-4.0.0", _SPRING, "LettersOfSpring", "write", bootstrap, topic, str(records)),
        check=True,
        timeout=120,
        capture_output=True,
    )


def read_by_spring(bootstrap: str, queue: str, records: int) -> list[tuple[str, int, int, int, str, str]]:
    """Topic, partition, offset, timestamp, its type, and message, as Spring reads them of each dead letter."""
    done = subprocess.run(
        _line("spring-4.0.0", _SPRING, "LettersOfSpring", "read", bootstrap, queue, str(records)),
        check=True,
        timeout=120,
        capture_output=True,
        text=True,
    )
    found = []
    for line in done.stdout.splitlines():
        topic, partition, offset, at_ms, kind, message = line.split("\t")
        found.append((topic, int(partition), int(offset), int(at_ms), kind, message))
    return found


def _line(version: str, pom: Path, program: str, *words: str) -> list[str]:
    jars = kafka_jars(version, pom)
    options = ("-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", str(jars / "*"))
    return [java(), *options, str(_PROGRAMS / f"{program}.java"), *words]
