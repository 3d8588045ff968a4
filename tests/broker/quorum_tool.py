"""Kafka's own `kafka-metadata-quorum describe`, as a judge."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass

from kafkaview.demo.jars import java, kafka_jars
from kafkaview.resources import ROOT

_POM = ROOT / "kafka" / "tools-4.3" / "pom.xml"
_NO_DIRECTORY = "A" * 22


@dataclass(frozen=True, slots=True)
class ToolReplica:
    """One row of `--replication`."""

    id: int
    directory_id: str | None
    log_end_offset: int
    lag: int
    last_fetch_ms: int
    last_caught_up_ms: int
    status: str


@dataclass(frozen=True, slots=True)
class ToolStatus:
    """`--status`; endpoints by voter."""

    leader_id: int
    leader_epoch: int
    high_watermark: int
    max_follower_lag: int
    max_follower_lag_ms: int
    voters: dict[int, tuple[str | None, tuple[str, ...]]]
    observers: dict[int, str | None]


def status(bootstrap: str) -> ToolStatus:
    """What `describe --status` prints."""
    said = dict(line.split(":", 1) for line in _described(bootstrap, "--status").splitlines() if ":" in line)
    voters, observers = json.loads(said["CurrentVoters"]), json.loads(said["CurrentObservers"])
    return ToolStatus(
        int(said["LeaderId"]),
        int(said["LeaderEpoch"]),
        int(said["HighWatermark"]),
        int(said["MaxFollowerLag"]),
        int(said["MaxFollowerLagTimeMs"]),
        {one["id"]: (_directory(one.get("directoryId")), tuple(one.get("endpoints", ()))) for one in voters},
        {one["id"]: _directory(one.get("directoryId")) for one in observers},
    )


def replication(bootstrap: str) -> dict[int, ToolReplica]:
    """What `describe --replication` prints, by node."""
    rows = [line.split() for line in _described(bootstrap, "--replication").splitlines()]
    return {int(row[0]): _replica(row) for row in rows if row and row[0].isdigit()}


def _replica(row: list[str]) -> ToolReplica:
    number, directory, end, lag, fetched, caught_up, word = row
    return ToolReplica(int(number), _directory(directory), int(end), int(lag), int(fetched), int(caught_up), word)


def _directory(text: str | None) -> str | None:
    return None if text in (None, _NO_DIRECTORY) else text


def _described(bootstrap: str, what: str) -> str:
    done = subprocess.run(
        [
            *(java(), "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", str(kafka_jars("tools-4.3.0", _POM) / "*")),
            *("org.apache.kafka.tools.MetadataQuorumCommand", "--bootstrap-server", bootstrap, "describe", what),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout
