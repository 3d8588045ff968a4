"""Pictures of Records: the newest of a topic, a record that cannot be decoded, a record in full and compared, what it
refuses; of a record that is sent again, of an import; and of the statistics of a topic.
"""

from __future__ import annotations

import asyncio
from typing import Final

from kafkaview.gallery.tour_parts import Take, page_of, uncover, wait_until
from kafkaview.terms import RecordId
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.records.import_sheet import ImportSheet
from kafkaview.ui.pages.records.page import RecordsPage
from kafkaview.ui.pages.records.record_editor import RecordEditor
from kafkaview.ui.pages.topics.page import TopicsPage
from kafkaview.ui.pages.topics.statistics import StatisticsTab
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.plan_dialog import PlanDialog

_REST_S: Final = 0.3
_TOPIC: Final = "orders"


async def take_records(window: Window, take: Take) -> None:
    """Takes the page without a topic, a topic's newest records, one of them, and a range that cannot be read."""
    page = page_of(window, RecordsPage)
    window.go(Place("records"))
    await take(window, "records-none")
    window.go(Place("records", _TOPIC))
    await _rest(window, page)
    row = next((row for row in page.model.rows if row.problem), None) or page.model.rows[2]
    page.table.choose((row.partition, row.offset))
    await _rest(window, page)
    await take(window, "records")
    for view in ("hex", "decoders", "key"):
        page.pane.views.choice.choose(view)
        await take(window, f"records-{view}")
    page.pane.views.choice.choose("value")
    good = next(row for row in page.model.rows if not row.problem and not row.value_null)
    page.table.choose((good.partition, good.offset))
    await _rest(window, page)
    await take(window, "records-json")
    page.pane.views.choice.choose("tree")
    await take(window, "records-tree")
    page.pane.views.turn_pin()
    other = next(row for row in page.model.rows if not row.problem and not row.value_null and row != good)
    page.table.choose((other.partition, other.offset))
    await _rest(window, page)
    await take(window, "records-compare")
    page.pane.views.turn_pin()
    page.pane.views.choice.choose("value")
    page.range.start.show_value("@yesterday")
    page.read()
    await _rest(window, page)
    await take(window, "records-refused")
    page.range.start.show_value("newest")


async def take_sending(window: Window, take: Take) -> None:
    """Takes the editor with a record that is sent again, its plan, an empty one, and the fields of an import."""
    page = page_of(window, RecordsPage)
    window.go(Place("records", _TOPIC))
    await _rest(window, page)
    row = next((row for row in page.model.rows if row.problem), None) or page.model.rows[2]
    page.sending.send_again(RecordId(_TOPIC, row.partition, row.offset), uncommitted=False)
    await wait_until(lambda: isinstance(Veil.over(window), RecordEditor))
    await take(window, "send-again")
    editor = Veil.over(window)
    assert isinstance(editor, RecordEditor)
    editor.value.modes.choose("text")
    editor.value.text.setPlainText('{"order_id": "o-1442"}')
    await _rest(window, page)
    await take(window, "send-edited")
    editor.go.click()
    dialog = Veil.over(window)
    assert isinstance(dialog, PlanDialog)
    await wait_until(lambda: dialog.plan is not None and not window.tasks.is_running("change.plan"))
    await take(window, "send-plan")
    uncover(window)
    page.sending.import_file()
    await take(window, "import-form")
    assert isinstance(Veil.over(window), ImportSheet)
    uncover(window)


async def take_statistics(window: Window, take: Take) -> None:
    """Takes what a topic holds, counted."""
    pane = page_of(window, TopicsPage).detail
    window.go(Place("topics", _TOPIC))
    await asyncio.sleep(_REST_S)
    pane.tabs.choose("statistics")
    tab = pane.tabs.front
    assert isinstance(tab, StatisticsTab)
    await take(window, "statistics-none")
    tab.count()
    await wait_until(lambda: not window.tasks.is_running("topics.statistics"))
    await asyncio.sleep(_REST_S)
    await take(window, "statistics")
    pane.tabs.choose("partitions")


async def _rest(window: Window, page: RecordsPage) -> None:
    await asyncio.sleep(_REST_S)
    await wait_until(lambda: not page.reading.runs and not window.tasks.is_running("records.one"))
    await asyncio.sleep(_REST_S)
