"""A fake cluster that goes wrong as the demo does."""

from __future__ import annotations

from kafkaview.terms import GroupType, Header, RecordId, TopicPartition
from tests.kit.fake_cluster import FakeCluster, FakeMember, OnPoison

PLACE = TopicPartition("orders", 1)
BEHIND = TopicPartition("orders", 2)
_POISON = (
    b'{"order_id":"o-60","customer":"c-0731","name":"Ren\xe9 Faure","amount":42.90,"items":[{"sku":"A-1204","qty":2}]}'
)


def value(number: int) -> bytes:
    """A sound order."""
    return f'{{"order_id":"o-{number}","customer":"c-{number % 90:04d}","name":"Ada","amount":{number}.50}}'.encode()


class World:
    """The cluster and the record that stops `billing`, `shipping` and `audit`."""

    def __init__(self) -> None:
        self.cluster = FakeCluster()
        self.cluster.add_topic("orders", 3)
        self.cluster.add_topic("payments", 1)
        for partition in range(3):
            for number in range(60):
                self.add(partition, number)
        headers = (Header("trace", b"7f3c9e0a"), Header("source", b"checkout"), Header("source", None))
        self.poison = self.cluster.add_record(
            "orders", _POISON, partition=1, key=b"c-0731", headers=headers, poison=True
        )
        self.later = self.cluster.add_record("orders", b"", partition=2, key=b"c-1", poison=True)
        for partition in range(3):
            for number in range(61, 200):
                self.add(partition, number)
        for number in range(20):
            self.cluster.add_record("payments", value(number))
        self._groups()

    def add(self, partition: int, number: int) -> RecordId:
        """One more sound order."""
        return self.cluster.add_record(
            "orders", value(number), partition=partition, key=f"c-{number % 90:04d}".encode()
        )

    def grow(self) -> None:
        """What happens in a second: orders come in, every consumer polls once."""
        for partition in range(3):
            self.add(partition, 1000)
        self.cluster.tick()

    def _groups(self) -> None:
        kinds = {"billing": OnPoison.CRASH, "shipping": OnPoison.RETRY, "audit": OnPoison.RETRY}
        for group, on_poison in kinds.items():
            kind = GroupType.CONSUMER if group == "audit" else GroupType.CLASSIC
            self.cluster.add_group(group, kind)
            self.cluster.join(group, FakeMember(f"{group}-1", (PLACE,), on_poison, rate=4))
            self.cluster.commit(group, PLACE, self.poison.offset)
        self.cluster.join("analytics", FakeMember("analytics-1", (PLACE, BEHIND), rate=40))
        for place in (PLACE, BEHIND):
            self.cluster.commit("analytics", place, 190)
        self.cluster.add_group("reports")
        for partition in range(3):
            self.cluster.commit("reports", TopicPartition("orders", partition), 5)
