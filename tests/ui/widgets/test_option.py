"""A box to tick breaks its words where they do not fit."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.option import Option

WORDS = "Also send the 55 good records between them to the queue and pass over them"


@pytest.mark.parametrize(("width", "lines"), [(2_000, 1), (300, 2), (160, 4)])
def test_the_words_fit_the_width_and_are_all_there(qtbot: QtBot, theme: Theme, width: int, lines: int) -> None:
    option = Option(WORDS)
    qtbot.addWidget(option)
    assert option.minimumSizeHint().width() < 160
    option.resize(width, 40)
    theme.dress(option)
    option.show()
    assert option.text().split() == WORDS.split()
    assert option.sizeHint().width() <= width
    assert option.text().count("\n") + 1 >= lines
    assert option.accessibleName() == WORDS
