"""Keys and values as their topic's decoders read them: the one place of this package that asks the decoders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kafkaview.decode.registry import parse_rule
from kafkaview.decode.report import DecoderReport, try_decoders
from kafkaview.decode.result import Decoded, Decoder
from kafkaview.records.rows import RecordRow, preview, row_of
from kafkaview.terms import Record

if TYPE_CHECKING:
    from kafkaview.session import Session

SHOWN_CHARACTERS: Final = 65_536
_TEXT_RULES: Final = ("json", "jsonschema", "utf8", "max-bytes")  # what these read is text as it stands
_LARGE: Final = 1_048_576  # bytes; laying out the text of more takes seconds


@dataclass(frozen=True, slots=True)
class DecodedField:
    """A key or value as a decoder reads it. `text` is its beginning, None where the decoder cannot read it;
    `characters` is the length of all of it, None of a value of more than 1 MiB, whose text is not laid out. `problem`
    says why not, with the bytes to mark, `decoder` whose reading it is.
    """

    decoder: str | None
    text: str | None
    characters: int | None
    problem: str | None
    position: int | None
    length: int
    reports: tuple[DecoderReport, ...]
    schema: str | None = None


async def row_maker(session: Session, topic: str) -> Callable[[Sequence[Record]], list[RecordRow]]:
    """Returns what makes rows of a topic's records, with the problems that the topic's decoders have. Raises
    ClusterError.
    """
    decoder = await session.decoders.of(session.cluster, topic)

    def rows(records: Sequence[Record]) -> list[RecordRow]:
        problems = map(decoder.problem, records)
        return [row_of(record, flaw.reason if flaw else None) for record, flaw in zip(records, problems, strict=True)]

    return rows


async def filter_decoder(session: Session, topic: str, rule: str) -> Decoder | None:
    """Returns the decoder whose values a filter sees: that of the rule, else the topic's own; None where the bytes are
    JSON or text as they stand. Raises ClusterError, and ValueError for the rule.
    """
    if rule:
        decoder: Decoder | None = await asyncio.to_thread(parse_rule, rule)
    else:
        decoder = (await session.decoders.of(session.cluster, topic)).decoder
    return None if decoder is None or _is_text(decoder) else decoder


def _is_text(decoder: Decoder) -> bool:
    return decoder.name.partition(":")[0] in _TEXT_RULES


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as it is printed. `text` is None where the bytes themselves are its text, or nothing reads them;
    `decoder` is the word of the rule that it is held to, None where the topic shows no format; `problem` is why it
    cannot be read.
    """

    text: str | None = None
    decoder: str | None = None
    schema_id: int | None = None
    problem: str | None = None


async def value_reader(
    session: Session, topic: str, decoder: Decoder | None
) -> Callable[[Sequence[Record]], list[Reading]]:
    """Returns what reads the values of a topic's records by a decoder, or by the topic's own. Raises ClusterError."""
    chosen = decoder or (await session.decoders.of(session.cluster, topic)).decoder

    def read(records: Sequence[Record]) -> list[Reading]:
        return [_reading(record.value, chosen) for record in records]

    return read


def _reading(data: bytes | None, decoder: Decoder | None) -> Reading:
    if decoder is None or data is None:
        return Reading()
    if _is_text(decoder):
        flaw = decoder.problem(data)
        return Reading(None, decoder.name, problem=flaw.reason if flaw else None)
    result = decoder.decode(data)
    if isinstance(result, Decoded):
        return Reading(result.text, decoder.name)
    return Reading(None, decoder.name, problem=result.reason)


async def decode_record(session: Session, record: Record) -> tuple[DecodedField | None, DecodedField | None]:
    """Returns the key and the value of a record as its topic's decoders read them; None of null."""
    topic = await session.decoders.of(session.cluster, record.topic)
    key = await asyncio.to_thread(_decode, record.key, "key", topic.keys)
    return key, await asyncio.to_thread(_decode, record.value, "value", topic.decoder)


def _decode(data: bytes | None, field: str, decoder: Decoder | None) -> DecodedField | None:
    if data is None:
        return None
    reports = try_decoders(data, field, decoder)
    if decoder is None:
        return DecodedField(None, None, None, None, None, 0, reports)
    large = len(data) > _LARGE
    result = decoder.problem(data, field) if large else decoder.decode(data, field)
    if result is None:
        return DecodedField(decoder.title, preview(data, SHOWN_CHARACTERS), None, None, None, 0, reports)
    if isinstance(result, Decoded):
        text = result.text
        return DecodedField(decoder.title, text[:SHOWN_CHARACTERS], len(text), None, None, 0, reports)
    return DecodedField(decoder.title, None, None, result.reason, result.position, result.length, reports)
