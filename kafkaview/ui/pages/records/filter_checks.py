"""The check of an expression while it is typed, on the record that is opened."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from kafkaview.terms import RecordId
from kafkaview.ui.kit.page import Context
from kafkaview.ui.pages.records.filter_bar import FilterBar


class FilterChecks(QObject):
    """Says in the filter bar what is wrong with its expression, else whether the record matches."""

    def __init__(
        self, context: Context, bar: FilterBar, record_now: Callable[[], RecordId | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._bar = bar
        self._record_now = record_now

    def check(self) -> None:
        """Checks the expression, if there is one."""
        if self._bar.expression:
            work = self._check(self._bar.expression, self._record_now())
            self._context.tasks.ask("records.filter", work, lambda _error: None)

    async def _check(self, expression: str, record: RecordId | None) -> None:
        place, offset = (None, 0) if record is None else (record.topic_partition, record.offset)
        found = await self._context.engine.check_filter(expression, place, offset)
        if expression == self._bar.expression:
            self._bar.show_check(found)
