"""The columns of what differs between two values, part by part; green came, red went."""

from __future__ import annotations

from itertools import takewhile
from typing import Final

from kafkaview.records.comparison import Difference
from kafkaview.ui.kit.tables import Column
from kafkaview.words import visible

_PREVIEW: Final = 2_000  # characters of one side
_LONG, _KEPT = 24, 12  # of what both sides begin with, in characters
_ABSENT: Final = "not there"


def side_texts(row: Difference) -> tuple[str, str]:
    """Returns both sides of a difference. What they begin with alike is left out where it is long: a cell would show
    nothing else.
    """
    both = zip(row.left or "", row.right or "", strict=False)
    alike = sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], both))
    start = alike - _KEPT if alike > _LONG else 0
    return _side_text(row.left, start), _side_text(row.right, start)


def _side_text(text: str | None, start: int) -> str:
    if text is None:
        return _ABSENT
    return ("…" if start else "") + visible(text[start : start + _PREVIEW])


def difference_columns(left: str, right: str) -> tuple[Column[Difference], ...]:
    """Returns the columns, the two sides under these titles."""
    return (
        Column("Part", lambda row: row.path, mono=True, width=110, elide_middle=True),
        Column(
            left,
            lambda row: row.left,
            text=lambda row: side_texts(row)[0],
            mono=True,
            width=110,
            italic=lambda row: row.left is None,
            tone=lambda row: "bad_text" if row.right is None else None,
        ),
        Column(
            right,
            lambda row: row.right,
            text=lambda row: side_texts(row)[1],
            mono=True,
            width=110,
            stretch=True,
            italic=lambda row: row.right is None,
            tone=lambda row: "ok_text" if row.left is None else None,
        ),
    )
