"""The columns of what differs between two values, part by part; green came, red went."""

from __future__ import annotations

from typing import Final

from kafkaview.records.comparison import Difference
from kafkaview.ui.kit.tables import Column
from kafkaview.words import visible

_PREVIEW: Final = 2_000  # characters of one side
_ABSENT: Final = "not there"


def side_text(text: str | None) -> str:
    """Returns a value on one side of a difference."""
    return _ABSENT if text is None else visible(text[:_PREVIEW])


def difference_columns(left: str, right: str) -> tuple[Column[Difference], ...]:
    """Returns the columns, the two sides under these titles."""
    return (
        Column("Part", lambda row: row.path, mono=True, width=110, elide_middle=True),
        Column(
            left,
            lambda row: row.left,
            text=lambda row: side_text(row.left),
            mono=True,
            width=110,
            italic=lambda row: row.left is None,
            tone=lambda row: "bad_text" if row.right is None else None,
        ),
        Column(
            right,
            lambda row: row.right,
            text=lambda row: side_text(row.right),
            mono=True,
            width=110,
            stretch=True,
            italic=lambda row: row.right is None,
            tone=lambda row: "ok_text" if row.left is None else None,
        ),
    )
