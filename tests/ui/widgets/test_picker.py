"""A field with very many names to choose from."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.kit.theme import Theme


def test_another_text_size_measures_none_of_thousands_of_names(qtbot: QtBot, theme: Theme) -> None:
    around = QWidget()
    picker = Picker(theme, "Topic", 320)
    QHBoxLayout(around).addWidget(picker)
    qtbot.addWidget(around)
    theme.dress(around)
    around.show()
    picker.offer(f"team.{number % 97}.topic-{number}" for number in range(9_000))
    picker.setFocus()
    qtbot.waitUntil(lambda: picker.count() == 9_000)
    took = []
    for scale in (1.2, 1.0, 1.2):
        began = time.thread_time()
        theme.set_scale(scale)
        QApplication.processEvents()
        took.append(time.thread_time() - began)
    assert picker.sizeHint().width() == theme.px(320)
    assert min(took) < 0.05, took
