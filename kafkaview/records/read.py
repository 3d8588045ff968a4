"""Reads for a window: pages of rows while browsing, matches of a search."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from kafkaview.records.browse import Browser
from kafkaview.records.decoding import row_maker
from kafkaview.records.follow import Arrival, Follower
from kafkaview.records.key_partition import find_key_partitions
from kafkaview.records.passage import Passage
from kafkaview.records.positions import parse_position
from kafkaview.records.progress import ReadProgress
from kafkaview.records.ranges import ReadRange, find_range, partitions_of
from kafkaview.records.request import FollowRequest, ReadRequest, RecordsBatch
from kafkaview.records.rows import RecordRow
from kafkaview.records.search import Query, Search
from kafkaview.terms import Record, Topic

if TYPE_CHECKING:
    from kafkaview.session import Session


async def read_records(session: Session, request: ReadRequest) -> AsyncGenerator[RecordsBatch, None]:
    """Yields a page of records in the order of their timestamps, newest or oldest first. Closing the iterator ends the
    read. Raises ClusterError, and ValueError for a position that cannot be parsed.
    """
    query = Query(request.where, None if request.key is None else request.key.encode())
    search = Search(query)
    topic, span, notes = await resolve_request(session, request)
    span = _resumed(span, request.resume, backwards=request.newest_first and query == Query())
    if query != Query():
        async with aclosing(_matches(session, request, topic, span, search)) as batches:
            async for batch in batches:
                yield replace(batch, notes=notes)
                notes = ()
        return
    browser = Browser(
        session.cluster,
        topic,
        span,
        await row_maker(session, topic.name),
        limit=request.limit or span.offsets or 1,
        isolation=request.isolation,
        backwards=request.newest_first,
    )
    async with aclosing(browser.pages()) as pages:
        async for page in pages:
            yield RecordsBatch(page.records, page.progress, notes, page.ended, page.resume)
            notes = ()


async def _matches(
    session: Session, request: ReadRequest, topic: Topic, span: ReadRange, search: Search
) -> AsyncGenerator[RecordsBatch, None]:
    """Yields the rows that match, in the order of partitions and offsets, up to the limit."""
    rows = await row_maker(session, topic.name)
    passage = Passage(session.cluster, (topic,), span, search, request.isolation, in_order=True)
    left = request.limit
    async with aclosing(passage.steps(ReadProgress())) as steps:
        async for progress, records in steps:
            kept = records if left is None else records[:left]
            made = await asyncio.to_thread(rows, kept) if kept else []
            if left is not None and len(records) >= left:
                yield RecordsBatch(tuple(made), progress, ended=True, resume=_behind(span, kept[-1]))
                return
            left = None if left is None else left - len(records)
            yield RecordsBatch(tuple(made), progress)
    yield RecordsBatch((), progress, ended=True)


def _behind(span: ReadRange, last: Record) -> dict[int, int] | None:
    """Returns where a search in order goes on behind its last match."""
    resume = {
        tp.partition: last.offset + 1 if tp.partition == last.partition else first
        for tp, (first, end) in span.spans.items()
        if tp.partition > last.partition or (tp.partition == last.partition and last.offset + 1 < end)
    }
    return resume or None


async def resolve_request(session: Session, request: ReadRequest) -> tuple[Topic, ReadRange, tuple[str, ...]]:
    """Returns the topic, the offsets to read and sentences for the user about them."""
    start, end = parse_position(request.start), parse_position(request.end)
    topic = await session.cluster.topic(request.topic)
    partitions = partitions_of(topic, request.partitions)
    notes: tuple[str, ...] = ()
    if request.key is not None:
        partitions, notes = await find_key_partitions(session.cluster, topic, partitions, request)
    span = await find_range(session.cluster, partitions, start, end, request.isolation)
    return topic, span, notes


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


async def follow_records(session: Session, request: FollowRequest) -> AsyncGenerator[Arrival[RecordRow], None]:
    """Yields rows of the records that come in. While nobody takes a batch nothing is read; whoever falls far behind
    gets the newest, and is told what was left out. Raises ClusterError, and ValueError for what cannot be parsed.
    """
    search = Search(Query(request.where, None if request.key is None else request.key.encode()))
    follower = Follower(
        session.cluster,
        request.topic,
        search.look,
        await row_maker(session, request.topic),
        start=parse_position(request.start),
        partitions=request.partitions,
        isolation=request.isolation,
        most=request.most,
    )
    async with aclosing(follower.arrivals()) as arrivals:
        async for arrival in arrivals:
            yield arrival
