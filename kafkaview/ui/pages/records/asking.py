"""What the bars of the page ask for, as a request."""

from __future__ import annotations

from typing import Final

from kafkaview.records.positions import parse_position
from kafkaview.records.request import ReadRequest
from kafkaview.terms import Isolation
from kafkaview.ui.pages.records.filter_bar import FilterBar
from kafkaview.ui.pages.records.range_bar import NEWEST, RangeBar

_PAGE: Final = 200
_MATCHES: Final = 1_000  # of a search, until more are asked for


def request_of(where: RangeBar, filters: FilterBar) -> ReadRequest:
    """Returns the request of a page, or of a search if there is an expression. Raises ValueError with what is wrong."""
    start, searches = where.start.value, bool(filters.expression)
    partitions = where.partitions.numbers
    for position in (start, where.stop.value):
        if position != NEWEST:
            parse_position(position)
    return ReadRequest(
        where.topic.text,
        start="beginning" if start == NEWEST else start,
        end=where.stop.value,
        partitions=partitions or None,
        where=filters.expression,
        isolation=Isolation.READ_UNCOMMITTED if where.uncommitted.isChecked() else Isolation.READ_COMMITTED,
        limit=_MATCHES if searches else _PAGE,
        newest_first=start == NEWEST and not searches,
    )
