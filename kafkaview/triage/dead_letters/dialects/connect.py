"""Dead letters of Kafka Connect's sinks (DeadLetterQueueReporter). Text, numbers decimal; a message may be null."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafkaview.triage.dead_letters.dialects.letter_dialect import LetterDialect, decimal_origin, some_fields
from kafkaview.triage.dead_letters.hop import LetterHop, innermost_cause
from kafkaview.triage.dead_letters.letter import DeadLetter, LetterOrigin

_PREFIX: Final = "__connect.errors."
_TOPIC, _PARTITION, _OFFSET = (f"{_PREFIX}{name}" for name in ("topic", "partition", "offset"))
_CONNECTOR, _TASK, _STAGE = (f"{_PREFIX}{name}" for name in ("connector.name", "task.id", "stage"))
_EXECUTING: Final = f"{_PREFIX}class.name"
_CLASS, _MESSAGE, _TRACE = (f"{_PREFIX}exception.{name}" for name in ("class.name", "message", "stacktrace"))


def _letter(hops: Sequence[LetterHop], origin: LetterOrigin) -> DeadLetter:
    hop = hops[-1]
    connector, trace, outer = hop.text(_CONNECTOR), hop.text(_TRACE), hop.text(_CLASS)
    inner = innermost_cause(trace)
    return DeadLetter(
        CONNECT.word,
        origin,
        inner or outer,
        outer if inner else None,
        hop.text(_MESSAGE),
        trace,
        () if connector is None else (connector,),
        fields=some_fields(
            connector=connector,
            task=hop.decimal(_TASK),
            stage=hop.text(_STAGE),
            executing=hop.text(_EXECUTING),
        ),
    )


CONNECT: Final = LetterDialect(
    "connect",
    "Kafka Connect",
    frozenset((_TOPIC, _PARTITION, _OFFSET, _CONNECTOR, _TASK, _STAGE, _EXECUTING, _CLASS, _MESSAGE, _TRACE)),
    decimal_origin(_TOPIC, _PARTITION, _OFFSET),
    _letter,
    keeps_time=True,
    marks=frozenset((_TOPIC, _PARTITION, _OFFSET, _CONNECTOR, _STAGE, _CLASS)),
)
