"""The records that are loaded: the rows of the table, and what is said of them below it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QObject

from kafkaview.records.follow import Arrival
from kafkaview.records.progress import ReadProgress, removal_text
from kafkaview.records.request import ReadRequest, RecordsBatch
from kafkaview.records.rows import RecordRow
from kafkaview.triage.watch.sample_arrays import Flags
from kafkaview.ui.kit.tables import Source, Table, TableModel
from kafkaview.ui.pages.records.column_looks import RECORDS
from kafkaview.ui.pages.records.foot import RecordsFoot
from kafkaview.ui.pages.records.words import describe_end, describe_run
from kafkaview.words import number, plural

_KEPT: Final = 10_000  # rows of what is followed
_CREATED: Final = 3  # the column
_PARTITION: Final = re.compile(r"\S+:\d+")

RowKey = tuple[int, int]  # partition and offset


class LoadedRecords(QObject):
    """Keeps the rows of one read after another, fills the table and says in the foot what they are."""

    def __init__(self, foot: RecordsFoot, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: dict[RowKey, RecordRow] = {}  # in the order in which they came
        self.model: TableModel[RecordRow] = TableModel(RECORDS, row_key)
        self.progress = ReadProgress()
        self.resume: Mapping[int, int] | None = None
        self.running = False
        self.follows = False
        self._foot = foot
        self._before = 0  # rows of this range that were there before the present read,
        self._earlier = 0  # and before the one that the progress is of
        self._hidden = self._unjudged = 0  # of what is followed: records that came and are not rows
        self._notes: tuple[str, ...] = ()
        self.sort(newest_first=True)
        foot.failed_wanted.connect(self._cut)

    def sort(self, *, newest_first: bool) -> None:
        """Sorts by the time of creation."""
        self.model.sort_by(_CREATED, turned=newest_first)

    def clear(self) -> None:
        """Forgets all rows."""
        self.rows.clear()
        self._before = self._earlier = 0
        self.progress, self.resume, self._notes = ReadProgress(), None, ()
        self.model.set_rows(())
        self._foot.show_all()

    def next_offsets(self) -> dict[int, int]:
        """Returns, by partition, the offset behind the newest row."""
        found: dict[int, int] = {}
        for partition, offset in self.rows:
            found[partition] = max(offset + 1, found.get(partition, 0))
        return found

    def begin(self, words: str) -> None:
        """Says what begins."""
        self.resume, self.running, self.follows = None, True, False
        self._before = len(self.rows)
        self._foot.say(words, self._failed_count())

    def begin_following(self) -> None:
        """Prepares the rows that are loaded for newer ones on top: the oldest of them go first."""
        self.begin("Waiting for new records")
        self.follows, self._hidden, self._unjudged, self._notes = True, 0, 0, ()
        self.rows = dict(sorted(self.rows.items(), key=lambda item: item[1].timestamp_ms or 0))
        self.sort(newest_first=True)

    def add_batch(self, batch: RecordsBatch, request: ReadRequest, table: Table[RecordRow]) -> None:
        """Adds what was read."""
        self._earlier = self._before
        self.rows |= {row_key(row): row for row in batch.rows}
        self.progress, self.resume = batch.progress, batch.resume
        self._notes = (*self._notes, *batch.notes)
        if batch.rows:
            table.set_rows(tuple(self.rows.values()))
        self.say(request)

    def replace_rows(self, rows: Sequence[RecordRow], table: Table[RecordRow], request: ReadRequest) -> None:
        """Shows the same records as another format reads them."""
        self.rows |= {row_key(row): row for row in rows if row_key(row) in self.rows}
        table.set_rows(tuple(self.rows.values()))
        self.say(request)

    def add_arrival(self, arrival: Arrival[RecordRow], table: Table[RecordRow]) -> None:
        """Adds what has come in; the oldest rows go."""
        self.rows |= {row_key(row): row for row in arrival.records}
        for oldest in tuple(self.rows)[: max(0, len(self.rows) - _KEPT)]:
            del self.rows[oldest]
        if arrival.records:
            table.set_rows(tuple(self.rows.values()))
        if arrival.anew:
            self.clear()
        news = (*arrival.notes, *map(removal_text, arrival.gaps), *(_jump_text(arrival),) * bool(arrival.jumps))
        self._notes = _newest((*self._notes, *news))[-3:]
        self._hidden += arrival.hidden
        self._unjudged += arrival.failed
        behind = f", {number(arrival.behind)} behind" if arrival.behind else ""
        said = [f"{plural(len(self.rows), 'record')} shown, following{behind}"]
        if self._hidden:
            said.append(f"{plural(self._hidden, 'record')} more are left out: they came faster than they are shown")
        if self._unjudged:
            why = f": {arrival.failure}" if arrival.failure else ""
            said.append(f"The filter failed on {plural(self._unjudged, 'record')} that may match{why}")
        self._foot.say(". ".join([*said, *self._notes]), self._failed_count())

    def say(self, request: ReadRequest, *, cancelled: bool = False) -> None:
        """Says what was read, and offers more where there is more."""
        more = "" if self.resume is None else "Load older" if request.newest_first else "Load more"
        if self.follows:
            words = f"{plural(len(self.rows), 'record')} shown, not followed any more"
        else:
            words = self._describe(searches=bool(request.where))
            words = f"Stopped: {words}" if cancelled else words
        self._foot.say(". ".join([words, *self._notes]), self._failed_count(), more)

    def _describe(self, *, searches: bool) -> str:
        if self.running:
            return describe_run(self.progress, len(self.rows), searches=searches)
        return describe_end(self.progress, len(self.rows), searches=searches, earlier=self._earlier)

    def _failed_count(self) -> int:
        return sum(row.problem is not None for row in self.rows.values())

    def _cut(self, only_failed: bool) -> None:  # noqa: FBT001  # the signal's own
        def failed(rows: Source[RecordRow]) -> Flags:
            return np.fromiter((rows[place].problem is not None for place in range(len(rows))), np.bool_, len(rows))

        self.model.set_row_filter(failed if only_failed else None)


def row_key(row: RecordRow) -> RowKey:
    """Returns what names a row in its topic."""
    return row.partition, row.offset


def _newest(notes: Sequence[str]) -> tuple[str, ...]:
    """Returns the notes without those on partitions of which a later one tells something else."""
    kept: list[str] = []
    told: set[str] = set()
    for note in reversed(notes):
        about = set(_PARTITION.findall(note))
        if not about & told:
            kept.append(note)
        told |= about
    return tuple(reversed(kept))


def _jump_text(arrival: Arrival[RecordRow]) -> str:
    offsets = sum(jump.to_offset - jump.from_offset for jump in arrival.jumps)
    return f"{plural(offsets, 'offset')} left out: they come in faster than they are read"
