"""Reading a dead letter: from a record's headers to its origin and cause. Never raises, whatever the headers hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kafkaview.clock import parse_time
from kafkaview.terms import Header, RecordId
from kafkaview.triage.dead_letters.dialects.letter_dialect import LetterDialect
from kafkaview.triage.dead_letters.dialects.registry import BY_NAME
from kafkaview.triage.dead_letters.hop import LetterHop, split_hops
from kafkaview.triage.dead_letters.letter import DeadLetter, LetterOrigin
from kafkaview.triage.reroute.dialects import SOURCE_HEADER

_OWN: Final = frozenset((SOURCE_HEADER, "kafkaview.timestamp", "kafkaview.routed.at"))  # in every dialect it writes


def read_letter(headers: Sequence[Header] | None) -> DeadLetter | None:
    """Returns the dead letter of its last hop; None where no header is of a known dialect, or they cannot be read."""
    by_dialect: dict[str, tuple[LetterDialect, list[tuple[int, Header]]]] = {}
    own: list[tuple[int, Header]] = []
    for place, header in enumerate(headers or ()):
        dialect = BY_NAME.get(header.key)
        if dialect is not None:
            by_dialect.setdefault(dialect.word, (dialect, []))[1].append((place, header))
        elif header.key in _OWN:
            own.append((place, header))
    found = [
        (dialect, split_hops(some, dialect.repeated))
        for dialect, some in by_dialect.values()
        if any(header.key in dialect.marks for _, header in some)
    ]
    if not found:
        return None
    in_time = _sort_by_time(found, len(headers or ()))
    newest, dialect, _ = in_time[-1]
    hops = [hop for _, one, hop in in_time if one is dialect]
    origins = tuple(one.origin(hop) for _, one, hop in in_time)
    letter = dialect.letter(hops, origins[-1])
    problems = dict.fromkeys(problem for hop in hops for problem in hop.problems)
    letter = replace(letter, hops=origins, problems=tuple(problems))
    return _add_own(letter, split_hops(own, frozenset()), newest)


def _sort_by_time(
    found: Sequence[tuple[LetterDialect, list[LetterHop]]], end: int
) -> list[tuple[int, LetterDialect, LetterHop]]:
    """Returns the hops of all dialects, the first one first, each with its rank: the place of its headers among the
    record's, or `end` where their writer put them before all others.
    """
    first = min(hops[0].begin for _, hops in found)
    ranked: list[tuple[int, LetterDialect, LetterHop]] = []
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
    routed = hop.text("kafkaview.routed.at")
    origin = replace(letter.origin, timestamp_ms=hop.decimal("kafkaview.timestamp"))
    source = _parse(hop.text(SOURCE_HEADER))
    if source is not None:
        origin = LetterOrigin(source.topic, source.partition, source.offset, origin.timestamp_ms)
    hops = (*letter.hops[:-1], origin)
    problems = (*letter.problems, *hop.problems)
    return replace(letter, origin=origin, hops=hops, routed_ms=_time(routed), problems=problems)


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
