"""The Records page: where to read, a filter, the records, and one of them in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from kafkaview.records.request import ReadRequest
from kafkaview.records.rows import RecordRow
from kafkaview.terms import RecordId
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action, RowLink
from kafkaview.ui.kit.controls import Button, Text, hairline
from kafkaview.ui.kit.layout import SideBySide, column, fill_widget
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.tab_order import enter
from kafkaview.ui.kit.tables import RowMenu, Table
from kafkaview.ui.pages.records.asking import request_of
from kafkaview.ui.pages.records.export import Export
from kafkaview.ui.pages.records.filter_bar import FilterBar
from kafkaview.ui.pages.records.filter_checks import FilterChecks
from kafkaview.ui.pages.records.filters_menu import FiltersMenu
from kafkaview.ui.pages.records.foot import RecordsFoot
from kafkaview.ui.pages.records.formats import TopicFormats
from kafkaview.ui.pages.records.jump import JumpSheet
from kafkaview.ui.pages.records.loaded_records import row_key
from kafkaview.ui.pages.records.opened_record import OpenedRecord
from kafkaview.ui.pages.records.range_bar import NEWEST, RangeBar
from kafkaview.ui.pages.records.sending import Sending
from kafkaview.ui.pages.records.shown_range import ShownRange
from kafkaview.ui.pages.records.whose_rows import WhoseRows
from kafkaview.words import name_text, plural, visible_alone

_LEAST_HEIGHT: Final = 260  # of the rows and the record: below it they scroll
_SUBJECT: Final = Subject(
    "the records", "Asking the leaders for records", "READ on Topic", ("--operation", "Read", "--topic", "*")
)
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
        self._wanted: RecordId | None = None  # what a place names; selected once it is read
        self.range = RangeBar(theme)
        self.saved = FiltersMenu(context, lambda: self.range.topic.text, lambda: self.filters.expression, self)
        self.filters = FilterBar(theme, self.saved.button)
        self.formats = TopicFormats(context, self.filters, self)
        self.export = Export(context, self)
        self.export_button = Button(theme, "Export…", icon="download", clicked=self._export)
        self.foot = RecordsFoot(theme)
        self.shown = ShownRange(context, self.range, self.foot, self)
        self.loaded, self.reading = self.shown.loaded, self.shown.reading
        self.model = self.loaded.model
        self.opened = OpenedRecord(context, self)
        self.pane = self.opened.pane
        self.sending = Sending(context, self, lambda: self.range.topic.text, self._topics, lambda: self.opened.source)
        self.pane.add_action(self.sending.again_button)
        menu: RowMenu[RecordRow] = RowMenu(lambda row: self.opened.command_line(self._id(row)), self._links)
        self.table: Table[RecordRow] = Table(theme, self.model, "Records", menu=menu)
        self._refusal = Text(size=12, tone="bad_text", wrap=True)
        self._refusal.hide()
        self.whose = WhoseRows()

    def lay_out(self) -> None:
        """Puts the bars above the rows, and the record beside them."""
        theme, context = self.context.theme, self.context
        self.splitter = SideBySide("Records", (self.table, self.pane), (620, 440))
        content = fill_widget(QWidget(), column(hairline(), self.splitter, hairline(), self.foot, grows=self.splitter))
        self.room = QueryView(theme, context.profile, _SUBJECT, content, again=self.read, why=context.why)
        self.shown.show_in(self.table, self.room)
        self.checks = FilterChecks(context, self.filters, self._checked_record, self)
        head = column(self.range, self.filters, self._refusal, self.whose, margins=(16, 10, 16, 10), gap=8)
        whole = Roomy(theme, (fill_widget(QWidget(), head), hairline()), self.room, _LEAST_HEIGHT)
        self.setLayout(column(whole))
        self._connect()
        self._show_start()

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the buttons that send and export."""
        return (*self.sending.head_actions, self.export_button)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns the actions: read, follow, jump, compare, send."""
        return (
            Action("records.read", "Read the records", self.read, (), "list", "Records", self._why_no_topic),
            Action(
                "records.follow",
                "Follow new records, or pause",
                lambda: self._follow(follows=not self.reading.follows),
                ("Ctrl+L",),
                "play",
                "Records",
                self._why_no_topic,
            ),
            Action(
                "records.jump",
                "Go to an offset or a time…",
                self._open_jump,
                ("Ctrl+G",),
                "list",
                "Records",
                self._why_no_topic,
            ),
            Action("records.above", "The record above", lambda: self._step(-1), ("Alt+Up",), "arrow-up", "Records",
                   lambda: self._why_no_step(-1)),
            Action("records.below", "The record below", lambda: self._step(1), ("Alt+Down",), "arrow-down", "Records",
                   lambda: self._why_no_step(1)),
            Action(
                "records.compare",
                "Pin the record to compare it with others, or let it go",
                self.pane.views.turn_pin,
                ("Ctrl+D",),
                "list",
                "Records",
                lambda: "" if self.pane.record is not None else "No record is opened",
            ),
            *self.sending.actions,
        )  # fmt: skip

    def show_view(self, view: View) -> None:
        """Shows a new sample: the topics to choose from."""
        self._view = view
        request = self.shown.request
        if view.reaches(request.topic if request is not None else ""):
            self.shown.again.go_on()
        if view.topics is not None:
            self.range.offer_topics(view.topics.names)
            self._show_count()
        self.whose.show_view(view, len(self.loaded.rows))
        self._say_whose()
        self.finding_changed.emit(_FINDING)

    def refresh(self) -> None:
        """Reads the range again, if the page is looked at."""
        if self.isVisible() and self.shown.request is not None and not self.reading.follows:
            self.read()

    def filter_focus(self) -> None:
        """Puts the cursor into the filter."""
        self.filters.field.setFocus()

    def place(self) -> Place:
        """Returns the topic, or the selected record."""
        row = self.table.selected
        request = self.shown.request
        topic = request.topic if request is not None else self.range.topic.text
        what = topic if row is None else str(self._id(row))
        return Place(self.id, what, self.filters.field.text())

    def go_to(self, place: Place) -> None:
        """Reads a topic, or around a record, unless it is shown."""
        if not place.what or (self.loaded.rows and place.what == self.place().what):
            return
        record = _record(place.what)
        if record is not None and self.shown.request is not None and self.shown.request.topic == record.topic:
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
            self._refuse("")
            self.shown.read(request)

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

    def _follow(self, *, follows: bool) -> None:
        if not follows:
            self.reading.cancel()
            return
        request = self._ask()
        if request is not None:
            self._refuse("")
            self.shown.follow(request)

    def _show_change(self, request: ReadRequest) -> None:
        """Shows what belongs to another range."""
        self._close_pane()
        self.whose.show_topic(request.topic)
        self._say_whose()
        self.formats.show(request.topic)
        if request.where:
            self.saved.note_use(request.where)
        else:
            self.saved.read()

    def _forget_wanted(self) -> None:
        self._wanted = None

    def _show_start(self) -> None:
        self.room.show_empty("Choose a topic", "Its newest records are read first. Reading joins no group.")

    def _refuse(self, text: str) -> None:
        self._refusal.setText(text)
        self._refusal.setVisible(bool(text))
        if text and not self.loaded.rows:
            self.room.show_empty("Nothing was read", text)

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
            self.opened.open(self._id(row), uncommitted=self.shown.uncommitted)
        elif opened is not None and (opened.partition, opened.offset) in self.loaded.rows:
            self._close_pane()

    def _show_found(self, row: RecordRow) -> None:
        if not self.table.choose(row_key(row)):
            self.table.clearSelection()
        self.opened.open(self._id(row), uncommitted=self.shown.uncommitted)

    def _topics(self) -> Sequence[str]:
        return self._view.topics.names if self._view is not None and self._view.topics is not None else ()

    def _links(self, row: RecordRow) -> Sequence[RowLink]:
        if self.context.profile.read_only:
            return ()
        send = partial(self.sending.send_again, self._id(row), uncommitted=self.shown.uncommitted)
        return (RowLink("Send again…", send),)

    def _open_jump(self) -> None:
        """Asks for an offset or a time. A plain offset is one of the partition in question, if there is one."""
        topic, opened = self.range.topic.text, self.opened.id
        of_opened = opened.partition if opened is not None and opened.topic == topic else None
        sheet = JumpSheet(self.context, topic, self.range.one_partition if of_opened is None else of_opened)
        sheet.wanted.connect(self._jump)
        sheet.open()

    def _jump(self, wanted: RecordId | str) -> None:
        if isinstance(wanted, RecordId):
            self.go_to(Place(self.id, str(wanted)))
        else:
            self.range.start.show_value(wanted)
            self.range.stop.show_value("end")
            self.read()

    def _why_no_topic(self) -> str:
        return "" if self.range.topic.text else "Choose a topic first"

    def _why_no_step(self, way: int) -> str:
        if self.table.selected is None:
            return "No record is selected"
        return "" if self._place_beside(way) is not None else "It is the first one" if way < 0 else "It is the last one"

    def _place_beside(self, way: int) -> int | None:
        row = self.table.selected
        at = self.model.place_of(row_key(row)) if row is not None else None
        return at + way if at is not None and 0 <= at + way < self.model.rowCount() else None

    def _step(self, way: int) -> None:
        at = self._place_beside(way)
        if at is not None:
            self.table.choose(self.model.key_at(at))

    def _close_pane(self) -> None:
        self.opened.close()
        self.table.clearSelection()

    def _id(self, row: RecordRow) -> RecordId:
        request = self.shown.request
        topic = request.topic if request is not None else self.range.topic.text
        return RecordId(topic, row.partition, row.offset)

    def _checked_record(self) -> RecordId | None:
        """Returns the record on which a filter is tried; none that may be of an aborted transaction."""
        record = self.pane.record
        return None if record is None or self.shown.uncommitted else record.id

    def _export(self) -> None:
        """Asks what is to be exported: the rows as they are shown, or all of the range."""
        menu = QMenu(self.export_button)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown, rows = self.shown.request, self.model.rowCount()
        if shown is not None and rows:
            words = f"The {plural(rows, 'record')} of {visible_alone(name_text(shown.topic))} shown…"
            menu.addAction(words.replace("&", "&&")).triggered.connect(self.export_shown)
        menu.addAction("All of the range, as it is chosen above…").triggered.connect(self._export_range)
        menu.popup(self.export_button.mapToGlobal(self.export_button.rect().bottomLeft()))

    def export_shown(self) -> None:
        """Exports the rows as they are shown, of the topic that they are of."""
        shown = self.shown.request
        if shown is not None and self.model.rowCount():
            places: dict[int, list[int]] = {}
            for row in self.model.rows:
                places.setdefault(row.partition, []).append(row.offset)
            offsets = {partition: tuple(own) for partition, own in places.items()}
            whole = ReadRequest(
                shown.topic, decode=shown.decode, isolation=shown.isolation, limit=None, offsets=offsets
            )
            self.export.choose_file(whole)

    def _export_range(self) -> None:
        request = self._ask()
        if request is not None:
            self.export.choose_file(replace(request, limit=None, newest_first=False))

    def _say_whose(self) -> None:
        self.whose.say(self.range.topic.text, len(self.loaded.rows))

    def _choose_formats(self) -> None:
        if topic := self.range.topic.text:
            request = self.shown.request
            same = self.shown.kept_rows and request is not None and request.topic == topic
            self.formats.choose(topic, tuple(self.loaded.rows) if same else ())

    def _show_again(self, rows: Sequence[RecordRow] | None) -> None:
        if rows is None:
            self.read()
            return
        self._refuse("")
        self.shown.show_again(rows)
        self.opened.read_again()

    def _connect(self) -> None:
        self.range.read.connect(self.read)
        self.range.followed.connect(lambda follows: self._follow(follows=follows))
        self.range.topic_changed.connect(lambda _topic: self._show_count())
        self.range.topic_changed.connect(lambda _topic: self._say_whose())
        self.filters.filtered.connect(self.model.set_filter)
        self.filters.filtered.connect(lambda _text: self.range.show_search(searches=bool(self.filters.expression)))
        self.filters.field.follow(self.table)
        self.table.opened.connect(lambda _row: enter(self.pane))
        self.filters.searched.connect(self.read)
        self.filters.checked.connect(self.checks.check)
        self.filters.decoded.connect(self._choose_formats)
        self.formats.chosen.connect(self._show_again)
        self.formats.refused.connect(self._refuse)
        self.saved.wanted.connect(self.filters.show_expression)
        self.saved.told.connect(self.foot.note)
        self.export.told.connect(self.foot.note)
        self.sending.told.connect(self.foot.note)
        self.shown.changed.connect(self._show_change)
        self.shown.grew.connect(self._select_wanted)
        self.shown.ended.connect(self._forget_wanted)
        self.reading.refused.connect(self._refuse)
        self.table.chosen.connect(self._choose)
        self.pane.step.connect(self._step)
        self.pane.closed.connect(self._close_pane)
        self.opened.shown.connect(self.checks.check)
        self.opened.found.connect(self._show_found)
        self.opened.told.connect(self.foot.note)


def _record(what: str) -> RecordId | None:
    try:
        return RecordId.parse(what)
    except ValueError:
        return None
