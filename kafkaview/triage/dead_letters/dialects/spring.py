"""Dead letters of Spring Kafka (KafkaHeaders, DeadLetterPublishingRecoverer, retry topics). Numbers are big-endian; the
same names stand without `dlt-` too. What Java has serialized is never read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafkaview.triage.dead_letters.dialects.letter_dialect import LetterDialect, some_fields
from kafkaview.triage.dead_letters.hop import LetterHop, innermost_cause
from kafkaview.triage.dead_letters.letter import DeadLetter, LetterOrigin


def _names(name: str) -> tuple[str, str]:
    return f"kafka_dlt-{name}", f"kafka_{name}"


_TOPIC, _PARTITION, _OFFSET = _names("original-topic"), _names("original-partition"), _names("original-offset")
_TIME, _TIME_TYPE, _GROUP = (
    _names("original-timestamp"),
    _names("original-timestamp-type"),
    _names("original-consumer-group"),
)
_CLASS, _CAUSE = _names("exception-fqcn"), _names("exception-cause-fqcn")
_MESSAGE, _TRACE = _names("exception-message"), _names("exception-stacktrace")
_KEY_CLASS, _KEY_MESSAGE, _KEY_TRACE = (
    _names("key-exception-fqcn"),
    _names("key-exception-message"),
    _names("key-exception-stacktrace"),
)
_DELIVERIES: Final = "kafka_deliveryAttempt"
_ATTEMPTS: Final = "retry_topic-attempts"
_FIRST_TIME: Final = "retry_topic-original-timestamp"
_BACKOFF: Final = "retry_topic-backoff-timestamp"
_SERIALIZED: Final = ("springDeserializerExceptionKey", "springDeserializerExceptionValue")
_INT, _LONG, _OLD_BYTE = 4, 8, 1
_PLACES: Final = (*_TOPIC, *_PARTITION, *_OFFSET)


def _origin(hop: LetterHop) -> LetterOrigin:
    return LetterOrigin(
        hop.text(*_TOPIC),
        hop.non_negative(hop.big_endian(_INT, *_PARTITION), *_PARTITION),
        hop.non_negative(hop.big_endian(_LONG, *_OFFSET), *_OFFSET),
        hop.big_endian(_LONG, *_TIME),
    )


def _letter(hops: Sequence[LetterHop], origin: LetterOrigin) -> DeadLetter:
    """Returns the letter; exceptions are replaced from hop to hop, so that theirs may stand among the first hop's."""
    hop = hops[-1]

    def text(*names: str) -> str | None:
        return next((found for one in reversed(hops) if (found := one.text(*names)) is not None), None)

    outer, trace = text(*_CLASS, *_KEY_CLASS), text(*_TRACE, *_KEY_TRACE)
    cause = text(*_CAUSE) or innermost_cause(trace) or outer
    attempts = _attempts(hops)
    return DeadLetter(
        SPRING.word,
        origin,
        cause,
        outer if outer != cause else None,
        text(*_MESSAGE, *_KEY_MESSAGE),
        trace,
        () if (group := text(*_GROUP)) is None else (group,),
        fields=some_fields(
            timestamp_type=hop.text(*_TIME_TYPE),
            key_exception=text(*_KEY_CLASS),
            delivery_attempt=hop.big_endian(_INT, _DELIVERIES),
            retry_attempts=attempts,
            retries_since=hop.big_integer(_FIRST_TIME),
            not_read="a Java-serialized exception"
            if any(name in one for one in hops for name in _SERIALIZED)
            else None,
        ),
    )


def _attempts(hops: Sequence[LetterHop]) -> int | None:
    """Returns the attempts over retry topics, the last ones: an int, in old releases one unsigned byte."""
    hop = next((one for one in reversed(hops) if _ATTEMPTS in one), None)
    if hop is None:
        return None
    last = hop.values(_ATTEMPTS)[-1:]
    return last[0][0] if last and len(last[0]) == _OLD_BYTE else hop.big_endian(_INT, _ATTEMPTS)


SPRING: Final = LetterDialect(
    "spring",
    "Spring Kafka",
    frozenset(
        (
            *_PLACES, *_TIME, *_TIME_TYPE, *_GROUP, *_CLASS, *_CAUSE, *_MESSAGE, *_TRACE, *_KEY_CLASS, *_KEY_MESSAGE,
            *_KEY_TRACE, _DELIVERIES, _ATTEMPTS, _FIRST_TIME, _BACKOFF, *_SERIALIZED,
        )
    ),
    _origin,
    _letter,
    keeps_time=False,
    marks=frozenset((*_PLACES, *_CLASS, *_KEY_CLASS)),
    # Every retry adds them, the origin is not written again; kafkaview names every group that stood at the record.
    repeated=frozenset((_ATTEMPTS, _FIRST_TIME, _BACKOFF, *_GROUP)),
)  # fmt: skip
