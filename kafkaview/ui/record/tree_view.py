"""A value's members and items as a tree that is folded, filtered and copied from. It is made of the text that is shown:
what is not there of a large value is not in the tree.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStackedWidget, QTreeView, QWidget

from kafkaview.decode.json_tree import ROOT, JsonTree
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import column, fill_widget
from kafkaview.ui.kit.tables import FilterField
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import number, plural, visible_alone

_PREVIEW: Final = 300  # characters of a value in its row
_OPEN_ROWS: Final = 60  # rows that are unfolded at once, about as many as a pane shows
_ROW: Final = 22  # pixels high
_TONES: Final = {"string": "syntax_string", "other": "syntax_number"}
_Index = QModelIndex | QPersistentModelIndex


class _TreeModel(QAbstractItemModel):
    """The tree as Qt asks for it. Of a filtered tree only the values that are found, and what holds them."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self.tree = JsonTree("")
        self._shown: set[int] | None = None
        self._rows: dict[int, list[int]] = {}  # of a filtered tree: what is shown below a value

    def show_tree(self, tree: JsonTree, shown: set[int] | None = None) -> None:
        """Shows a tree, or only some values of it."""
        self.beginResetModel()
        self.tree, self._shown = tree, shown
        self._rows.clear()
        self.endResetModel()

    def children_of(self, place: int) -> list[int]:
        """Returns the values that are shown below one."""
        below = self.tree.nodes[place].children
        if self._shown is None:
            return below
        if place not in self._rows:
            self._rows[place] = [child for child in below if child in self._shown]
        return self._rows[place]

    def place_of(self, index: _Index) -> int:
        """Returns the place in the tree of an index."""
        return int(index.internalId())

    def index(self, row: int, column: int, parent: _Index = QModelIndex()) -> QModelIndex:  # Qt's
        """Qt's."""
        if not parent.isValid():
            return self.createIndex(row, column, ROOT)
        return self.createIndex(row, column, self.children_of(self.place_of(parent))[row])

    def parent(self, index: _Index = QModelIndex()) -> Any:  # two of Qt's
        """Qt's."""
        above = self.tree.nodes[self.place_of(index)].parent if index.isValid() else -1
        if above < 0:
            return QModelIndex()
        beside = self.tree.nodes[above].parent
        filtered = beside >= 0 and self._shown is not None
        row = self.children_of(beside).index(above) if filtered else self.tree.nodes[above].place
        return self.createIndex(row, 0, above)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # Qt's
        """Qt's."""
        if not parent.isValid():
            return 1 if self.tree.nodes and (self._shown is None or self._shown) else 0
        return len(self.children_of(self.place_of(parent))) if parent.column() == 0 else 0

    def columnCount(self, _parent: _Index = QModelIndex()) -> int:  # Qt's
        """Qt's."""
        return 2

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt's."""
        node = self.tree.nodes[self.place_of(index)]
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, self._theme.px(_ROW))
        if role == Qt.ItemDataRole.ForegroundRole:
            tone = "syntax_key" if index.column() == 0 else _TONES.get(node.kind, "text_3")
            return self._theme.color(tone)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if index.column() == 0:
            return self._name(self.place_of(index))
        return self._value(self.place_of(index))

    def _name(self, place: int) -> str:
        node = self.tree.nodes[place]
        if place == ROOT:
            return "value"
        return f"[{node.place}]" if node.name is None else visible_alone(node.name[1:-1])

    def _value(self, place: int) -> str:
        node = self.tree.nodes[place]
        if node.kind in ("object", "array"):
            what = "member" if node.kind == "object" else "item"
            return f"{plural(len(node.children), what)}{'' if node.whole else ', and what is not shown'}"
        text = self.tree.text[node.start : min(node.end, node.start + _PREVIEW)]
        more = node.end - node.start - len(text)
        return visible_alone(text) + (f" … {number(more)} characters more" if more else "")


class ValueTree(QStackedWidget):
    """Shows the tree of a text, or says why there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text: str | None = None
        self.model = _TreeModel(theme, self)
        self.filter = FilterField(theme, "Filter names and values")
        self.filter.setToolTip("Values whose name or text holds this, and what holds them")
        self.view = QTreeView()
        self.view.setModel(self.model)
        self.view.setAccessibleName("The value as a tree")
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setUniformRowHeights(True)
        self.view.setHeaderHidden(True)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        for title, keys, do in (
            ("Copy value", "Ctrl+C", self.copy_value),
            ("Copy path", "Ctrl+Shift+P", self.copy_path),
            ("Unfold all below", "", self._unfold),
            ("Fold all below", "", self._fold),
        ):
            action = QAction(title, self.view)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(do)
            self.view.addAction(action)
        self._none = Text(size=12, tone="text_2", wrap=True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.addWidget(fill_widget(QWidget(), column(self.filter, last=self.view, gap=6)))
        self.addWidget(self._none)
        self.filter.filtered.connect(self._filter)
        self.filter.lead_to(self.view)
        theme.changed.connect(self._rescale)
        self._rescale()

    def show_text(self, text: str | None, none: str = "") -> None:
        """Shows the tree of a JSON text; `none` is said where there is no text."""
        if text is not None and text == self._text:
            return
        self._text = text
        tree = JsonTree(text or "")
        structured = text is not None and tree.is_structured
        self.setCurrentIndex(0 if structured else 1)
        self._none.setText(none if text is None else "It has no members or items: it is one text or number.")
        self.filter.blockSignals(True)
        self.filter.clear()
        self.filter.blockSignals(False)
        self.model.show_tree(tree if structured else JsonTree(""))
        self._open()

    def copy_value(self) -> None:
        """Copies the text of the selected value as it stands."""
        index = self.view.currentIndex()
        if index.isValid():
            QGuiApplication.clipboard().setText(self.model.tree.text_of(self.model.place_of(index)))

    def copy_path(self) -> None:
        """Copies the path of the selected value as a filter writes it."""
        index = self.view.currentIndex()
        if index.isValid():
            QGuiApplication.clipboard().setText(self.model.tree.path(self.model.place_of(index)))

    def _filter(self, words: str) -> None:
        tree = self.model.tree
        shown = tree.with_ancestors(tree.find(words.strip())) if words.strip() else None
        self.model.show_tree(tree, shown)
        self._open()

    def _open(self) -> None:
        """Unfolds from the top as many levels as a pane has room for."""
        rows = 0
        indexes = [self.model.index(0, 0)] if self.model.rowCount() else []
        while indexes and rows < _OPEN_ROWS:
            below: list[QModelIndex] = []
            for index in indexes:
                count = self.model.rowCount(index)
                if not count or rows > _OPEN_ROWS:
                    continue
                self.view.expand(index)
                rows += count
                below += [self.model.index(row, 0, index) for row in range(min(count, _OPEN_ROWS))]
            indexes = below

    def _unfold(self) -> None:
        self.view.expandRecursively(self.view.currentIndex(), 8)

    def _fold(self) -> None:
        index = self.view.currentIndex().siblingAtColumn(0)
        for row in range(self.model.rowCount(index)):
            self.view.collapse(self.model.index(row, 0, index))

    def _rescale(self) -> None:
        self.view.setFont(self._theme.font(12, mono=True))
        self.view.setIndentation(self._theme.px(16))
        self.view.header().resizeSection(0, self._theme.px(160))
