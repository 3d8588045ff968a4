"""The filters that are kept for the topic: a menu of those with a name and of those used last."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QMenu

from kafkaview.failure import Failure
from kafkaview.records.saved_filters import TopicFilters
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_button
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.kit.sheets import Sheet
from kafkaview.words import visible_alone

_SHOWN: Final = 60  # characters of an expression in the menu


class FiltersMenu(QObject):
    """Opens the menu of `button`. `filter_now` returns the expression in the filter bar, `topic_now` the topic."""

    wanted = Signal(str)  # an expression of the menu
    told = Signal(str)  # why a filter could not be kept

    def __init__(
        self, context: Context, topic_now: Callable[[], str], filter_now: Callable[[], str], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._topic_now = topic_now
        self._filter_now = filter_now
        self.filters = TopicFilters()
        self.button = Button(context.theme, "Saved filters", icon="chevron-down", clicked=self._ask)

    def read(self) -> None:
        """Reads the filters of the topic, so that the button says how many there are."""
        self._start(self._read(self._topic_now()))

    def note_use(self, expression: str) -> None:
        """Keeps a filter that is searched with among the recent ones."""
        self._start(self._change(self._context.engine.use_filter(self._topic_now(), expression)))

    def save(self, name: str, expression: str) -> None:
        """Keeps a filter under a name."""
        self._start(self._change(self._context.engine.save_filter(self._topic_now(), name, expression)))

    def forget(self, name: str) -> None:
        """Deletes a filter."""
        self._start(self._change(self._context.engine.forget_filter(self._topic_now(), name)))

    def menu(self) -> QMenu:
        """Returns the menu of the filters as they were read last."""
        menu = QMenu(self.button)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, expression in self.filters.saved.items():
            entry = menu.addAction(f"{_words(name)}    {_words(expression)}")
            entry.triggered.connect(partial(self.wanted.emit, expression))
        if self.filters.recent:
            menu.addSection("Used last")
        for expression in self.filters.recent:
            menu.addAction(_words(expression)).triggered.connect(partial(self.wanted.emit, expression))
        menu.addSeparator()
        save = menu.addAction("Save this filter…" if self._filter_now() else "Save: write a CEL filter first")
        save.setEnabled(bool(self._filter_now()))
        save.triggered.connect(self._open_sheet)
        if self.filters.saved:
            delete = menu.addMenu("Delete")
            for name in self.filters.saved:
                delete.addAction(_words(name)).triggered.connect(partial(self.forget, name))
        return menu

    def _ask(self) -> None:
        if self._topic_now():
            self._start(self._open())
        else:
            self.told.emit("Filters are kept for each topic: choose one first")

    async def _open(self) -> None:
        await self._read(self._topic_now())
        menu = self.menu()
        menu.popup(self.button.mapToGlobal(QPoint(self.button.width() - menu.sizeHint().width(), self.button.height())))

    def _open_sheet(self) -> None:
        sheet = FilterNameSheet(self._context, self._filter_now())
        sheet.named.connect(self.save)
        sheet.open()

    async def _change(self, change: Coroutine[Any, Any, None]) -> None:
        await change
        await self._read(self._topic_now())

    async def _read(self, topic: str) -> None:
        self.filters = await self._context.engine.topic_filters(topic) if topic else TopicFilters()
        count = len(self.filters.saved)
        self.button.setText(f"Saved filters {count}" if count else "Saved filters")

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._context.tasks.start("records.filters", work, on_error=self._report)

    def _report(self, error: Exception) -> None:
        if not isinstance(error, Failure):
            raise error
        self.told.emit(sentences(error))


class FilterNameSheet(Sheet):
    """Asks for the name under which a filter is kept."""

    named = Signal(str, str)  # the name and the expression

    def __init__(self, context: Context, expression: str) -> None:
        super().__init__(context.theme, context.window, width=480)
        self.set_title("Save the filter", "It is kept for this topic, on this machine, under a name.")
        self._expression = expression
        self.body.addWidget(Text(expression, mono=True, size=12, tone="text_2", wrap=True))
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the filter")
        self.name.setPlaceholderText("Name")
        self.body.addWidget(self.name)
        self.save_button = Button(context.theme, "Save", kind=ButtonKind.PRIMARY, tall=True, clicked=self._confirm)
        self.save_button.setEnabled(False)
        self.footer.addStretch(1)
        self.footer.addWidget(Button(context.theme, "Cancel", tall=True, clicked=self.lift))
        self.footer.addWidget(self.save_button)
        self.name.textChanged.connect(lambda text: self.save_button.setEnabled(bool(text.strip())))
        self.name.returnPressed.connect(self._confirm)

    def open(self) -> None:
        """Shows the sheet."""
        super().open()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _confirm(self) -> None:
        name = self.name.text().strip()
        if name:
            self.lift()
            self.named.emit(name, self._expression)


def _words(text: str) -> str:
    shown = visible_alone(text)
    return escape_button(shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…")
