"""Dead letters of Spring Cloud Stream's binder (KafkaMessageChannelBinder). Numbers are big-endian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafkaview.triage.dead_letters.dialects.letter_dialect import LetterDialect, some_fields
from kafkaview.triage.dead_letters.hop import LetterHop, innermost_cause
from kafkaview.triage.dead_letters.letter import DeadLetter, LetterOrigin

_TOPIC, _PARTITION, _OFFSET = "x-original-topic", "x-original-partition", "x-original-offset"
_TIME, _TIME_TYPE = "x-original-timestamp", "x-original-timestamp-type"
_CLASS, _MESSAGE, _TRACE = "x-exception-fqcn", "x-exception-message", "x-exception-stacktrace"
_INT, _LONG = 4, 8


def _origin(hop: LetterHop) -> LetterOrigin:
    return LetterOrigin(
        hop.text(_TOPIC),
        hop.non_negative(hop.big_endian(_INT, _PARTITION), _PARTITION),
        hop.non_negative(hop.big_endian(_LONG, _OFFSET), _OFFSET),
        hop.big_endian(_LONG, _TIME),
    )


def _letter(hops: Sequence[LetterHop], origin: LetterOrigin) -> DeadLetter:
    hop = hops[-1]
    trace, outer = hop.text(_TRACE), hop.text(_CLASS)
    inner = innermost_cause(trace)
    return DeadLetter(
        SPRING_CLOUD.word,
        origin,
        inner or outer,
        outer if inner else None,
        hop.text(_MESSAGE),
        trace,
        fields=some_fields(timestamp_type=hop.text(_TIME_TYPE)),
    )


SPRING_CLOUD: Final = LetterDialect(
    "spring-cloud",
    "Spring Cloud Stream",
    frozenset((_TOPIC, _PARTITION, _OFFSET, _TIME, _TIME_TYPE, _CLASS, _MESSAGE, _TRACE)),
    _origin,
    _letter,
    keeps_time=False,
    marks=frozenset((_TOPIC, _CLASS)),
)
