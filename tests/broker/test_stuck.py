"""The demo as a whole: who stands still, on which record, and what else a scan finds."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any

import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.demo.running import Demo
from kafkaview.triage.scan.scan import scan
from tests.broker.material import session_on
from tests.kit.patience import patience


def line(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, Any]]]:
    code = main(list(words))
    return code, [orjson.loads(row) for row in capsys.readouterr().out.splitlines()]


@pytest.mark.usefixtures("tmp_home")
def test_stuck_names_exactly_the_groups_of_the_demo_and_their_records(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    code, (document,) = line(capsys, "--bootstrap", demo.bootstrap, "stuck", "--json")
    named = {
        (one["group"], one["topic"], one["partition"], one["record"]["offset"], one["committed_offset"])
        for one in document["stuck"]
        if one["verdict"] == "poison"
    }
    expected = {(e.group, e.topic, e.partition, e.offset, e.committed_offset) for e in demo.expected if e.group}
    assert (code, named) == (0, expected)
    assert {(one["group"], one["verdict"]) for one in document["stuck"] if one["verdict"] != "poison"} == {
        ("reports", "no_members")
    }
    assert {one["group"]: one["behaviour"] for one in document["stuck"]} == {
        "audit": "retries",
        "billing": "crash_loop",
        "invoices": "crash_loop",
        "reports": "absent",
        "shipping": "retries",
    }


@pytest.mark.usefixtures("tmp_home")
def test_scan_finds_exactly_the_records_of_the_demo_that_do_not_decode(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = line(capsys, "--bootstrap", demo.bootstrap, "scan", "orders", "--rule", "json", "--json")
    found = {(one["topic"], one["partition"], one["offset"]) for one in lines[:-1]}
    assert (code, found) == (0, {(e.topic, e.partition, e.offset) for e in demo.expected if e.topic == "orders"})
    assert lines[-1]["complete"]
    assert lines[-1]["found"] == len(found)


@pytest.mark.usefixtures("tmp_home")
def test_a_schema_finds_missing_fields_and_wrong_types_too(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    rule = "jsonschema:resources/demo/payments.schema.json"
    code, lines = line(
        capsys, "--bootstrap", demo.bootstrap, "scan", "payments", "--rule", rule, "--json", "--fail-if-found"
    )
    found = {(one["topic"], one["partition"], one["offset"]) for one in lines[:-1]}
    assert (code, found) == (1, {(e.topic, e.partition, e.offset) for e in demo.expected if e.topic == "payments"})


async def test_a_cancelled_scan_stops_within_half_a_second(demo: Demo, tmp_path: Path) -> None:
    async with session_on(demo.bootstrap, tmp_path / "journal.sqlite3") as session:
        began = asyncio.Event()

        async def scanning() -> None:
            async with aclosing(scan(session, ["orders", "payments"])) as steps:
                async for _ in steps:
                    began.set()

        task = asyncio.create_task(scanning())
        await began.wait()
        task.cancel()
        async with asyncio.timeout(patience(0.5)):
            await asyncio.wait([task])
        assert task.cancelled()
