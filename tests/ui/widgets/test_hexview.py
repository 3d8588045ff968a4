from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.hex_view import HexView
from kafkaview.ui.kit.hex_view.rows import FIRST_SHOWN, Bytes
from kafkaview.ui.kit.theme import Theme

VALUE = b'{"order_id":"o-18442","customer":"c-0731","name":"Ren\xe9 Faure","amount":42.90}'


def made(qtbot: QtBot, theme: Theme, data: bytes, position: int | None = None, length: int = 1) -> HexView:
    view = HexView(theme)
    qtbot.addWidget(view)
    view.resize(620, 220)
    view.set_bytes(data, position, length)
    theme.dress(view)
    view.show()
    return view


def test_only_rows_with_a_marked_byte_are_tinted() -> None:
    value = Bytes(VALUE, range(14, 18))
    assert [number for number in range(value.rows) if value.marks_row(number)] == [0, 1]


def test_the_end_of_a_value_can_be_marked() -> None:
    assert Bytes(VALUE[:16], range(16, 17)).marks_row(1)
    assert Bytes(b"", range(1)).rows == 1


def test_the_marked_byte_is_painted_in_the_state_s_colour(qtbot: QtBot, theme: Theme) -> None:
    view = made(qtbot, theme, VALUE, 53)
    box = view._cell(53 % 16, theme.px(26) + 3 * theme.px(19))
    picture = view.viewport().grab().toImage()
    assert picture.pixelColor(round(box.left() + 2), round(box.center().y())) == theme.color("bad_solid")


def test_a_tinted_row_goes_to_the_edge_of_a_wide_view(qtbot: QtBot, theme: Theme) -> None:
    view = made(qtbot, theme, VALUE, 53)
    view.resize(1_800, 220)
    picture = view.viewport().grab().toImage()
    down = round(theme.px(26) + 3.5 * theme.px(19))
    tints = {picture.pixelColor(across, down).name() for across in (700, 1_300, picture.width() - 6)}
    assert tints == {theme.color("bad_fill").name()}


def test_a_byte_far_down_is_scrolled_into_sight(qtbot: QtBot, theme: Theme) -> None:
    view = made(qtbot, theme, bytes(5_000), 4_000)
    first = view.verticalScrollBar().value()
    assert first <= 4_000 // 16 < first + view._in_sight()


def test_selected_bytes_are_copied_as_hex(qtbot: QtBot, theme: Theme) -> None:
    view = made(qtbot, theme, VALUE)
    start, end = (view._cell(place, theme.px(26)).center().toPoint() for place in (1, 3))
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    view.mouseMoveEvent(_drag(end))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "22 6f 72"


def test_arrows_move_and_shift_selects(qtbot: QtBot, theme: Theme) -> None:
    view = made(qtbot, theme, VALUE)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view._cell(0, theme.px(26)).center().toPoint())
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.selected == VALUE[16:18]


def test_of_a_large_value_the_first_64_kib_are_shown_until_more_is_asked_for(qtbot: QtBot, theme: Theme) -> None:
    view = made(qtbot, theme, bytes(200_000))
    assert len(view._bytes.data) == FIRST_SHOWN
    QTest.mouseClick(view._more, Qt.MouseButton.LeftButton)
    assert len(view._bytes.data) == 200_000
    assert view._more.isHidden()


def test_a_marked_byte_is_shown_however_far_it_lies(qtbot: QtBot, theme: Theme) -> None:
    view = made(qtbot, theme, bytes(200_000), 150_000)
    assert view.marked == range(150_000, 150_001)
    assert len(view._bytes.data) > 150_000


def _drag(at: QPoint) -> QMouseEvent:
    button = Qt.MouseButton.LeftButton
    return QMouseEvent(QEvent.Type.MouseMove, QPointF(at), QPointF(at), button, button, Qt.KeyboardModifier.NoModifier)
