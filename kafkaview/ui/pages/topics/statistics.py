"""The statistics of a topic: read through on request, with figures, pictures, and what its records name."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial
from typing import Final

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.records.statistics import StatisticsRequest, TopicStatistics
from kafkaview.ui.kit.choice_field import EditableChoice
from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.layout import SideBySide, column, fill_widget
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.plots.bars import Bars
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.tables import Align, Column, RowMenu, Table, TableModel
from kafkaview.ui.pages.topics.statistics_words import (
    FigureRow,
    NamedCount,
    describe_statistics,
    figure_rows,
    hour_bars,
    named_counts,
    size_bars,
)

_TASK: Final = "topics.statistics"
_KEPT: Final = 20  # topics whose statistics stay
_STARTS: Final = (
    ("beginning", "Beginning"),
    ("-1000", "Last 1,000 of each partition"),
    ("-100000", "Last 100,000 of each partition"),
    ("@", "A time: @2026-01-31T14:02:11Z"),
)
_STOPS: Final = (("end", "now"), ("@", "a time: @2026-01-31T14:02:11Z"))
_SUBJECT: Final = Subject(
    "the records", "Asking the leaders for records", "READ on Topic", ("--operation", "Read", "--topic", "*")
)
_FIGURES: tuple[Column[FigureRow], ...] = (
    Column("Figure", lambda row: row.name, width=100),
    Column("Keys", lambda row: row.keys, align=Align.RIGHT, width=84),
    Column("Values", lambda row: row.values, align=Align.RIGHT, width=84, stretch=True),
)
_NAMED: tuple[Column[NamedCount], ...] = (
    Column("What", lambda row: row.kind, width=100),
    Column("Name", lambda row: row.name, mono=True, width=90, stretch=True),
    Column("Records", lambda row: row.records, align=Align.RIGHT, width=72),
)


class StatisticsTab(QWidget):
    """Counts the records of a range of the topic when it is asked to; what was counted of other topics stays."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        theme = context.theme
        self._context = context
        self._topic = ""
        self._counted: dict[str, TopicStatistics] = {}
        self._counting = ""  # the topic that is being counted
        self._run = 0  # counts the counts: the end of an earlier one says nothing of this one
        self.start = EditableChoice(theme, "From", _STARTS, width=200, asks="@")
        self.stop = EditableChoice(theme, "To", _STOPS, width=110, asks="@")
        self.button = Button(theme, "Count", clicked=self.count)
        self.words = Text(size=12, tone="text_2", wrap=True)
        self.figures: TableModel[FigureRow] = TableModel(_FIGURES, lambda row: row.name)
        self.named: TableModel[NamedCount] = TableModel(_NAMED, lambda row: (row.kind, row.name))
        self.hours, self.sizes = Bars(theme), Bars(theme)
        self.room = QueryView(theme, context.profile, _SUBJECT, self._content(), again=self.count)
        bar = make_flow(Text("from", tone="text_2"), self.start, Text("to", tone="text_2"), self.stop, self.button)
        self.setLayout(column(bar, last=self.room, margins=(16, 4, 16, 4), gap=6))
        for field in (self.start, self.stop):
            field.entered.connect(self.count)

    def show_topic(self, topic: str) -> None:
        """Shows what was counted of a topic, if anything was."""
        if topic != self._topic:
            self._topic = topic
            self._show()

    def count(self) -> None:
        """Reads the range of the topic through; the status bar shows how far it is and can end it."""
        if not self._topic:
            return
        request = StatisticsRequest(self._topic, self.start.value, self.stop.value)
        self._counted.pop(self._topic, None)
        self._counting = self._topic
        self._run += 1
        self.room.show_loading()
        self._context.tasks.start(
            _TASK,
            self._count(request, self._run),
            title=f"Counting the records of {self._topic}",
            on_error=self._report_error,
            on_unstarted=partial(self._note_end, self._topic, self._run),
            cancellable=True,
        )

    async def _count(self, request: StatisticsRequest, run: int) -> None:
        try:
            async with aclosing(self._context.engine.topic_statistics(request)) as steps:
                async for found in steps:
                    progress = found.progress
                    fraction = progress.passed / progress.total if progress.total else None
                    self._context.tasks.progress(_TASK, describe_statistics(found), fraction)
                    self._counted[request.topic] = found
                    if request.topic == self._topic:
                        self._show()
        finally:
            self._note_end(request.topic, run)
        for oldest in tuple(self._counted)[: max(0, len(self._counted) - _KEPT)]:
            del self._counted[oldest]

    def _note_end(self, topic: str, run: int) -> None:
        if run == self._run:
            self._counting = ""
            if topic == self._topic:
                self._show()

    def _show(self) -> None:
        found = self._counted.get(self._topic)
        if found is None:
            self.room.show_empty(
                "Not counted yet", "Count reads the range through. It joins no group and commits nothing."
            )
            return
        self.room.show_content()
        stopped = "" if found.ended or self._counting == self._topic else "Stopped: "
        self.words.setText(f"{stopped}{describe_statistics(found)}")
        self.figures.set_rows(figure_rows(found))
        self.named.set_rows(named_counts(found))
        hours, sizes = hour_bars(found), size_bars(found.values)
        self.hours.show_bars(hours, f"Records per hour: {', '.join(f'{bar.caption} {bar.count}' for bar in hours)}")
        self.sizes.show_bars(sizes, f"Sizes of values: {', '.join(f'{bar.caption} {bar.count}' for bar in sizes)}")

    def _report_error(self, error: Exception) -> None:
        if isinstance(error, ClusterError):
            self.room.named = self._topic
            self.room.show_error(error)
        elif isinstance(error, ValueError):
            self.room.show_empty("Nothing was read", f"{error}.")
        else:
            raise error

    def _content(self) -> QWidget:
        theme = self._context.theme
        figures = Table(theme, self.figures, "Figures of keys and values", menu=RowMenu(lambda _row: self._line()))
        named = Table(theme, self.named, "Schemas and headers in use", menu=RowMenu(lambda _row: self._line()))
        plots = QWidget()
        layout = column(
            Text("Records per hour", size=12, weight=600),
            self.hours,
            Text("Sizes of values", size=12, weight=600),
            self.sizes,
            margins=(12, 0, 12, 0),
            gap=2,
        )
        layout.setStretch(1, 1)
        layout.setStretch(3, 1)
        fill_widget(plots, layout)
        parts = SideBySide("Statistics", (figures, plots, named), (320, 420, 300))
        return fill_widget(QWidget(), column(self.words, last=parts, gap=6))

    def _line(self) -> str:
        options = ("--from", self.start.value, "--to", self.stop.value)
        return self._context.command_line("topics statistics", self._topic, options=options)
