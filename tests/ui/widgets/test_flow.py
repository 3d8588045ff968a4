"""A row that goes on in a second one, with a part that grows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.flow_layout import Flow, make_flow


class Block(QWidget):
    """A widget of one preferred width."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.setFixedHeight(20)
        self.setMinimumWidth(width)


def shown(qtbot: QtBot, width: int, grows_to: int) -> list[tuple[int, int, int]]:
    """Left, top and width of a block, one that grows, one that was added before the last, and the last at the right."""
    box, blocks = QWidget(), [Block(100), Block(100), Block(50), Block(50)]
    flow = Flow(gap=10, grows=blocks[1])
    qtbot.addWidget(box)
    blocks[1].setMaximumWidth(grows_to)
    flow.addWidget(blocks[0])
    flow.addWidget(blocks[1])
    flow.push()
    flow.addWidget(blocks[3])
    flow.insert_last_but_one(blocks[2])
    box.setLayout(flow)
    box.resize(width, 100)
    box.show()
    return [(block.x(), block.y(), block.width()) for block in blocks]


@pytest.mark.parametrize(
    ("width", "grows_to", "places"),
    [
        (500, 1_000, [(0, 0, 100), (110, 0, 270), (390, 0, 50), (450, 0, 50)]),
        (500, 150, [(0, 0, 100), (110, 0, 150), (390, 0, 50), (450, 0, 50)]),
        (280, 1_000, [(0, 0, 100), (110, 0, 110), (230, 0, 50), (230, 30, 50)]),
        (330, 1_000, [(0, 0, 100), (110, 0, 100), (220, 0, 50), (280, 0, 50)]),
    ],
)
def test_the_part_that_grows_takes_what_its_row_has_to_spare(
    qtbot: QtBot, width: int, grows_to: int, places: list[tuple[int, int, int]]
) -> None:
    assert shown(qtbot, width, grows_to) == places


def test_what_has_grown_is_narrow_again_in_a_narrower_window(qtbot: QtBot) -> None:
    box, grows, button = QWidget(), Block(100), Block(50)
    flow = make_flow(grows, button, gap=10, grows=grows)
    qtbot.addWidget(box)
    box.setLayout(flow)
    box.resize(500, 100)
    box.show()
    assert (grows.width(), button.x()) == (440, 450)
    flow.setGeometry(QRect(0, 0, 300, 100))
    assert (grows.width(), button.x(), button.y()) == (240, 250, 0)
