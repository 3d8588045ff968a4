"""The errors that librdkafka reports through its callback: the reason behind a call that only times out."""

from __future__ import annotations

import logging
import time
from typing import Final

from confluent_kafka import KafkaError

from kafkaview.cluster.kafka.error_codes import ALL_BROKERS_DOWN, LOGIN_REFUSED

# Without a handler of its own, Python prints a library's warnings to stderr.
LOG: Final = logging.getLogger("kafkaview.librdkafka")
LOG.addHandler(logging.NullHandler())
logging.getLogger("kafka").addHandler(logging.NullHandler())
logging.getLogger("kafka").setLevel(logging.INFO)  # below that it logs passwords: its settings, and what it sends
for _noisy_logger in (
    "kafka.net.connection",
    "kafka.net.transport",
):  # of a broker that is away, several lines a second
    logging.getLogger(_noisy_logger).setLevel(logging.CRITICAL)
logging.getLogger("kafka.protocol.parser").setLevel(logging.CRITICAL)  # it logs an answer that it cannot decode: tokens


class Complaints:
    """The last error that a client reported through its callback.

    A refused login is kept until a call succeeds, because later errors only say that no broker is left.
    """

    def __init__(self) -> None:
        self.count = 0
        self._last: KafkaError | None = None
        self._at = 0.0

    def hear(self, error: KafkaError) -> None:
        """Keeps an error; the `error_cb` of a client."""
        self.count += 1
        self._at = time.monotonic()
        known_reason_is_better = self._last is not None and (
            self._last.code() in LOGIN_REFUSED or error.code() == ALL_BROKERS_DOWN
        )
        if not known_reason_is_better:
            self._last = error

    def since(self, moment: float) -> KafkaError | None:
        """Returns the reason reported after a moment (monotonic seconds)."""
        return self._last if self._at >= moment else None

    def forget(self) -> None:
        """Drops the reason after a call that succeeded."""
        self._last = None
