"""Dead letters of Kafka Streams from 4.2 on (KIP-1034, ExceptionHandlerUtils). Text, numbers decimal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafkaview.triage.dead_letters.dialects.letter_dialect import LetterDialect, decimal_origin
from kafkaview.triage.dead_letters.hop import LetterHop, innermost_cause
from kafkaview.triage.dead_letters.letter import DeadLetter, LetterOrigin

_PREFIX: Final = "__streams.errors."
_TOPIC, _PARTITION, _OFFSET = (f"{_PREFIX}{name}" for name in ("topic", "partition", "offset"))
_CLASS, _MESSAGE, _TRACE = (f"{_PREFIX}{name}" for name in ("exception", "message", "stacktrace"))


def _letter(hops: Sequence[LetterHop], origin: LetterOrigin) -> DeadLetter:
    hop = hops[-1]
    trace, outer = hop.text(_TRACE), hop.text(_CLASS)
    inner = innermost_cause(trace)
    return DeadLetter(STREAMS.word, origin, inner or outer, outer if inner else None, hop.text(_MESSAGE), trace)


STREAMS: Final = LetterDialect(
    "streams",
    "Kafka Streams",
    frozenset((_TOPIC, _PARTITION, _OFFSET, _CLASS, _MESSAGE, _TRACE)),
    decimal_origin(_TOPIC, _PARTITION, _OFFSET),
    _letter,
    keeps_time=True,
    marks=frozenset((_TOPIC, _PARTITION, _OFFSET, _CLASS)),
)
