"""The records of one poll of a group's member."""

from __future__ import annotations

from kafkaview.cluster.kafka.records import record_in
from kafkaview.cluster.kafka.span_reader import Slice
from kafkaview.terms import Record


class PolledSlice(Slice):
    """Records as columns, each of which can be had as a record."""

    def __len__(self) -> int:
        """Returns how many they are."""
        return len(self.messages)

    def record(self, index: int) -> Record:
        """Returns one of them with all that it has."""
        return record_in(self, index)
