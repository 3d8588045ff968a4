"""Reads for a window: pages of rows while browsing, matches of a search."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from kafkaview.records.browse import Browser
from kafkaview.records.decoding import row_maker
from kafkaview.records.follow import Arrival, Follower
from kafkaview.records.key_partition import find_key_partitions
from kafkaview.records.passage import Found
from kafkaview.records.positions import parse_position
from kafkaview.records.ranges import ReadRange, find_range, partitions_of
from kafkaview.records.request import FollowRequest, ReadRequest, RecordsBatch
from kafkaview.records.rows import RecordRow
from kafkaview.terms import Topic

if TYPE_CHECKING:
    from kafkaview.session import Session


async def read_records(session: Session, request: ReadRequest) -> AsyncGenerator[RecordsBatch, None]:
    """Yields a page of records in the order of their timestamps, newest or oldest first. Closing the iterator ends the
    read. Raises ClusterError, and ValueError for a position that cannot be parsed.
    """
    topic, span, notes = await resolve_request(session, request)
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


async def resolve_request(session: Session, request: ReadRequest) -> tuple[Topic, ReadRange, tuple[str, ...]]:
    """Returns the topic, the offsets to read and sentences for the user about them."""
    start, end = parse_position(request.start), parse_position(request.end)
    topic = await session.cluster.topic(request.topic)
    partitions = partitions_of(topic, request.partitions)
    notes: tuple[str, ...] = ()
    if request.key is not None:
        partitions, notes = await find_key_partitions(session.cluster, topic, partitions, request)
    span = await find_range(session.cluster, partitions, start, end, request.isolation)
    return topic, _resumed(span, request), notes


def _resumed(span: ReadRange, request: ReadRequest) -> ReadRange:
    """Returns what is left of a range where an earlier read ended."""
    if request.resume is None:
        return span
    spans = {}
    for tp, (first, last) in span.spans.items():
        at = request.resume.get(tp.partition)
        if at is not None:
            spans[tp] = (
                (first, max(first, min(at, last))) if request.newest_first else (min(max(at, first), last), last)
            )
    return replace(span, spans=spans)


async def follow_records(session: Session, request: FollowRequest) -> AsyncGenerator[Arrival[RecordRow], None]:
    """Yields rows of the records that come in. While nobody takes a batch nothing is read; whoever falls far behind
    gets the newest, and is told what was left out. Raises ClusterError, and ValueError for what cannot be parsed.
    """
    follower = Follower(
        session.cluster,
        request.topic,
        Found,
        await row_maker(session, request.topic),
        start=parse_position(request.start),
        partitions=request.partitions,
        isolation=request.isolation,
        most=request.most,
    )
    async with aclosing(follower.arrivals()) as arrivals:
        async for arrival in arrivals:
            yield arrival
