"""Both sides of a difference show where they differ."""

from __future__ import annotations

from kafkaview.records.comparison import Difference
from kafkaview.ui.record.difference_columns import side_texts


def test_long_values_are_shown_from_where_they_differ() -> None:
    same = "x" * 5_000
    assert side_texts(Difference("value", f"{same}A1", f"{same}B22")) == (f"…{'x' * 12}A1", f"…{'x' * 12}B22")


def test_short_values_and_missing_ones_are_shown_from_their_start() -> None:
    assert side_texts(Difference("value", "order 17", "order 18")) == ("order 17", "order 18")
    assert side_texts(Difference("value", None, "y" * 40)) == ("not there", "y" * 40)
    assert len(side_texts(Difference("value", "z" * 9_000, "a"))[0]) == 2_000
