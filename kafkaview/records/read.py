"""Reads for a window: pages of rows while browsing, matches of a search."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from kafkaview.cluster.errors import ClusterError
from kafkaview.records.browse import Browser, Dated, RecordPage
from kafkaview.records.decoding import filter_decoder, row_maker
from kafkaview.records.follow import Arrival, Follower, is_another
from kafkaview.records.key_partition import find_key_partitions
from kafkaview.records.passage import Passage
from kafkaview.records.positions import note_commits, parse_position
from kafkaview.records.progress import ReadProgress
from kafkaview.records.ranges import ReadRange, find_range, partitions_of
from kafkaview.records.request import FollowRequest, ReadRequest, RecordsBatch
from kafkaview.records.rows import RecordRow
from kafkaview.records.search import RecordQuery, RecordSearch
from kafkaview.records.shown_records import RecordShelf, RowMaker
from kafkaview.terms import Record, Topic

if TYPE_CHECKING:
    from kafkaview.session import Session

T = TypeVar("T")
D = TypeVar("D", bound=Dated)


async def read_records(
    session: Session, request: ReadRequest, shelf: RecordShelf | None = None
) -> AsyncGenerator[RecordsBatch, None]:
    """Yields rows: a page of records in the order of their timestamps, newest or oldest first; or, with a filter or a
    key, the matches in the order of partitions and offsets. A `shelf` keeps their records. Closing the iterator ends
    the read. Raises ClusterError, and ValueError for a position or a filter that cannot be parsed.
    """
    search, topic, span, notes = await _resolve(session, request)
    rows = await _row_maker(session, topic.name, shelf)
    if search is None:
        pages = _browse(session, request, topic, span, rows)
    else:
        pages = _rows_of(_matches(session, request, topic, span, search), rows)
    async with aclosing(pages):
        async for page in pages:
            yield RecordsBatch(page.records, page.progress, notes, page.ended, page.resume, topic.id)
            notes = ()


async def _row_maker(session: Session, topic: str, shelf: RecordShelf | None) -> RowMaker:
    rows = await row_maker(session, topic)
    return rows if shelf is None else shelf.noting(topic, rows)


async def _rows_of(
    pages: AsyncGenerator[RecordPage[Record], None], rows: Callable[[Sequence[Record]], list[RecordRow]]
) -> AsyncGenerator[RecordPage[RecordRow], None]:
    async with aclosing(pages):
        async for page in pages:
            made = tuple(await asyncio.to_thread(rows, page.records)) if page.records else ()
            yield RecordPage(made, page.progress, page.ended, page.resume)


async def records_of(
    session: Session, request: ReadRequest
) -> AsyncGenerator[tuple[ReadProgress, tuple[Record, ...], tuple[str, ...]], None]:
    """Yields whole records, with the progress and sentences for the user. Without a limit, those of a partition come in
    the order of their offsets. Raises as `read_records` does.
    """
    search, topic, span, notes = await _resolve(session, request)
    if search is None and request.limit is not None:
        pages = _browse(session, request, topic, span, list)
    else:
        pages = _matches(session, request, topic, span, search or RecordSearch(RecordQuery()))
    named = None if request.offsets is None else {number: frozenset(own) for number, own in request.offsets.items()}
    async with aclosing(pages):
        async for page in pages:
            records = page.records
            if named is not None:
                records = tuple(one for one in records if one.offset in named.get(one.partition, ()))
            yield page.progress, records, notes
            notes = ()


async def _resolve(
    session: Session, request: ReadRequest
) -> tuple[RecordSearch | None, Topic, ReadRange, tuple[str, ...]]:
    """Returns the search, None where every record is wanted, the topic, the offsets to read, and sentences for the user
    about them.
    """
    search = await _search_of(session, request) if request.where or request.key is not None else None
    start, end = parse_position(request.start), parse_position(request.end)
    topic = await session.cluster.topic(request.topic)
    if request.resume is not None and is_another(topic, request.topic_id):
        raise ClusterError(f"{topic.name} was deleted and made anew since it was read", "Read it again.")
    partitions = partitions_of(topic, request.partitions if request.offsets is None else tuple(request.offsets))
    notes: tuple[str, ...] = ()
    if request.key is not None:
        partitions, notes = await find_key_partitions(session.cluster, topic, partitions, request)
    span = await find_range(session.cluster, partitions, start, end, request.isolation)
    if request.offsets is not None:
        span = _narrowed(span, request.offsets)
    notes += await note_commits(session.cluster, partitions, start, end)
    return search, topic, _resumed(span, request.resume, backwards=request.newest_first and search is None), notes


def _browse(
    session: Session,
    request: ReadRequest,
    topic: Topic,
    span: ReadRange,
    keep: Callable[[Sequence[Record]], Sequence[D]],
) -> AsyncGenerator[RecordPage[D], None]:
    """Returns the parts of a page in the order of timestamps."""
    browser = Browser(
        session.cluster,
        topic,
        span,
        keep,
        limit=request.limit or span.offsets or 1,
        isolation=request.isolation,
        backwards=request.newest_first,
    )
    return browser.pages()


async def _matches(
    session: Session, request: ReadRequest, topic: Topic, span: ReadRange, search: RecordSearch
) -> AsyncGenerator[RecordPage[Record], None]:
    """Yields the records that match, up to the limit; with one, in the order of partitions and offsets."""
    left = request.limit
    passage = Passage(session.cluster, (topic,), span, search, request.isolation, in_order=left is not None)
    async with aclosing(passage.steps(ReadProgress())) as steps:
        async for progress, records in steps:
            kept = records if left is None else records[:left]
            if left is not None and len(records) >= left:
                gone = progress.skipped or progress.held_back or progress.removed or progress.damaged
                yield RecordPage(kept, replace(progress, complete=not gone), ended=True, resume=_behind(span, kept[-1]))
                return
            left = None if left is None else left - len(records)
            yield RecordPage(kept, progress)
    yield RecordPage((), progress, ended=True)


def _behind(span: ReadRange, last: Record) -> dict[int, int] | None:
    """Returns where a search in order goes on behind its last match."""
    resume = {
        tp.partition: last.offset + 1 if tp.partition == last.partition else first
        for tp, (first, end) in span.spans.items()
        if tp.partition > last.partition or (tp.partition == last.partition and last.offset + 1 < end)
    }
    return resume or None


def _narrowed(span: ReadRange, offsets: Mapping[int, Sequence[int]]) -> ReadRange:
    """Returns the part of a range that reaches over some offsets of each partition."""
    spans = {}
    for tp, (first, last) in span.spans.items():
        own = offsets[tp.partition]
        least = min(max(first, min(own)), last)
        spans[tp] = (least, max(least, min(last, max(own) + 1)))
    return replace(span, spans=spans)


def _resumed(span: ReadRange, resume: Mapping[int, int] | None, *, backwards: bool) -> ReadRange:
    """Returns what is left of a range where an earlier read ended."""
    if resume is None:
        return span
    spans = {}
    for tp, (first, last) in span.spans.items():
        at = resume.get(tp.partition)
        if at is not None:
            spans[tp] = (first, max(first, min(at, last))) if backwards else (min(max(at, first), last), last)
    return replace(span, spans=spans)


async def follow_records(
    session: Session, request: FollowRequest, shelf: RecordShelf | None = None
) -> AsyncGenerator[Arrival[RecordRow], None]:
    """Yields rows of the records that come in. While nobody takes a batch nothing is read; whoever falls far behind
    gets the newest, and is told what was left out. Raises ClusterError, and ValueError for what cannot be parsed.
    """
    rows = await _row_maker(session, request.topic, shelf)
    follower = _follower(session, request, await _search_of(session, request), rows, request.most)
    async with aclosing(follower.arrivals()) as arrivals:
        async for arrival in arrivals:
            yield arrival


async def arrivals_of(session: Session, request: FollowRequest) -> AsyncGenerator[Arrival[Record], None]:
    """Yields whole records as they come in, all of them. Raises as `follow_records` does."""
    follower = _follower(session, request, await _search_of(session, request), list, None)
    async with aclosing(follower.arrivals()) as arrivals:
        async for arrival in arrivals:
            yield arrival


def _follower(
    session: Session,
    request: FollowRequest,
    search: RecordSearch,
    keep: Callable[[Sequence[Record]], Sequence[T]],
    most: int | None,
) -> Follower[T]:
    return Follower(
        session.cluster,
        request.topic,
        search.look,
        keep,
        start=parse_position(request.start),
        partitions=request.partitions,
        isolation=request.isolation,
        most=most,
        resume=request.resume or {},
        topic_id=request.topic_id,
    )


async def _search_of(session: Session, request: ReadRequest | FollowRequest) -> RecordSearch:
    query = RecordQuery(request.where, request.key)
    decoder = await filter_decoder(session, request.topic, request.decode) if request.where else None
    return RecordSearch(query, decoder)
