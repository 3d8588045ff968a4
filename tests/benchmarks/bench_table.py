"""The table over columns beside plain Python over the same rows as objects: what 200,000 of them cost a keystroke."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from kafkaview.ui.tables import Align, Coded, Column, ColumnSource, Table, TableModel
from kafkaview.ui.theme import Mode, Theme

ROWS = 200_000
STATES = ("Stable", "Empty", "Rebalancing")


@dataclass(frozen=True, slots=True)
class Row:
    """A group as the table shows it."""

    name: str
    state: str
    members: int
    lag: int


COLUMNS = (
    Column[Row]("Group", lambda row: row.name, stretch=True),
    Column[Row]("State", lambda row: row.state),
    Column[Row]("Members", lambda row: row.members, align=Align.RIGHT),
    Column[Row]("Lag", lambda row: row.lag, align=Align.RIGHT),
)


class Rows(ColumnSource[Row]):
    """Groups as columns."""

    def __init__(self, names: tuple[str, ...], lag: np.ndarray) -> None:
        states, members = np.arange(ROWS) % 3, np.arange(ROWS) % 17

        def row(place: int) -> Row:
            return Row(names[place], STATES[states[place]], int(members[place]), int(lag[place]))

        values = {"Group": names, "State": Coded(states, STATES), "Members": members, "Lag": lag}
        super().__init__(names, row, values)


@pytest.mark.usefixtures("qapp")
def test_the_table_over_columns_beside_plain_python(qapp: QApplication) -> None:
    names = tuple(f"group-{number * 7919 % ROWS:06}" for number in range(ROWS))
    lag = np.arange(ROWS) * 104_729 % ROWS
    plain = list(map(Rows(names, lag).__getitem__, range(ROWS)))
    model: TableModel[Row] = TableModel(COLUMNS, key=lambda row: row.name)
    table = Table(Theme(Mode.LIGHT), model, "Groups")
    table.resize(800, 600)
    table.show()
    table.set_source(Rows(names, lag))
    figures = {"sort by a number": _pair(lambda: model.sort_by(3), lambda: sorted(plain, key=lambda row: row.lag))}
    figures["sort by a name, first"] = _pair(lambda: model.sort_by(0), lambda: sorted(plain, key=lambda r: r.name))
    figures["sort by a name, again"] = _pair(
        lambda: model.sort_by(0, turned=True), lambda: sorted(plain, key=lambda r: r.name)
    )
    typed = "group-0001 lag>1000"
    for end in range(1, len(typed) + 1):
        part = typed[:end]
        figures[f"typing {part!r}"] = _pair(
            lambda part=part: model.set_filter(part),  # type: ignore[misc]
            lambda part=part: [row for row in plain if all(w in row.name for w in part.split())],  # type: ignore[misc]
        )
    model.set_filter("")
    figures["a new sample"] = _pair(lambda: table.set_source(Rows(names, lag + 1)), lambda: None)
    figures["select all"] = _pair(table.selectAll, lambda: None)
    figures["read the selection"] = _pair(lambda: len(table.selection), lambda: None)
    qapp.processEvents()
    for name, (ours, python) in figures.items():
        print(f"{name:32} {ours * 1000:7.1f} ms, plain Python {python * 1000:7.1f} ms")


def _pair(ours: Callable[[], object], plain: Callable[[], object]) -> tuple[float, float]:
    return min(_seconds(ours) for _ in range(3)), _seconds(plain)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
