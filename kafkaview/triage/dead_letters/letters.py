"""The dead letters of a topic, newest first: a page of it, or those of one cause or hour."""

from __future__ import annotations

import heapq
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from kafkaview.records.browse import Browser
from kafkaview.records.passage import Instructions, Passage, PassageResult
from kafkaview.records.positions import BEGINNING, END
from kafkaview.records.progress import ReadProgress
from kafkaview.records.ranges import find_range, partitions_of
from kafkaview.terms import Record
from kafkaview.triage.dead_letters.causes import cause_key, cause_text
from kafkaview.triage.dead_letters.counts import arrival_of
from kafkaview.triage.dead_letters.reading import read_letter
from kafkaview.triage.dead_letters.request import LetterCut, LetterRow, LettersBatch, LettersRequest
from kafkaview.triage.dead_letters.sent_back import hops_of

if TYPE_CHECKING:
    from kafkaview.session import Session

_MESSAGE: Final = 300  # characters


async def read_letters(session: Session, request: LettersRequest) -> AsyncGenerator[LettersBatch, None]:
    """Yields the newest dead letters of a topic. Without a cut they come as they are read, from the end; with one, all
    of them come at the end. Closing the iterator ends the read. Raises ClusterError.
    """
    cluster = session.cluster
    topic = await cluster.topic(request.topic)
    span = await find_range(cluster, partitions_of(topic), BEGINNING, END)
    if request.cut is None:
        browser = Browser(cluster, topic, span, _rows_of, limit=request.limit, backwards=True)
        async with aclosing(browser.pages()) as pages:
            async for page in pages:
                yield LettersBatch(page.records, page.progress, page.ended, page.ended and page.resume is not None)
        return
    newest: list[tuple[int, int, int, LetterRow]] = []
    found, progress = 0, ReadProgress()
    passage = Passage(cluster, (topic,), span, _CutWork(request.cut))
    async with aclosing(passage.steps(progress)) as steps:
        async for progress, rows in steps:
            for row in rows:
                found += 1
                entry = (row.arrived_ms or 0, row.partition, row.offset, row)
                if len(newest) < request.limit:
                    heapq.heappush(newest, entry)
                else:
                    heapq.heappushpop(newest, entry)
            yield LettersBatch((), progress)
    shown = tuple(entry[-1] for entry in sorted(newest, key=lambda entry: entry[:-1], reverse=True))
    yield LettersBatch(shown, progress, ended=True, more=found > len(shown))


def row_of_letter(record: Record) -> LetterRow:
    """Returns the row of a record."""
    letter = read_letter(record.headers)
    short = letter
    if letter is not None:
        short = replace(letter, stack_trace=None, message=letter.message and letter.message[:_MESSAGE])
    return LetterRow(
        record.partition,
        record.offset,
        record.timestamp_ms,
        arrival_of(letter, record.timestamp_ms),
        short,
        cause_key(letter),
        cause_text(letter),
        hops_of(record.headers),
    )


def _rows_of(records: Sequence[Record]) -> list[LetterRow]:
    return [row_of_letter(record) for record in records]


@dataclass(frozen=True, slots=True)
class _CutWork:
    """The work: the dead letters of a cut are kept. One process does it: a cut is looked at after the breakdown."""

    cut: LetterCut

    def instructions(self) -> Instructions | None:
        """No other process does it."""
        return None

    def look(self, records: Sequence[Record], stop: Callable[[], bool]) -> PassageResult:
        """Keeps the rows of the cut."""
        found: list[LetterRow] = []
        for record in records:
            if stop():
                break
            row = row_of_letter(record)
            if self.cut.takes(row.key, row.arrived_ms):
                found.append(row)
        return PassageResult(found)

    def restore(self, thing: Sequence[Any]) -> Sequence[Any]:
        """Nothing comes from another process."""
        return thing
