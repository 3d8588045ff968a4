"""Pictures of Dead letters: the topics, one letter in full, those of one cause, and what keeps them from being read."""

from __future__ import annotations

import asyncio
from typing import Final

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.gallery.tour_parts import Take, page_of, wait_until
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.dead_letters.edit_sheet import EditSheet
from kafkaview.ui.pages.dead_letters.mend_sheet import MendSheet
from kafkaview.ui.pages.dead_letters.page import DeadLettersPage
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.plan_dialog import PlanDialog

_REST_S: Final = 0.3


async def take_dead_letters(window: Window, take: Take) -> None:
    """Takes the page as it is: without any topic of dead letters it says how they are recognized."""
    page = page_of(window, DeadLettersPage)
    window.go(Place("deadletters"))
    page.refresh()
    await _rest(window)
    await take(window, "dead-letters")
    if page.letters.rowCount():
        page.letter_table.choose(page.letters.key_at(0))
        await _rest(window)
        if page.pane.fold.isVisible():
            page.pane.fold.click()
        await take(window, "dead-letters-one")
        page.cause_table.choose(page.causes.key_at(0))
        await _rest(window)
        await take(window, "dead-letters-cut")
        page.clear_cut.click()
        await _rest(window)
        await _take_sheets(window, page, take)
        page.letter_table.clearSelection()
        await _rest(window)
        page.room.show_error(Unreachable("No broker answers at 127.0.0.1", "Look whether the cluster runs."))
        await take(window, "dead-letters-dated")
        page.letter_room.show_error(NotAuthorized("Not authorized to read the topic"))
        await take(window, "dead-letters-locked")


async def _take_sheets(window: Window, page: DeadLettersPage, take: Take) -> None:
    """Takes the rule with its trial, one value edited by hand, and the plan; nothing is written."""
    page.sending.all_wanted.emit()
    page.sending.mend()
    sheet = Veil.over(window)
    if isinstance(sheet, MendSheet):
        sheet.kinds.choose("cel")
        sheet.rule.setPlainText('merge(value, {"note": "mended"})')
        sheet.try_rule()
        await wait_until(lambda: not window.tasks.is_running("deadletters.trial"))
        sheet.view.table.choose(sheet.view.letters.key_at(sheet.view.letters.rowCount() - 1))
        await asyncio.sleep(_REST_S)
        await take(window, "dead-letters-mend")
        sheet.lift()
    page.letter_table.choose(page.letters.key_at(0))
    await _rest(window)
    page.sending.edit()
    editor = Veil.over(window)
    if isinstance(editor, EditSheet):
        await wait_until(lambda: not window.tasks.is_running("deadletters.draft"))
        code = editor.value.text.code
        mended = code.replace(" e9 ", " c3 a9 ")  # of the demo's record, whose name is in ISO-8859-1
        editor.value.text.setPlainText(mended if mended != code else f"{code} ")
        await asyncio.sleep(_REST_S)
        await wait_until(lambda: not window.tasks.is_running("deadletters.edit"))
        await take(window, "dead-letters-edit")
        editor.lift()
    page.sending.redrive()
    dialog = Veil.over(window)
    if isinstance(dialog, PlanDialog):
        await wait_until(lambda: dialog.plan is not None and not window.tasks.is_running("change.plan"))
        await asyncio.sleep(_REST_S)
        await take(window, "dead-letters-plan")
        dialog.lift()


async def _rest(window: Window) -> None:
    names = ("topics", "letters", "breakdown", "record", "states")
    await asyncio.sleep(_REST_S)
    await wait_until(lambda: not any(window.tasks.is_running(f"deadletters.{name}") for name in names))
    await asyncio.sleep(_REST_S)
