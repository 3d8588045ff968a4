"""Dead letters of SmallRye Reactive Messaging, as in Quarkus (KafkaDeadLetterQueue). Text, numbers decimal; the headers
that the record had come after these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafkaview.triage.dead_letters.dialects.letter_dialect import LetterDialect, decimal_origin, some_fields
from kafkaview.triage.dead_letters.hop import LetterHop
from kafkaview.triage.dead_letters.letter import DeadLetter, LetterOrigin

_TOPIC, _PARTITION, _OFFSET = "dead-letter-topic", "dead-letter-partition", "dead-letter-offset"
_REASON, _CAUSE = "dead-letter-reason", "dead-letter-cause"
_CLASS, _CAUSE_CLASS = "dead-letter-exception-class-name", "dead-letter-cause-class-name"


def _letter(hops: Sequence[LetterHop], origin: LetterOrigin) -> DeadLetter:
    hop = hops[-1]
    inner, outer = hop.text(_CAUSE_CLASS), hop.text(_CLASS)
    return DeadLetter(
        SMALLRYE.word,
        origin,
        inner or outer,
        outer if inner else None,
        hop.text(_REASON),
        fields=some_fields(cause=hop.text(_CAUSE)),
    )


SMALLRYE: Final = LetterDialect(
    "smallrye",
    "SmallRye",
    frozenset((_TOPIC, _PARTITION, _OFFSET, _REASON, _CAUSE, _CLASS, _CAUSE_CLASS)),
    decimal_origin(_TOPIC, _PARTITION, _OFFSET),
    _letter,
    keeps_time=False,
    marks=frozenset((_TOPIC, _REASON, _CLASS)),
    writes_first=True,
)
