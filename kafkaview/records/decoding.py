"""Keys and values as their topic's decoders read them: the one place of this package that asks the decoders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kafkaview.decode.json_layout import lay_out_part
from kafkaview.decode.registered_schema import named_schemas, needs_latest
from kafkaview.decode.registry import attach_schemas, load_guessed, parse_rule, reads_text
from kafkaview.decode.report import DecoderReport, try_decoders
from kafkaview.decode.result import Decoded, Decoder, Surroundings, Undecodable, is_meant, within
from kafkaview.decode.schemas import Schemas
from kafkaview.decode.topics import TopicDecoder, find_problem
from kafkaview.records.rows import RecordRow, row_of
from kafkaview.terms import Record

if TYPE_CHECKING:
    from kafkaview.session import Session

SHOWN_CHARACTERS: Final = 65_536
_SCHEMA_SECONDS: Final = 0.3  # the longest wait for schemas while rows are shown
_BYTES_EACH: Final = 4  # of a character at most
_HEAD_BYTES: Final = 65_536  # more than these, for white space that is not laid out
_LARGE: Final = 1_048_576  # bytes; laying out the text of more takes seconds


@dataclass(frozen=True, slots=True)
class DecodedField:
    """A key or value as a decoder reads it."""

    decoder: str | None  # the one whose reading it is
    text: str | None  # its beginning; None if it cannot be read, or has more than 1 MiB and is no text as it stands
    characters: int | None  # of all the text; None of more than 1 MiB
    problem: str | None  # why it cannot be read
    position: int | None  # the first byte to mark of the problem
    length: int  # the bytes to mark
    reports: tuple[DecoderReport, ...]
    schema: str | None = None


async def row_maker(session: Session, topic: str) -> Callable[[Sequence[Record]], list[RecordRow]]:
    """Returns what makes rows of a topic's records, as the topic's decoders read them, on a thread that is not the
    loop's. Schemas that the registry has not sent are waited for shortly; a row without one shows its bytes. Raises
    ClusterError.
    """
    decoders, loop = session.decoders, asyncio.get_running_loop()
    decoder = await decoders.of(session.cluster, topic)

    def learn(records: Sequence[Record]) -> None:
        named = named_schemas(records, latest=needs_latest(decoder.decoder, decoder.keys))
        learning = decoders.schemas.learn(named, _SCHEMA_SECONDS)
        with suppress(TimeoutError, CancelledError):
            asyncio.run_coroutine_threadsafe(learning, loop).result(_SCHEMA_SECONDS * 2)

    def rows(records: Sequence[Record]) -> list[RecordRow]:
        if decoder.names_schemas:
            learn(records)
        return [_row(record, decoder) for record in records]

    return rows


def _row(record: Record, decoder: TopicDecoder) -> RecordRow:
    """Returns a row. A value that is not plain text is shown as its decoder's text. A value whose schema is unknown is
    shown as bytes, without a problem.
    """
    if decoder.decoder is None or reads_text(decoder.decoder) or record.value is None:
        return row_of(record, _reason(decoder.problem(record)))
    around = Surroundings(record.topic, record.key, record.headers)
    result = within(decoder.decoder, around).decode(record.value)
    if isinstance(result, Decoded):
        return row_of(record, _reason(find_problem(record, None, decoder.keys)), result.text)
    return row_of(record, _reason(result))


def _reason(problem: Undecodable | None) -> str | None:
    return problem.reason if problem is not None and problem.judged else None


async def filter_decoder(session: Session, topic: str, rule: str) -> Decoder | None:
    """Returns the decoder whose values a filter sees: that of the rule, else the topic's own; None where the bytes are
    JSON or text as they stand. Raises ClusterError, and ValueError for the rule.
    """
    if rule:
        decoder: Decoder | None = await asyncio.to_thread(parse_rule, rule)
    else:
        decoder = (await session.decoders.of(session.cluster, topic)).decoder
    return (
        None if decoder is None or reads_text(decoder) else attach_schemas(decoder, session.decoders.schemas.waiting())
    )


@dataclass(frozen=True, slots=True)
class ValueReading:
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
) -> Callable[[Sequence[Record]], list[ValueReading]]:
    """Returns what reads the values of a topic's records by a decoder, or by the topic's own, on a thread that is not
    the loop's: it waits for schemas. Raises ClusterError.
    """
    chosen = decoder or (await session.decoders.of(session.cluster, topic)).decoder
    chosen = attach_schemas(chosen, session.decoders.schemas.waiting()) if chosen is not None else None

    def read(records: Sequence[Record]) -> list[ValueReading]:
        return [_reading(record, chosen) for record in records]

    return read


def _reading(record: Record, decoder: Decoder | None) -> ValueReading:
    data = record.value
    if decoder is None or data is None:
        return ValueReading()
    if reads_text(decoder):
        flaw = decoder.problem(data)
        return ValueReading(None, decoder.name, problem=flaw.reason if flaw else None)
    result = within(decoder, Surroundings(record.topic, record.key, record.headers)).decode(data)
    schema = result.schema.id if result.schema is not None else None
    if isinstance(result, Decoded):
        return ValueReading(result.text, decoder.name, schema)
    return ValueReading(None, decoder.name, schema, result.reason)


async def decode_record(session: Session, record: Record) -> tuple[DecodedField | None, DecodedField | None]:
    """Returns the key and the value of a record as its topic's decoders read them, else as the first format that fits;
    None of null.
    """
    schemas = session.decoders.schemas
    topic = await session.decoders.of(session.cluster, record.topic)
    await schemas.learn(named_schemas([record]), _SCHEMA_SECONDS)
    key = await asyncio.to_thread(_decode, record, "key", topic.keys, schemas)
    return key, await asyncio.to_thread(_decode, record, "value", topic.decoder, schemas)


async def text_part(session: Session, record: Record, first: int, length: int) -> str:
    """Returns characters of the text of a record's value, where its decoder makes one."""
    topic = await session.decoders.of(session.cluster, record.topic)
    return await asyncio.to_thread(_text_part, record, topic.decoder, session.decoders.schemas, first, length)


def _text_part(record: Record, decoder: Decoder | None, schemas: Schemas, first: int, length: int) -> str:
    data, around = record.value or b"", Surroundings(record.topic, record.key, record.headers)
    chosen = decoder or _meant(data, "value", around, schemas)
    if chosen is None:
        return ""
    if len(data) > _LARGE:
        return _large_text(chosen, data, first, length) or ""
    result = within(chosen, around).decode(data)
    return result.text[first : first + length] if isinstance(result, Decoded) else ""


def _large_text(decoder: Decoder, data: bytes, first: int, length: int) -> str | None:
    """Returns characters of the text of many bytes, without making all of it; None where it is not the bytes' own."""
    if not reads_text(decoder):
        return None
    head = data[: _HEAD_BYTES + _BYTES_EACH * (first + length)].decode(errors="ignore")
    if not decoder.name.startswith("json"):
        return head[first : first + length]
    part = lay_out_part(head, first, length)
    if len(part) < length:  # there is much white space, which is not laid out
        part = lay_out_part(data.decode(errors="ignore"), first, length)
    return part


def _meant(data: bytes, field: str, around: Surroundings, schemas: Schemas) -> Decoder | None:
    """Returns the first format that bytes are likely meant as."""
    return next((one for one in load_guessed(schemas) if is_meant(one, data, field, around)), None)


def _decode(record: Record, field: str, decoder: Decoder | None, schemas: Schemas) -> DecodedField | None:
    data, around = (
        record.key if field == "key" else record.value,
        Surroundings(record.topic, record.key, record.headers),
    )
    if data is None:
        return None
    reports = try_decoders(data, field, decoder, record=around, schemas=schemas)
    if decoder is None:
        decoder = _meant(data, field, around, schemas)
    if decoder is None:
        return DecodedField(None, None, None, None, None, 0, reports)
    own, large = within(decoder, around), len(data) > _LARGE
    result = own.problem(data, field) if large else own.decode(data, field)
    if result is None:
        shown = _large_text(decoder, data, 0, SHOWN_CHARACTERS)
        return DecodedField(decoder.title, shown, None, None, None, 0, reports)
    schema = str(result.schema) if result.schema is not None else None
    if isinstance(result, Decoded):
        text = result.text
        return DecodedField(decoder.title, text[:SHOWN_CHARACTERS], len(text), None, None, 0, reports, schema)
    return DecodedField(decoder.title, None, None, result.reason, result.position, result.length, reports, schema)
