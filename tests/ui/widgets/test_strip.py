from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.record_strip import CellKind, Pointer, RecordStrip, Strip, StripCell, cells_around
from kafkaview.ui.kit.theme import Theme


def kinds(cells: tuple[StripCell, ...]) -> list[CellKind]:
    return [cell.kind for cell in cells]


def test_the_poison_cell_follows_the_read_records() -> None:
    cells = cells_around(18_442, (18_442,), log_end_offset=59_649)
    assert kinds(cells)[:8] == [CellKind.READ] * 6 + [CellKind.POISON, CellKind.WAITING]


def test_good_records_between_are_never_drawn_as_read() -> None:
    cells = cells_around(100, (103,), log_end_offset=200)
    assert [c.offset for c in cells if c.kind is CellKind.GOOD] == [100, 101, 102]


def test_a_long_run_of_good_records_is_folded_and_still_counted() -> None:
    strip = Strip(cells_around(18_442, (18_479,), log_end_offset=20_000), (Pointer(18_442, "invoices stands here"),))
    gap = next(cell for cell in strip.cells if cell.kind is CellKind.GAP)
    assert (gap.offset, gap.count) == (18_445, 31)
    assert "37 good records lie between" in strip.sentence


def test_nothing_is_drawn_before_the_log_begins() -> None:
    assert cells_around(2, (2,), log_start_offset=1, log_end_offset=9)[0] == StripCell(1, CellKind.READ)


@given(st.integers(0, 10_000), st.integers(0, 1_000), st.integers(1, 5_000))
def test_cells_lie_end_to_end_and_the_remainder_is_counted(committed: int, between: int, waiting: int) -> None:
    suspect, end = committed + between, committed + between + waiting
    strip = Strip(cells_around(committed, (suspect,), log_end_offset=end), log_end_offset=end)
    for cell, following in zip(strip.cells, strip.cells[1:], strict=False):
        assert following.offset == cell.offset + cell.count
    last = strip.cells[-1]
    assert strip.more_than(strip.cells) == end - last.offset - last.count


def test_a_click_and_the_arrows_choose_records(qtbot: QtBot, theme: Theme) -> None:
    strip = RecordStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(700, 60)
    strip.set_strip(Strip(cells_around(10, (10,), log_end_offset=40), (Pointer(10, "here"),), log_end_offset=40))
    offsets: list[int] = []
    strip.chosen.connect(offsets.append)
    cell = strip._geometry().cell(6).center().toPoint()
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=cell)
    QTest.keyClick(strip, Qt.Key.Key_Right)
    QTest.keyClick(strip, Qt.Key.Key_Left)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert offsets == [10, 11, 10]


def test_the_strip_reads_as_a_sentence(qtbot: QtBot, theme: Theme) -> None:
    strip = RecordStrip(theme)
    qtbot.addWidget(strip)
    strip.set_strip(
        Strip(cells_around(10, (10,), log_end_offset=40), (Pointer(10, "billing stands here"),), log_end_offset=40)
    )
    assert strip.accessibleDescription() == "billing stands here, before record 10; poison: 10; 30 records wait"


def test_a_narrow_strip_shows_the_poison_record(qtbot: QtBot, theme: Theme) -> None:
    strip = RecordStrip(theme)
    qtbot.addWidget(strip)
    strip.set_strip(Strip(cells_around(1_481, (1_518,), log_end_offset=16_040), log_end_offset=16_040))
    for width in (260, 330, 900):
        strip.resize(width, 60)
        shown = strip._visible_cells()
        assert CellKind.POISON in kinds(shown), width
        assert strip._geometry().cell(len(shown) - 1).right() < width
    assert shown[0].offset == 1_475, "with room for them, those that are read come first"


def test_cells_that_do_not_fit_are_counted(qtbot: QtBot, theme: Theme) -> None:
    strip = RecordStrip(theme)
    qtbot.addWidget(strip)
    strip.set_strip(Strip(cells_around(10, (10,), log_end_offset=1_000), log_end_offset=1_000))
    for width in (400, 900):
        strip.resize(width, 60)
        shown = strip._visible_cells()
        assert strip.strip.more_than(shown) == 1_000 - shown[-1].offset - 1
        assert strip._geometry().cell(len(shown) - 1).right() < width
