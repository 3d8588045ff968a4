"""The columns of the table of the quorum's replicas."""

from __future__ import annotations

from kafkaview.coordination.listed_columns import QUORUM_FIELDS, QuorumMember
from kafkaview.fields import lead
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Column, Look, row_columns
from kafkaview.ui.pages.coordination.replicas import QuorumNode
from kafkaview.words import DASH, duration


def _tone(node: QuorumNode) -> str | None:
    return node.mark.text_token if node.mark in (Mark.BAD, Mark.WARN) else None


def _last_fetch(node: QuorumNode) -> str:
    if node.replica.fetch_age_ms is None:
        return DASH
    return "now" if node.leader else f"{duration(node.replica.fetch_age_ms)} ago"


NODES: tuple[Column[QuorumNode], ...] = row_columns(
    lead(QUORUM_FIELDS, "id", "role", "health", "endpoints"),
    {
        "id": Look[QuorumNode](strong=True),
        "health": Look[QuorumNode](value=lambda node: node.health, mark=lambda node: node.mark, tone=_tone),
        "endpoints": Look[QuorumNode](mono=True, stretch=True),
        "directory_id": Look[QuorumNode](mono=True, elide_middle=True),
        "lag": Look[QuorumNode](tone=_tone),
        "fetch_age_ms": Look[QuorumNode](text=_last_fetch, tone=lambda node: _tone(node) if node.down else None),
        "caught_up_lag_ms": Look[QuorumNode](value=lambda node: node.behind_ms, tone=_tone),
    },
    lambda node: QuorumMember(node.replica, node.role),
)
