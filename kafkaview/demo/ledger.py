"""`ledger`: a healthy application that reads, writes and commits in one transaction."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping

from confluent_kafka import Message, Producer, TopicPartition

from kafkaview.demo.applications import Application, DeserializationError, Place, read

_SECONDS_BETWEEN_TRANSACTIONS = 1.0
_SECONDS_TO_COMMIT = 30.0


class Ledger(Application):
    """Adds up the orders' amounts by currency on `ledger-entries`, together with its offsets, about once a second."""

    def __init__(self, bootstrap: str, group: str) -> None:
        super().__init__(bootstrap, group)
        self._producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": group})
        self._producer.init_transactions(_SECONDS_TO_COMMIT)
        self._amounts: Counter[str] = Counter()

    def handle_all(self, batches: Mapping[Place, list[Message]]) -> None:
        """Runs one transaction for the whole round."""
        if not batches:
            return
        self._amounts.clear()
        super().handle_all(batches)
        self._producer.begin_transaction()
        for currency, amount in self._amounts.items():
            entry = {"currency": currency, "amount": round(amount, 2), "booked_ms": int(time.time() * 1000)}
            self._producer.produce("ledger-entries", json.dumps(entry).encode(), currency.encode())
        read_up_to = [TopicPartition(*place, (batch[-1].offset() or 0) + 1) for place, batch in batches.items()]
        self._producer.send_offsets_to_transaction(read_up_to, self.consumer.consumer_group_metadata())
        self._producer.commit_transaction(_SECONDS_TO_COMMIT)
        time.sleep(_SECONDS_BETWEEN_TRANSACTIONS)

    def handle(self, place: Place, batch: list[Message]) -> None:
        """Adds up the records that can be read."""
        for message in batch:
            try:
                order = read(message)
            except DeserializationError as error:
                self.say("WARN", f"Skipping {place[0]}-{place[1]}@{message.offset()}: {error.__cause__!r}")
            else:
                if order is not None:
                    self._amounts[order["currency"]] += order["amount"]
