"""`lag --json` of every group beside Kafka's own tool, both as whole processes, and whether they say the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from kafkaview.demo.jars import java, kafka_jars
from kafkaview.resources import ROOT
from tests.benchmarks.figures import Figure
from tests.benchmarks.lab import Lab
from tests.benchmarks.shapes import MOVING_TOPIC

_POM: Final = ROOT / "kafka" / "tools-4.3" / "pom.xml"
_AS_ITS_SCRIPT: Final = ("-Xmx256M", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20")
_QUIET: Final = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
_TOOL: Final = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"

Key = tuple[str, str, int]
Offsets = tuple[int | None, ...]  # committed, log end, lag


def measure(lab: Lab) -> Iterator[Figure]:
    """Both alternate."""
    shape, rig = lab.groups_shape, lab.rig(lab.groups_shape)
    jars = kafka_jars("tools-4.3.0", _POM)
    tool = [java(), *_AS_ITS_SCRIPT, _QUIET, "-cp", str(jars / "*"), _TOOL, "--bootstrap-server", rig.bootstrap]
    ours, theirs = [], []
    for _run in range(lab.repeats):
        their_run = lab.run(*tool, "--describe", "--all-groups")
        our_run = lab.kafkaview("--bootstrap", rig.bootstrap, "lag", "--json")
        theirs.append(their_run.seconds)
        ours.append(our_run.seconds)
    our_rows, expected = _ours(our_run.document), _theirs(their_run.out.decode())
    different = sum(our_rows.get(key) != offsets for key, offsets in expected.items()) + len(
        our_rows.keys() - expected.keys()
    )
    yield Figure(
        "lag",
        f"lag --json of {shape.groups:,} groups x {shape.total_partitions} partitions, whole process",
        "s",
        ours,
        theirs,
        beside="kafka-consumer-groups --describe --all-groups",
        must=10,
        goal=15,
        by_ratio=True,
        done=bool(expected) and not different,
        details={"rows_compared": len(expected), "rows_different": different},
    )


def _ours(document: Any) -> dict[Key, Offsets]:
    return {
        (group["group"], at["topic"], at["partition"]): (at["committed_offset"], at["log_end_offset"], at["lag"])
        for group in document["groups"]
        for at in group["partitions"]
        if at["topic"] != MOVING_TOPIC
    }


def _theirs(text: str) -> dict[Key, Offsets]:
    rows = (line.split() for line in text.splitlines())
    return {
        (row[0], row[1], int(row[2])): tuple(None if cell == "-" else int(cell) for cell in row[3:6])
        for row in rows
        if len(row) >= 6 and row[2].isdigit() and row[1] != MOVING_TOPIC
    }
