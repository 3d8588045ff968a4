"""The Records page: where to read, a filter, the records, and one of them in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.decode.choices import DecoderChoice
from kafkaview.failure import Failure
from kafkaview.records.detail import FieldBytes, RecordDetail, RecordField
from kafkaview.records.follow import Arrival
from kafkaview.records.positions import parse_position
from kafkaview.records.progress import ReadProgress
from kafkaview.records.request import FollowRequest, ReadRequest, RecordsBatch
from kafkaview.records.rows import RecordRow
from kafkaview.terms import Isolation, RecordId, TopicPartition
from kafkaview.triage.watch.columns import Flags
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.controls import Button, Text, hairline
from kafkaview.ui.kit.layout import Splitter, column, fill_widget
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.tables import RowMenu, Source, Table, TableModel
from kafkaview.ui.pages.records.columns import RECORDS
from kafkaview.ui.pages.records.copy_forms import copy_forms
from kafkaview.ui.pages.records.export import Export
from kafkaview.ui.pages.records.filter_bar import FilterBar
from kafkaview.ui.pages.records.foot import RecordsFoot
from kafkaview.ui.pages.records.range_bar import NEWEST, RangeBar
from kafkaview.ui.pages.records.reading import RecordReader
from kafkaview.ui.pages.records.record_pane import RecordPane
from kafkaview.ui.pages.records.words import describe_end, describe_run
from kafkaview.words import number, plural, rate, size

_SUBJECT: Final = Subject(
    "the records", "Asking the leaders for records", "READ on Topic", ("--operation", "Read", "--topic", "*")
)
_PAGE: Final = 200
_MATCHES: Final = 1_000  # of a search, until more are asked for
_KEPT: Final = 10_000  # rows of what is followed
_CREATED: Final = 3  # the column
_PART: Final = 262_144  # bytes of a large value that are added at once, at least
_OVERLAP: Final = 20  # of each partition, where following begins: what came since the last read is not passed over
_FINDING: Final = "Reading joins no group and commits nothing"


_Key = tuple[int, int]  # partition and offset


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
        self._resume: Mapping[int, int] | None = None
        self._progress = ReadProgress()
        self._notes: tuple[str, ...] = ()
        self._rows: dict[_Key, RecordRow] = {}  # in the order in which they came
        self._running = False
        self._wanted: RecordId | None = None  # what a place names; selected once it is read
        self._opened: RecordId | None = None  # in the pane; it need not be in the table
        self.range = RangeBar(theme)
        self.filters = FilterBar(theme)
        self.reading = RecordReader(context, self)
        self.export = Export(context, self)
        self.export_button = Button(theme, "Export…", icon="download", clicked=self._export)
        self.model: TableModel[RecordRow] = TableModel(RECORDS, _key)
        self.model.sort_by(_CREATED, turned=True)
        self.table: Table[RecordRow] = Table(theme, self.model, "Records", menu=RowMenu(self._command))
        self.pane = RecordPane(theme, self._copy_forms)
        self.foot = RecordsFoot(theme)
        self._refusal = Text(size=12, tone="bad_text", wrap=True)
        self._refusal.hide()
        self.splitter = Splitter("Records", (self.table, self.pane), (640, 420), across=True)
        content = fill_widget(QWidget(), column(hairline(), self.splitter, hairline(), self.foot, grows=self.splitter))
        self.room = QueryView(theme, context.profile, _SUBJECT, content, again=self.read, why=context.why)
        head = column(self.range, self.filters, self._refusal, margins=(16, 10, 16, 10), gap=8)
        self.setLayout(column(fill_widget(QWidget(), head), hairline(), last=self.room))
        self.pane.hide()
        self._connect()
        self._show_start()

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the button that exports."""
        return (self.export_button,)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns the actions: read, follow."""
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
        what = topic if row is None else str(RecordId(topic, row.partition, row.offset))
        return Place(self.id, what, self.filters.field.text())

    def go_to(self, place: Place) -> None:
        """Reads a topic, or around a record, unless it is shown."""
        if not place.what or (self._rows and place.what == self.place().what):
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
        start = self.range.start.value
        try:
            partitions = self.range.chosen_partitions
            for position in (start, self.range.stop.value):
                if position != NEWEST:
                    parse_position(position)
        except ValueError as error:
            self._refuse(f"{error}.")
            return None
        isolation = Isolation.READ_UNCOMMITTED if self.range.uncommitted.isChecked() else Isolation.READ_COMMITTED
        return ReadRequest(
            topic,
            start="beginning" if start == NEWEST else start,
            end=self.range.stop.value,
            partitions=partitions or None,
            where=self.filters.expression,
            isolation=isolation,
            limit=_MATCHES if self.filters.expression else _PAGE,
            newest_first=start == NEWEST and not self.filters.expression,
        )

    def _begin(self, request: ReadRequest, *, fresh: bool) -> None:
        self._refuse("")
        if fresh:
            self._clear()
            self.context.tasks.ask("records.choice", self._show_choice(request.topic), lambda _error: None)
            self.model.sort_by(_CREATED, turned=request.newest_first)
            self.room.show_loading()
        self._request, self._resume, self._running = request, None, True
        self.foot.say("Reading", self._failed_count())
        self.reading.read(request)

    def _more(self) -> None:
        if self._request is not None and self._resume is not None:
            self._begin(replace(self._request, resume=self._resume), fresh=False)

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
        self._request, self._resume = request, None
        self._rows = dict(sorted(self._rows.items(), key=lambda item: item[1].timestamp_ms or 0))
        self.model.sort_by(_CREATED, turned=True)
        self.range.show_following(follows=True)
        self.room.show_content()
        self.foot.say("Waiting for new records", self._failed_count())
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
        self._rows |= {_key(row): row for row in batch.rows}
        self._progress, self._resume = batch.progress, batch.resume
        self._notes = (*self._notes, *batch.notes)
        if batch.rows:
            self.room.show_content()
            self.table.set_rows(tuple(self._rows.values()))
        self._say()
        self._select_wanted()

    def _show_arrival(self, arrival: Arrival[RecordRow]) -> None:
        self._rows |= {_key(row): row for row in arrival.records}
        for oldest in tuple(self._rows)[: max(0, len(self._rows) - _KEPT)]:
            del self._rows[oldest]
        if arrival.records:
            self.table.set_rows(tuple(self._rows.values()))
        self.range.show_following(follows=True, rate=rate(arrival.rate) if arrival.rate else "")
        self._notes = (*self._notes, *arrival.notes, *(_jump_text(arrival),) * bool(arrival.jumps))[-3:]
        behind = f", {number(arrival.behind)} behind" if arrival.behind else ""
        said = f"{plural(len(self._rows), 'record')} shown, following{behind}"
        self.foot.say(". ".join([said, *self._notes]), self._failed_count())

    def _end(self, cancelled: bool) -> None:  # noqa: FBT001  # the signal's own
        self._running, self._wanted = False, None
        self.range.show_following(follows=False)
        self._say(cancelled=cancelled)
        if not self._rows and not self.room.shows_content and self._request is not None and not cancelled:
            self._show_none(self._request)
        if cancelled and not self._rows:
            self.room.show_content()

    def _say(self, *, cancelled: bool = False) -> None:
        request = self._request
        if request is None:
            return
        searches, shown = bool(request.where), len(self._rows)
        describe = describe_run if self._running else describe_end
        words = describe(self._progress, shown, searches=searches)
        more = "" if self._resume is None else "Load older" if request.newest_first else "Load more"
        stopped = "Stopped: " if cancelled else ""
        self.foot.say(". ".join([f"{stopped}{words}", *self._notes]), self._failed_count(), more)

    def _show_start(self) -> None:
        self.room.show_empty("Choose a topic", "Its newest records are read first. Reading joins no group.")

    def _show_none(self, request: ReadRequest) -> None:
        if request.where:
            self.room.show_empty("No record matches", describe_end(self._progress, 0, searches=True))
        else:
            text = describe_end(self._progress, 0, searches=False)
            self.room.show_empty(f"No record of {request.topic} is in this range", text)

    def _show_error(self, error: ClusterError) -> None:
        self.range.show_following(follows=False)
        self.room.show_error(error)

    def _refuse(self, text: str) -> None:
        self._refusal.setText(text)
        self._refusal.setVisible(bool(text))
        if text and not self._rows:
            self.room.show_empty("Nothing was read", text)

    def _clear(self) -> None:
        self._rows.clear()
        self._progress, self._notes = ReadProgress(), ()
        self.model.set_rows(())
        self.foot.show_all()
        self._close_pane()

    def _failed_count(self) -> int:
        return sum(row.problem is not None for row in self._rows.values())

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
        if row is not None:
            self._open(row)
        elif self._opened is not None and (self._opened.partition, self._opened.offset) in self._rows:
            self._close_pane()

    def _open(self, row: RecordRow) -> None:
        assert self._request is not None
        place = TopicPartition(self._request.topic, row.partition)
        self._opened = RecordId(place.topic, place.partition, row.offset)
        self.pane.show()
        if self.pane.shows(self._opened):
            return
        self.pane.show_loading(f"{place} @ {number(row.offset)}")
        self.context.tasks.ask("records.one", self._read_one(place, row.offset), self._show_missing)

    async def _read_one(self, place: TopicPartition, offset: int) -> None:
        self.pane.show_record(await self.context.engine.record_at(place, offset, uncommitted=self._uncommitted))
        if self.filters.expression:
            self._check_filter()

    def _show_missing(self, error: ClusterError) -> None:
        self.pane.show_missing(f"{error.message} {error.hint}".strip())

    def _export(self) -> None:
        request = self._ask()
        if request is not None:
            self.export.choose_file(replace(request, limit=None, newest_first=False))

    async def _show_choice(self, topic: str) -> None:
        choice = await self.context.engine.decoder_choice(topic)
        self.filters.show_choice(choice)

    def _choose_decoders(self) -> None:
        if topic := self.range.topic.text:
            work = self._read_decoded(topic, self.filters.choice)
            self.context.tasks.start("records.decoders", work, on_error=self._report_choice)

    async def _read_decoded(self, topic: str, choice: DecoderChoice) -> None:
        await self.context.engine.choose_decoders(topic, choice)
        self.read()

    def _report_choice(self, error: Exception) -> None:
        if not isinstance(error, Failure | ValueError):
            raise error
        self._refuse(f"{error.message} {error.hint}".strip() if isinstance(error, Failure) else f"{error}.")

    def _check_filter(self) -> None:
        self.context.tasks.ask("records.filter", self._show_check(self.filters.expression), lambda _error: None)

    async def _show_check(self, expression: str) -> None:
        shown = self.pane.record.id if self.pane.record is not None else None
        place, offset = (shown.topic_partition, shown.offset) if shown is not None else (None, 0)
        check = await self.context.engine.check_filter(expression, None if self._uncommitted else place, offset)
        if expression == self.filters.expression:
            self.filters.show_check(check)

    async def _read_more(self, record: RecordDetail) -> None:
        assert record.value is not None
        place, have = record.id.topic_partition, len(record.value.head)
        part = await self.context.engine.record_bytes(
            place, record.id.offset, RecordField.VALUE, have, max(have, _PART), uncommitted=self._uncommitted
        )
        if self.pane.shows(record.id):
            self.pane.show_record(replace(record, value=FieldBytes(record.value.head + part, record.value.size)))

    def _show_more(self) -> None:
        if self.pane.record is not None and self.pane.record.value is not None:
            self.context.tasks.ask("records.one", self._read_more(self.pane.record), self._show_missing)

    @property
    def _uncommitted(self) -> bool:
        return self._request is not None and self._request.isolation is Isolation.READ_UNCOMMITTED

    def _step(self, way: int) -> None:
        row = self.table.selected
        at = self.model.place_of((row.partition, row.offset)) if row is not None else None
        if at is not None and 0 <= at + way < self.model.rowCount():
            self.table.choose(self.model.key_at(at + way))

    def _close_pane(self) -> None:
        self._opened = None
        self.table.clearSelection()
        self.pane.hide()

    def _command(self, row: RecordRow) -> str:
        topic = self._request.topic if self._request is not None else ""
        return self._line(RecordId(topic, row.partition, row.offset))

    def _line(self, record: RecordId) -> str:
        options = ("--partition", str(record.partition), "--from", str(record.offset), "--max", "1")
        return self.context.command_line("records", record.topic, options=options)

    def _copy_forms(self, record: RecordDetail) -> Sequence[tuple[str, str | None]]:
        return copy_forms(self.context.profile, self._line(record.id), record)

    def _find_same_key(self, way: int) -> None:
        """Shows the record before or after this one on its partition that has the same key."""
        record = self.pane.record
        if record is None or record.key is None:
            return
        if not record.key.complete:
            self.foot.note(f"The key has {size(record.key.size)}: too large to look for")
            return
        title = f"Looking for the record {'before' if way < 0 else 'after'} with the same key"
        work = self._read_same_key(record.id, record.key.head, way)
        self.context.tasks.start(
            "records.same_key", work, title=title, on_error=self._report_same_key, cancellable=True
        )

    async def _read_same_key(self, record: RecordId, key: bytes, way: int) -> None:
        request = ReadRequest(
            record.topic,
            start="beginning" if way < 0 else str(record.offset + 1),
            end=str(record.offset) if way < 0 else "end",
            partitions=(record.partition,),
            key=key.decode(),
            isolation=Isolation.READ_UNCOMMITTED if self._uncommitted else Isolation.READ_COMMITTED,
            limit=None if way < 0 else 1,  # a search goes forwards: the one before is the last that it finds
        )
        found: RecordRow | None = None
        async with aclosing(self.context.engine.read_records(request)) as batches:
            async for batch in batches:
                found = batch.rows[-1] if batch.rows else found
        if found is None:
            self.foot.note(f"No record {'before' if way < 0 else 'after'} this one has its key")
            return
        if not self.table.choose(_key(found)):
            self.table.clearSelection()
        self._open(found)

    def _report_same_key(self, error: Exception) -> None:
        if isinstance(error, UnicodeDecodeError):
            self.foot.note("The key is no text: records are found by keys that are UTF-8")
        elif isinstance(error, ClusterError):
            self.foot.note(f"{error.message} {error.hint}".strip())
        else:
            raise error

    def _cut(self, only_failed: bool) -> None:  # noqa: FBT001  # the signal's own
        def failed(rows: Source[RecordRow]) -> Flags:
            return np.fromiter((rows[place].problem is not None for place in range(len(rows))), np.bool_, len(rows))

        self.model.set_cut(failed if only_failed else None)

    def _connect(self) -> None:
        self.range.read.connect(self.read)
        self.range.followed.connect(lambda follows: self._follow(follows=follows))
        self.range.topic_changed.connect(lambda _topic: self._show_count())
        self.filters.filtered.connect(self.model.set_filter)
        self.filters.searched.connect(self.read)
        self.filters.checked.connect(self._check_filter)
        self.filters.decoded.connect(self._choose_decoders)
        self.export.told.connect(self.foot.note)
        self.reading.arrived.connect(self._show_batch)
        self.reading.came.connect(self._show_arrival)
        self.reading.ended.connect(self._end)
        self.reading.failed.connect(self._show_error)
        self.reading.refused.connect(self._refuse)
        self.table.chosen.connect(self._choose)
        self.foot.failed_wanted.connect(self._cut)
        self.foot.more_wanted.connect(self._more)
        self.pane.step.connect(self._step)
        self.pane.closed.connect(self._close_pane)
        self.pane.more_wanted.connect(self._show_more)
        self.pane.same_key.connect(self._find_same_key)


def _key(row: RecordRow) -> _Key:
    return row.partition, row.offset


def _record(what: str) -> RecordId | None:
    try:
        return RecordId.parse(what)
    except ValueError:
        return None


def _jump_text(arrival: Arrival[RecordRow]) -> str:
    offsets = sum(jump.to_offset - jump.from_offset for jump in arrival.jumps)
    return f"{plural(offsets, 'offset')} left out: they come in faster than they are read"
