"""Reading a dead letter: from a record's headers to its origin and cause, and to what the record was before. Never
raises, whatever the headers hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kafkaview.clock import parse_time
from kafkaview.terms import Header, RecordId
from kafkaview.triage.dead_letters.dialects.letter_dialect import LetterDialect
from kafkaview.triage.dead_letters.dialects.registry import BY_NAME
from kafkaview.triage.dead_letters.hop import LetterHop, split_hops
from kafkaview.triage.dead_letters.letter import DeadLetter, LetterOrigin
from kafkaview.triage.provenance_headers import (
    CLUSTER_HEADER,
    OWN_HEADERS,
    ROUTED_HEADER,
    SOURCE_HEADER,
    TIME_HEADER,
)

# In time order, the first one first: the hops of all dialects, each with its rank among the record's headers.
_Hops = list[tuple[int, LetterDialect, LetterHop]]


@dataclass(frozen=True, slots=True)
class LetterSource:
    """The record that a dead letter is a copy of, as far as its headers tell: its place, and the headers that it had.
    `cluster_id` is the cluster that it was copied on, where kafkaview copied it; None for other writers.
    """

    dialect: LetterDialect
    origin: LetterOrigin
    headers: tuple[Header, ...]
    by_kafkaview: bool
    cluster_id: str | None = None


def read_letter(headers: Sequence[Header] | None) -> DeadLetter | None:
    """Returns the dead letter of its last hop; None where no header is of a known dialect, or they cannot be read."""
    in_time, own = _find_hops(headers or ())
    if not in_time:
        return None
    newest, dialect, _ = in_time[-1]
    hops = [hop for _, one, hop in in_time if one is dialect]
    origins = tuple(one.origin(hop) for _, one, hop in in_time)
    letter = dialect.letter(hops, origins[-1])
    problems = dict.fromkeys(problem for hop in hops for problem in hop.problems)
    letter = replace(letter, hops=origins, problems=tuple(problems))
    return _add_own(letter, own, newest)


def read_source(headers: Sequence[Header]) -> LetterSource | None:
    """Returns what a dead letter is a copy of, before all hops of its last dialect; None where no header is of a known
    dialect. What another dialect wrote before is part of the record.
    """
    in_time, own = _find_hops(headers)
    if not in_time:
        return None
    dialect = in_time[-1][1]
    hops = [hop for _, one, hop in in_time if one is dialect]
    first = hops[0]
    origin = dialect.origin(first)
    mine = [] if dialect.writes_first else [hop for hop in own if hop.begin > first.begin]
    behind = mine[0].begin if mine else len(headers)
    cluster_id = None
    if mine and (len(hops) == 1 or mine[0].begin < hops[1].begin):
        origin, cluster_id = _own_origin(origin, mine[0]), mine[0].text(CLUSTER_HEADER)
    kept = tuple(
        header
        for place, header in enumerate(headers)
        if header.key not in dialect.names and not (header.key in OWN_HEADERS and place >= behind)
    )
    return LetterSource(dialect, origin, kept, bool(mine), cluster_id)


def _find_hops(headers: Sequence[Header]) -> tuple[_Hops, list[LetterHop]]:
    """Returns the hops of all dialects and those of kafkaview's own headers; none without a header that marks one."""
    by_dialect: dict[str, tuple[LetterDialect, list[tuple[int, Header]]]] = {}
    own: list[tuple[int, Header]] = []
    for place, header in enumerate(headers):
        dialect = BY_NAME.get(header.key)
        if dialect is not None:
            by_dialect.setdefault(dialect.word, (dialect, []))[1].append((place, header))
        elif header.key in OWN_HEADERS:
            own.append((place, header))
    found = [
        (dialect, split_hops(some, dialect.repeated))
        for dialect, some in by_dialect.values()
        if any(header.key in dialect.marks for _, header in some)
    ]
    return (_sort_by_time(found, len(headers)) if found else []), split_hops(own, frozenset())


def _sort_by_time(found: Sequence[tuple[LetterDialect, list[LetterHop]]], end: int) -> _Hops:
    """Returns the hops of all dialects, the first one first, each with its rank: the place of its headers among the
    record's, or `end` where their writer put them before all others.
    """
    first = min(hops[0].begin for _, hops in found)
    ranked: _Hops = []
    for dialect, hops in found:
        if dialect.writes_first:
            rank = end if hops[0].begin == first else hops[0].begin
            ranked += [(rank, dialect, hop) for hop in reversed(hops)]
        else:
            ranked += [(hop.begin, dialect, hop) for hop in hops]
    return sorted(ranked, key=lambda one: one[0])


def _add_own(letter: DeadLetter, own: Sequence[LetterHop], newest: int) -> DeadLetter:
    """Adds what kafkaview says of a copy, if its headers stand behind the last hop's: another tool may have sent away
    a copy of kafkaview's, and that says nothing of the later hop. `newest` is the rank of the last hop.
    """
    if not own or own[-1].begin < newest:
        return letter
    hop = own[-1]
    routed = hop.text(ROUTED_HEADER)
    origin = _own_origin(letter.origin, hop)
    hops = (*letter.hops[:-1], origin)
    problems = (*letter.problems, *hop.problems)
    return replace(letter, origin=origin, hops=hops, routed_ms=_time(routed), problems=problems)


def _own_origin(origin: LetterOrigin, own: LetterHop) -> LetterOrigin:
    """Returns the origin as kafkaview's own headers say it, which hold the timestamp in every dialect."""
    timestamp_ms, source = own.decimal(TIME_HEADER), _parse(own.text(SOURCE_HEADER))
    if source is None:
        return replace(origin, timestamp_ms=timestamp_ms)
    return LetterOrigin(source.topic, source.partition, source.offset, timestamp_ms)


def _parse(text: str | None) -> RecordId | None:
    try:
        return None if text is None else RecordId.parse(text)
    except ValueError:  # somebody else's header of that name
        return None


def _time(text: str | None) -> int | None:
    try:
        return None if text is None else parse_time(text)
    except ValueError:
        return None
