"""What the table of the quorum's replicas shows."""

from __future__ import annotations

from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column
from kafkaview.ui.pages.coordination.replicas import QuorumNode
from kafkaview.words import DASH, duration

_ROLES = ("leader", "voter", "observer")


def _tone(node: QuorumNode) -> str | None:
    return node.mark.text_token if node.mark in (Mark.BAD, Mark.WARN) else None


def _last_fetch(node: QuorumNode) -> str:
    if node.replica.fetch_age_ms is None:
        return DASH
    return "now" if node.leader else f"{duration(node.replica.fetch_age_ms)} ago"


def _never(_node: QuorumNode) -> str:
    return "it has not fetched since this leader was elected, or the release does not say"


NODES: tuple[Column[QuorumNode], ...] = (
    Column("Node", lambda node: node.id, text=lambda node: str(node.id), width=64, strong=True),
    Column("Role", lambda node: _ROLES.index(node.role), text=lambda node: node.role, width=84),
    Column("Health", lambda node: node.health, mark=lambda node: node.mark, tone=_tone, width=112),
    Column(
        "Endpoint",
        lambda node: ", ".join(node.replica.endpoints) or None,
        width=150,
        mono=True,
        stretch=True,
        unknown=lambda _node: "brokers tell the controllers' endpoints since Kafka 3.9, and none of observers",
    ),
    Column(
        "Directory id",
        lambda node: node.replica.directory_id,
        width=104,
        mono=True,
        elide_middle=True,
        unknown=lambda _node: "a static quorum names voters by their node id alone (KIP-853)",
    ),
    Column("Log end offset", lambda node: node.replica.log_end_offset, align=Align.RIGHT, width=114, unknown=_never),
    Column("Lag", lambda node: node.replica.lag, align=Align.RIGHT, width=72, tone=_tone, unknown=_never),
    Column(
        "Behind by",
        lambda node: node.behind_ms,
        text=lambda node: duration(node.behind_ms),
        align=Align.RIGHT,
        width=104,
        tone=_tone,
        unknown=_never,
    ),
    Column(
        "Last fetch",
        lambda node: node.replica.fetch_age_ms,
        text=_last_fetch,
        align=Align.RIGHT,
        width=120,
        tone=lambda node: _tone(node) if node.down else None,
        unknown=_never,
    ),
)
