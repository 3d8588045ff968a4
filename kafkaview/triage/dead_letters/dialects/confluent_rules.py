"""Dead letters of data contract rules (Confluent's rule action DLQ). They name the topic, not the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafkaview.triage.dead_letters.dialects.letter_dialect import LetterDialect, some_fields
from kafkaview.triage.dead_letters.hop import LetterHop
from kafkaview.triage.dead_letters.letter import DeadLetter, LetterOrigin

_NAME, _MODE, _SUBJECT, _TOPIC, _EXCEPTION = (
    f"__rule.{name}" for name in ("name", "mode", "subject", "topic", "exception")
)


def _origin(hop: LetterHop) -> LetterOrigin:
    return LetterOrigin(hop.text(_TOPIC))


def _letter(hops: Sequence[LetterHop], origin: LetterOrigin) -> DeadLetter:
    hop = hops[-1]
    rule = hop.text(_NAME)
    return DeadLetter(
        CONFLUENT_RULES.word,
        origin,
        None if rule is None else f"rule {rule}",
        message=hop.text(_EXCEPTION),
        fields=some_fields(rule=rule, mode=hop.text(_MODE), subject=hop.text(_SUBJECT)),
    )


CONFLUENT_RULES: Final = LetterDialect(
    "confluent-rules",
    "Confluent rules",
    frozenset((_NAME, _MODE, _SUBJECT, _TOPIC, _EXCEPTION)),
    _origin,
    _letter,
    keeps_time=False,
    marks=frozenset((_NAME,)),
)
