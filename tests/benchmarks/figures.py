"""What a benchmark has measured: ours, the yardstick beside it, and what it must and should be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

_DIGITS: Final = {"s": 2, "ms": 0, "MB": 0, "%": 1, "": 1}


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table. Each value is of one run; the n-th of ours ran beside the n-th of the yardstick.

    `must` and `goal` bound the median of ours from above, the largest of ours where `worst`, or the ratio from below
    where `by_ratio`. What was not `done` as it should be holds nothing.
    """

    row: str
    what: str
    unit: str
    ours: Sequence[float]
    yardstick: Sequence[float] = ()
    beside: str = ""  # what the yardstick is
    must: float | None = None
    goal: float | None = None
    by_ratio: bool = False
    worst: bool = False
    done: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """How many times as long the yardstick takes."""
        if not self.yardstick:
            return None
        return median(theirs / ours for ours, theirs in zip(self.ours, self.yardstick, strict=True))

    @property
    def holds(self) -> bool | None:
        """Whether it is what it must be; None where nothing is asked."""
        return self._within(self.must)

    @property
    def reaches(self) -> bool | None:
        """Whether it is what it should be."""
        return self._within(self.goal)

    def _within(self, bound: float | None) -> bool | None:
        if bound is None:
            return None
        if not self.done:
            return False
        if self.by_ratio:
            return self.ratio is not None and self.ratio >= bound
        return (max(self.ours) if self.worst else median(self.ours)) <= bound

    def as_json(self) -> dict[str, Any]:
        """The row in full."""
        return {
            "row": self.row,
            "what": self.what,
            "unit": self.unit,
            "ours": _spread(self.ours),
            "yardstick": _spread(self.yardstick) if self.yardstick else None,
            "beside": self.beside or None,
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "must": self.must,
            "goal": self.goal,
            "bounds": "ratio" if self.by_ratio else "worst of ours" if self.worst else "median of ours",
            "holds": self.holds,
            "reaches_goal": self.reaches,
            "details": dict(self.details),
        }

    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} x"
        verdict = {None: "", True: "holds", False: "FAILS"}[self.holds]
        return (
            self.row,
            self.what,
            self._text(self.ours),
            self._text(self.yardstick),
            ratio,
            self._bound(self.must, at_least=">=" if self.by_ratio else "<="),
            self._bound(self.goal, at_least=">=" if self.by_ratio else "<="),
            verdict,
        )

    def _text(self, values: Sequence[float]) -> str:
        if not values:
            return ""
        digits = _DIGITS.get(self.unit, 1)
        low, middle, high = (f"{value:,.{digits}f}" for value in (min(values), median(values), max(values)))
        return f"{middle} {self.unit}".strip() + (f" ({low}-{high})" if len(values) > 1 else "")

    def _bound(self, bound: float | None, *, at_least: str) -> str:
        if bound is None:
            return ""
        return f"{at_least} {bound:g} {'x' if self.by_ratio else self.unit}".strip()


HEADS: Final = ("row", "what", "ours", "yardstick", "ratio", "must", "goal", "")


def as_table(figures: Sequence[Figure]) -> str:
    """All rows, the columns as wide as they need to be."""
    rows = [HEADS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)


def _spread(values: Sequence[float]) -> dict[str, Any]:
    return {
        "median": round(median(values), 4),
        "least": round(min(values), 4),
        "most": round(max(values), 4),
        "runs": [round(value, 4) for value in values],
    }


def growth(row: str, what: str, sizes: Sequence[int], costs: Sequence[float]) -> Figure:
    """How many times the cost of the smallest size the largest one takes: not more than it is larger."""
    text = ", ".join(f"{size:,} {cost:.2f} s" for size, cost in zip(sizes, costs, strict=True))
    return Figure(
        row,
        f"{what}, the last beside the first: {text}",
        "x",
        [costs[-1] / costs[0]],
        must=sizes[-1] / sizes[0],
        details={"sizes": list(sizes), "seconds": [round(cost, 4) for cost in costs]},
    )
