"""The command line's contract on a real broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.demo.kafka import EmbeddedKafka
from tests.broker.material import POISON_AT, Broker

Line = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def topic(broker: Broker) -> str:
    return broker.poisoned_topic()


@pytest.fixture
def line(kafka: EmbeddedKafka, tmp_home: Path, capsys: pytest.CaptureFixture[str]) -> Line:  # noqa: ARG001
    def run(*words: str) -> tuple[int, list[dict[str, Any]]]:
        capsys.readouterr()
        code = main(["--bootstrap", kafka.bootstrap, *words, "--json"])
        return code, [orjson.loads(row) for row in capsys.readouterr().out.splitlines()]

    return run


def test_topics_tell_partitions_records_and_size(line: Line, topic: str) -> None:
    code, (document,) = line("topics")
    (row,) = (row for row in document["topics"] if row["topic"] == topic)
    assert (code, row["partitions"], row["replication_factor"], row["records_upper_bound"]) == (0, 1, 1, 30)
    assert (row["under_replicated"], row["offline"], row["internal"]) == (0, 0, False)
    # None where the broker cannot tell the sizes of its log directories, as in a root that is no mount point.
    assert row["size_bytes"] is None or row["size_bytes"] > 0


def test_a_topic_tells_its_offsets_and_settings(line: Line, topic: str) -> None:
    _, (document,) = line("topic", topic)
    (partition,) = document["partitions"]
    offsets = [partition[name] for name in ("log_start_offset", "log_end_offset", "last_stable_offset")]
    assert offsets == [0, 30, 30]
    assert "retention.ms" in [setting["name"] for setting in document["configs"]]


def test_lag_is_what_waits_behind_the_committed_offset(line: Line, broker: Broker, topic: str) -> None:
    group = f"g-{uuid.uuid4().hex[:8]}"
    broker.commit(group, topic, POISON_AT)
    _, (document,) = line("lag", group)
    (row,) = document["groups"]
    (partition,) = row["partitions"]
    assert (row["total_lag"], partition["lag"], partition["committed_offset"]) == (20, 20, POISON_AT)
    assert (partition["member_id"], partition["time_lag_ms"]) == (None, None)
    _, (listed,) = line("groups")
    (row,) = (row for row in listed["groups"] if row["group"] == group)
    assert (row["type"], row["state"], row["members"], row["stuck"]) == ("classic", "Empty", 0, None)


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (["topic", "no-such-topic"], 1, "unknown_topic_or_partition"),
        (["scan", "no-such-topic"], 1, "unknown_topic_or_partition"),
        (["scan", "{topic}:7"], 1, "unknown_topic_or_partition"),
        (["scan", "{topic}", "--from", "31"], 1, "offset_out_of_range"),
        (["lag", "no-such-group"], 1, "unknown_group"),
        (["stuck", "no-such-group"], 1, "unknown_group"),
    ],
)
def test_what_is_not_there_is_named_by_kind(line: Line, topic: str, words: list[str], code: int, kind: str) -> None:
    ended, (document,) = line(*(word.format(topic=topic) for word in words))
    assert (ended, document["error"]["kind"]) == (code, kind)


@pytest.mark.parametrize(
    ("options", "scanned", "found"),
    [
        ([], 30, 1),
        (["--from", "11"], 19, 0),
        (["--from", "-20"], 20, 1),
        (["--to", "10"], 10, 0),
        (["--from", "end"], 0, 0),
        (["--from", "@2001-01-01T00:00:00Z"], 30, 1),
        (["--from", "@2099-01-01T00:00:00Z"], 0, 0),
        (["--rule", "max-bytes:8"], 30, 1),
        (["--key-rule", "utf8"], 30, 1),
        (["--rule", "max-bytes:1", "--max-findings", "3"], None, 3),
    ],
)
def test_a_scan_reads_the_range_it_is_given(
    line: Line, topic: str, options: list[str], scanned: int | None, found: int
) -> None:
    code, lines = line("scan", topic, *options)
    summary = lines[-1]
    assert (code, len(lines) - 1, summary["found"]) == (0, found, found)
    assert scanned is None or (summary["scanned"], summary["complete"]) == (scanned, True)


def test_a_finding_names_the_byte(line: Line, topic: str) -> None:
    _, (finding, _) = line("scan", topic, "--rule", "json")
    assert finding == {
        "topic": topic,
        "partition": 0,
        "offset": POISON_AT,
        "timestamp_ms": finding["timestamp_ms"],
        "field": "value",
        "rule": "json",
        "reason": "byte 12 of the value is not UTF-8",
        "size": 21,
        "position": 12,
    }


def test_a_topic_without_a_format_asks_for_a_rule(line: Line, broker: Broker) -> None:
    code, (document,) = line("scan", broker.topic())
    assert (code, document["error"]["kind"]) == (2, "usage")


def test_a_dry_run_shows_the_plan_and_writes_nothing(line: Line, broker: Broker, topic: str) -> None:
    group = f"g-{uuid.uuid4().hex[:8]}"
    broker.commit(group, topic, POISON_AT)
    words = ["reroute", f"{topic}:0:{POISON_AT}", "--to", f"{topic}-dlq", "--create-dlq", "--group", group]
    code, (document,) = line(*words, "--dry-run")
    assert (code, document["transaction"], document["done"]) == (0, "none", [])
    (row,) = (row for row in document["plan"]["groups"] if row["group"] == group)
    assert (row["before"], row["after"]) == (POISON_AT, POISON_AT + 1)
    code, (document,) = line(*words)
    assert (code, document["error"]["kind"]) == (2, "usage")
    assert not broker.exists(f"{topic}-dlq")
    assert broker.committed_offsets(group, topic) == POISON_AT


def test_a_copy_is_made_journalled_and_shown(line: Line, broker: Broker, topic: str) -> None:
    queue = f"{topic}-copies"
    code, (document,) = line("reroute", f"{topic}:0:{POISON_AT}", "--to", queue, "--create-dlq", "--no-skip", "--yes")
    assert (code, document["transaction"]) == (0, "committed")
    (done,) = document["done"]
    assert done["source"] == f"{topic}:0:{POISON_AT}"
    assert len(broker.read_committed(queue)) == 1
    code, (entry,) = line("journal", "show", str(done["journal_id"]))
    assert (code, entry["state"], entry["records"][0]["offset"]) == (0, "committed", POISON_AT)
    assert entry["begun_at"].endswith("Z")


def test_an_interrupted_watch_ends_with_130(kafka: EmbeddedKafka, tmp_home: Path) -> None:
    words = ["--bootstrap", kafka.bootstrap, "stuck", "--seconds", "60", "--json"]
    code = (
        "import asyncio, os, signal, sys\n"
        "from kafkaview.triage.watch import watch\n"
        "from kafkaview.cli.main import main\n"
        "take = watch.Watch._take\n"
        "def first(self, sample):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    take(self, sample)\n"
        "watch.Watch._take = first\n"
        f"sys.exit(main({words!r}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "XDG_DATA_HOME": str(tmp_home)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert signal.SIGINT.name not in ended.stderr
    assert ended.returncode == 130
    assert orjson.loads(ended.stdout)["error"]["kind"] == "interrupted"
    assert ended.stderr == ""
