"""Pictures of the writes on a topic: its settings, the fields of a new one, and the plan that deletes it."""

from __future__ import annotations

import asyncio
from typing import Final

from kafkaview.gallery.tour_parts import Take, page_of, wait_until
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.topics.page import TopicsPage
from kafkaview.ui.pages.topics.topic_sheets import CreateTopicSheet
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.plan_dialog import PlanDialog

_REST_S: Final = 0.3


async def take_topic_writes(window: Window, take: Take) -> None:
    """Takes them of the topic that is selected first; nothing is written."""
    page = page_of(window, TopicsPage)
    window.go(Place("topics"))
    await wait_until(lambda: page.table.selected is not None)
    page.detail.tabs.choose("settings")
    await wait_until(lambda: page.detail.settings.shows_content and page.detail.settings.model.total > 0)
    page.detail.settings.settings.table.choose("retention.ms")
    await asyncio.sleep(_REST_S)
    await take(window, "topic-settings")
    page.topic_actions.create()
    sheet = Veil.over(window)
    if isinstance(sheet, CreateTopicSheet):
        sheet.name.setText("refunds")
        sheet.settings.setPlainText("retention.ms=604800000")
        await take(window, "topic-form")
        sheet.lift()
    row = page.table.selected
    if row is not None:
        page.topic_actions.delete(row)
    dialog = Veil.over(window)
    if isinstance(dialog, PlanDialog):
        await wait_until(lambda: dialog.plan is not None and not window.tasks.is_running("change.plan"))
        await asyncio.sleep(_REST_S)
        await take(window, "topic-deletion")
        dialog.lift()
    page.detail.tabs.choose("partitions")
