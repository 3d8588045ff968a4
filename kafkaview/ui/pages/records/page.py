"""The Records page: where to read, a filter, the records, and one of them in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.records.follow import Arrival
from kafkaview.records.request import FollowRequest, ReadRequest, RecordsBatch
from kafkaview.records.rows import RecordRow
from kafkaview.terms import Isolation, RecordId
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action, RowLink
from kafkaview.ui.kit.controls import Button, Text, hairline
from kafkaview.ui.kit.layout import Splitter, column, fill_widget
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.tables import RowMenu, Table
from kafkaview.ui.pages.records.asking import request_of
from kafkaview.ui.pages.records.export import Export
from kafkaview.ui.pages.records.filter_bar import FilterBar
from kafkaview.ui.pages.records.filters_menu import FiltersMenu
from kafkaview.ui.pages.records.foot import RecordsFoot
from kafkaview.ui.pages.records.formats import TopicFormats
from kafkaview.ui.pages.records.jump import JumpSheet
from kafkaview.ui.pages.records.loaded_records import LoadedRecords, row_key
from kafkaview.ui.pages.records.opened_record import OpenedRecord
from kafkaview.ui.pages.records.range_bar import NEWEST, RangeBar
from kafkaview.ui.pages.records.reading import RecordReader
from kafkaview.ui.pages.records.sending import Sending
from kafkaview.ui.pages.records.words import describe_end
from kafkaview.words import rate

_SUBJECT: Final = Subject(
    "the records", "Asking the leaders for records", "READ on Topic", ("--operation", "Read", "--topic", "*")
)
_OVERLAP: Final = 20  # of each partition, where following begins: what came since the last read is not passed over
_FINDING: Final = "Reading joins no group and commits nothing"


class RecordsPage(Page):
    """The records of one topic."""

    id = "records"
    title = "Records"
    icon = "list"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self._view: View | None = None
        self._request: ReadRequest | None = None
        self._wanted: RecordId | None = None  # what a place names; selected once it is read
        self.range = RangeBar(theme)
        self.saved = FiltersMenu(context, lambda: self.range.topic.text, lambda: self.filters.expression, self)
        self.filters = FilterBar(theme, self.saved.button)
        self.formats = TopicFormats(context, self.filters, self)
        self.reading = RecordReader(context, self)
        self.export = Export(context, self)
        self.export_button = Button(theme, "Export…", icon="download", clicked=self._export)
        self.foot = RecordsFoot(theme)
        self.loaded = LoadedRecords(self.foot, self)
        self.model = self.loaded.model
        self.opened = OpenedRecord(context, self)
        self.pane = self.opened.pane
        self.sending = Sending(context, self, lambda: self.range.topic.text, self._topics, lambda: self.opened.source)
        self.pane.add_action(self.sending.again_button)
        menu: RowMenu[RecordRow] = RowMenu(lambda row: self.opened.command_line(self._id(row)), self._links)
        self.table: Table[RecordRow] = Table(theme, self.model, "Records", menu=menu)
        self._refusal = Text(size=12, tone="bad_text", wrap=True)
        self._refusal.hide()
        self.splitter = Splitter("Records", (self.table, self.pane), (620, 440), across=True)
        content = fill_widget(QWidget(), column(hairline(), self.splitter, hairline(), self.foot, grows=self.splitter))
        self.room = QueryView(theme, context.profile, _SUBJECT, content, again=self.read, why=context.why)
        head = column(self.range, self.filters, self._refusal, margins=(16, 10, 16, 10), gap=8)
        self.setLayout(column(fill_widget(QWidget(), head), hairline(), last=self.room))
        self._connect()
        self._show_start()

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the buttons that send and export."""
        return (*self.sending.head_actions, self.export_button)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns the actions: read, follow, jump, compare, send."""
        return (
            Action("records.read", "Read the records", self.read, (), "list", "Records"),
            Action(
                "records.follow",
                "Follow new records, or pause",
                lambda: self._follow(follows=not self.reading.follows),
                ("Ctrl+L",),
                "play",
                "Records",
            ),
            Action(
                "records.jump",
                "Go to an offset or a time…",
                self._open_jump,
                ("Ctrl+G",),
                "list",
                "Records",
                lambda: "" if self.range.topic.text else "Choose a topic first",
            ),
            Action(
                "records.compare",
                "Pin the record to compare it with others, or let it go",
                self.pane.views.turn_pin,
                ("Ctrl+D",),
                "list",
                "Records",
            ),
            *self.sending.actions,
        )

    def show_view(self, view: View) -> None:
        """Shows a new sample: the topics to choose from."""
        self._view = view
        if view.topics is not None:
            self.range.offer_topics(view.topics.names)
            self._show_count()
        self.finding_changed.emit(_FINDING)

    def refresh(self) -> None:
        """Reads the range again, if the page is looked at."""
        if self.isVisible() and self._request is not None and not self.reading.follows:
            self.read()

    def filter_focus(self) -> None:
        """Puts the cursor into the filter."""
        self.filters.field.setFocus()

    def place(self) -> Place:
        """Returns the topic, or the selected record."""
        row = self.table.selected
        topic = self._request.topic if self._request is not None else self.range.topic.text
        what = topic if row is None else str(self._id(row))
        return Place(self.id, what, self.filters.field.text())

    def go_to(self, place: Place) -> None:
        """Reads a topic, or around a record, unless it is shown."""
        if not place.what or (self.loaded.rows and place.what == self.place().what):
            return
        record = _record(place.what)
        if record is not None and self._request is not None and self._request.topic == record.topic:
            self._wanted = record
            if self._select_wanted():
                return
        self.range.topic.show_text(record.topic if record is not None else place.what)
        self.range.partitions.show_value(str(record.partition) if record is not None else "")
        self.range.start.show_value(str(record.offset) if record is not None else NEWEST)
        self.range.stop.show_value("end")
        self.filters.field.setText(place.filter)
        self._wanted = record
        self.read()

    def read(self) -> None:
        """Reads the range; with an expression it is searched."""
        request = self._ask()
        if request is not None:
            self._begin(request, fresh=True)

    def _ask(self) -> ReadRequest | None:
        """Returns what is asked for; None, and says why, if that cannot be."""
        topic = self.range.topic.text
        if not topic:
            self._show_start()
            return None
        try:
            return request_of(self.range, self.filters)
        except ValueError as error:
            self._refuse(f"{error}.")
            return None

    def _begin(self, request: ReadRequest, *, fresh: bool) -> None:
        self._refuse("")
        if fresh:
            self._clear()
            self.formats.show(request.topic)
            if request.where:
                self.saved.note_use(request.where)
            else:
                self.saved.read()
            self.loaded.sort(newest_first=request.newest_first)
            self.room.show_loading()
        self._request = request
        self.loaded.begin("Reading")
        self.reading.read(request)

    def _more(self) -> None:
        if self._request is not None and self.loaded.resume is not None:
            self._begin(replace(self._request, resume=self.loaded.resume), fresh=False)

    def _follow(self, *, follows: bool) -> None:
        if not follows:
            self.reading.cancel()
            return
        request = self._ask()
        if request is None:
            return
        self._refuse("")
        if self._request is None or request.topic != self._request.topic:
            self._clear()
        self._request = request
        self.loaded.begin_following()
        self.range.show_following(follows=True)
        self.room.show_content()
        self.reading.follow(
            FollowRequest(
                request.topic,
                start=f"-{_OVERLAP}",
                partitions=request.partitions,
                where=request.where,
                isolation=request.isolation,
            )
        )

    def _show_batch(self, batch: RecordsBatch) -> None:
        assert self._request is not None
        if batch.rows:
            self.room.show_content()
        self.loaded.add_batch(batch, self._request, self.table)
        self._select_wanted()

    def _show_arrival(self, arrival: Arrival[RecordRow]) -> None:
        self.range.show_following(follows=True, rate=rate(arrival.rate) if arrival.rate else "")
        self.loaded.add_arrival(arrival, self.table)

    def _end(self, cancelled: bool) -> None:  # noqa: FBT001  # the signal's own
        self.loaded.running, self._wanted = False, None
        self.range.show_following(follows=False)
        request = self._request
        if request is None:
            return
        self.loaded.say(request, cancelled=cancelled)
        if not self.loaded.rows and not self.room.shows_content and not cancelled:
            self._show_none(request)
        if cancelled and not self.loaded.rows:
            self.room.show_content()

    def _show_start(self) -> None:
        self.room.show_empty("Choose a topic", "Its newest records are read first. Reading joins no group.")

    def _show_none(self, request: ReadRequest) -> None:
        searches = bool(request.where)
        title = "No record matches" if searches else f"No record of {request.topic} is in this range"
        self.room.show_empty(title, describe_end(self.loaded.progress, 0, searches=searches))

    def _show_error(self, error: ClusterError) -> None:
        self.range.show_following(follows=False)
        self.room.show_error(error)

    def _refuse(self, text: str) -> None:
        self._refusal.setText(text)
        self._refusal.setVisible(bool(text))
        if text and not self.loaded.rows:
            self.room.show_empty("Nothing was read", text)

    def _clear(self) -> None:
        self.loaded.clear()
        self._close_pane()

    def _select_wanted(self) -> bool:
        wanted = self._wanted
        if wanted is not None and self.table.choose((wanted.partition, wanted.offset)):
            self._wanted = None
            return True
        return False

    def _show_count(self) -> None:
        topics, name = self._view.topics if self._view is not None else None, self.range.topic.text
        place = topics.names.index(name) if topics is not None and name in topics.names else None
        self.range.show_count(None if place is None or topics is None else int(topics.partitions[place]))

    def _choose(self, row: RecordRow | None) -> None:
        """Opens the selected record. Without one the pane goes, unless its record was found outside the table."""
        opened = self.opened.id
        if row is not None:
            self.opened.open(self._id(row), uncommitted=self._uncommitted)
        elif opened is not None and (opened.partition, opened.offset) in self.loaded.rows:
            self._close_pane()

    def _show_found(self, row: RecordRow) -> None:
        if not self.table.choose(row_key(row)):
            self.table.clearSelection()
        self.opened.open(self._id(row), uncommitted=self._uncommitted)

    def _topics(self) -> Sequence[str]:
        return self._view.topics.names if self._view is not None and self._view.topics is not None else ()

    def _links(self, row: RecordRow) -> Sequence[RowLink]:
        if self.context.profile.read_only:
            return ()
        send = partial(self.sending.send_again, self._id(row), uncommitted=self._uncommitted)
        return (RowLink("Send again…", send),)

    def _open_jump(self) -> None:
        """Asks for an offset or a time. A plain offset is one of the partition in question, if there is one."""
        topic, opened = self.range.topic.text, self.opened.id
        try:
            chosen = self.range.chosen_partitions
        except ValueError:
            chosen = ()
        one = chosen[0] if len(chosen) == 1 else 0 if self.range.count == 1 else None
        if one is None and opened is not None and opened.topic == topic:
            one = opened.partition
        sheet = JumpSheet(self.context, topic, one)
        sheet.wanted.connect(self._jump)
        sheet.open()

    def _jump(self, wanted: RecordId | str) -> None:
        if isinstance(wanted, RecordId):
            self.go_to(Place(self.id, str(wanted)))
        else:
            self.range.start.show_value(wanted)
            self.range.stop.show_value("end")
            self.read()

    def _step(self, way: int) -> None:
        row = self.table.selected
        at = self.model.place_of(row_key(row)) if row is not None else None
        if at is not None and 0 <= at + way < self.model.rowCount():
            self.table.choose(self.model.key_at(at + way))

    def _close_pane(self) -> None:
        self.opened.close()
        self.table.clearSelection()

    def _id(self, row: RecordRow) -> RecordId:
        topic = self._request.topic if self._request is not None else self.range.topic.text
        return RecordId(topic, row.partition, row.offset)

    @property
    def _uncommitted(self) -> bool:
        return self._request is not None and self._request.isolation is Isolation.READ_UNCOMMITTED

    def _export(self) -> None:
        request = self._ask()
        if request is not None:
            self.export.choose_file(replace(request, limit=None, newest_first=False))

    def _choose_formats(self) -> None:
        """Keeps the formats that were chosen. What a search found, and a read that still runs, has to be read again."""
        request, follows = self._request, self.reading.follows
        again = request is not None and not request.where and (follows or not self.loaded.running)
        if topic := self.range.topic.text:
            same = again and request is not None and request.topic == topic
            self.formats.choose(topic, tuple(self.loaded.rows) if same else ())

    def _show_again(self, rows: Sequence[RecordRow] | None) -> None:
        if rows is None or self._request is None:
            self.read()
            return
        self._refuse("")
        self.loaded.replace_rows(rows, self.table, self._request)
        self.opened.read_again()
        if self.reading.follows:
            self._follow(follows=True)

    def _check_filter(self) -> None:
        if self.filters.expression:
            self.context.tasks.ask("records.filter", self._show_check(self.filters.expression), lambda _error: None)

    async def _show_check(self, expression: str) -> None:
        shown = self.pane.record.id if self.pane.record is not None else None
        place, offset = (shown.topic_partition, shown.offset) if shown is not None else (None, 0)
        check = await self.context.engine.check_filter(expression, None if self._uncommitted else place, offset)
        if expression == self.filters.expression:
            self.filters.show_check(check)

    def _connect(self) -> None:
        self.range.read.connect(self.read)
        self.range.followed.connect(lambda follows: self._follow(follows=follows))
        self.range.topic_changed.connect(lambda _topic: self._show_count())
        self.filters.filtered.connect(self.model.set_filter)
        self.filters.searched.connect(self.read)
        self.filters.checked.connect(self._check_filter)
        self.filters.decoded.connect(self._choose_formats)
        self.formats.chosen.connect(self._show_again)
        self.formats.refused.connect(self._refuse)
        self.saved.wanted.connect(self.filters.show_expression)
        self.saved.told.connect(self.foot.note)
        self.export.told.connect(self.foot.note)
        self.sending.told.connect(self.foot.note)
        self.sending.sent.connect(self.refresh)
        self.reading.arrived.connect(self._show_batch)
        self.reading.came.connect(self._show_arrival)
        self.reading.ended.connect(self._end)
        self.reading.failed.connect(self._show_error)
        self.reading.refused.connect(self._refuse)
        self.table.chosen.connect(self._choose)
        self.foot.more_wanted.connect(self._more)
        self.pane.step.connect(self._step)
        self.pane.closed.connect(self._close_pane)
        self.opened.shown.connect(self._check_filter)
        self.opened.found.connect(self._show_found)
        self.opened.told.connect(self.foot.note)


def _record(what: str) -> RecordId | None:
    try:
        return RecordId.parse(what)
    except ValueError:
        return None
