"""The Dead letters page: topics with what waits in them, why and since when, and each dead letter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import aclosing
from typing import Final

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.terms import RecordId
from kafkaview.triage.dead_letters.causes import CauseKey
from kafkaview.triage.dead_letters.recognition import DeadLetterTopic, DeadLetterTopics
from kafkaview.triage.dead_letters.request import (
    BreakdownRequest,
    CauseCount,
    LetterBreakdown,
    LetterCut,
    LetterRow,
    LettersRequest,
)
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.again import Again
from kafkaview.ui.kit.connection_state import date_finding
from kafkaview.ui.kit.controls import Button, ButtonKind, Elided, Segments, Text, hairline
from kafkaview.ui.kit.layout import SideBySide, Splitter, column, fill_widget, head, inset
from kafkaview.ui.kit.look_steps import say_briefly
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.tables import FilterField, RowMenu, Table, TableModel
from kafkaview.ui.pages.dead_letters.arrivals import RANGES, arrival_bars
from kafkaview.ui.pages.dead_letters.arrivals_plot import ArrivalsPlot
from kafkaview.ui.pages.dead_letters.column_looks import CAUSES, letter_columns, topic_columns
from kafkaview.ui.pages.dead_letters.letter_actions import LetterActions
from kafkaview.ui.pages.dead_letters.letter_pane import LetterPane
from kafkaview.ui.pages.dead_letters.words import (
    describe_breakdown,
    describe_missing,
    describe_none,
    describe_times,
    describe_topic,
    describe_topics,
    describe_unrecognized,
    short_class,
)
from kafkaview.words import minute, number, plural

_TOPICS: Final = Subject(
    "the dead letter topics",
    "Asking for topics, and for the newest records of those that may hold dead letters",
    "READ on Topic *",  # which includes DESCRIBE
    ("--operation", "Read", "--topic", "*"),
)
_LETTERS: Final = Subject(
    "the dead letters", "Reading the dead letters", "READ on Topic", ("--operation", "Read", "--topic", "*")
)
_LATER_MS: Final = 60_000  # an older list is read again when the page comes to the front
_SHOWN: Final = 200
_ABOVE: Final = 190
_LEAST_HEIGHT: Final = 480  # of the breakdown and the list together: below it they scroll
_BREAKDOWN, _LIST, _RECORD = "deadletters.breakdown", "deadletters.letters", "deadletters.record"
_STATES: Final = "deadletters.states"


class DeadLettersPage(Page):
    """The topics of dead letters, and the selected one in full. Its place is `TOPIC` or `TOPIC:PARTITION:OFFSET`."""

    id = "deadletters"
    title = "Dead letters"
    icon = "archive-x"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self._view: View | None = None
        self._found: DeadLetterTopics | None = None
        self._read_at_ms = 0
        self._counted: dict[str, int] = {}  # records of topics that were read through
        self._wanted = ""  # the topic that a place names, looked into whatever its name and selected once it is listed
        self._topic: str | None = None
        self._list_again, self._topic_again = Again(), Again()
        self._breakdown: LetterBreakdown | None = None
        self._cut = LetterCut()
        self._more = False  # of the topic than is listed
        self.filter = FilterField(theme, "Filter dead letter topics")
        self.filter.setFixedWidth(theme.px(220))
        self.topics: TableModel[DeadLetterTopic] = TableModel(topic_columns(self._counted), lambda row: row.topic)
        self.topics.sort_by(1, turned=True)
        self.table: Table[DeadLetterTopic] = Table(theme, self.topics, "Dead letter topics", menu=self._topic_menu())
        self.name = Text(size=15, weight=600)
        self.about = Elided(size=12, tone="text_2")
        self.open_topic = Button(theme, "Open in Topics", kind=ButtonKind.LINK, clicked=self._open_topic)
        self.ranges = Segments(tuple((name, name) for name in RANGES), low=True)
        self.plot = ArrivalsPlot(theme)
        self.plot_note = Text(size=11, tone="text_3", wrap=True)
        self.causes: TableModel[CauseCount] = TableModel(CAUSES, lambda row: row.key)
        self.causes.sort_by(2, turned=True)
        self.cause_table: Table[CauseCount] = Table(theme, self.causes, "Why they are here")
        self.counted = Text(size=12, tone="text_2")
        self.missing = Text(size=12, tone="warn_text", wrap=True)
        self.missing.hide()
        self.listed = Text(weight=600)
        self.cut_text = Elided(size=12, tone="text_2")
        self.clear_cut = Button(theme, "Clear", kind=ButtonKind.LINK, clicked=self._clear_cut)
        self._redriven: dict[tuple[int, int], int | None] = {}  # listed letters that were sent back, and when
        columns = letter_columns(self._redriven)
        self.letters: TableModel[LetterRow] = TableModel(columns, lambda row: (row.partition, row.offset))
        self.letters.sort_by(3, turned=True)
        self.letter_table: Table[LetterRow] = Table(theme, self.letters, "Dead letters", menu=self._letter_menu())
        self.sending = LetterActions(context, self, self._all_topics, self._origins)
        self.pane = LetterPane(theme)
        self.pane.hide()

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the filter."""
        return (self.filter,)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns those that send dead letters back, and that which opens where the selected one came from."""
        origin = Action(
            "deadletters.origin",
            "Go to the origin of the dead letter",
            self.pane.origin.click,
            (),
            self.icon,
            self.title,
            lambda: "" if self.pane.origin.isEnabled() and self.pane.letter else "Choose one that names its origin",
        )
        return (*self.sending.actions, origin)

    def show_view(self, view: View) -> None:
        """Takes a new sample: of a cluster that is away, what is shown is as of when it was read."""
        self._view = view
        self._say()
        if self.isVisible():
            if not view.silent and view.current:
                self._list_again.go_on()
            if view.reaches(self._topic or ""):
                self._topic_again.go_on()

    def refresh(self) -> None:
        """Looks for the topics again, if the page is visible."""
        if self.isVisible():
            self._read_topics()

    def note_write(self) -> None:
        """Looks for the topics again, at once or when the page comes to the front: there may be a copy more."""
        self._read_at_ms = 0
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: reads when it comes to the front, unless it was read just before."""
        super().showEvent(event)
        if now_ms() - self._read_at_ms > _LATER_MS:
            self._read_topics()

    def filter_focus(self) -> None:
        """Puts the cursor into the filter."""
        self.filter.setFocus()

    def place(self) -> Place:
        """Returns the selected topic."""
        return Place(self.id, self._topic or "", self.filter.text())

    def go_to(self, place: Place) -> None:
        """Selects a topic, now or when it is listed."""
        self.filter.setText(place.filter)
        if place.what and not self.table.choose(place.what):
            self._wanted = place.what
            if self._found is not None:
                self._read_topics()

    def _read_topics(self) -> None:
        if self._found is None:
            self.room.show_loading()
        self._list_again.forget()
        self.context.tasks.ask("deadletters.topics", self._ask_topics(), self._show_no_list)

    def _show_no_list(self, error: ClusterError) -> None:
        self._list_again.note_failure(error, self._read_topics)
        self.room.show_error(error)

    async def _ask_topics(self) -> None:
        wanted = self._wanted
        found = await self.context.engine.dead_letter_topics(wanted or self._topic or "")
        self._found, self._read_at_ms = found, now_ms()
        self._list_again.note_success()
        for error in found.errors:
            self._list_again.note_failure(error, self._read_topics)
        if any(topic.records is None for topic in found.topics):  # a leader did not say how many there are
            self._list_again.note(self._read_topics)
        self._counted.clear()
        self._say()
        if wanted and all(topic.topic != wanted for topic in found.topics):
            self._wanted = ""
            say_briefly(self.window(), describe_unrecognized(wanted))
        if not found.topics:
            self.room.show_empty(*describe_none(found))
            return
        self.room.show_content()
        self.room.show_partial(found.errors, silent="Some topics may be missing.", denied=_missing(found.errors))
        self.table.set_rows(found.topics)
        if self._wanted and self.table.choose(self._wanted):
            self._wanted = ""
        elif self.table.selected is None:
            self.table.choose(self.topics.key_at(0))

    def _show_topic(self, topic: DeadLetterTopic | None) -> None:
        if topic is None:
            return
        self.name.setText(topic.topic)
        self.about.setText(describe_topic(topic))
        if topic.topic != self._topic or self._breakdown is None:
            self._topic = self.letter_room.named = topic.topic
            self._cut = LetterCut()
            self._breakdown = None
            for table in (self.cause_table, self.letter_table):
                table.clearSelection()
            self.letter_room.show_loading()
            self.moved.emit()
        self._read_topic()

    def _read_topic(self) -> None:
        """Reads the newest dead letters, then counts all of the topic."""
        assert self._topic is not None
        self._topic_again.forget()
        self._list_letters()
        work = self._count(BreakdownRequest(self._topic))
        title = f"Counting the dead letters of {self._topic}"
        self.context.tasks.start(_BREAKDOWN, work, title=title, on_error=self._refuse, cancellable=True)

    def _refuse(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            raise error
        self._topic_again.note_failure(error, self._again)
        self.letter_room.show_error(error)

    async def _count(self, request: BreakdownRequest) -> None:
        async with aclosing(self.context.engine.dead_letter_breakdown(request)) as steps:
            async for found in steps:
                if request.topic == self._topic:
                    self._show_breakdown(found)

    def _show_breakdown(self, found: LetterBreakdown) -> None:
        progress = found.progress
        fraction = progress.passed / progress.total if progress.total else None
        self.context.tasks.progress(_BREAKDOWN, f"{plural(progress.scanned, 'record')} read", fraction)
        if self._breakdown is not None and self._breakdown.ended and not found.ended:
            return  # what was counted before stays until the new counts are complete
        self._breakdown = found
        if found.complete:
            self._counted[found.topic] = found.records
            self.table.viewport().update()
            self._say()
        if found.ended and self.letter_room.shows_content:
            self._topic_again.note_success()
        self.counted.setText(describe_breakdown(found))
        self.missing.setText(describe_missing(found))
        self.missing.setVisible(bool(self.missing.text()))
        self.cause_table.set_rows(found.causes)
        self._show_bars()

    def _show_bars(self) -> None:
        if self._breakdown is not None:
            causes = self._breakdown.causes
            titles = [short_class(cause.text) for cause in causes]
            bars = arrival_bars(causes, titles, self.ranges.current, now_ms())
            self.plot.show_bars(bars)
            self.plot_note.setText(describe_times(self._breakdown, bars))
            self.plot_note.setVisible(bool(self.plot_note.text()))

    def _list_letters(self) -> None:
        assert self._topic is not None
        request = LettersRequest(self._topic, self._cut if self._cut != LetterCut() else None, _SHOWN)
        self.context.tasks.cancel(_STATES)  # of letters of another list
        self._redriven.clear()
        self.sending.show_list(self._topic, self._cut)
        self.listed.setText("Reading")
        self._say_cut()
        title = f"Reading dead letters of {self._topic}"
        self.context.tasks.start(_LIST, self._list(request), title=title, on_error=self._refuse, cancellable=True)

    async def _list(self, request: LettersRequest) -> None:
        rows: list[LetterRow] = []
        async with aclosing(self.context.engine.dead_letters(request)) as batches:
            async for batch in batches:
                rows += batch.rows
                if batch.rows or batch.ended:
                    self._show_letters(rows, ended=batch.ended, more=batch.more)
        self._ask_states()

    def _ask_states(self) -> None:
        """Asks which of the listed letters were sent back."""
        if self._topic is not None and self.letters.rowCount():
            topic = self._topic
            records = [RecordId(topic, row.partition, row.offset) for row in self.letters.rows]
            self.context.tasks.ask(_STATES, self._show_states(records), lambda _error: None)

    async def _show_states(self, records: Sequence[RecordId]) -> None:
        found = await self.context.engine.redriven_letters(records)
        self._redriven.clear()
        self._redriven.update(((one.record.partition, one.record.offset), one.at_ms) for one in found)
        self.letter_table.viewport().update()
        self._say_listed()

    def _show_letters(self, rows: Sequence[LetterRow], *, ended: bool, more: bool) -> None:
        if ended and not rows and self._cut == LetterCut():
            self.letter_room.show_empty("No dead letter is here", "The topic holds no committed record.", good=True)
            return
        self.letter_room.show_content()
        self.letter_table.set_rows(rows)
        self._more = more
        self._say_listed()

    def _say_listed(self) -> None:
        newest = "the newest " if self._more else ""
        redriven = f", {number(len(self._redriven))} redriven" if self._redriven else ""
        self.listed.setText(f"{newest}{plural(self.letters.rowCount(), 'record')}{redriven}")

    def _say_cut(self) -> None:
        parts = []
        if self._cut.cause is not None:
            parts.append(f"cause is {short_class(self._cut.cause.cause)}")
        if self._cut.from_ms is not None:
            parts.append(f"arrived from {minute(self._cut.from_ms)} to {minute(self._cut.to_ms)}")
        self.cut_text.setText(", ".join(parts))
        self.clear_cut.setVisible(bool(parts))

    def _cut_by(self, cut: LetterCut) -> None:
        if cut != self._cut and self._topic is not None:
            self._cut = cut
            self._list_letters()

    def _clear_cut(self) -> None:
        self.cause_table.clearSelection()
        self._cut_by(LetterCut())

    def _choose_cause(self, row: CauseCount | None) -> None:
        cause: CauseKey | None = row.key if row is not None else None
        self._cut_by(LetterCut(cause, self._cut.from_ms, self._cut.to_ms))

    def _choose_bar(self, bar: int) -> None:
        if self.plot.bars is not None:
            self._cut_by(LetterCut(self._cut.cause, *self.plot.bars.span(bar)))

    def _open_letter(self, row: LetterRow | None) -> None:
        self.pane.setVisible(row is not None)
        if row is not None and self._topic is not None:
            self._open_record(RecordId(self._topic, row.partition, row.offset))

    def _select(self) -> None:
        self.sending.select(self.letter_table.selection)

    def _select_all(self) -> None:
        self.letter_table.clearSelection()
        self.sending.select_all()

    def _all_topics(self) -> Sequence[str]:
        return self._view.ordinary_topics if self._view is not None else ()

    def _origins(self) -> Collection[str | None]:
        """Returns the topics that the listed dead letters came from, as far as all are counted."""
        if self._cut.cause is not None:
            return (self._cut.cause.origin_topic,)
        counted = self._breakdown
        known = counted is not None and counted.complete and not counted.others
        return {cause.key.origin_topic for cause in counted.causes} if counted is not None and known else (None,)

    def _open_record(self, record: RecordId) -> None:
        self.pane.show_loading(record)
        self.context.tasks.ask(_RECORD, self._read_record(record), self.pane.show_error)

    async def _read_record(self, record: RecordId) -> None:
        engine = self.context.engine
        self.pane.show_around(await engine.records_around(record.topic_partition, record.offset, uncommitted=False))

    def _open_neighbour(self, offset: int) -> None:
        if self.pane.id is not None:
            self._open_record(RecordId(self.pane.id.topic, self.pane.id.partition, offset))

    def _open_topic(self) -> None:
        self.context.go(Place("topics", self._topic or ""))

    def _go_to_record(self, record: RecordId) -> None:
        self.context.go(Place("records", str(record)))

    def _topic_menu(self) -> RowMenu[DeadLetterTopic]:
        return RowMenu(
            lambda row: self.context.command_line("deadletters", row.topic),
            lambda row: [
                self.context.link(f"Read the records of {row.topic}", "records", row.topic),
                *(self.context.link(f"Go to the origin {name}", "topics", name) for name in row.origins),
            ],
        )

    def _letter_menu(self) -> RowMenu[LetterRow]:
        return RowMenu(
            None,
            lambda row: [
                self.context.link(f"Go to {record}", "records", str(record))
                for record in (RecordId(self._topic or "", row.partition, row.offset), _origin_of(row))
                if record is not None
            ],
        )

    def _say(self) -> None:
        if self._found is not None:
            said = describe_topics(self._found, self._counted)
            self.finding_changed.emit(said if self._view is None else date_finding(self._view, said))

    def _connect(self) -> None:
        self.filter.filter_table(self.table)
        self.table.chosen.connect(self._show_topic)
        self.table.opened.connect(lambda row: self.context.go(Place("records", row.topic)))
        self.ranges.chosen.connect(lambda _name: self._show_bars())
        self.plot.picked.connect(self._choose_bar)
        self.cause_table.chosen.connect(self._choose_cause)
        self.letter_table.chosen.connect(self._open_letter)
        self.letter_table.selectionModel().selectionChanged.connect(lambda *_spans: self._select())
        self.sending.all_wanted.connect(self._select_all)
        self.sending.written.connect(self._ask_states)
        self.letter_table.opened.connect(self._go_to_origin_of)
        self.pane.origin_wanted.connect(self._go_to_record)
        self.pane.neighbour_wanted.connect(self._open_neighbour)

    def _go_to_origin_of(self, row: LetterRow) -> None:
        origin = _origin_of(row)
        if origin is not None:
            self._go_to_record(origin)

    def lay_out(self) -> None:
        """Puts the topics beside the one that is chosen: above why its letters are there, below the letters."""
        theme, context = self.context.theme, self.context
        arrivals = column(
            head(Text("Arrivals", size=12, weight=600), right=(self.ranges,)), self.plot_note, last=self.plot
        )
        why_head = head(Text("Why they are here", size=12, weight=600), self.counted)
        why = column(why_head, inset(self.missing, 0, 4), last=self.cause_table)
        sides = (fill_widget(QWidget(), arrivals), fill_widget(QWidget(), why))
        above = SideBySide("Arrivals and causes", sides, (380, 420))
        sending = self.sending
        buttons = (sending.all_button, sending.mend_button, sending.edit_button, sending.redrive_button)
        bar = head(self.listed, self.cut_text, self.clear_cut, right=(sending.selected, *buttons), grows=self.cut_text)
        letters = SideBySide("Dead letters and one of them", (self.letter_table, self.pane), (480, 420))
        below = fill_widget(QWidget(), column(fill_widget(QWidget(), bar, surface=False), hairline(), last=letters))
        whole = Splitter("Breakdown and dead letters", (above, below), (_ABOVE, 400))
        scrolls = Roomy(theme, (), whole, _LEAST_HEIGHT)
        self.letter_room = QueryView(theme, context.profile, _LETTERS, scrolls, again=self._again, why=context.why)
        title = head(self.name, right=(self.open_topic,))
        about = QHBoxLayout()
        about.setContentsMargins(16, 0, 16, 6)
        about.addWidget(self.about)
        topic = fill_widget(QWidget(), column(title, about, hairline(), last=self.letter_room))
        split = Splitter("Dead letter topics", (self.table, topic), (250, 840), across=True)
        self.room = QueryView(theme, context.profile, _TOPICS, split, again=self._read_topics, why=context.why)
        self.setLayout(column(self.room))
        self._connect()

    def _again(self) -> None:
        if self._topic is not None:
            self.letter_room.show_loading()
            self._read_topic()


def _origin_of(row: LetterRow) -> RecordId | None:
    return row.letter.origin.record if row.letter is not None else None


def _missing(errors: Sequence[ClusterError]) -> str:
    if any(isinstance(error, NotAuthorized) for error in errors):
        return "Topics that only their setting or their records would tell may be missing."
    return ""
