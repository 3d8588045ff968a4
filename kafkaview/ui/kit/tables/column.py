"""A column of a table, declared: what it holds, how it reads, and how it looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from kafkaview.ui.kit.marks import Mark
from kafkaview.words import DASH, number

T = TypeVar("T")


class Align(StrEnum):
    """Words and identifiers left, quantities and times right, marks in the middle."""

    LEFT = "left"
    RIGHT = "right"
    CENTER = "center"


@dataclass(frozen=True)
class Column(Generic[T]):
    """`value` is what is sorted, filtered and copied; None is what is unknown, shown as a dash with `unknown` as its
    reason. `text` is how it reads, if not the plain value. The functions that follow are asked for each row.
    """

    title: str
    value: Callable[[T], object]
    text: Callable[[T], str] | None = None
    align: Align = Align.LEFT
    width: int = 120
    stretch: bool = False
    mono: bool = False
    strong: bool = False
    elide_middle: bool = False
    mark: Callable[[T], Mark | None] | None = None  # painted before the text, or alone if `title` is empty
    italic: Callable[[T], bool] | None = None  # known to be absent: null, none, tombstone
    tone: Callable[[T], str | None] | None = None  # a token's name, None for the ordinary text
    tip: Callable[[T], str] | None = None
    unknown: Callable[[T], str] | None = None  # who did not say, since when
    sparkline: Callable[[T], Sequence[float | None]] | None = None
    checked: Callable[[T], bool | None] | None = None  # None: this row cannot be ticked
    field: str = ""  # its name in JSON, where it shows a declared field
    document: Callable[[T], object] | None = None  # its value in JSON

    @property
    def name(self) -> str:
        """The word that names this column in a filter: `Log end` is `log_end`."""
        return "_".join(self.title.lower().split())

    def reads(self, row: T) -> str:
        """The cell as shown."""
        value = self.value(row)
        if self.text is not None:
            return self.text(row)
        if value is None:
            return DASH
        if isinstance(value, int) and not isinstance(value, bool):
            return number(value)
        return str(value)

    def copies(self, row: T) -> str:
        """The cell as copied: numbers plain, unknown empty."""
        value = self.value(row)
        return "" if value is None else str(value)

    def tooltip(self, row: T) -> str:
        """What hovering tells: the reason of a dash, else the full text."""
        if self.value(row) is None and self.unknown is not None:
            return self.unknown(row)
        return self.tip(row) if self.tip is not None else self.reads(row)
