"""A read-only profile writes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from kafkaview.cluster.errors import ReadOnly
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.brokers import BrokersPort
from kafkaview.cluster.ports.cluster import Cluster, TransactionStage
from kafkaview.cluster.ports.group_member import GroupMembership
from kafkaview.cluster.ports.group_offsets import GroupOffsets
from kafkaview.cluster.ports.security import NewScramCredential, NewToken, QuotaEntity, ScramMechanism, SecurityPort
from kafkaview.cluster.ports.topic_changes import TopicChanges
from kafkaview.cluster.ports.transactions import ProducerState, TransactionsPort
from kafkaview.cluster.ports.voters import VotersPort
from kafkaview.cluster.read_only import ReadOnlyCluster
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import Group, GroupState, GroupType, TopicPartition
from tests.kit.fake_cluster import FakeCluster

GROUP = Group("g", GroupType.CLASSIC, GroupState.EMPTY, None, 1, ())


async def fine(_stage: TransactionStage) -> None:
    """Nothing is wrong."""


ONE = TopicPartition("t", 0)
PRODUCER = ProducerState(ONE, 1, 0, None, None, 0)
CREDENTIAL = NewScramCredential("u", ScramMechanism.SCRAM_SHA_256, 4096, "p")
PORTS = {
    "": Cluster,
    "security.": SecurityPort,
    "group_offsets.": GroupOffsets,
    "topic_changes.": TopicChanges,
    "brokers.": BrokersPort,
    "transactions.": TransactionsPort,
    "voters.": VotersPort,
}


async def joined(cluster: Cluster) -> object:
    """A member, which is made without a request."""
    return cluster.join_group(GroupMembership("g", ("t",)))


WRITES: dict[str, Callable[[Cluster], Awaitable[object]]] = {
    "create_topic": lambda cluster: cluster.create_topic("t", 1),
    "delete_topic": lambda cluster: cluster.delete_topic("t"),
    "transact": lambda cluster: cluster.transact("x", [], [], fine),
    "transactor": lambda cluster: cluster.transactor("x").__aenter__(),
    "produce": lambda cluster: cluster.produce([]),
    "join_group": joined,
    "remove_members": lambda cluster: cluster.remove_members(GROUP, "test"),
    "security.create_acls": lambda cluster: cluster.security.create_acls([]),
    "security.delete_acls": lambda cluster: cluster.security.delete_acls([]),
    "security.set_scram": lambda cluster: cluster.security.set_scram(CREDENTIAL),
    "security.delete_scram": lambda cluster: cluster.security.delete_scram("u", ScramMechanism.SCRAM_SHA_256),
    "security.set_quota": lambda cluster: cluster.security.set_quota(QuotaEntity((("user", "u"),)), {}),
    "security.create_token": lambda cluster: cluster.security.create_token(NewToken()),
    "security.renew_token": lambda cluster: cluster.security.renew_token("t"),
    "security.expire_token": lambda cluster: cluster.security.expire_token("t"),
    "group_offsets.commit": lambda cluster: cluster.group_offsets.commit("g", {}),
    "group_offsets.delete": lambda cluster: cluster.group_offsets.delete("g", [ONE]),
    "group_offsets.delete_group": lambda cluster: cluster.group_offsets.delete_group("g"),
    "topic_changes.add_partitions": lambda cluster: cluster.topic_changes.add_partitions("t", 2),
    "topic_changes.delete_records": lambda cluster: cluster.topic_changes.delete_records({ONE: 1}),
    "topic_changes.change_settings": lambda cluster: cluster.topic_changes.change_settings("t", {}),
    "brokers.elect_preferred": lambda cluster: cluster.brokers.elect_preferred([ONE]),
    "brokers.cancel_reassignments": lambda cluster: cluster.brokers.cancel_reassignments([ONE]),
    "transactions.abort": lambda cluster: cluster.transactions.abort(PRODUCER),
    "voters.add_voter": lambda cluster: cluster.voters.add_voter(4, "id", []),
    "voters.remove_voter": lambda cluster: cluster.voters.remove_voter(4, "id"),
}
LOOKS = {
    "describe", "coordination", "topics", "topic", "topic_settings", "topic_sizes", "offsets", "offsets_at", "groups",
    "omissions", "partition_table", "log_bounds", "commits", "requests", "renew",
    "describe_groups", "membership_changes", "committed_offsets", "read", "follow", "header_names",
    "read_at", "next_batch",
    "batch_heads", "is_batch_sound", "reader_settings",
    "zookeeper_node", "draft_topic",
    "security.acls", "security.super_users", "security.allow_everyone_if_no_acl", "security.scram_users",
    "security.quotas", "security.tokens", "security.certificates",
    "security.validate_quota", "security.missing_rights",
    "topic_changes.draft_partitions", "topic_changes.draft_settings", "topic_changes.missing_rights",
    "brokers.describe", "brokers.is_down",
    "brokers.log_directories", "brokers.broker_settings", "brokers.topic_settings",
    "brokers.setting_of_topics",    "brokers.reassignments",
    "transactions.transactions", "transactions.producers", "transactions.describe",
    "transactions.refusals",
    "voters.controller_addresses",
}  # fmt: skip


class Untouched:
    """A cluster, and each of its ports, of which nothing may be asked."""

    def __getattr__(self, name: str) -> Untouched:
        assert f"{name}." in PORTS, f"{name} was asked for"
        return self


def test_every_call_of_every_port_is_known_to_look_or_to_write() -> None:
    calls = {f"{way}{name}" for way, port in PORTS.items() for name in vars(port) if not name.startswith("_")}
    known = LOOKS | set(WRITES) | {"close"} | {way.rstrip(".") for way in PORTS if way}
    assert calls == known, "a new call: put it here, and refuse it in the guard if it writes"


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
async def test_every_write_is_refused_before_a_request_is_sent(write: Callable[[Cluster], Awaitable[object]]) -> None:
    with pytest.raises(ReadOnly):
        await write(ReadOnlyCluster(cast("Cluster", Untouched())))


async def test_looking_is_not_refused() -> None:
    fake = FakeCluster()
    fake.add_topic("t")
    fake.add_record("t", b"v")
    cluster: Cluster = ReadOnlyCluster(fake)
    partition = TopicPartition("t", 0)
    assert [topic.name for topic in await cluster.topics()] == ["t"]
    assert [r.value async for batch in cluster.read({partition: 0}) for r in batch.records] == [b"v"]
    assert (await cluster.offsets([partition]))[partition].log_end_offset == 1


async def test_a_read_only_profile_opens_behind_the_guard() -> None:
    cluster = open_cluster(ConnectionProfile("prod", "127.0.0.1:1", read_only=True))
    for write in WRITES.values():
        with pytest.raises(ReadOnly):
            await write(cluster)
    await cluster.close()
