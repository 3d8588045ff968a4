"""Pictures of committed offsets: how a group commits, the fields of a change, and its plan with the records that are
passed over.
"""

from __future__ import annotations

import asyncio
from typing import Final

from kafkaview.gallery.tour_parts import Take, page_of, uncover, wait_until
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.groups.offsets_sheet import OffsetsSheet
from kafkaview.ui.pages.groups.page import GroupsPage
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.writes.offsets.request import OffsetAnchor

_REST_S: Final = 0.3


async def take_offsets(window: Window, take: Take) -> None:
    """Takes how a group with members commits, and the fields and the plan for one without."""
    page = page_of(window, GroupsPage)
    await _take_commits(window, page, take)
    group = next((row.name for row in page.model.rows if row.members == 0), None)
    if group is None:
        return
    window.go(Place("groups", group))
    await wait_until(lambda: page.detail.partitions.total > 0)
    page.group_actions.change_offsets()
    sheet = Veil.over(window)
    if isinstance(sheet, OffsetsSheet):
        sheet.target.setCurrentIndex(sheet.target.findData(OffsetAnchor.SHIFT))
        sheet.value.setText("+20")
        await asyncio.sleep(_REST_S)
        await take(window, "offsets-form")
        sheet.go.click()
    dialog = Veil.over(window)
    if isinstance(dialog, PlanDialog):
        await wait_until(lambda: dialog.plan is not None and not window.tasks.is_running("change.plan"))
        await wait_until(lambda: not window.tasks.is_running("skipped"))
        await asyncio.sleep(_REST_S)
        await take(window, "offsets-plan")
    uncover(window)


async def _take_commits(window: Window, page: GroupsPage, take: Take) -> None:
    group = next((row.name for row in page.model.rows if row.members and not row.stuck), None)
    if group is None:
        return
    window.go(Place("groups", group))
    page.detail.tabs.choose("commits")
    await asyncio.sleep(_REST_S)
    await wait_until(lambda: not window.tasks.is_running("groups.commits"))
    await asyncio.sleep(_REST_S)
    await take(window, "groups-commits")
    page.detail.tabs.choose("lag")
