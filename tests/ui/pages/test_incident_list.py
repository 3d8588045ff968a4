"""The list of incidents stays quick however many there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.verdict import Behaviour, Stuck, Verdict
from kafkaview.ui.kit.row_painter import RowPainter, RowWords
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.triage.incident_list import IncidentList
from kafkaview.ui.pages.triage.incident_model import IncidentModel
from kafkaview.ui.pages.triage.incidents import Incident, incidents
from tests.ui.pages.samples import NOW

_FIRST = Stuck(
    "group", TopicPartition("orders", 0), 1, 2, 2, Verdict.NO_MEMBERS, Behaviour.ABSENT, "nobody", NOW - 60_000, ()
)


def _rows(count: int) -> tuple[Incident, ...]:
    return incidents(replace(_FIRST, group=f"group-{number}") for number in range(count))


def test_the_list_asks_no_more_of_its_model_for_more_incidents(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()
    for name in ("data", "flags", "rowCount"):
        method = getattr(IncidentModel, name)

        def counted(*arguments: Any, _name: str = name, _method: Any = method) -> Any:
            asked[_name] += 1
            return _method(*arguments)

        monkeypatch.setattr(IncidentModel, name, counted)

    def calls(count: int) -> int:
        asked.clear()
        shown.show_incidents(_rows(count), NOW)
        qtbot.waitUntil(lambda: shown.verticalScrollBar().maximum() > 0)
        shown.grab()
        return asked.total()

    shown = IncidentList(theme)
    qtbot.addWidget(shown)
    shown.resize(300, 400)
    shown.show()
    few = calls(50)
    assert calls(1_000) < 2 * few


def test_each_row_has_the_height_of_its_kind_after_others_came(qtbot: QtBot, theme: Theme) -> None:
    shown = IncidentList(theme)
    qtbot.addWidget(shown)
    absent = _rows(1)
    poison = incidents(
        replace(_FIRST, group=f"poison-{number}", verdict=Verdict.POISON, behaviour=Behaviour.RETRIES)
        for number in range(3)
    )

    def heights() -> list[int]:
        return [shown.rowHeight(row) for row in range(shown.model().rowCount())]

    def kinds(*sections: int) -> list[int]:
        head, row = theme.px(28), theme.px(55)
        return [height for count in sections for height in (head, *[row] * count)]

    for some in (2, 3, 1):
        shown.show_incidents((*poison[:some], *absent), NOW)
        assert heights() == kinds(some, 1)


def test_of_choices_that_follow_each_other_fast_the_first_and_the_last_are_told(qtbot: QtBot, theme: Theme) -> None:
    shown = IncidentList(theme)
    qtbot.addWidget(shown)
    rows = _rows(9)
    shown.show_incidents(rows, NOW)
    qtbot.wait(200)  # the first choice of all has rested
    told: list[Incident] = []
    shown.chosen.connect(told.append)
    for row in rows[1:]:
        shown.choose(row.key)
    assert [incident.key for incident in told] == [rows[1].key]
    qtbot.waitUntil(lambda: len(told) > 1)
    assert [incident.key for incident in told] == [rows[1].key, rows[-1].key]
    shown.choose(rows[2].key)
    shown.end_rest()  # as an action does
    assert told[-1].key == rows[2].key


def test_samples_do_not_put_a_choice_off(qtbot: QtBot, theme: Theme) -> None:
    shown = IncidentList(theme)
    qtbot.addWidget(shown)
    rows = _rows(3)
    shown.show_incidents(rows, NOW)
    told: list[Incident] = []
    shown.chosen.connect(told.append)
    samples = QTimer(shown, interval=10)
    samples.timeout.connect(lambda: shown.show_incidents(rows, NOW))
    samples.start()
    shown.choose(rows[1].key)
    shown.choose(rows[2].key)
    qtbot.waitUntil(lambda: bool(told) and told[-1].key == rows[2].key)


@pytest.mark.parametrize("by", ["nobody", "a place", "a click", "a key"])
def test_a_row_that_nobody_has_chosen_gives_way_to_a_poison_record(qtbot: QtBot, theme: Theme, by: str) -> None:
    shown = IncidentList(theme)
    qtbot.addWidget(shown)
    shown.resize(300, 400)
    shown.show()
    rows = _rows(2)
    told: list[Incident] = []
    shown.chosen.connect(told.append)
    shown.show_incidents(rows, NOW)
    shown.show_incidents(rows, NOW)
    first = shown.visualRect(shown.currentIndex()).center()
    match by:
        case "a place":
            shown.choose(rows[0].key)
        case "a click":
            QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=first)
        case "a key":
            QTest.keyClick(shown, Qt.Key.Key_Down)
    poison = incidents([replace(_FIRST, group="z", verdict=Verdict.POISON, behaviour=Behaviour.RETRIES)])
    shown.show_incidents((*poison, *rows), NOW)
    qtbot.wait(120)
    assert told[-1].key == {"nobody": poison[0], "a key": rows[1]}.get(by, rows[0]).key


@pytest.mark.parametrize(("width", "noted"), [(400, True), (150, True), (110, False), (60, False)])
def test_a_name_is_cut_only_where_it_has_the_whole_row(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch, width: int, *, noted: bool
) -> None:
    owner, picture = QWidget(), QPixmap(400, 40)
    qtbot.addWidget(owner)
    painter = RowPainter(theme, owner)
    written: dict[str, int] = {}
    write = RowPainter._words

    def words(
        this: RowPainter, on: QPainter, rect: QRect, text: str, token: str, font: Any, *, right: bool = False
    ) -> int:
        written[text] = rect.width()
        return write(this, on, rect, text, token, font, right=right)

    monkeypatch.setattr(RowPainter, "_words", words)
    name, font = "warehouse-eu", theme.font(13, 600)
    on = QPainter(picture)
    painter._pair(on, QRect(0, 0, width, 20), RowWords(name, "text", font), RowWords("Undecided", "text_2", font))
    on.end()
    assert written[name] >= min(width, QFontMetrics(font).horizontalAdvance(name))
    assert ("Undecided" in written) is noted


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (500, ["topic-00028, 3 partitions", "last seen 12 s ago"]),
        (260, ["topic-00028, 3 partitions", "12 s ago"]),
        (190, ["topic-00028 (3)", "12 s ago"]),
    ],
)
def test_a_row_says_it_in_short_before_it_is_cut(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch, room: int, shown: list[str]
) -> None:
    owner, picture = QWidget(), QPixmap(500, 40)
    qtbot.addWidget(owner)
    painter = RowPainter(theme, owner)
    written: list[str] = []

    def words(_this: RowPainter, _on: QPainter, _rect: QRect, text: str, *_look: object, **_side: bool) -> int:
        written.append(text)
        return 0

    monkeypatch.setattr(RowPainter, "_words", words)
    name = RowWords("topic-00028, 3 partitions", "text_2", theme.font(12, mono=True), "topic-00028 (3)")
    on = QPainter(picture)
    note = RowWords("last seen 12 s ago", "text_2", theme.font(12), "12 s ago")
    painter._pair(on, QRect(0, 0, room, 20), name, note)
    on.end()
    assert written == [shown[1], shown[0]]
