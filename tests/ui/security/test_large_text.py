"""The Security page at twice the text's size in a small window: it scrolls, and nothing covers anything."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from kafkaview.cluster.ports.security import Operation
from kafkaview.security.decision import AclQuestion
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.pages.security.page import SecurityPage
from tests.ui.conftest import Staged
from tests.ui.security.test_page import ORDERS, fill, read
from tests.ui.stage import Stage, until


async def large(stage: Stage) -> SecurityPage:
    """The page with its parts filled, and a question whose answer takes several lines."""
    fill(stage)
    stage.context.theme.set_scale(2.0)
    page = SecurityPage(stage.context)
    QVBoxLayout(stage.window).addWidget(page)
    await read(stage, page)
    page.question.ask(AclQuestion("User:intern", Operation.READ, ORDERS))
    await until(page.question.words.more.isVisible)
    return page


def bottom(widget: QWidget, page: SecurityPage) -> int:
    return widget.mapTo(page, QPoint(0, widget.height())).y()


def test_the_sentence_goes_on_below_and_the_answer_stands_under_it(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        page = await large(stage)
        bar, words = page.question, page.question.words
        await until(lambda: bottom(bar.host, page) <= words.mapTo(page, QPoint(0, 0)).y())
        for picker in (bar.principal, bar.operation, bar.type, bar.name, bar.host):
            assert picker.width() >= picker.sizeHint().width()
        for label in (words.because, words.rule, words.more):
            assert label.height() >= label.heightForWidth(label.width())

    staged(play)


def test_the_parts_keep_their_height_and_the_page_scrolls(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        page = await large(stage)
        (scroll,) = page.findChildren(Roomy)
        await until(lambda: scroll.verticalScrollBar().maximum() > 0)
        assert isinstance(scroll, QScrollArea)
        assert page.matrix.height() >= stage.context.theme.px(200)

    staged(play)
