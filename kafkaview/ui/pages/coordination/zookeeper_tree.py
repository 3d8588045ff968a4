"""Kafka's nodes in ZooKeeper as a tree that is read node by node; secrets are masked, nothing can be written."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QPlainTextEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.zookeeper import ZooKeeperNode
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import Splitter, column, fill_widget
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences
from kafkaview.words import clock, number

# What `cluster/zookeeper/znodes.py` lets be read, the order being that of use.
ROOTS = (
    *("/brokers", "/controller", "/controller_epoch", "/migration", "/config", "/kafka-acl", "/kafka-acl-extended"),
    *("/admin", "/cluster", "/consumers", "/feature", "/isr_change_notification", "/latest_producer_id_block"),
)
_MOST = 500  # children that are listed; more would be a flood, and are counted
_ROW = 24
_PATH = Qt.ItemDataRole.UserRole


class ZooKeeperTree(QWidget):
    """The nodes at the left, the content of the selected one at the right."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setFrameShape(QFrame.Shape.NoFrame)
        self.tree.setAccessibleName("What Kafka keeps in ZooKeeper")
        self.path = Text(size=13, weight=600, mono=True, wrap=True)
        self.facts = Text("Select a node to read what it holds.", size=12, tone="text_2", wrap=True)
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setAccessibleName("What the node holds")
        self._lay_out()
        self._fill()
        self._rescale()
        context.theme.changed.connect(self._rescale)
        self.tree.itemExpanded.connect(self._read)
        self.tree.currentItemChanged.connect(lambda now, _before: self._read(now) if now is not None else None)

    def choose(self, path: str) -> None:
        """Reads one of the roots, or a node that is listed already."""
        found = self.tree.findItems(path.rpartition("/")[2], Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
        item = next((one for one in found if one.data(0, _PATH) == path), None)
        if item is not None:
            self.tree.setCurrentItem(item)

    def _fill(self) -> None:
        for path in ROOTS:
            self.tree.addTopLevelItem(_item(path, path.removeprefix("/"), self._context.theme.px(_ROW)))

    def _read(self, item: QTreeWidgetItem) -> None:
        path = item.data(0, _PATH)
        if not path:
            return
        engine = self._context.engine

        async def work() -> None:
            self._show(item, await engine.zookeeper_node(path))

        self._context.tasks.ask("coordination.zookeeper.node", work(), partial(self._refuse, item))

    def _show(self, item: QTreeWidgetItem, node: ZooKeeperNode) -> None:
        _set_children(item, node)
        if self.tree.currentItem() not in (None, item):
            return
        self.path.setText(node.path)
        kind = (
            "ephemeral: it goes with the session that made it" if node.ephemeral else "stays until somebody deletes it"
        )
        self.facts.setText(
            f"version {number(node.version)}   ·   made {clock(node.created_at_ms)}, changed "
            f"{clock(node.modified_at_ms)}   ·   {number(len(node.children))} below it   ·   {kind}"
        )
        self.text.setPlainText(node.text or "It holds no data; look at the nodes below it.")

    def _refuse(self, item: QTreeWidgetItem, error: ClusterError) -> None:
        item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.DontShowIndicatorWhenChildless)
        self.path.setText(str(item.data(0, _PATH)))
        self.facts.setText(sentences(error))
        self.text.setPlainText("")

    def _rescale(self) -> None:
        theme = self._context.theme
        self.tree.setFont(theme.font(12, mono=True))
        self.text.setFont(theme.font(12, mono=True))
        self.tree.setIndentation(theme.px(16))

    def _lay_out(self) -> None:
        node = column(self.path, self.facts, last=self.text, margins=(12, 6, 16, 8), gap=6)
        halves = Splitter("Nodes of ZooKeeper", (self.tree, fill_widget(QWidget(), node)), (320, 640), across=True)
        self.setLayout(column(halves))


def _item(path: str, name: str, height: int) -> QTreeWidgetItem:
    item = QTreeWidgetItem([name])
    item.setData(0, _PATH, path)
    item.setSizeHint(0, QSize(0, height))
    item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
    return item


def _set_children(item: QTreeWidgetItem, node: ZooKeeperNode) -> None:
    """Adds and removes only the nodes that changed, so that an unfolded branch stays unfolded."""
    children = [child for place in range(item.childCount()) if (child := item.child(place)) is not None]
    known = {str(child.data(0, _PATH)): child for child in children}
    wanted = [f"{node.path.rstrip('/')}/{name}" for name in node.children[:_MOST]]
    for path, child in known.items():
        if path not in wanted:
            item.removeChild(child)
    for place, path in enumerate(wanted):
        if path not in known:
            item.insertChild(place, _item(path, path.rpartition("/")[2], item.sizeHint(0).height()))
    left = len(node.children) - len(wanted)
    if left > 0:
        item.addChild(QTreeWidgetItem([f"and {number(left)} more"]))
    if not node.children:
        item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.DontShowIndicatorWhenChildless)
