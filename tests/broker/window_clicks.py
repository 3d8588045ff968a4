"""What a hand does in a window that sends records: the page, the sheet, the plan, and the click that carries it out."""

from __future__ import annotations

from typing import Any

from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.dead_letters.page import DeadLettersPage
from kafkaview.ui.pages.scan.page import ScanPage
from kafkaview.ui.pages.triage.page import TriagePage
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.writes.plan import ChangePlan
from tests.broker.window_stage import until
from tests.kit.windowed import click

_LONG_S = 300.0


def on_top(window: Window, kind: type[Any]) -> Any:
    """The sheet on top, which is of this kind."""
    sheet = Veil.over(window)
    assert isinstance(sheet, kind)
    return sheet


async def opened_letters(window: Window, queue: str) -> DeadLettersPage:
    """The dead letters of a queue, once they are listed and it is known which were sent back."""
    page = window.pages["deadletters"]
    assert isinstance(page, DeadLettersPage)
    await until(lambda: window.view and window.view.topics and queue in window.view.topics.names, 60)
    window.go(Place("deadletters", queue))
    await until(lambda: page.name.text() == queue and page.letters.rowCount(), 60)
    await until(lambda: not window.tasks.is_running("deadletters.letters"))
    await until(lambda: not window.tasks.is_running("deadletters.states"))
    return page


async def planned(window: Window) -> PlanDialog[Any]:
    """The dialog that opens, once it has a plan."""
    await until(lambda: isinstance(Veil.over(window), PlanDialog))
    dialog: PlanDialog[Any] = on_top(window, PlanDialog)
    await until(lambda: dialog.plan is not None or dialog.outcome.isVisible(), _LONG_S)
    assert dialog.plan is not None, f"{dialog.outcome.title.text()}: {dialog.outcome.text.text()}"
    return dialog


async def dialog_of(window: Window) -> PlanDialog[Any]:
    """The dialog of a plan that can be carried out."""
    dialog = await planned(window)
    await until(dialog.ask.confirm.isEnabled)
    return dialog


async def carried_out(window: Window) -> str:
    """Carries the plan out that is on top; returns the title of its outcome. The dialog is closed."""
    dialog = await dialog_of(window)
    click(dialog.ask.confirm)
    await until(dialog.outcome.isVisible, _LONG_S)
    title = dialog.outcome.title.text()
    click(dialog.ask.cancel)
    return title


async def redrive_all(window: Window, queue: str) -> str:
    """Sends all dead letters of a queue back; returns the title of the outcome."""
    page = await opened_letters(window, queue)
    click(page.sending.all_button)
    click(page.sending.redrive_button)
    return await carried_out(window)


async def reroute_all(window: Window, topic: str) -> str:
    """Scans a topic and sends all that is not JSON to its queue; returns the title of the outcome, or why nothing is
    sent.
    """
    triage, page = window.pages["triage"], window.pages["scan"]
    assert isinstance(triage, TriagePage)
    assert isinstance(page, ScanPage)
    await until(lambda: window.view and window.view.topics and topic in window.view.topics.names, 60)
    window.go(Place("triage"))
    await until(triage.scan_button.isVisible)
    click(triage.scan_button)
    await until(page.go.isVisible)
    page.form.topic.show_text(topic)
    page.form.rule.show_value("json")
    click(page.go)
    await until(page.bulk_button.isVisible, 60)
    click(page.bulk_button)
    plan: ChangePlan | None = (await planned(window)).plan
    assert plan is not None
    return str(plan.problems[0]) if plan.problems else await carried_out(window)
