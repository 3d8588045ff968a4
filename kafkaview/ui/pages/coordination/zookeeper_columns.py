"""The columns of the tables on the ZooKeeper tab."""

from __future__ import annotations

from kafkaview.clock import now_ms
from kafkaview.cluster.ports.zookeeper import ZooKeeperBroker, ZooKeeperServer
from kafkaview.coordination.listed_columns import REGISTRATION_FIELDS, SERVER_FIELDS
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column, Look, mark_column, row_columns
from kafkaview.ui.pages.coordination.zookeeper_words import server_mark, server_state, session_age
from kafkaview.words import clock, iso


def _why_silent(server: ZooKeeperServer) -> str:
    return server.error or "its four letter words do not tell it, or are not allowed (4lw.commands.whitelist)"


def _session_ms(row: ZooKeeperBroker) -> int | None:
    return None if row.registered_at_ms is None else max(0, now_ms() - row.registered_at_ms)


_TOLD_BY_ITSELF = ("role", "version", "avg_latency_ms", "znodes", "watches", "connections")

SERVERS: tuple[Column[ZooKeeperServer], ...] = (
    mark_column(server_mark, server_state, lambda row: row.role is not None),
    *row_columns(
        SERVER_FIELDS,
        {
            **{name: Look[ZooKeeperServer](unknown=_why_silent) for name in _TOLD_BY_ITSELF},
            "server": Look[ZooKeeperServer](mono=True, strong=True, elide_middle=True),
            "error": Look[ZooKeeperServer](
                value=lambda row: row.error or "none",
                stretch=True,
                italic=lambda row: row.error is None,
                tone=lambda row: server_mark(row).text_token if row.error and server_mark(row) is not Mark.OK else None,
            ),
        },
    ),
)

REGISTRATIONS: tuple[Column[ZooKeeperBroker], ...] = (
    *row_columns(
        REGISTRATION_FIELDS,
        {
            "id": Look[ZooKeeperBroker](strong=True),
            "endpoints": Look[ZooKeeperBroker](mono=True, stretch=True),
            "rack": Look[ZooKeeperBroker](value=lambda row: row.rack or "none", italic=lambda row: row.rack is None),
            "registered_at": Look[ZooKeeperBroker](
                text=lambda row: clock(row.registered_at_ms),
                tip=lambda row: f"{iso(row.registered_at_ms)} by ZooKeeper's clock",
            ),
        },
    ),
    Column(
        "Session age",
        _session_ms,
        text=lambda row: session_age(row.registered_at_ms, now_ms()),
        align=Align.RIGHT,
        width=110,
    ),
)
