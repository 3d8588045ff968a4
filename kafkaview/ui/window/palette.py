"""The palette (Ctrl+K): one field that finds every place and action."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from kafkaview.ui.kit.controls import Text, escape_tip, hairline
from kafkaview.ui.kit.sheets import Veil, paint_box
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.window.palette_entries import Names, PaletteEntry, PaletteSection, search
from kafkaview.words import visible, visible_alone

_WIDTH, _TOP, _ROW, _HEAD = 680, 92, 34, 26
_ENTRY = Qt.ItemDataRole.UserRole
_NOTHING = "Nothing found. Try fewer letters, #topic, @group or topic:partition:offset"
_NOTHING_KNOWN = "Not all topics and groups are known now"


class Palette(Veil):
    """A field, a list, arrow keys and Enter. It closes on a choice, on Esc, and on a click beside it. `record` finds a
    record that is typed by its name; `complete`: all names are known.
    """

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        entries: Callable[[], Sequence[PaletteEntry]],
        names: Sequence[Names] = (),
        record: Callable[[str], PaletteEntry | None] = lambda _typed: None,
        *,
        complete: bool = True,
    ) -> None:
        super().__init__(theme, window)
        self._record = record
        self._entries = tuple(entries())
        self._names = tuple(names)
        self._nothing = _NOTHING if complete else f"{_NOTHING_KNOWN}. {_NOTHING}"
        self.field = QLineEdit()
        self.list = QListWidget()
        self.box = QWidget(self)
        self._lay_out()
        self.field.textChanged.connect(self._search)
        self.list.itemClicked.connect(self._run)
        self.field.installEventFilter(self)
        self._search("")

    def open(self, typed: str = "") -> None:
        """Opens the palette with this text."""
        self.lay()
        self.field.setText(typed)
        self.field.setFocus()

    @property
    def found(self) -> list[PaletteEntry]:
        """The entries that are listed now."""
        rows = [self.list.item(row).data(_ENTRY) for row in range(self.list.count())]
        return [row for row in rows if isinstance(row, PaletteEntry)]

    def arrange(self) -> None:
        """Puts the palette at the top, as high as its list."""
        width = min(self.theme.px(_WIDTH), self.width() - 32)
        heads = self.list.count() - len(self.found)  # and the line that nothing was found
        rows = len(self.found) * self.theme.px(_ROW) + heads * self.theme.px(_HEAD)
        height = min(rows + self.theme.px(52 + 34) + 10, self.height() - self.theme.px(_TOP) - 16)
        self.box.setGeometry((self.width() - width) // 2, self.theme.px(_TOP), width, height)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_box(painter, QRectF(self.box.geometry()), self.theme)
        painter.end()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Qt's: a click beside it."""
        self.lift()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: the field's arrows move in the list."""
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._step(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.list.currentItem() is not None:
                self._run(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        self.field.setProperty("kind", "bare")
        self.field.setPlaceholderText("Go to a topic, a group, a record, or an action")
        self.field.setAccessibleName("Palette")
        self.list.setItemDelegate(_EntryDelegate(self.theme, self))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.viewport().setAutoFillBackground(False)
        self.list.setMouseTracking(True)
        glass = QLabel()
        glass.setPixmap(self.theme.pixmap("search", "text_2", 16, self.devicePixelRatioF()))
        top = QHBoxLayout()
        top.setContentsMargins(18, 8, 16, 4)
        top.setSpacing(14)
        top.addWidget(glass)
        top.addWidget(self.field, 1)
        top.addWidget(Text("Esc", size=11, weight=500, tone="text_2"))
        foot = QWidget()
        foot.setProperty("role", "foot")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(foot)
        row.setContentsMargins(16, 6, 16, 6)
        row.addWidget(Text("#topic   @group   topic:partition:offset", size=12, mono=True, tone="text_2"))
        row.addStretch()
        column = QVBoxLayout(self.box)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addWidget(hairline())
        column.addWidget(foot)

    def _search(self, typed: str) -> None:
        self.list.clear()
        section: PaletteSection | None = None
        record = self._record(typed)
        for entry in [record] if record is not None else search(self._entries, typed, self._names):
            if entry.section is not section:
                section = entry.section
                self._add(section.value, None)
            self._add(f"{entry.title}, {entry.why_not or entry.note}", entry)
        if not self.list.count():
            self._add(self._nothing, None)
        self._step(1)
        self.arrange()

    def _add(self, text: str, entry: PaletteEntry | None) -> None:
        item = QListWidgetItem(visible(text))
        item.setData(_ENTRY, entry)
        item.setToolTip(escape_tip(entry.why_not if entry else ""))
        if entry is None:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addItem(item)

    def _step(self, step: int) -> None:
        rows = [row for row in range(self.list.count()) if self.list.item(row).data(_ENTRY) is not None]
        if not rows:
            return
        now = self.list.currentRow()
        place = rows.index(now) + step if now in rows else 0
        self.list.setCurrentRow(rows[place % len(rows)])

    def _run(self, item: QListWidgetItem) -> None:
        entry = item.data(_ENTRY)
        if isinstance(entry, PaletteEntry) and not entry.why_not:
            self.lift()
            entry.do()


class _EntryDelegate(QStyledItemDelegate):
    """Paints a section's head or an entry."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Qt's."""
        return QSize(100, self._theme.px(_ROW if index.data(_ENTRY) is not None else _HEAD))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Qt's."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        entry = index.data(_ENTRY)
        if isinstance(entry, PaletteEntry):
            self._entry(painter, option, entry)
        else:
            painter.setFont(self._theme.font(11, 600))
            painter.setPen(self._theme.color("text_3"))
            area = option.rect.adjusted(16, 0, -16, -2)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        painter.restore()

    def _entry(self, painter: QPainter, option: QStyleOptionViewItem, entry: PaletteEntry) -> None:
        rect = option.rect
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            painter.setBrush(self._theme.color("select" if chosen else "hover"))
            painter.drawRoundedRect(QRectF(rect.adjusted(8, 0, -8, 0)), 6, 6)
        side = self._theme.px(16)
        picture = self._theme.pixmap(entry.icon, "text_2", 16, painter.device().devicePixelRatioF())
        painter.drawPixmap(rect.left() + 20, rect.center().y() - side // 2, picture)
        area = rect.adjusted(self._theme.px(48), 0, -20, 0)
        painter.setFont(self._theme.font(13, 500))
        painter.setPen(self._theme.color("text_3" if entry.why_not else "text"))
        title = painter.fontMetrics().elidedText(
            visible_alone(entry.title), Qt.TextElideMode.ElideMiddle, area.width() * 2 // 3
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, title)
        area = area.adjusted(painter.fontMetrics().horizontalAdvance(title) + 12, 0, 0, 0)
        self._note(painter, area, entry)

    def _note(self, painter: QPainter, area: QRect, entry: PaletteEntry) -> None:
        painter.setFont(self._theme.font(12))
        painter.setPen(self._theme.color("text_3"))
        room = area.width() - self._theme.px(90)
        note = painter.fontMetrics().elidedText(visible(entry.why_not or entry.note), Qt.TextElideMode.ElideRight, room)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, note)
        painter.setFont(self._theme.font(11, 500))
        painter.setPen(self._theme.color("text_2"))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, entry.keys)
