"""The declaration of a table's column: what it holds and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from kafkaview.ui.kit.marks import Mark
from kafkaview.words import DASH, iso, number, time

T = TypeVar("T")


class Align(StrEnum):
    """The alignment of a column: words and identifiers left, quantities and times right, marks in the middle."""

    LEFT = "left"
    RIGHT = "right"
    CENTER = "center"


@dataclass(frozen=True)
class Column(Generic[T]):
    """One column. `value` is what is sorted, filtered and copied; None is unknown and shown as a dash, with `unknown`
    as its reason. `text` is the text of a cell if that is not the plain value. The functions get the row.
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
    whole: bool = False  # never cut, as quantities and times never are: names beside it give way
    mark: Callable[[T], Mark | None] | None = None  # painted before the text, or alone if `title` is empty
    italic: Callable[[T], bool] | None = None  # known to be absent: null, none, tombstone
    tone: Callable[[T], str | None] | None = None  # a token's name, None for the ordinary text
    tip: Callable[[T], str] | None = None
    unknown: Callable[[T], str] | None = None  # who did not say, since when
    sparkline: Callable[[T], Sequence[float | None]] | None = None
    checked: Callable[[T], bool | None] | None = None  # None: this row cannot be ticked
    field: str = ""  # its name in JSON, where it shows a declared field
    document: Callable[[T], object] | None = None  # its value in JSON
    head: Callable[[], str] | None = None  # what its head says now, where that is not the title

    @property
    def name(self) -> str:
        """The word that names the column in a filter: `Log end` is `log_end`."""
        return "_".join(self.title.lower().split())

    @property
    def caption(self) -> str:
        """What its head says."""
        return self.head() if self.head is not None else self.title

    @property
    def is_whole(self) -> bool:
        """Whether its cells are never cut: half a number is another number."""
        return self.whole or self.align is Align.RIGHT

    @property
    def is_name(self) -> bool:
        """Whether its cells are names, which are cut only while the stretching column needs its room."""
        return self.elide_middle and not self.stretch

    def reads(self, row: T) -> str:
        """Returns the text of a cell as it is shown."""
        value = self.value(row)
        if self.text is not None:
            return self.text(row)
        if value is None:
            return DASH
        if isinstance(value, int) and not isinstance(value, bool):
            return number(value)
        return str(value)

    def copies(self, row: T) -> str:
        """Returns the text of a cell as it is copied: numbers without separators, unknown as empty."""
        value = self.value(row)
        return "" if value is None else str(value)

    def tooltip(self, row: T) -> str:
        """Returns the tooltip of a cell: the reason of a dash, what a line goes through, else the full text."""
        if self.sparkline is not None:
            known = [round(value) for value in self.sparkline(row) if value is not None]
            low, high = (number(min(known)), number(max(known))) if known else ("", "")
            return f"lowest {low}, highest {high}, last {number(known[-1])}" if known else "not watched for long enough"
        if self.value(row) is None and self.unknown is not None:
            return self.unknown(row)
        return self.tip(row) if self.tip is not None else self.reads(row)


def mark_column(
    mark: Callable[[T], Mark],
    text: Callable[[T], str],
    value: Callable[[T], object] | None = None,
    tip: Callable[[T], str] | None = None,
) -> Column[T]:
    """Returns a column of marks without a title. It is sorted by `value`, else by the text."""
    return Column("", value or text, text=text, mark=mark, align=Align.CENTER, width=36, tip=tip)


def created_column(timestamp_ms: Callable[[T], int | None], width: int) -> Column[T]:
    """Returns the column of the records' timestamps."""
    return Column(
        "Created",
        timestamp_ms,
        text=lambda row: time(timestamp_ms(row)),
        tip=lambda row: iso(timestamp_ms(row)),
        align=Align.RIGHT,
        width=width,
    )
