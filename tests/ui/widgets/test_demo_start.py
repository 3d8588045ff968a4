"""The start of the demo: its steps, how far each is, and the way out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from kafkaview.demo.jars import JARS_OCTETS, _count_octets
from kafkaview.demo.steps import DemoStage, DemoStep
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.window.demo_start import DemoStart
from kafkaview.ui.window.window import Window
from tests.kit.windowed import click


def test_each_step_says_how_far_it_is_and_those_before_it_have_ended(qtbot: QtBot, theme: Theme) -> None:
    start = DemoStart(theme, lambda: None)
    qtbot.addWidget(start)
    start.show()

    def marks() -> list[Mark]:
        return [mark.mark for mark in start.marks.values()]

    start.show_step(DemoStep(DemoStage.FETCH))
    assert marks() == [Mark.WORKING, Mark.IDLE, Mark.IDLE, Mark.IDLE]
    assert start._bar.isHidden(), "how far it is, is not known yet"
    start.show_step(DemoStep(DemoStage.FETCH, 12 * 1024 * 1024, JARS_OCTETS))
    assert start.said[DemoStage.FETCH].text() == "12 of 43 MB"
    assert start._bar.value() == 279
    start.show_step(DemoStep(DemoStage.HISTORY, 5_000, 23_000))
    assert marks()[2] is Mark.WORKING
    assert start.said[DemoStage.HISTORY].text() == "5,000"
    assert start.said[DemoStage.FETCH].text() == ""


def test_what_maven_tells_is_counted() -> None:
    log = (
        "Downloading from central: .../kafka_2.13-4.4.0.jar\n"
        "Downloaded from central: .../kafka_2.13-4.4.0.jar (5.4 MB at 12 MB/s)\n"
        "Downloaded from central: .../kafka-4.4.0.pom (812 B at 3 kB/s)\n"
        "Downloaded from central: .../zstd-jni.jar (780 kB at 9 MB/s)\n"
    )
    assert _count_octets(log) == 5_400_000 + 812 + 780_000


def test_a_demo_that_starts_lists_the_pages_and_can_be_left_for_welcome(
    qapp: QApplication, theme: Theme, profile: ConnectionProfile
) -> None:
    window, asked = Window(theme, profile), list[str]()
    window.another.connect(lambda: asked.append("welcome"))
    window.close_wanted.connect(lambda: asked.append("close"))
    window.show()
    window.list_pages()
    window.show_demo_step(DemoStep(DemoStage.KAFKA))
    qapp.processEvents()
    items = window._rail._items
    assert {"triage", "records", "journal"} <= {name for name, item in items.items() if not item.isEnabled()}
    assert items["settings"].isEnabled()
    window.deeds.page_links()[0].run()
    assert all(link.why_not() for link in window.deeds.page_links())
    start = window._stack.currentWidget()
    assert isinstance(start, DemoStart)
    cancel = next(one for one in start.findChildren(QPushButton) if one.text() == "Cancel")
    assert cancel.focusPolicy() & Qt.FocusPolicy.TabFocus
    click(cancel)
    assert asked == ["welcome", "close"]
    window.finish()
