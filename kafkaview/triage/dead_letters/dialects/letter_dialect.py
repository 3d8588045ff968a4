"""What every dialect says about itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kafkaview.triage.dead_letters.hop import LetterHop
from kafkaview.triage.dead_letters.letter import DeadLetter, LetterOrigin


@dataclass(frozen=True, slots=True)
class LetterDialect:
    """One dialect: its word in the command line, its title, the exact names of its headers, how it reads the origin of
    a hop, and the letter of several hops, the last one last. `keeps_time`: the copy has the timestamp of its origin,
    not that of its arrival. `marks` are names of which one must be there, where the other names alone tell nothing.
    `writes_first`: its headers are written before those that the record had, so that its newest hop comes first.
    """

    word: str
    title: str
    names: frozenset[str]
    origin: Callable[[LetterHop], LetterOrigin]
    letter: Callable[[Sequence[LetterHop], LetterOrigin], DeadLetter]
    keeps_time: bool
    marks: frozenset[str]
    repeated: frozenset[str] = frozenset()
    writes_first: bool = False


def some_fields(**fields: str | int | None) -> tuple[tuple[str, str], ...]:
    """Returns the fields that are known, titled by their names."""
    return tuple((name.replace("_", " "), str(value)) for name, value in fields.items() if value is not None)


def decimal_origin(topic: str, partition: str, offset: str) -> Callable[[LetterHop], LetterOrigin]:
    """Returns what reads an origin from three headers whose numbers are decimal text."""

    def read(hop: LetterHop) -> LetterOrigin:
        return LetterOrigin(
            hop.text(topic),
            hop.non_negative(hop.decimal(partition, width=4), partition),
            hop.non_negative(hop.decimal(offset), offset),
        )

    return read
