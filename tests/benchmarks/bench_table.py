"""The table model beside plain Python over the same rows: what Qt adds to sorting and filtering 200,000 of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from kafkaview.ui.tables.column import Align, Column
from kafkaview.ui.tables.model import TableModel

ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Row:
    """A group and its lag."""

    name: str
    lag: int


@pytest.mark.usefixtures("qapp")
def test_the_table_model_beside_plain_python() -> None:
    rows = [Row(f"group-{number * 7919 % ROWS:06}", number * 104_729 % ROWS) for number in range(ROWS)]
    columns = (
        Column[Row]("Group", lambda row: row.name),
        Column[Row]("Lag", lambda row: row.lag, align=Align.RIGHT),
    )
    model = TableModel(columns, key=lambda row: row.name)
    fill = _seconds(lambda: model.set_rows(rows))
    sort = _seconds(lambda: model.sort_by(1))
    python_sort = _seconds(lambda: sorted(rows, key=lambda row: row.lag))
    find = _seconds(lambda: model.set_filter("group-0001 lag>1000"))
    python_find = _seconds(lambda: [row for row in rows if "group-0001" in row.name and row.lag > 1000])
    print(
        f"\n{ROWS:,} rows: filled in {fill * 1000:.0f} ms,"
        f" sorted in {sort * 1000:.0f} ms ({sort / python_sort:.1f} x sorted()),"
        f" filtered in {find * 1000:.0f} ms ({find / python_find:.1f} x a list comprehension)"
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
