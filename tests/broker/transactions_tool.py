"""Kafka's own `kafka-transactions`, as the judge of what hangs."""

from __future__ import annotations

import subprocess

from kafkaview.demo.jars import java, kafka_jars
from kafkaview.resources import ROOT
from kafkaview.terms import TopicPartition

_POM = ROOT / "kafka" / "tools-4.3" / "pom.xml"


def hanging_by_kafkas_tool(bootstrap: str, where: TopicPartition) -> dict[int, int]:
    """Start offset by producer id of what hangs on a partition, older than a minute."""
    done = subprocess.run(
        [
            *(java(), "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", str(kafka_jars("tools-4.3.0", _POM) / "*")),
            *("org.apache.kafka.tools.TransactionsCommand", "--bootstrap-server", bootstrap, "find-hanging"),
            *("--topic", where.topic, "--partition", str(where.partition), "--max-transaction-timeout", "1"),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=50,
    )
    titles, *rows = [line.split() for line in done.stdout.splitlines() if line.strip()]
    transactions = [dict(zip(titles, row, strict=True)) for row in rows]
    return {int(row["ProducerId"]): int(row["StartOffset"]) for row in transactions}
