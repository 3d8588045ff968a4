"""Parts that are made when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.lazy_parts import LazyParts, make_all
from kafkaview.ui.kit.tab_stack import TabStack


def test_a_part_is_made_once_and_only_when_it_is_looked_up() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    parts = LazyParts(("quorum", "brokers"), make)
    assert "quorum" in parts
    assert list(parts) == ["quorum", "brokers"]
    assert not made
    assert parts["brokers"] == parts["brokers"] == "BROKERS"
    assert made == ["brokers"]
    assert dict(parts.made) == {"brokers": "BROKERS"}
    with pytest.raises(KeyError):
        parts["zookeeper"]


class Piecewise:
    """Parts in three pieces, and what was done for them."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.parts: LazyParts[str, str] = LazyParts(
            ("quorum", "brokers"), self._make, self._note("placed"), self._note("styled")
        )

    def _make(self, name: str) -> str:
        self.did.append(f"{name} made")
        return name

    def _note(self, what: str) -> Callable[[str], object]:
        return lambda name: self.did.append(f"{name} {what}")


def test_a_part_is_made_piece_by_piece_and_is_told_of_from_its_first_one() -> None:
    piecewise = Piecewise()
    known = [(len(piecewise.did), "quorum" in piecewise.parts.made) for _piece in piecewise.parts.pieces("quorum")]
    assert known == [(0, False), (1, True), (2, True)]
    assert piecewise.did == ["quorum made", "quorum placed", "quorum styled"]
    assert "quorum" in piecewise.parts.made
    assert not [*piecewise.parts.pieces("quorum")]


def test_a_part_that_is_looked_up_between_two_pieces_is_whole_and_made_once() -> None:
    piecewise = Piecewise()
    pieces = piecewise.parts.pieces("quorum")
    next(pieces)
    next(pieces)
    assert piecewise.did == ["quorum made"]
    assert piecewise.parts["quorum"] == "quorum"
    assert piecewise.did == ["quorum made", "quorum placed", "quorum styled"]
    assert not [*pieces]
    assert piecewise.did == ["quorum made", "quorum placed", "quorum styled"]


def test_all_parts_are_made_with_the_parts_of_these() -> None:
    inner = LazyParts(("lag", "offsets"), str.upper)

    class Outer:
        def lazy_parts(self) -> tuple[LazyParts[str, str]]:
            return (inner,)

    outer = LazyParts(("groups",), lambda _name: Outer())
    assert len([*make_all(outer)]) == 3
    assert dict(inner.made) == {"lag": "LAG", "offsets": "OFFSETS"}


def test_a_tab_with_a_piece_left_is_not_seen_when_its_window_is_shown(qtbot: QtBot) -> None:
    stack: TabStack[QWidget] = TabStack({"lag": ("Lag", QWidget), "offsets": ("Offsets", QLabel)})
    window = QWidget()
    window.setLayout(column(stack.segments, stack))
    qtbot.addWidget(window)
    pieces = stack.tabs.pieces("offsets")
    next(pieces)
    next(pieces)
    window.show()
    (tab,) = window.findChildren(QLabel)
    assert not tab.isVisible()
    stack.choose("offsets")
    assert tab.isVisible()
    assert stack.front is tab
