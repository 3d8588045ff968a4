"""The range in the table: a page of it, what a search of it finds, or what comes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.records.follow import Arrival
from kafkaview.records.request import FollowRequest, ReadRequest, RecordsBatch
from kafkaview.records.rows import RecordRow
from kafkaview.terms import Isolation
from kafkaview.ui.kit.again import Again
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryView
from kafkaview.ui.kit.tables import Table
from kafkaview.ui.pages.records.foot import RecordsFoot
from kafkaview.ui.pages.records.loaded_records import LoadedRecords
from kafkaview.ui.pages.records.range_bar import RangeBar
from kafkaview.ui.pages.records.reading import RecordReader
from kafkaview.ui.pages.records.words import describe_end
from kafkaview.words import rate

_OVERLAP: Final = 20  # of each partition, where following begins: what came since the last read is not passed over


class ShownRange(QObject):
    """Reads one range after the other into the table of a room."""

    changed = Signal(object)  # the ReadRequest of another range; what was shown before is gone
    grew = Signal()  # rows may have come
    ended = Signal()

    def __init__(self, context: Context, bar: RangeBar, foot: RecordsFoot, parent: QObject) -> None:
        super().__init__(parent)
        self.request: ReadRequest | None = None
        self._replaces = False  # whether the rows are those of an earlier range still
        self._early: list[RecordsBatch] = []  # of the range that is to replace it, without records yet
        self._topic_id: bytes | None = None  # of the topic of the rows
        self.again = Again()
        self.loaded = LoadedRecords(foot, self)
        self.reading = RecordReader(context, self)
        self._bar = bar
        self._table: Table[RecordRow]
        self._room: QueryView
        foot.more_wanted.connect(self.read_more)
        self.reading.arrived.connect(self._show_batch)
        self.reading.came.connect(self._show_arrival)
        self.reading.ended.connect(self._end)
        self.reading.failed.connect(self._show_error)

    def show_in(self, table: Table[RecordRow], room: QueryView) -> None:
        """Shows the range in a table, and in its room why there is nothing in it."""
        self._table, self._room = table, room

    @property
    def uncommitted(self) -> bool:
        """Whether records of open and aborted transactions are shown."""
        return self.request is not None and self.request.isolation is Isolation.READ_UNCOMMITTED

    @property
    def kept_rows(self) -> bool:
        """Whether other formats leave the same rows: what a search finds depends on them, and a read may still run."""
        if self.request is None or self.request.where:
            return False
        return self.reading.follows or not self.loaded.running

    def read(self, request: ReadRequest) -> None:
        """Reads another range; with an expression it is searched. What is shown of the topic stays until the first
        answer: it may be the last that there is for a while.
        """
        self._replaces = self.request is not None and request.topic == self.request.topic and bool(self.loaded.rows)
        if not self._replaces:
            self._begin_range(request)
        self._begin(request)

    def read_more(self) -> None:
        """Goes on where the last read ended."""
        if self.request is not None and self.loaded.resume is not None:
            self._begin(replace(self.request, resume=self.loaded.resume, topic_id=self._topic_id))

    def follow(self, request: ReadRequest) -> None:
        """Shows what comes in from now on, on top of what is shown of the topic, and what came between the two."""
        if self.request is None or request.topic != self.request.topic:
            self._clear(request)
        self.request, self._replaces = request, False
        self.again.forget()
        self.loaded.begin_following()
        self._bar.show_following(follows=True)
        self._room.show_content()
        self.reading.follow(
            FollowRequest(
                request.topic,
                start=f"-{_OVERLAP}",
                partitions=request.partitions,
                where=request.where,
                isolation=request.isolation,
                resume=self.loaded.next_offsets(),
                topic_id=self._topic_id,
            )
        )

    def show_again(self, rows: Sequence[RecordRow]) -> None:
        """Shows the same records as other formats read them."""
        if self.request is None:
            return
        self.loaded.replace_rows(rows, self._table, self.request)
        if self.reading.follows:
            self.follow(self.request)

    def _begin_range(self, request: ReadRequest) -> None:
        self._replaces = False
        self._clear(request)
        self.loaded.sort(newest_first=request.newest_first)
        self._room.show_loading()

    def _begin(self, request: ReadRequest) -> None:
        self.request = request
        self.again.forget()
        self._early.clear()
        self.loaded.begin("Reading")
        self.reading.read(request)

    def _clear(self, request: ReadRequest) -> None:
        self.loaded.clear()
        self._topic_id = None
        self.changed.emit(request)

    def _show_batch(self, batch: RecordsBatch) -> None:
        assert self.request is not None
        if self._replaces and not batch.rows:
            self._early.append(batch)
            return
        self._replace()
        if batch.rows:
            self._room.show_content()
        self._topic_id = batch.topic_id
        self.loaded.add_batch(batch, self.request, self._table)
        self.grew.emit()

    def _replace(self) -> None:
        """Lets the rows of an earlier range go, if they are there still."""
        if self._replaces and self.request is not None:
            self._begin_range(self.request)
            for one in self._early:
                self.loaded.add_batch(one, self.request, self._table)

    def _show_arrival(self, arrival: Arrival[RecordRow]) -> None:
        self._bar.show_following(follows=True, rate=rate(arrival.rate) if arrival.rate else "")
        self._topic_id = arrival.topic_id or self._topic_id
        self.loaded.add_arrival(arrival, self._table)

    def _end(self, cancelled: bool) -> None:  # noqa: FBT001  # the signal's own
        if not cancelled and not self.reading.broke:
            self._replace()
            self.again.note_success()
        self.loaded.running = False
        self._bar.show_following(follows=False)
        self.ended.emit()
        if self.request is None:
            return
        self.loaded.say(self.request, cancelled=cancelled)
        if cancelled and not self.loaded.rows:
            self._room.show_content()
        elif not self.loaded.rows and not self._room.shows_content:
            self._show_none(self.request)

    def _show_none(self, request: ReadRequest) -> None:
        searches = bool(request.where)
        title = "No record matches" if searches else f"No record of {request.topic} is in this range"
        self._room.show_empty(title, describe_end(self.loaded.progress, 0, searches=searches))

    def _show_error(self, error: ClusterError) -> None:
        if self.request is not None:
            self.again.note_failure(error, partial(self.follow if self.loaded.follows else self.read, self.request))
        self._bar.show_following(follows=False)
        self._room.named = self.request.topic if self.request is not None else ""
        self._room.show_error(error)
