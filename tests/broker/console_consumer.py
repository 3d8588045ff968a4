"""Kafka's own `kafka-console-consumer`, as the judge of what a Java consumer is given."""

from __future__ import annotations

import subprocess

from kafkaview.demo.jars import java, kafka_jars
from kafkaview.resources import ROOT

_POM = ROOT / "kafka" / "tools-4.3" / "pom.xml"
_PRINTED = ("print.partition=true", "print.key=true", "null.literal=NULL")


def read_by_kafkas_tool(bootstrap: str, topic: str, records: int) -> list[tuple[int, bytes, bytes]]:
    """Partition, key and value of each committed record; the texts may hold no tab and no line end. `records` are
    expected, and one more would be shown: it waits some seconds for it.
    """
    shown = [word for option in _PRINTED for word in ("--property", option)]
    done = subprocess.run(
        [
            *(java(), "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", str(kafka_jars("tools-4.3.0", _POM) / "*")),
            *("org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", bootstrap, "--topic", topic),
            *("--from-beginning", "--isolation-level", "read_committed", "--max-messages", str(records + 1)),
            *("--timeout-ms", "5000", *shown),
        ],
        capture_output=True,
        check=False,  # it ends with an error where no more came in time, as it should
        timeout=60,
    )
    rows = [line.split(b"\t") for line in done.stdout.splitlines() if line.startswith(b"Partition:")]
    return [(int(number.removeprefix(b"Partition:")), key, value) for number, key, value in rows]
