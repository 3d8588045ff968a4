"""Files of offsets: what `kafka-consumer-groups --reset-offsets --export` writes, JSON rows, and plans of our own."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from kafkaview.fields import read_json
from kafkaview.terms import TopicPartition


def parse_offsets(text: str, group: str) -> dict[TopicPartition, int]:
    """Reads the offset of each partition. Rows that name another group are left out. Raises ValueError."""
    rows = _json_rows(text) if text.lstrip()[:1] in ("[", "{") else _csv_rows(text)
    found: dict[TopicPartition, int] = {}
    for row_group, partition, offset in rows:
        if row_group not in (None, group):
            continue
        if found.setdefault(partition, offset) != offset:
            raise ValueError(f"The file has two offsets for {partition}")
    if not found:
        raise ValueError(f"The file has no offset for {group}")
    return found


def _csv_rows(text: str) -> Iterator[tuple[str | None, TopicPartition, int]]:
    """`topic,partition,offset`, or with the group in front; a line of titles may come first."""
    lines = csv.reader(StringIO(text, newline=""))
    try:
        yield from _rows_of_cells(lines)
    except csv.Error as error:
        raise ValueError(f"Line {lines.line_num} is no CSV: {error}") from None


def _rows_of_cells(lines: Iterable[list[str]]) -> Iterator[tuple[str | None, TopicPartition, int]]:
    for number, cells in enumerate(lines, 1):
        place = [cell.strip() for cell in cells[-3:]]  # the name of a group keeps its blanks
        if not cells or (number == 1 and [cell.lower() for cell in place] == _TITLES):
            continue
        yield _csv_row(number, cells[:-3] + place)


_TITLES = ["topic", "partition", "offset"]


def _csv_row(number: int, cells: Sequence[str]) -> tuple[str | None, TopicPartition, int]:
    group, place = (cells[0], cells[1:]) if len(cells) == 4 else (None, cells)
    if len(place) != 3 or not place[1].isdecimal() or not place[2].isdecimal():
        raise ValueError(f"Line {number} is not topic,partition,offset")
    return group, TopicPartition(place[0], int(place[1])), int(place[2])


def _json_rows(text: str) -> Iterator[tuple[str | None, TopicPartition, int]]:
    """A list of rows with `topic`, `partition` and `offset`, or a plan: `after` is the offset there."""
    try:
        document = read_json(text)
    except ValueError as error:
        raise ValueError(f"The file is no JSON: {error}") from None
    match document:
        case {"plan": [*rows]}:
            group, name = document.get("group"), "after"
        case [*rows]:
            group, name = None, "offset"
        case _:
            raise ValueError('The file has no list of rows, and no "plan"')
    for number, row in enumerate(rows, 1):
        yield _json_row(number, row, group, name)


def _json_row(number: int, row: Any, group: str | None, name: str) -> tuple[str | None, TopicPartition, int]:
    values = [row.get("topic"), row.get("partition"), row.get(name)] if isinstance(row, dict) else []
    match values:
        case [str(topic), int(partition), int(offset)] if partition >= 0 and offset >= 0:
            return row.get("group", group), TopicPartition(topic, partition), offset
    raise ValueError(f"Row {number} has no topic, partition and {name}")
