"""What differs between two records: by path where their text has members and items, else by their bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from kafkaview.decode.json_tree import ROOT, JsonTree
from kafkaview.records.decoding import DecodedField
from kafkaview.records.detail import FieldBytes, RecordDetail
from kafkaview.words import number, size, utc_iso

_AROUND: Final = 24  # bytes before and behind the first that differs


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that differs. `left` and `right` are what stands in the two records, None where one lacks it."""

    path: str
    left: str | None
    right: str | None


@dataclass(frozen=True, slots=True)
class RecordComparison:
    """What differs between two records, how many parts are the `same`, and what was not compared."""

    differences: tuple[Difference, ...]
    same: int
    note: str = ""


def compare_records(left: RecordDetail, right: RecordDetail) -> RecordComparison:
    """Compares metadata, key, headers and value. The order of names, white space and how a text is escaped make no
    difference; how a number is written does.
    """
    parts = [
        (_metadata(left), _metadata(right)),
        (_headers(left), _headers(right)),
        _fields("key", left.key, left.key_reading, right.key, right.key_reading),
        _fields("value", left.value, left.value_reading, right.value, right.value_reading),
    ]
    return _compare(parts, _note(left, right))


def _compare(parts: Iterable[tuple[Mapping[str, str], Mapping[str, str]]], note: str) -> RecordComparison:
    differences: list[Difference] = []
    same = 0
    for one, other in parts:
        for path in dict.fromkeys((*one, *other)):
            mine, its = one.get(path), other.get(path)
            if mine is not None and its is not None and _meaning(mine) == _meaning(its):
                same += 1
            else:
                differences.append(Difference(path, mine, its))
    return RecordComparison(tuple(differences), same, note)


def compare_texts(name: str, left: str, right: str) -> RecordComparison:
    """Compares two texts of the field `name`: by path where both are an object or array of JSON and differ in what
    they say, else as a whole.
    """
    trees = JsonTree(left), JsonTree(right)
    structured = all(tree.is_structured and tree.nodes[ROOT].whole for tree in trees)
    mine, its = (_numbered(tree.leaves(name)) if structured else {name: tree.text} for tree in trees)
    found = _compare([(mine, its)], "")
    if found.differences or left == right:
        return found
    return RecordComparison((Difference(name, left, right),), 0)  # in white space, escapes, or behind the document


def _metadata(record: RecordDetail) -> dict[str, str]:
    id_ = record.id
    facts = {
        "topic": id_.topic,
        "partition": str(id_.partition),
        "offset": str(id_.offset),
        "timestamp": utc_iso(record.timestamp_ms),
    }
    return {name: fact for name, fact in facts.items() if fact is not None} | {
        "timestamp type": record.timestamp_type.value
    }


def _headers(record: RecordDetail) -> dict[str, str]:
    """Returns the headers by name; one that occurs again has its place among those of the name."""
    headers = record.headers or ()
    return _numbered((f'headers["{one.key}"]', _bytes_text(one.value)) for one in headers)


def _fields(
    name: str,
    left: FieldBytes | None,
    left_reading: DecodedField | None,
    right: FieldBytes | None,
    right_reading: DecodedField | None,
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    trees = _tree(left_reading), _tree(right_reading)
    if trees[0] is not None and trees[1] is not None:
        return _numbered(trees[0].leaves(name)), _numbered(trees[1].leaves(name))
    if left is None or right is None or left == right:
        return {name: _text(left, left_reading)}, {name: _text(right, right_reading)}
    at = next(
        (place for place, (mine, its) in enumerate(zip(left.head, right.head, strict=False)) if mine != its),
        min(len(left.head), len(right.head)),
    )
    path = f"{name}, bytes from {number(at)}"
    return {path: _part(left, at)}, {path: _part(right, at)}


def _tree(reading: DecodedField | None) -> JsonTree | None:
    if reading is None or reading.text is None:
        return None
    tree = JsonTree(reading.text)
    return tree if tree.is_structured else None


def _numbered(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Returns texts by path; a path that occurs again has a number behind it."""
    counts: Counter[str] = Counter()
    found: dict[str, str] = {}
    for path, text in pairs:
        counts[path] += 1
        found[path if counts[path] == 1 else f"{path} ({counts[path]})"] = text
    return found


def _meaning(text: str) -> str:
    """Returns what a JSON string says, however it is escaped."""
    if text.startswith('"') and "\\" in text:
        try:
            return orjson.dumps(orjson.loads(text)).decode()
        except (orjson.JSONDecodeError, TypeError):
            return text
    return text


def _text(data: FieldBytes | None, reading: DecodedField | None) -> str:
    return reading.text if reading is not None and reading.text is not None else _bytes_text(data)


def _part(data: FieldBytes, at: int) -> str:
    part = data.head[max(0, at - _AROUND) : at + _AROUND]
    return f"{size(data.size)}: {_bytes_text(FieldBytes(part, len(part)))}"


def _bytes_text(data: FieldBytes | None) -> str:
    if data is None:
        return "null"
    try:
        return data.head.decode()
    except UnicodeDecodeError:
        return data.head.hex(" ")


def _note(left: RecordDetail, right: RecordDetail) -> str:
    """Returns what of two large records was not compared."""
    cut = [
        part
        for record in (left, right)
        for part, reading in ((record.key, record.key_reading), (record.value, record.value_reading))
        if part is not None and (not part.complete or _is_cut(reading))
    ]
    return f"Compared as far as is shown of {size(max(part.size for part in cut))}" if cut else ""


def _is_cut(reading: DecodedField | None) -> bool:
    return reading is not None and reading.text is not None and (reading.characters or 0) > len(reading.text)
