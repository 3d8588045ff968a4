"""A button whose words come, or change, after it was made."""

from __future__ import annotations

from kafkaview.ui.kit.controls import Button
from kafkaview.ui.kit.theme import Theme


def test_the_icon_of_words_that_come_later_keeps_its_distance(theme: Theme) -> None:
    late, early = Button(theme, icon="send"), Button(theme, "Re-route all 4…", icon="send")
    assert late.iconSize().width() < early.iconSize().width()
    late.setText("Re-route all 4…")
    assert late.iconSize() == early.iconSize()
    assert late.sizeHint() == early.sizeHint()
    assert late.accessibleName() == "Re-route all 4…"
    for button in (late, early):
        button.deleteLater()


def test_screen_readers_say_the_words_of_now_and_a_name_of_its_own_stays(theme: Theme) -> None:
    button, named = Button(theme, "Scan a topic…"), Button(theme, icon="x", tip="Close the outcome")
    button.setText("Scan: 4 found…")
    named.setText("Close")
    assert button.accessibleName() == "Scan: 4 found…"
    assert named.accessibleName() == "Close the outcome"
    for one in (button, named):
        one.deleteLater()
