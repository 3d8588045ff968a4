"""The breakdown of a topic of dead letters, found by reading a range of it through: causes, origins, hours."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

from kafkaview.records.passage import Instructions, Passage, PassageResult
from kafkaview.records.positions import note_commits, parse_position
from kafkaview.records.progress import ReadProgress
from kafkaview.records.ranges import find_range, partitions_of
from kafkaview.terms import Record
from kafkaview.triage.dead_letters.causes import CauseKey
from kafkaview.triage.dead_letters.counts import CauseCounts
from kafkaview.triage.dead_letters.request import BreakdownRequest, CauseCount, LetterBreakdown

if TYPE_CHECKING:
    from kafkaview.session import Session

_WORKER: Final = "kafkaview.triage.dead_letters.worker"


async def break_down(session: Session, request: BreakdownRequest) -> AsyncGenerator[LetterBreakdown, None]:
    """Reads a range of a topic through, by several processes where it is long, and yields what was counted so far, at
    least every 250 ms. Closing the iterator ends the read. Raises ClusterError, and ValueError for a position.
    """
    start, end = parse_position(request.start), parse_position(request.end)
    topic = await session.cluster.topic(request.topic)
    partitions = partitions_of(topic)
    span = await find_range(session.cluster, partitions, start, end)
    all_of_it = await find_range(session.cluster, partitions, parse_position("beginning"), parse_position("end"))
    whole = all(
        place in span.spans and span.spans[place][0] <= first and span.spans[place][1] >= last
        for place, (first, last) in all_of_it.spans.items()
        if first < last
    )
    notes = await note_commits(session.cluster, partitions, start, end)
    counts = CauseCounts()
    progress = ReadProgress()
    passage = Passage(session.cluster, (topic,), span, _BreakdownWork())
    async with aclosing(passage.steps(progress)) as steps:
        async for progress, parts in steps:
            for part in parts:
                counts.merge(part)
            yield _describe(topic.name, progress, counts, notes, whole=whole)
    yield _describe(topic.name, progress, counts, notes, whole=whole, ended=True)


class _BreakdownWork:
    """The work: all records are counted."""

    def instructions(self) -> Instructions | None:
        """Returns what another process needs to know."""
        return Instructions(_WORKER, {})

    def look(self, records: Sequence[Record], _stop: Callable[[], bool]) -> PassageResult:
        """Counts records."""
        counts = CauseCounts()
        for record in records:
            counts.add(record.headers, record.timestamp_ms)
        return PassageResult([counts])

    def restore(self, thing: Any) -> CauseCounts:
        """Returns the counts that another process reported."""
        return CauseCounts.unpack(thing)


def _describe(
    topic: str,
    progress: ReadProgress,
    counts: CauseCounts,
    notes: tuple[str, ...],
    *,
    whole: bool,
    ended: bool = False,
) -> LetterBreakdown:
    hours: dict[CauseKey, list[tuple[int, int]]] = {}
    for (key, hour), many in sorted(counts.hours.items(), key=lambda item: item[0][1]):
        hours.setdefault(key, []).append((hour, many))
    causes = sorted(counts.causes.items(), key=lambda item: (-item[1].count, str(item[0])))
    return LetterBreakdown(
        topic,
        progress,
        whole,
        counts.records,
        counts.without_headers,
        counts.unreadable_headers,
        counts.others,
        counts.dialects.most_common(1)[0][0] if counts.dialects else None,
        tuple(
            CauseCount(
                key, tally.text or key.cause, tally.count, tally.first_ms, tally.last_ms, tuple(hours.get(key, ()))
            )
            for key, tally in causes
        ),
        notes,
        ended,
    )
