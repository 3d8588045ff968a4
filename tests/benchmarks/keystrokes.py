"""The table over columns beside plain Python over the same rows as objects: what so many cost a keystroke.

A program, for it needs Qt: `python -m tests.benchmarks.keystrokes ROWS`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication

from kafkaview.columns import CodedColumn
from kafkaview.ui.kit.tables import Align, Column, ColumnSource, Table, TableModel
from kafkaview.ui.kit.theme import Theme, ThemeMode

TYPED = "group-0001 lag>1000"
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

    def __init__(self, names: tuple[str, ...], lag: NDArray[Any]) -> None:
        states, members = np.arange(len(names)) % 3, np.arange(len(names)) % 17

        def row(place: int) -> Row:
            return Row(names[place], STATES[states[place]], int(members[place]), int(lag[place]))

        values: dict[str, Sequence[str] | NDArray[Any] | CodedColumn] = {
            "Group": names,
            "State": CodedColumn(states, STATES),
            "Members": members,
            "Lag": lag,
        }
        super().__init__(names, row, values)


def main() -> None:
    """Print the milliseconds of every keystroke and of plain Python as JSON."""
    rows = int(sys.argv[1])
    app = QApplication(["keystrokes"])
    names = tuple(f"group-{number * 7919 % rows:06}" for number in range(rows))
    lag = np.arange(rows) * 104_729 % rows
    plain = list(map(Rows(names, lag).__getitem__, range(rows)))
    model: TableModel[Row] = TableModel(COLUMNS, key=lambda row: row.name)
    theme = Theme(ThemeMode.LIGHT)
    table = Table(theme, model, "Groups")
    theme.dress(table)
    table.resize(800, 600)
    table.show()
    table.set_source(Rows(names, lag))
    figures = {"sort by a number": _pair(lambda: model.sort_by(3), lambda: sorted(plain, key=lambda row: row.lag))}
    figures["sort by a name, first"] = _pair(lambda: model.sort_by(0), lambda: sorted(plain, key=lambda r: r.name))
    figures["sort by a name, again"] = _pair(
        lambda: model.sort_by(0, turned=True), lambda: sorted(plain, key=lambda r: r.name)
    )
    for end in range(1, len(TYPED) + 1):
        part = TYPED[:end]
        figures[f"type {part!r}"] = _pair(
            lambda part=part: model.set_filter(part),  # type: ignore[misc]
            lambda part=part: [row for row in plain if all(w in row.name for w in part.split())],  # type: ignore[misc]
        )
    model.set_filter("")
    figures["a new sample"] = _pair(lambda: table.set_source(Rows(names, lag + 1)), lambda: None)
    figures["select all"] = _pair(table.selectAll, lambda: None)
    figures["read the selection"] = _pair(lambda: len(table.selection), lambda: None)
    app.processEvents()
    json.dump(figures, sys.stdout)


def _pair(ours: Callable[[], object], plain: Callable[[], object]) -> tuple[float, float]:
    return min(_milliseconds(ours) for _ in range(3)), _milliseconds(plain)


def _milliseconds(work: Callable[[], object]) -> float:
    """Of this thread alone: words are indexed on another one in the first second."""
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1000


if __name__ == "__main__":
    main()
