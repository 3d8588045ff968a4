from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from kafkaview.resources import ROOT
from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import DARK, LIGHT, Theme, ThemeMode

SOURCES = Path(__file__).parents[3] / "kafkaview" / "ui"


def test_every_named_icon_is_shipped_and_every_shipped_one_is_named() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    named = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)*)"', text))
    shipped = {path.stem for path in (ROOT / "icons" / "lucide").glob("*.svg")}
    asked = set(re.findall(r'(?:icon=|icon = |set_icon\(|pixmap\(|\.icon\()"([a-z-]+)"', text))
    assert asked <= shipped, asked - shipped
    assert shipped <= named, shipped - named


def test_the_shipped_fonts_are_the_ones_in_use(theme: Theme) -> None:
    assert QFontInfo(theme.font()).family() == "Inter"
    assert QFontInfo(theme.font(mono=True)).family() == "JetBrains Mono"


@pytest.mark.parametrize("mono", [False, True])
def test_figures_are_tabular_in_labels_too(qtbot: QtBot, theme: Theme, *, mono: bool) -> None:
    label = Text("0", mono=mono)
    qtbot.addWidget(label)
    theme.dress(label)
    metrics = QFontMetricsF(label.font())
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("0000")


def test_dark_and_light_reach_what_is_already_there(qtbot: QtBot, theme: Theme) -> None:
    button = QPushButton("Ignore")
    qtbot.addWidget(button)
    button.resize(120, 28)
    theme.dress(button)
    button.show()
    for mode, tokens in ((ThemeMode.DARK, DARK), (ThemeMode.LIGHT, LIGHT)):
        theme.set_mode(mode)
        assert theme.tokens == tokens
        assert button.grab().toImage().pixelColor(8, 14).name().upper() == tokens.surface


def test_what_is_hidden_takes_a_new_look_when_it_is_shown(qtbot: QtBot, theme: Theme) -> None:
    button = QPushButton("Ignore")
    qtbot.addWidget(button)
    theme.dress(button)
    before = theme.sheet
    theme.set_mode(ThemeMode.DARK)
    assert button.styleSheet() == before
    button.show()
    assert button.styleSheet() == theme.sheet != before
    theme.set_mode(ThemeMode.LIGHT)
    assert button.styleSheet() == before


def test_the_icon_of_a_hidden_button_is_painted_anew_when_it_is_shown(qtbot: QtBot, theme: Theme) -> None:
    seen, hidden = (Button(theme, "Send", icon="send") for _ in range(2))
    for button in (seen, hidden):
        qtbot.addWidget(button)
    seen.show()
    light = hidden.icon().cacheKey()
    theme.set_mode(ThemeMode.DARK)
    assert hidden.icon().cacheKey() == light != seen.icon().cacheKey()
    hidden.show()
    assert hidden.icon().cacheKey() == seen.icon().cacheKey()
    theme.set_mode(ThemeMode.LIGHT)


def test_text_scale_reaches_fonts_and_rows(theme: Theme) -> None:
    theme.set_scale(2.0)
    assert theme.font(13).pixelSize() == 26
    assert theme.px(28) == 56
    assert QApplication.font().pixelSize() == 26
    theme.set_scale(1.0)


@pytest.mark.usefixtures("theme")
def test_words_of_others_are_never_taken_for_markup(qtbot: QtBot) -> None:
    label = Text("<b>group</b>")
    qtbot.addWidget(label)
    assert label.sizeHint().width() > Text("group").sizeHint().width() + 20


@pytest.mark.parametrize("mark", list(Mark))
def test_each_mark_paints_and_reads_its_state(qtbot: QtBot, theme: Theme, mark: Mark) -> None:
    label = MarkLabel(theme, mark)
    qtbot.addWidget(label)
    image = label.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(16) for y in range(16)}
    assert len(colours) > 3
    assert label.accessibleName() == mark.value
