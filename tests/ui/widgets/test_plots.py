"""Plots that can be read off: ticks that do not touch, words apart, and what the lines say under the pointer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.plots import LagPlot, Line
from kafkaview.ui.kit.plots.axes import round_ticks
from kafkaview.ui.kit.tables import Column
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import clock, last_span

AT = 1_763_906_551_882  # 2025-11-23T14:02:31Z


@given(st.integers(0, 10**12), st.integers(1, 10**12), st.integers(2, 5))
def test_there_are_never_more_ticks_than_there_is_room_for(low: int, span: int, most: int) -> None:
    step, ticks = round_ticks(low, low + span, most)
    assert len(ticks) <= most
    assert step >= 1
    assert all(low <= tick <= low + span for tick in ticks)


@pytest.mark.parametrize(
    ("top", "ticks"), [(12_000, [0, 5_000, 10_000]), (41_207, [0, 10_000, 20_000, 30_000, 40_000]), (3, [0, 1, 2, 3])]
)
def test_ticks_are_round(top: int, ticks: list[int]) -> None:
    assert round_ticks(0, top, 5)[1] == ticks


@pytest.fixture
def plot(qtbot: QtBot, theme: Theme) -> LagPlot:
    made = LagPlot(theme)
    qtbot.addWidget(made)
    theme.dress(made)
    made.resize(360, 140)
    made.show()
    qtbot.waitExposed(made)
    return made


def lines(last: int) -> list[Line]:
    times = [AT + second * 1_000 for second in range(100)]
    end = Line([(at, 1_000 + place) for place, at in enumerate(times)], "series_1", "log end")
    return [end, Line([(at, 1_000 + place * last // 100) for place, at in enumerate(times)], "bad_solid", "committed")]


def test_the_lines_say_under_the_pointer_what_they_are(plot: LagPlot) -> None:
    plot.show_lines(lines(0), fill="bad_solid")
    assert plot.tip_at(AT + 42_100) == f"{clock(AT + 42_000)}, log end 1,042, committed 1,000, lag 42"
    plot.show_lines([Line([(AT, 5), (AT + 1_000, None)], "series_1")], from_zero=True)
    assert plot.tip_at(AT) == f"{clock(AT)}, lag 5"
    assert plot.tip_at(AT + 900) == f"{clock(AT + 1_000)}, lag –"
    canvas = plot._canvas
    plot.show_lines(lines(0), fill="bad_solid")
    QApplication.processEvents()
    middle = QPointF(canvas.rect().center())
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(
        QMouseEvent.Type.MouseMove, middle, canvas.mapToGlobal(middle), none, none, Qt.KeyboardModifier.NoModifier
    )
    canvas.mouseMoveEvent(move)
    assert "log end 1,0" in QToolTip.text()
    QToolTip.hideText()


@pytest.mark.parametrize(("last", "apart"), [(99, True), (0, False)])
def test_words_of_lines_that_end_close_to_each_other_are_moved_apart(plot: LagPlot, last: int, *, apart: bool) -> None:
    plot.show_lines(lines(last), fill="bad_solid")
    QApplication.processEvents()
    scale = plot._canvas._scale()
    assert scale is not None
    lower, higher = (place for _line, place in plot._canvas.place_words(scale))
    assert lower.top() >= higher.bottom()
    ends = [scale.up(1_000 + last * 99 // 100), scale.up(1_099)]
    assert [place.top() > end for place, end in zip((lower, higher), ends, strict=True)] == [apart, False]


def test_a_plot_without_lines_says_why_instead_of_an_axis(plot: LagPlot) -> None:
    plot.nothing = "No follower: nothing to be behind."
    plot.show_lines([Line([], "series_1")], from_zero=True)
    assert plot._none.isVisible()
    assert not plot._canvas.isVisible()
    plot.show_lines(lines(3))
    assert plot._none.isHidden()
    assert plot._canvas.isVisible()


def test_a_small_line_tells_what_it_goes_through() -> None:
    column: Column[list[float | None]] = Column("", lambda _row: None, sparkline=lambda row: row)
    assert column.tooltip([4, None, 41_207, 9]) == "lowest 4, highest 41,207, last 9"
    assert column.tooltip([None]) == "not watched for long enough"


@pytest.mark.parametrize(
    ("ms", "words"),
    [(16 * 60_000, "last 16 min"), (3_600_000, "last hour"), (3_585_000, "last hour"), (45_000, "last 45 s")],
)
def test_a_span_is_as_long_as_it_is(ms: int, words: str) -> None:
    assert last_span(ms) == words


def test_what_is_unknown_is_not_drawn(plot: LagPlot, theme: Theme) -> None:
    times = [AT + second * 1_000 for second in range(100)]
    half = [(at, None if 30 < place < 70 else 10.0) for place, at in enumerate(times)]
    plot.show_lines([Line(half, "bad_solid")], fill="bad_solid", from_zero=True)
    scale = plot._canvas._scale()
    assert scale is not None
    seen = plot._canvas.grab().toImage()
    red = theme.color("bad_solid")
    at = round(scale.up(10.0))
    assert [seen.pixelColor(round(scale.across(times[place])), at) == red for place in (15, 50, 85)] == [
        True,
        False,
        True,
    ]
