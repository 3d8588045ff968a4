"""Which decoders a topic's keys and values are held to: those that the user chose, else those that its records show."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.kafka.client_thread import run_aside
from kafkaview.decode.choices import DecoderChoice, DecoderChoices
from kafkaview.decode.coordinator_records import INTERNAL_TOPICS, CoordinatorRecord
from kafkaview.decode.header_names import header_problem
from kafkaview.decode.registered_schema import Registered, named_schemas, needs_latest
from kafkaview.decode.registry import attach_schemas, load_guessed, parse_rule
from kafkaview.decode.result import Decoder, Surroundings, Undecodable, is_meant, within
from kafkaview.decode.sampling import sample_records
from kafkaview.decode.schemas import Schemas
from kafkaview.terms import Record

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster

_MOST = 0.8  # share of the sample that must be of the format
_ASK_AGAIN_S = 60.0  # a topic that showed no format is looked at again
_SCHEMAS_S = 5.0  # for the schemas that a sample names


@dataclass(frozen=True, slots=True)
class TopicDecoder:
    """A topic's decoder, None where its records show no format (nothing is judged then), and that of its keys. `how` is
    how we know.
    """

    decoder: Decoder | None
    how: str
    chosen: bool = False
    keys: Decoder | None = None

    @property
    def registered_fields(self) -> tuple[str, ...]:
        """Which of `value` and `key` are read by schemas of a registry."""
        fields = (("value", self.decoder), ("key", self.keys))
        return tuple(field for field, decoder in fields if isinstance(decoder, Registered))

    @property
    def names_schemas(self) -> bool:
        """Whether its keys or values are read by schemas of a registry."""
        return bool(self.registered_fields)

    def problem(self, record: Record) -> Undecodable | None:
        """Returns why the value of a record cannot be read, else its key, else its headers; None where all can."""
        return find_problem(record, self.decoder, self.keys)


class TopicDecoders:
    """The decoders of one connection's topics, each inferred once, and the schemas that their records name. `choices`
    are those that are kept for the connection.
    """

    def __init__(self, schemas: Schemas | None = None, choices: DecoderChoices | None = None) -> None:
        self.schemas = schemas or Schemas()
        self._choices = choices
        self._chosen: dict[str, TopicDecoder] = {}
        self._remembered: dict[str, DecoderChoice] = {}
        self._inferred: dict[str, tuple[TopicDecoder, float]] = {}

    def choose(self, topic: str, decoder: Decoder | None, keys: Decoder | None = None) -> None:
        """Uses these decoders for a topic's values and keys in this session. None goes back to its own format."""
        if decoder is None and keys is None:
            self._chosen.pop(topic, None)
            return
        title = decoder.title if decoder is not None else "none"
        self._chosen[topic] = TopicDecoder(
            self.attach(decoder), f"{title}, as chosen", chosen=True, keys=self.attach(keys)
        )

    async def remember(self, topic: str, choice: DecoderChoice) -> None:
        """Uses these rules for a topic from now on, in later sessions too. Raises ValueError for a rule that cannot be
        used, and StoreUnavailable.
        """
        await run_aside("kafkaview-rules", _parse, choice)
        if self._choices is not None:
            await run_aside("kafkaview-choices", self._choices.keep, topic, choice)
        self._remembered[topic] = choice
        self._chosen.pop(topic, None)
        self._inferred.pop(topic, None)

    async def choice(self, topic: str) -> DecoderChoice:
        """Returns the rules that were chosen for a topic, in this session or before."""
        kept = self._remembered.get(topic)
        if kept is None and self._choices is not None:
            kept = await run_aside("kafkaview-choices", self._choices.get, topic)
        return kept or DecoderChoice()

    async def of(self, cluster: Cluster, topic: str) -> TopicDecoder:
        """Returns the topic's decoder; reads a sample of its records the first time. Raises ClusterError."""
        chosen = self._chosen.get(topic)
        if chosen is not None:
            return chosen
        known = self._inferred.get(topic)
        if known and (known[0].decoder or time.monotonic() < known[1] + _ASK_AGAIN_S):
            return known[0]
        found = await self._recall(topic)
        if found is None or found.decoder is None or found.keys is None:
            try:
                own = await self._infer(cluster, topic)
            except ClusterError:
                if found is None:
                    raise
                return found  # what is kept will do until its records can be seen
            found = _complete(found, own) if found is not None else own
        self._inferred[topic] = (found, time.monotonic())
        return found

    async def learn(self, topic: TopicDecoder, records: Sequence[Record]) -> None:
        """Asks for the schemas that records of a topic name, if it is read by such."""
        if topic.names_schemas:
            latest = needs_latest(topic.decoder, topic.keys)
            await self.schemas.learn(named_schemas(records, latest=latest), _SCHEMAS_S)

    def attach(self, decoder: Decoder | None) -> Decoder | None:
        """Returns a decoder with the schemas of this connection."""
        return attach_schemas(decoder, self.schemas) if decoder is not None else None

    async def _infer(self, cluster: Cluster, topic: str) -> TopicDecoder:
        if topic in INTERNAL_TOPICS:
            own = CoordinatorRecord()
            return TopicDecoder(own, f"{topic} holds Kafka's own records", keys=own)
        records = await sample_records(cluster, topic)
        await self.schemas.learn(named_schemas(records), _SCHEMAS_S)
        around = [_around(one) for one in records]
        values = infer_decoder([one.value for one in records], around, self.schemas)
        keys = infer_decoder([one.key for one in records], around, self.schemas, "key")
        missing = self._find_missing(records) if values.decoder is None else None
        return replace(values, keys=keys.decoder, how=f"{values.how}; {missing}" if missing else values.how)

    def _find_missing(self, records: Sequence[Record]) -> str | None:
        """Returns why the schemas that most values name are not known, if most name one."""
        values = [one for one in records if one.value is not None]
        problems = [Registered(self.schemas).within(_around(one)).problem(one.value or b"") for one in values]
        unjudged = [problem.reason for problem in problems if problem is not None and not problem.judged]
        if len(unjudged) < _MOST * len(values) or not unjudged:
            return None
        return f"they name schemas of a registry, and {unjudged[0]}"

    async def _recall(self, topic: str) -> TopicDecoder | None:
        """Returns the decoders that are kept for a topic; where a rule of them no longer holds, `how` says why."""
        choice = self._remembered.get(topic)
        if choice is None and self._choices is not None:
            choice = await run_aside("kafkaview-choices", self._choices.get, topic)
        if choice is None or choice == DecoderChoice():
            return None
        try:
            value, key = await run_aside("kafkaview-rules", _parse, choice)
        except ValueError as error:
            return TopicDecoder(None, f"the choice that is kept for it does not hold: {error}")
        how = f"{value.title}, as chosen" if value is not None else ""
        return TopicDecoder(self.attach(value), how, chosen=value is not None, keys=self.attach(key))


def _complete(kept: TopicDecoder, own: TopicDecoder) -> TopicDecoder:
    """Returns the decoders that are kept for a topic, and the topic's own for what is left open."""
    how = kept.how if kept.decoder is not None else "; ".join(filter(None, (kept.how, own.how)))
    return replace(kept, decoder=kept.decoder or own.decoder, keys=kept.keys or own.keys, how=how)


def _parse(choice: DecoderChoice) -> tuple[Decoder | None, Decoder | None]:
    value, key = (parse_rule(rule) if rule is not None else None for rule in (choice.value, choice.key))
    return value, key


def find_problem(record: Record, values: Decoder | None, keys: Decoder | None) -> Undecodable | None:
    """Returns why the value of a record cannot be read, else why its key cannot, else why its headers cannot; null can,
    and what has no decoder.
    """
    around = _around(record)
    if values is not None and record.value is not None:
        problem = within(values, around).problem(record.value)
        if problem is not None:
            return problem
    if keys is not None and record.key is not None:
        problem = within(keys, around).problem(record.key, "key")
        if problem is not None:
            return replace(problem, field="key")
    return header_problem(record.unreadable_header) if record.unreadable_header is not None else None


def _around(record: Record) -> Surroundings:
    return Surroundings(record.topic, record.key, record.headers)


def infer_decoder(
    values: Sequence[bytes | None],
    around: Sequence[Surroundings] | None = None,
    schemas: Schemas | None = None,
    field: str = "value",
) -> TopicDecoder:
    """Returns the first format that at least 80 of 100 sampled values have and are likely meant as. `around` are the
    records of the values, in their order.
    """
    sample = [
        (value, record)
        for value, record in zip(values, around or [Surroundings()] * len(values), strict=True)
        if value is not None
    ]
    total = len(sample)
    if not total:
        return TopicDecoder(None, f"no record with a {field} to infer a format from")
    counts: list[str] = []
    for decoder in load_guessed(schemas):
        fitting = sum(is_meant(decoder, value, field, record) for value, record in sample)
        if fitting >= _MOST * total:
            return TopicDecoder(decoder, f"{fitting:,} of {total:,} sampled records are {decoder.title}")
        counts.append(f"{fitting:,} are {decoder.title}")
    return TopicDecoder(None, f"of {total:,} sampled records {', '.join(counts)}: no format is inferred")
