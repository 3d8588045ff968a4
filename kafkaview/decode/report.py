"""Every decoder tried on one key or value, and what came of it: the pane beside the bytes."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.decode.json_text import Json
from kafkaview.decode.result import Decoder, Undecodable
from kafkaview.decode.suggest import suggest
from kafkaview.decode.utf8 import Utf8


@dataclass(frozen=True, slots=True)
class Tried:
    """One decoder's answer. `position` and `length` are the bytes to mark where it failed."""

    title: str
    fits: bool
    text: str
    position: int | None = None
    length: int = 1


def decoders_tried(data: bytes, field: str = "value", chosen: Decoder | None = None) -> tuple[Tried, ...]:
    """UTF-8, JSON and the topic's own decoder, each once, then the reading that is likely meant."""
    tried: dict[str, Decoder] = {"utf8": Utf8(), "json": Json()}
    if chosen is not None:
        tried = {**tried, chosen.name: chosen}
    rows = [_row(decoder, data, field) for decoder in tried.values()]
    suggestion = suggest(data)
    if suggestion:
        rows.append(Tried(suggestion.decoder, True, suggestion.text))
    return tuple(rows)


def _row(decoder: Decoder, data: bytes, field: str) -> Tried:
    problem = decoder.problem(data, field)
    if problem is None:
        return Tried(decoder.title, True, f"reads the whole {field}")
    return Tried(decoder.title, False, _text(problem), problem.position, problem.length)


def _text(problem: Undecodable) -> str:
    if problem.decoder == "utf8" or problem.detail == "needs UTF-8":
        return problem.detail
    return problem.reason
