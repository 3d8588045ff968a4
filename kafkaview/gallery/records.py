"""Pictures of Records: the newest of a topic, a record that cannot be decoded, a record in full, what it refuses."""

from __future__ import annotations

import asyncio
from typing import Final

from kafkaview.gallery.tour_parts import Take, page_of, wait_until
from kafkaview.ui.kit.page import Place
from kafkaview.ui.pages.records.page import RecordsPage
from kafkaview.ui.window.window import Window

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
    page.range.start.show_value("@yesterday")
    page.read()
    await _rest(window, page)
    await take(window, "records-refused")
    page.range.start.show_value("newest")


async def _rest(window: Window, page: RecordsPage) -> None:
    await asyncio.sleep(_REST_S)
    await wait_until(lambda: not page.reading.runs and not window.tasks.is_running("records.one"))
    await asyncio.sleep(_REST_S)
