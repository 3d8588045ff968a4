"""Keys and values of records as text: by the rules that were given, else by the topic's, else by the first format that
fits. Whatever the bytes are, each record gets a reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import ClusterError
from kafkaview.decode.registered_schema import named_schemas, needs_latest
from kafkaview.decode.registry import load_guessed
from kafkaview.decode.report import DecoderReport, try_decoders
from kafkaview.decode.result import Decoded, Decoder, SchemaLabel, Surroundings, Undecodable, is_meant, within
from kafkaview.decode.topics import TopicDecoder, TopicDecoders
from kafkaview.terms import Record

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster

_NO_DECODER: Final = TopicDecoder(None, "")


@dataclass(frozen=True, slots=True)
class FieldReading:
    """A key or value as text, laid out from its bytes, with the rule that read it. Where a rule was to be followed and
    the bytes are not of it, there is no text but the `problem`. Where no rule was and no format fits, the text is hex.
    """

    text: str | None
    decoder: str
    schema: SchemaLabel | None = None
    problem: Undecodable | None = None


@dataclass(frozen=True, slots=True)
class RecordReading:
    """The key and the value of a record; None for one that is null."""

    key: FieldReading | None
    value: FieldReading | None


async def read_records(
    decoders: TopicDecoders,
    cluster: Cluster,
    records: Sequence[Record],
    *,
    key: Decoder | None = None,
    value: Decoder | None = None,
    seconds: float = 0.2,
) -> list[RecordReading]:
    """Returns the readings of records of any topics, in their order, by the rules for keys and values; without a rule
    the topic's decoder counts. Waits at most so long for schemas that the registry has to send: a reading whose problem
    is not `judged` may be better later.
    """
    key, value = decoders.attach(key), decoders.attach(value)
    topics: dict[str, TopicDecoder] = {}
    if key is None or value is None:
        topics = {name: await _decoder_of(decoders, cluster, name) for name in {record.topic for record in records}}
    used = [key, value, *(one for own in topics.values() for one in (own.decoder, own.keys))]
    await decoders.schemas.learn(named_schemas(records, latest=needs_latest(*used)), seconds)
    readings = []
    for record in records:
        own = topics.get(record.topic, _NO_DECODER)
        around = Surroundings(record.topic, record.key, record.headers)
        readings.append(
            RecordReading(
                _read_field(decoders, record.key, "key", key or own.keys, around),
                _read_field(decoders, record.value, "value", value or own.decoder, around),
            )
        )
    return readings


async def report_record(
    decoders: TopicDecoders, record: Record, field: str, chosen: Decoder | None = None, seconds: float = 0.2
) -> tuple[DecoderReport, ...]:
    """Returns what every decoder says of a record's key or value, and `chosen` among them; nothing for null."""
    data = record.key if field == "key" else record.value
    if data is None:
        return ()
    await decoders.schemas.learn(named_schemas([record], latest=needs_latest(chosen)), seconds)
    around = Surroundings(record.topic, record.key, record.headers)
    return try_decoders(data, field, decoders.attach(chosen), record=around, schemas=decoders.schemas)


async def _decoder_of(decoders: TopicDecoders, cluster: Cluster, topic: str) -> TopicDecoder:
    try:
        return await decoders.of(cluster, topic)
    except ClusterError:  # the records are here: they are shown as what they look like
        return _NO_DECODER


def _read_field(
    decoders: TopicDecoders, data: bytes | None, field: str, decoder: Decoder | None, around: Surroundings
) -> FieldReading | None:
    if data is None:
        return None
    if decoder is None:
        guessed = load_guessed(decoders.schemas)
        decoder = next((one for one in guessed if is_meant(one, data, field, around)), None)
        if decoder is None:
            return FieldReading(data.hex(" "), "hex")
    result = within(decoder, around).decode(data, field)
    if isinstance(result, Decoded):
        return FieldReading(result.text, decoder.name, result.schema)
    return FieldReading(None, decoder.name, result.schema, result)
