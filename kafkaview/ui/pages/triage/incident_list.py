"""The list at the left of Triage: sections with two lines for each incident, the worst first."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QStyleOptionViewItem, QWidget

from kafkaview.triage.incidents.kept_rows import KeptRow, KeptSection
from kafkaview.ui.kit.bands import BandedTable
from kafkaview.ui.kit.marks import Mark, paint_mark
from kafkaview.ui.kit.row_painter import RowPainter, RowWords
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.triage.incident_model import ROLE, IncidentModel, Section, SectionHead
from kafkaview.ui.pages.triage.incidents import Incident
from kafkaview.ui.pages.triage.kept_words import STATE_TONES, kept_age, kept_place, kept_title
from kafkaview.ui.pages.triage.words import age, label, place_of, short_age, short_place
from kafkaview.words import name_text

_ROW, _HEAD, _EDGE = 55, 28, 16
_REST_MS = 80  # where choices follow each other faster, as when a key is held down, the last one is told
_Index = QModelIndex | QPersistentModelIndex
_FOLDING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right)


class IncidentList(BandedTable):
    """Shows incidents and emits the chosen one. The choice survives a new sample.

    A table of one column: a list asks for the height of every row whenever other rows come.
    """

    chosen = Signal(object)  # Incident, KeptRow, or None
    opened = Signal()  # Enter or a double click on the chosen one

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = IncidentModel(self)
        self._chosen: Hashable | None = None
        self._on_head: Section | None = None  # whose head has the keyboard, in place of a row
        self._stands_in = False  # what is chosen was chosen by nobody
        self._heads: tuple[int, ...] = ()
        self._waits = False
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self.end_rest)
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(theme, self))
        self.setAccessibleName("Groups that stand still")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.selectionModel().currentChanged.connect(self._choose)
        self.doubleClicked.connect(lambda _index: self._open())
        self._model.modelReset.connect(self._set_heights)
        theme.changed.connect(self._set_heights)
        self._set_heights()

    @property
    def is_on_head(self) -> bool:
        """Whether the head of a section has the keyboard: what was chosen before it is still shown."""
        return self._on_head is not None

    def holds(self, key: Hashable) -> bool:
        """Whether the user has chosen this one last, listed or not."""
        return not self._stands_in and self._chosen == key

    def show_incidents(
        self,
        incidents: tuple[Incident, ...],
        now_ms: int,
        *,
        stale: bool = False,
        kept: Sequence[KeptRow] = (),
        waits: bool = False,
    ) -> None:
        """Shows these rows and keeps the choice. If it is gone, the first row is chosen, unless the list `waits` for
        the user: then none is, so that no other group's button lies under the pointer. A row that nobody has chosen
        gives way to one of a more urgent section. Old incidents have the idle mark: nobody knows whether they still
        stand.
        """
        self._model.show(incidents, now_ms, stale=stale, kept=kept)
        index = self._model.index_of(self._chosen) if self._chosen else QModelIndex()
        if self._on_head is not None:
            index = self._model.head_of(self._on_head)
        if not index.isValid():
            if waits:
                self._let_go()
                return
            index = self._model.first_incident()
            self._stands_in = True
        elif self._stands_in and self._is_more_urgent(self._model.first_incident(), index):
            index = self._model.first_incident()
        stands_in = self._stands_in
        if index != self.currentIndex():
            self.setCurrentIndex(index)
        else:
            self._tell(index)
        self._stands_in = stands_in

    def _is_more_urgent(self, index: QModelIndex, than: QModelIndex) -> bool:
        row, other = self._model.row(index), self._model.row(than)
        return isinstance(row, Incident) and (not isinstance(other, Incident) or row.rank < other.rank)

    def _let_go(self) -> None:
        """Selects nothing, and tells nobody."""
        selection = self.selectionModel()
        was = selection.blockSignals(True)
        selection.clear()
        selection.blockSignals(was)
        self.viewport().update()

    def choose(self, key: Hashable) -> None:
        """Chooses one incident, if it is listed."""
        index = self._model.index_of(key)
        if index.isValid():
            self._stands_in = False
            self.setCurrentIndex(index)

    def unfold(self, section: KeptSection) -> bool:
        """Unfolds a section and chooses its first row; returns whether there is one."""
        head = self._model.row(self._model.head_of(section))
        if not isinstance(head, SectionHead):
            return False
        if head.folded:
            self._model.fold(section)
        self.setCurrentIndex(self._model.index(self._model.head_of(section).row() + 1))
        return True

    def moveCursor(  # noqa: N802  # Qt's name
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Qt's: Home and End go through the list, not through the row."""
        if action is QAbstractItemView.CursorAction.MoveHome:
            self.scrollToTop()  # its head is seen, too
            return self._model.first_incident()
        if action is QAbstractItemView.CursorAction.MoveEnd:
            return self._model.index(self._model.rowCount() - 1)
        return super().moveCursor(action, modifiers)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's: a click on a head folds its section, or does nothing: the row that is chosen stays so."""
        index = self.indexAt(event.position().toPoint())
        row = self._model.row(index)
        if isinstance(row, SectionHead) and row.folded is None:
            return
        self._stands_in = False
        if event.button() is Qt.MouseButton.LeftButton and self._fold(index):
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: Enter opens; on the head of a section Enter, Space, Left and Right fold it."""
        self._stands_in = False
        row = self._model.row(self.currentIndex())
        folds = event.key() in _FOLDING_KEYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if folds and isinstance(row, SectionHead) and row.folded is not None:
            wanted = {Qt.Key.Key_Left: True, Qt.Key.Key_Right: False}.get(Qt.Key(event.key()))
            if wanted is not row.folded:
                self._fold(self.currentIndex())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        self.end_rest()
        if self._chosen is not None:
            self.opened.emit()

    def _fold(self, index: _Index) -> bool:
        """Folds or unfolds the section of a head, which stays the current row; returns whether there is one."""
        row = self._model.row(index)
        if not isinstance(row, SectionHead) or row.folded is None:
            return False
        self._model.fold(row.section)
        self.setCurrentIndex(self._model.head_of(row.section))
        return True

    def _set_heights(self) -> None:
        rows = self.verticalHeader()
        rows.setDefaultSectionSize(self._theme.px(_ROW))
        for head in self._heads:  # Qt keeps the height of a place, whatever row is there now
            rows.resizeSection(head, self._theme.px(_ROW))
        self._heads = tuple(self._model.heads)
        for head in self._heads:
            rows.resizeSection(head, self._theme.px(_HEAD))
        self.verticalScrollBar().setSingleStep(self._theme.px(_HEAD))

    def _choose(self, index: QModelIndex) -> None:
        self._stands_in = False
        self._tell(index)
        self._rest.start()

    def _tell(self, index: QModelIndex) -> None:
        """Tells of the choice, or has it wait for the rest: samples do not put it off, however fast they come."""
        row = self._model.row(index)
        incident = row if isinstance(row, Incident | KeptRow) else None
        self._chosen = incident.key if incident else None
        self._on_head = row.section if isinstance(row, SectionHead) else None
        self._waits = self._rest.isActive()
        if not self._waits:
            self.chosen.emit(incident)

    def end_rest(self) -> None:
        """Tells at once of a choice that waits, before something is done with what is chosen."""
        self._rest.stop()
        if self._waits:
            self._choose(self.currentIndex())


class _Delegate(RowPainter):
    """Paints heads and incidents with the theme's tokens."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt's."""
        row = index.data(ROLE)
        painter.save()
        if isinstance(row, SectionHead):
            self._head(painter, option, row)
        elif isinstance(row, KeptRow):
            model = index.model()
            self._ground(painter, option)
            if isinstance(model, IncidentModel):
                self._kept(painter, option.rect, row, kept_age(row.incident, model.now_ms))
        elif isinstance(row, Incident):
            model = index.model()
            self._ground(painter, option)
            if isinstance(model, IncidentModel):
                old = model.stale or row.first.last_seen_ms is not None
                mark = Mark.IDLE if old else Mark.of_tone(row.verdict_row.tone)
                self._incident(painter, option.rect, row, mark, model.now_ms)
        painter.restore()

    def _head(self, painter: QPainter, option: QStyleOptionViewItem, row: SectionHead) -> None:
        theme, rect = self._theme, option.rect
        if row.folded is None:
            painter.fillRect(rect, theme.color("canvas"))
            self._hairline(painter, rect)
        else:
            self._ground(painter, option)
        inner = rect.adjusted(theme.px(_EDGE), 0, -theme.px(_EDGE), 0)
        arrow = {None: "", True: "▸ ", False: "▾ "}[row.folded]
        title = RowWords(f"{arrow}{row.section.value}", "text_2", theme.font(11, 600))
        self._pair(painter, inner, title, RowWords(row.note, "text_3", theme.font(11)))

    def _kept(self, painter: QPainter, rect: QRect, row: KeptRow, seen: str) -> None:
        known, state = row.incident, row.incident.state.word
        mark = Mark.of_tone(STATE_TONES[known.state])
        where, since = self._where(kept_place(known)), self._since(seen)
        self._two_lines(painter, rect, mark, (kept_title(known), state), where, since)

    def _incident(self, painter: QPainter, rect: QRect, row: Incident, mark: Mark, now_ms: int) -> None:
        where = self._where(place_of(row), short_place(row))
        since = self._since(age(row, now_ms), short_age(row, now_ms))
        self._two_lines(painter, rect, mark, (name_text(row.group), label(row)), where, since)

    def _where(self, text: str, short: str = "") -> RowWords:
        return RowWords(text, "text_2", self._theme.font(12, mono=True), short)

    def _since(self, text: str, short: str = "") -> RowWords:
        return RowWords(text, "text_2", self._theme.font(12), short)

    def _two_lines(
        self, painter: QPainter, rect: QRect, mark: Mark, first: tuple[str, str], where: RowWords, since: RowWords
    ) -> None:
        theme, px = self._theme, self._theme.px
        top = QRect(rect.left() + px(40), rect.top() + px(7), rect.width() - px(40 + _EDGE), px(20))
        paint_mark(painter, QRect(rect.left() + px(_EDGE - 1), top.top() + px(2), px(16), px(16)), mark, theme.tokens)
        name, label_ = (
            RowWords(first[0], "text", theme.font(13, 600)),
            RowWords(first[1], mark.text_token, theme.font(12)),
        )
        self._pair(painter, top, name, label_)
        self._pair(painter, top.translated(0, px(20)), where, since)
