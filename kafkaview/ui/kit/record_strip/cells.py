"""What a record strip shows, as values. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kafkaview.words import number

_NEAR = 3  # good records shown on either side of a gap
_MOST = 60  # cells at most; the widget shows as many as its width takes


class CellKind(StrEnum):
    """What one record is to the group that stands here; the value is its word for a screen reader."""

    READ = "read"
    GOOD = "good, not yet read"
    POISON = "poison"
    WAITING = "waiting"
    GAP = "records left out"


@dataclass(frozen=True, slots=True)
class StripCell:
    """One record; or, with GAP, `count` records from `offset` on that are not drawn."""

    offset: int
    kind: CellKind
    count: int = 1


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a group stands: before the record with this offset. `tone` is a token (`bad_text`, `accent`, `text`)."""

    offset: int
    label: str
    tone: str = "bad_text"


@dataclass(frozen=True, slots=True)
class Copied:
    """The row below a strip: the records that are copied to a topic, and the words beside them."""

    topic: str
    offsets: tuple[int, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """A whole strip. `lead` stands before the cells; `log_end_offset` tells how many more records wait behind them."""

    cells: tuple[StripCell, ...]
    pointers: tuple[Pointer, ...] = ()
    lead: str = "read"
    log_end_offset: int | None = None
    copied: Copied | None = None
    lead_mono: bool = False

    @property
    def sentence(self) -> str:
        """The strip in words, for screen readers and as its tooltip."""
        said = [f"{pointer.label}, before record {number(pointer.offset)}" for pointer in self.pointers]
        poison = [number(cell.offset) for cell in self.cells if cell.kind is CellKind.POISON]
        if poison:
            said.append(f"poison: {', '.join(poison)}")
        between = sum(cell.count for cell in self.cells if cell.kind is CellKind.GOOD) + self._left_out()
        if between:
            said.append(f"{number(between)} good records lie between")
        if self.log_end_offset is not None and self.pointers:
            said.append(f"{number(max(0, self.log_end_offset - self.pointers[0].offset))} records wait")
        if self.copied is not None:
            said.append(f"copied to {self.copied.topic}")
        return "; ".join(said)

    def fitting(self, most: int) -> tuple[StripCell, ...]:
        """Returns the cells that are shown where there is room for so many: those at the left give way to the first
        poison record.
        """
        poison = (place for place, cell in enumerate(self.cells) if cell.kind is CellKind.POISON)
        start = max(0, next(poison, 0) + 1 - most)
        return self.cells[start : start + most]

    def more_than(self, shown: Sequence[StripCell]) -> int | None:
        """Returns how many records lie behind the cells that are shown."""
        if self.log_end_offset is None or not shown:
            return None
        return max(0, self.log_end_offset - shown[-1].offset - shown[-1].count)

    def _left_out(self) -> int:
        return sum(cell.count for cell in self.cells if cell.kind is CellKind.GAP)


def cells_around(
    committed: int,
    suspects: tuple[int, ...],
    *,
    log_start_offset: int | None = None,
    log_end_offset: int | None = None,
    read: int = 6,
) -> tuple[StripCell, ...]:
    """Returns the cells around a committed offset: some that the group has read, good ones up to the first suspect (the
    middle of a long run is left out), the suspects, and some that wait.
    """
    first = max(log_start_offset or 0, committed - read)
    end = log_end_offset if log_end_offset is not None else committed + _MOST
    cells = [StripCell(offset, CellKind.READ) for offset in range(first, committed)]
    ahead = min((s for s in suspects if s >= committed), default=committed)
    cells += _good(committed, ahead)
    stop = max(min(end, ahead + _MOST - len(cells)), min(ahead + 1, end))
    cells += [StripCell(o, CellKind.POISON if o in suspects else CellKind.WAITING) for o in range(ahead, stop)]
    return tuple(cells)


def _good(committed: int, suspect: int) -> list[StripCell]:
    if suspect - committed <= 2 * _NEAR + 1:
        return [StripCell(offset, CellKind.GOOD) for offset in range(committed, suspect)]
    return [
        *(StripCell(offset, CellKind.GOOD) for offset in range(committed, committed + _NEAR)),
        StripCell(committed + _NEAR, CellKind.GAP, suspect - committed - 2 * _NEAR),
        *(StripCell(offset, CellKind.GOOD) for offset in range(suspect - _NEAR, suspect)),
    ]
