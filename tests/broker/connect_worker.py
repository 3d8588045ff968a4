"""A real worker of Kafka Connect with one sink, whose dead letters are the tests' to read."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kafkaview.demo.jars import java, kafka_jars
from kafkaview.resources import ROOT

_POM = ROOT / "kafka" / "connect-4.3" / "pom.xml"
_END_SECONDS = 10


@contextmanager
def failing_sink(bootstrap: str, folder: Path, name: str, topic: str, queue: str, *, context: bool) -> Iterator[None]:
    """A sink that takes JSON and sends what is none to a queue, with context headers or without."""
    jars = kafka_jars("connect-4.3.1", _POM)
    worker, sink = folder / "worker.properties", folder / "sink.properties"
    write(
        worker,
        {
            "bootstrap.servers": bootstrap,
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter",
            "value.converter.schemas.enable": "false",
            "offset.storage.file.filename": str(folder / "offsets"),
            "offset.flush.interval.ms": "1000",
            "plugin.discovery": "service_load",  # to scan the jars takes a minute
            "listeners": "http://127.0.0.1:0",
        },
    )
    write(
        sink,
        {
            "name": name,
            "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
            "tasks.max": "1",
            "topics": topic,
            "file": str(folder / "out"),
            "consumer.override.auto.offset.reset": "earliest",
            "errors.tolerance": "all",
            "errors.deadletterqueue.topic.name": queue,
            "errors.deadletterqueue.topic.replication.factor": "1",
            "errors.deadletterqueue.context.headers.enable": str(context).lower(),
        },
    )
    log = folder / "connect.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(java(), "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", str(jars / "*")),
                *("org.apache.kafka.connect.cli.ConnectStandalone", str(worker), str(sink)),
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    except BaseException:
        print(log.read_text(errors="replace")[-4_000:])
        raise
    finally:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def write(path: Path, settings: dict[str, str]) -> None:
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
