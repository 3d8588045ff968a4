"""Dead letters of share groups, which the broker writes, and of kafkaview (KIP-1191). Text, numbers decimal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafkaview.triage.dead_letters.dialects.letter_dialect import LetterDialect, decimal_origin, some_fields
from kafkaview.triage.dead_letters.hop import LetterHop
from kafkaview.triage.dead_letters.letter import DeadLetter, LetterOrigin

_PREFIX: Final = "__dlq.errors."
_TOPIC, _PARTITION, _OFFSET, _GROUP, _MESSAGE = (
    f"{_PREFIX}{name}" for name in ("topic", "partition", "offset", "group", "message")
)
_COUNT: Final = f"{_PREFIX}delivery.count"


def _letter(hops: Sequence[LetterHop], origin: LetterOrigin) -> DeadLetter:
    hop = hops[-1]
    return DeadLetter(
        KAFKA.word,
        origin,
        message=hop.text(_MESSAGE),
        readers=hop.texts(_GROUP),
        fields=some_fields(deliveries=hop.decimal(_COUNT)),
    )


KAFKA: Final = LetterDialect(
    "kafka",
    "Kafka (KIP-1191)",
    frozenset((_TOPIC, _PARTITION, _OFFSET, _GROUP, _MESSAGE, _COUNT)),
    decimal_origin(_TOPIC, _PARTITION, _OFFSET),
    _letter,
    keeps_time=False,
    marks=frozenset((_TOPIC, _PARTITION, _OFFSET, _GROUP)),
    repeated=frozenset((_GROUP,)),  # kafkaview names every group that stood at the record
)
