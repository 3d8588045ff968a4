"""The formats by which the topic's keys and values are read: shown, chosen, and kept for the topic."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from kafkaview.decode.choices import DecoderChoice
from kafkaview.failure import Failure
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.pages.records.filter_bar import FilterBar
from kafkaview.ui.pages.records.loaded_records import RowKey


class TopicFormats(QObject):
    """Fills the fields of formats in the filter bar, and keeps what is chosen there."""

    chosen = Signal(object)  # the rows as the formats read them; None where the records have to be read again
    refused = Signal(str)

    def __init__(self, context: Context, bar: FilterBar, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._bar = bar

    def show(self, topic: str) -> None:
        """Shows the formats of a topic."""
        self._context.tasks.ask("records.choice", self._show(topic), lambda _error: None)

    def choose(self, topic: str, rows: Sequence[RowKey]) -> None:
        """Keeps the formats of the bar for a topic, and asks for rows that are shown as they read them."""
        work = self._choose(topic, self._bar.choice, rows)
        self._context.tasks.start("records.decoders", work, on_error=self._report_error)

    async def _show(self, topic: str) -> None:
        self._bar.show_choice(await self._context.engine.decoder_choice(topic))

    async def _choose(self, topic: str, choice: DecoderChoice, rows: Sequence[RowKey]) -> None:
        await self._context.engine.choose_decoders(topic, choice)
        self.chosen.emit(await self._context.engine.rows_again(topic, rows) if rows else None)

    def _report_error(self, error: Exception) -> None:
        if not isinstance(error, Failure | ValueError):
            raise error
        self.refused.emit(sentences(error) if isinstance(error, Failure) else f"{error}.")
