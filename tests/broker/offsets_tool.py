"""Kafka's own `kafka-consumer-groups --reset-offsets`, as the judge of where a target lies."""

from __future__ import annotations

import csv
import subprocess

from kafkaview.demo.jars import java, kafka_jars
from kafkaview.resources import ROOT
from kafkaview.terms import TopicPartition

_POM = ROOT / "kafka" / "tools-4.3" / "pom.xml"


def export_by_kafkas_tool(bootstrap: str, group: str, topic: str, *to: str) -> str:
    """What `--dry-run --export` prints: a line of group, topic, partition and offset each."""
    done = subprocess.run(
        [
            *(java(), "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", str(kafka_jars("tools-4.3.0", _POM) / "*")),
            *("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "--bootstrap-server", bootstrap),
            *("--reset-offsets", "--group", group, "--topic", topic, *to, "--dry-run", "--export"),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=50,
    )
    return "\n".join(line for line in done.stdout.splitlines() if topic in line)


def offsets_of(exported: str) -> dict[TopicPartition, int]:
    """The new offset of each partition."""
    cells = [[cell.strip('"') for cell in row[-3:]] for row in csv.reader(exported.splitlines())]
    return {TopicPartition(topic, int(partition)): int(offset) for topic, partition, offset in cells}
