"""A button that makes the selected node a voter, or an observer again (KIP-853); it leads to a plan."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.coordination.view import CoordinationView
from kafkaview.engine.port import Engine
from kafkaview.ui.kit.controls import Button, escape_tip
from kafkaview.ui.pages.coordination.replicas import QuorumNode
from kafkaview.ui.pages.coordination.tab import CoordinationTab
from kafkaview.ui.writes.change_kind import open_change
from kafkaview.writes.plan import ChangePlan

_KRAFT_VERSION = "kraft.version"


class Voting(QWidget):
    """One button for one node; hidden for brokers, which never vote."""

    def __init__(self, tab: CoordinationTab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tab = tab
        self._node: QuorumNode | None = None
        self.button = Button(tab.context.theme, clicked=self._open)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 0)
        row.addWidget(self.button)
        row.addStretch(1)
        self.hide()

    def show_node(self, view: CoordinationView, node: QuorumNode | None) -> None:
        """Offers what can be done with a node."""
        self._node = node
        self.setVisible(node is not None and node.kind != "broker")
        if node is None:
            return
        self.button.setText(f"Remove {node.name} as a voter…" if node.voter else f"Add {node.name} as a voter…")
        why = why_not(view)
        self.button.setEnabled(not why)
        self.button.setToolTip(escape_tip(why))

    def _open(self) -> None:
        node = self._node
        if node is None:
            return

        async def make(engine: Engine) -> ChangePlan:
            plan = engine.plan_remove_voter if node.voter else engine.plan_add_voter
            return await plan(node.id, node.replica.directory_id)

        open_change(self._tab.context, make, lambda _result: self._tab.look_now.emit())


def why_not(view: CoordinationView) -> str:
    """Returns why no voter can be added or removed now; empty if one can."""
    if view.stale or view.coordination is None:
        return "No broker says how the quorum stands now"
    level = next((one.finalized for one in view.coordination.features if one.name == _KRAFT_VERSION), None)
    if not level:
        return "This quorum is static (kraft.version 0): controller.quorum.voters of every node names its voters"
    return ""
