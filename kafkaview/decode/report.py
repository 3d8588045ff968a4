"""Every decoder tried on one key or value, and what came of it: the pane beside the bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kafkaview.decode.registry import FORMATS, load_guessed
from kafkaview.decode.result import Decoder, RecordDecoder, Surroundings, Undecodable, is_meant, within
from kafkaview.decode.schemas import Schemas
from kafkaview.decode.suggest import suggest
from kafkaview.decode.wire_format import Frame, find_frame

_ALONE: Final = Surroundings()


@dataclass(frozen=True, slots=True)
class DecoderReport:
    """One decoder's answer. `position` and `length` are the bytes to mark where it failed."""

    title: str
    fits: bool
    text: str
    position: int | None = None
    length: int = 1


def try_decoders(
    data: bytes,
    field: str = "value",
    chosen: Decoder | None = None,
    *,
    record: Surroundings = _ALONE,
    schemas: Schemas | None = None,
) -> tuple[DecoderReport, ...]:
    """Returns what each format of the report and the topic's own decoder say, then the reading that is likely meant."""
    tried = {decoder.name: decoder for decoder in _find_reported(data, field, record, schemas)}
    if chosen is not None:
        tried[chosen.name] = within(chosen, record)
    rows = [_row(decoder, data, field) for decoder in tried.values()]
    suggestion = suggest(data)
    if suggestion:
        rows.append(DecoderReport(suggestion.decoder, True, suggestion.text))
    return tuple(rows)


def _find_reported(data: bytes, field: str, record: Surroundings, schemas: Schemas | None) -> Iterator[Decoder]:
    """Yields the formats that are always told, those that fit, and the registry's where a schema is named."""
    always = {row.word for row in FORMATS if row.always_reported}
    framed = isinstance(find_frame("registry", data, field, record), Frame)
    guessed = {decoder.name: decoder for decoder in load_guessed(schemas)}
    for row in FORMATS:
        decoder = guessed.get(row.word)
        if decoder is None:
            continue
        if row.word in always or (row.word == "registry" and framed) or is_meant(decoder, data, field, record):
            yield within(decoder, record)


def _row(decoder: Decoder, data: bytes, field: str) -> DecoderReport:
    result = decoder.decode(data, field) if isinstance(decoder, RecordDecoder) else decoder.problem(data, field)
    if isinstance(result, Undecodable):
        return DecoderReport(decoder.title, False, _text(result), result.position, result.length)
    schema = f", as {result.schema}" if result is not None and result.schema is not None else ""
    return DecoderReport(decoder.title, True, f"reads the whole {field}{schema}")


def _text(problem: Undecodable) -> str:
    if problem.decoder == "utf8" or problem.detail == "needs UTF-8":
        return problem.detail
    return problem.reason
