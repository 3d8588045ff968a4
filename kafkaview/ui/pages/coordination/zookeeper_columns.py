"""What the tables of the ZooKeeper tab show."""

from __future__ import annotations

import time

from kafkaview.cluster.ports.zookeeper import ZooKeeperBroker, ZooKeeperServer
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column
from kafkaview.ui.pages.coordination.zookeeper_words import server_mark, server_state, session_age
from kafkaview.words import clock, duration, iso


def _untold(server: ZooKeeperServer) -> str:
    return server.error or "its four letter words do not tell it, or are not allowed (4lw.commands.whitelist)"


def _session_ms(row: ZooKeeperBroker) -> int | None:
    return None if row.registered_at_ms is None else max(0, time.time_ns() // 1_000_000 - row.registered_at_ms)


SERVERS: tuple[Column[ZooKeeperServer], ...] = (
    Column(
        "",
        lambda row: row.role is not None,
        text=server_state,
        mark=server_mark,
        align=Align.CENTER,
        width=36,
        tip=server_state,
    ),
    Column("Server", lambda row: row.server, width=240, mono=True, strong=True, elide_middle=True),
    Column("Role", lambda row: row.role.value if row.role is not None else None, width=90, unknown=_untold),
    Column("Version", lambda row: row.version, width=80, unknown=_untold),
    Column(
        "Latency",
        lambda row: row.avg_latency_ms,
        text=lambda row: duration(row.avg_latency_ms),
        align=Align.RIGHT,
        width=80,
        unknown=_untold,
    ),
    Column("Znodes", lambda row: row.znodes, align=Align.RIGHT, width=80, unknown=_untold),
    Column("Watches", lambda row: row.watches, align=Align.RIGHT, width=80, unknown=_untold),
    Column("Connections", lambda row: row.connections, align=Align.RIGHT, width=92, unknown=_untold),
    Column(
        "Error",
        lambda row: row.error or "none",
        width=150,
        stretch=True,
        italic=lambda row: row.error is None,
        tone=lambda row: server_mark(row).text_token if row.error and server_mark(row) is not Mark.OK else None,
    ),
)

REGISTRATIONS: tuple[Column[ZooKeeperBroker], ...] = (
    Column("Broker", lambda row: row.id, text=lambda row: str(row.id), width=72, strong=True),
    Column("Endpoints", lambda row: ", ".join(row.endpoints) or None, width=240, mono=True, stretch=True),
    Column("Rack", lambda row: row.rack or "none", width=90, italic=lambda row: row.rack is None),
    Column(
        "Registered",
        lambda row: row.registered_at_ms,
        text=lambda row: clock(row.registered_at_ms),
        align=Align.RIGHT,
        width=150,
        tip=lambda row: f"{iso(row.registered_at_ms)} by ZooKeeper's clock",
    ),
    Column(
        "Session age",
        _session_ms,
        text=lambda row: session_age(row.registered_at_ms, time.time_ns() // 1_000_000),
        align=Align.RIGHT,
        width=110,
    ),
)
