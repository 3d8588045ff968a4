"""A real move from ZooKeeper to KRaft, seen by `kafkaview coordination` at each phase."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kafkaview.cli.main import main
from tests.broker.migration import CONTROLLER, Migration
from tests.broker.old_servers import until

Document = dict[str, Any]


@pytest.mark.timeout(400)
def test_the_mode_goes_zookeeper_migrating_kraft_and_each_phase_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with Migration() as move:

        def ask(*address: str) -> Document:
            assert main(["--bootstrap", move.bootstrap, *address, "coordination", "--json"]) == 0
            document: Document = json.loads(capsys.readouterr().out)
            return document

        def seen(mode: str, phase: str) -> Document:
            return awaited(lambda: ask("-X", f"zookeeper.connect={move.zookeeper}"), mode, phase)

        start = seen("zookeeper", "none")
        assert start["controller"]["id"] == start["zookeeper"]["controller_id"] in (1, 2)
        assert start["zookeeper"]["controller_is_ephemeral"]
        assert [broker["id"] for broker in start["zookeeper"]["brokers"]] == [1, 2]
        assert "zookeeper.metadata.migration.enable=true" in start["zookeeper"]["migration"]["next_step"]

        move.start_controller()
        waiting = seen("zookeeper", "controller_ready")
        assert waiting["zookeeper"]["migration"]["kraft_controller_id"] is None
        assert waiting["controller"]["id"] in (1, 2)

        move.prepare_brokers()
        dual = seen("migrating", "dual_write")
        assert (dual["controller"]["id"], dual["quorum"]) == (CONTROLLER, None)
        assert (dual["zookeeper"]["migration"]["moved"], dual["zookeeper"]["migration"]["left"]) == ([], [1, 2])
        assert not dual["zookeeper"]["controller_is_ephemeral"]
        assert "process.roles=broker" in dual["zookeeper"]["migration"]["next_step"]
        assert ask()["mode"] == "migrating", "a broker on ZooKeeper names its address"

        move.move_broker(1)
        moving = seen("migrating", "brokers_moving")
        assert (moving["zookeeper"]["migration"]["moved"], moving["zookeeper"]["migration"]["left"]) == ([1], [2])
        assert "broker 2 too" in moving["zookeeper"]["migration"]["next_step"]
        assert (moving["controller"]["id"], moving["quorum"]["leader_id"]) == (CONTROLLER, CONTROLLER)

        move.move_broker(2)
        moved = seen("migrating", "brokers_moved")
        assert (moved["zookeeper"]["migration"]["moved"], moved["zookeeper"]["migration"]["left"]) == ([1, 2], [])
        assert moved["zookeeper"]["brokers"] == []

        move.finalize()
        final = seen("kraft", "finalized")
        assert "stays at offset" in final["evidence"][-1]
        assert final["zookeeper"]["controller_id"] == CONTROLLER, "what ZooKeeper says is stale"

        move.end_zookeeper()
        alone = ask("-X", f"zookeeper.connect={move.zookeeper}")
        assert (alone["mode"], alone["zookeeper"]["health"]) == ("kraft", "lost")
        assert alone["zookeeper"]["migration"]["phase"] is None
        assert ask()["mode"] == "kraft"


def awaited(ask: Callable[[], Document], mode: str, phase: str) -> Document:
    """A move's step is seen when the brokers' metadata, ZooKeeper and the quorum have all followed: within seconds."""
    seen: list[Document] = []

    def holds() -> bool:
        seen.append(ask())
        return (seen[-1]["mode"], seen[-1]["zookeeper"]["migration"]["phase"]) == (mode, phase)

    until(holds)
    return seen[-1]
