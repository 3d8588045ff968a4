"""Every decoder tried on one key or value, and what came of it: the pane beside the bytes."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.decode.registry import load_reported
from kafkaview.decode.result import Decoder, Undecodable
from kafkaview.decode.suggest import suggest


@dataclass(frozen=True, slots=True)
class DecoderReport:
    """One decoder's answer. `position` and `length` are the bytes to mark where it failed."""

    title: str
    fits: bool
    text: str
    position: int | None = None
    length: int = 1


def try_decoders(data: bytes, field: str = "value", chosen: Decoder | None = None) -> tuple[DecoderReport, ...]:
    """Returns what each format of the report and the topic's own decoder say, then the reading that is likely meant."""
    tried = {decoder.name: decoder for decoder in load_reported(data)}
    if chosen is not None:
        tried[chosen.name] = chosen
    rows = [_row(decoder, data, field) for decoder in tried.values()]
    suggestion = suggest(data)
    if suggestion:
        rows.append(DecoderReport(suggestion.decoder, True, suggestion.text))
    return tuple(rows)


def _row(decoder: Decoder, data: bytes, field: str) -> DecoderReport:
    problem = decoder.problem(data, field)
    if problem is None:
        return DecoderReport(decoder.title, True, f"reads the whole {field}")
    return DecoderReport(decoder.title, False, _text(problem), problem.position, problem.length)


def _text(problem: Undecodable) -> str:
    if problem.decoder == "utf8" or problem.detail == "needs UTF-8":
        return problem.detail
    return problem.reason
