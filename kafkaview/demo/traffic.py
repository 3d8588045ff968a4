"""The live traffic of the demo: about 50 orders and 5 payments a second, all of them healthy."""

from __future__ import annotations

import time
from random import Random
from typing import NoReturn

from confluent_kafka import Producer

from kafkaview.demo.history import send
from kafkaview.demo.records import order, payment
from kafkaview.demo.scenario import ORDERS_OF_HISTORY, PAYMENTS_OF_HISTORY, TOPICS

_SECONDS_BETWEEN_BURSTS = 0.1
_ORDERS_PER_BURST = 5
_BURSTS_PER_PAYMENT = 2


class Shop:
    """Produces for ever, with numbers that continue those of history."""

    def __init__(self, bootstrap: str, _name: str) -> None:
        self._producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True})
        self._random = Random()

    def run(self) -> NoReturn:
        """Produces orders and payments for ever."""
        burst = 0
        started = time.monotonic()
        while True:
            self._sell(burst)
            burst += 1
            self._producer.poll(0)
            time.sleep(max(0.0, started + burst * _SECONDS_BETWEEN_BURSTS - time.monotonic()))

    def _sell(self, burst: int) -> None:
        now_ms = int(time.time() * 1000)
        first = ORDERS_OF_HISTORY + burst * _ORDERS_PER_BURST
        for number in range(first, first + _ORDERS_PER_BURST):
            send(self._producer, order(number, self._random, now_ms, TOPICS["orders"]))
        if burst % _BURSTS_PER_PAYMENT == 0:
            number = PAYMENTS_OF_HISTORY + burst // _BURSTS_PER_PAYMENT
            send(self._producer, payment(number, self._random, now_ms, TOPICS["payments"]))
