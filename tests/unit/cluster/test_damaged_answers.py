"""Damaged answers through every reader of answers: none raises what is no failure of ours, and a damaged row takes no
other row along. `make soak` sends 100,000.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson
import pytest
from kafka.record import MemoryRecordsBuilder  # type: ignore[import-untyped]

from kafkaview.cluster.errors import ClusterError, UnreadableAnswer
from kafkaview.cluster.kafka import (
    acls,
    broker_requests,
    configurations,
    controllers,
    coordinators,
    delegation_tokens,
    group_offsets,
    leadership,
    log_directories,
    quorum_answer,
    quotas,
    scram,
    topics,
    transaction_listing,
    transaction_refusals,
)
from kafkaview.cluster.kafka import coordination as coordination_requests
from kafkaview.cluster.kafka.brokers import KafkaBrokers
from kafkaview.cluster.kafka.coordination_mode import mode_of, sides_of
from kafkaview.cluster.kafka.coordinators import Coordinators
from kafkaview.cluster.kafka.features import features_of
from kafkaview.cluster.kafka.groups import describe_groups
from kafkaview.cluster.kafka.header_names import header_names
from kafkaview.cluster.kafka.metadata_progress import MetadataProgress
from kafkaview.cluster.kafka.omissions import Omissions
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.kafka.sample_requests import ColumnRequests
from kafkaview.cluster.kafka.topic_changes import KafkaTopicChanges
from kafkaview.cluster.kafka.transactions import KafkaTransactions
from kafkaview.cluster.kafka.voters import KafkaVoters
from kafkaview.cluster.ports.security import (
    Acl,
    NewScramCredential,
    NewToken,
    Operation,
    PatternType,
    Permission,
    QuotaEntity,
    ResourceType,
    ScramMechanism,
)
from kafkaview.cluster.ports.transactions import ProducerState
from kafkaview.fields import RowField
from kafkaview.security import listed_columns as security_fields
from kafkaview.terms import (
    CommittedOffset,
    Group,
    GroupListing,
    GroupState,
    GroupType,
    Member,
    RecordId,
    TopicPartition,
)
from tests.kit.damaged_answers import ASSIGNMENT, BROKERS, ROWS, DamagingWire, Sample, damage_bytes, damage_field

FEW: Final = 10  # of each reader
MANY: Final = 100_000  # of all
GROUPS: Final = [f"group_id{number}" for number in range(ROWS)]
TOPICS: Final = [f"name{number}" for number in range(ROWS)]
PARTITIONS: Final = [TopicPartition(topic, number) for topic in TOPICS for number in range(ROWS)]
PLACE: Final = PARTITIONS[0]
ACL: Final = Acl(ResourceType.TOPIC, "t", PatternType.LITERAL, "User:a", "*", Operation.READ, Permission.ALLOW)
CREDENTIAL: Final = NewScramCredential("u", ScramMechanism.SCRAM_SHA_256, 1, "p")
VERSIONS: Final = 12  # choices of the versions of all requests


def batch() -> bytes:
    """Two records, the first one with two headers."""
    builder = MemoryRecordsBuilder(magic=2, compression_type=0, batch_size=1_000)
    builder.append(timestamp=1, key=b"k", value=b"v", headers=[("a", b"1"), ("b", None)])
    builder.append(timestamp=1, key=b"k", value=b"v", headers=[("c", b"1")])
    builder.close()
    return bytes(builder.buffer())


VALUES: Final[Mapping[str, Callable[[int], Any]]] = {
    "key": lambda row: GROUPS[row],
    "protocol_type": lambda _row: "consumer",
    "group_state": lambda _row: "Stable",
    "member_assignment": lambda _row: ASSIGNMENT,
    "leader_id": lambda _row: 1,
    "node_id": lambda _row: 1,
    "controller_id": lambda _row: 1,
    "is_future_key": lambda _row: False,
    "is_internal": lambda _row: False,
    "topic_id": lambda _row: None,
    "timestamp": lambda _row: -1,
    "offset": lambda row: 10 + row,
    "value": float,
    "records": lambda _row: batch(),
}

Rows = Mapping[Any, object]  # by what names each
Ask = Callable[[DamagingWire], Awaitable[Rows]]


@dataclass(frozen=True)
class Reading:
    """What is asked, whose answer is damaged, and where the rows of that answer are."""

    of: str
    ask: Ask
    rows: tuple[str | int, ...] = ()


def as_wire(wire: DamagingWire) -> BrokerRequests:
    return cast("BrokerRequests", wire)


def as_columns(wire: DamagingWire) -> ColumnRequests:
    return ColumnRequests(as_wire(wire), Coordinators(as_wire(wire)))


def by_place(rows: Any) -> Rows:
    """Rows that are named by all that they say."""
    return {repr(row): row for row in rows}


def printed(rows: Any, fields: tuple[RowField[Any], ...]) -> Rows:
    """Rows as a document and as a table print them."""
    for row in rows:
        orjson.dumps([field.document(field.value(row)) for field in fields])
        assert all(isinstance(field.reads(field.cell(row)), str) for field in fields)
    return by_place(rows)


def listing(read: Callable[[BrokerRequests], Awaitable[Any]], fields: tuple[RowField[Any], ...] = ()) -> Ask:
    async def ask(wire: DamagingWire) -> Rows:
        return printed(await read(as_wire(wire)), fields)

    return ask


def mapping(read: Callable[[BrokerRequests], Awaitable[Mapping[Any, Any]]]) -> Ask:
    async def ask(wire: DamagingWire) -> Rows:
        return await read(as_wire(wire))

    return ask


def write(change: Callable[[BrokerRequests], Awaitable[object]]) -> Ask:
    """What answers a write has nothing to be kept."""

    async def ask(wire: DamagingWire) -> Rows:
        await change(as_wire(wire))
        return {}

    return ask


async def read_topics(wire: DamagingWire) -> Rows:
    return {topic.name: topic for topic in await topics.all_topics(as_columns(wire))}


async def read_bounds(wire: DamagingWire) -> Rows:
    columns = as_columns(wire)
    table = await columns.table()
    known = await columns.bounds(table)
    return {table.partition(place): known.at(place) for place in range(len(table))}


async def read_commits(wire: DamagingWire) -> Rows:
    columns = as_columns(wire)
    table = await columns.table()
    return {
        group: commits if isinstance(commits, ClusterError) else [commits.at(at) for at in range(len(commits.places))]
        for group, commits in (await columns.commits(GROUPS, table)).items()
    }


def read_groups(kind: GroupType) -> Ask:
    async def ask(wire: DamagingWire) -> Rows:
        listings = [GroupListing(group, kind, GroupState.STABLE) for group in GROUPS]
        return await describe_groups(Coordinators(as_wire(wire)), listings, await as_columns(wire).table())

    return ask


async def list_groups(wire: DamagingWire) -> Rows:
    table = await as_columns(wire).table()
    return by_place((await broker_requests.list_groups(as_wire(wire), table)).listings)


async def read_transactions(wire: DamagingWire) -> Rows:
    return by_place((await transaction_listing.open_transactions(as_columns(wire), as_wire(wire))).open)


async def read_transaction(wire: DamagingWire) -> Rows:
    found = await transaction_listing.describe_transaction(as_columns(wire), as_wire(wire), "transactional_id0")
    return by_place([found])


async def read_producers(wire: DamagingWire) -> Rows:
    return await KafkaTransactions(as_columns(wire), as_wire(wire)).producers(PARTITIONS)


async def abort(wire: DamagingWire) -> Rows:
    await KafkaTransactions(as_columns(wire), as_wire(wire)).abort(ProducerState(PLACE, 1, 1, None, None, None))
    return {}


async def read_features(wire: DamagingWire) -> Rows:
    answers = await coordination_requests._versions(as_wire(wire))
    orjson.dumps([str(mode_of(answers)), str(sides_of(answers))])
    return by_place(features_of(answers))


async def read_refusals(wire: DamagingWire) -> Rows:
    found = await transaction_refusals.refusals(as_columns(wire), as_wire(wire), "kafkaview-t", TOPICS, GROUPS)
    return by_place(map(str, found))


async def read_header_names(wire: DamagingWire) -> Rows:
    record = RecordId(TOPICS[0], 0, 1)
    return by_place((await header_names(as_wire(wire), [record]))[record] or ())


async def read_omissions(wire: DamagingWire) -> Rows:
    return by_place(await Omissions(as_wire(wire)).find())


async def read_release(wire: DamagingWire) -> Rows:
    orjson.dumps(await broker_requests.release_and_mode(as_wire(wire)))
    await MetadataProgress(as_wire(wire)).goes_on(BROKERS)
    return {}


async def read_quorum(wire: DamagingWire) -> Rows:
    answer = await wire.send_aside(quorum_answer.quorum_request(), 1, "reading the quorum", 1.0)
    quorum = quorum_answer.quorum_of(answer, settled=True)
    orjson.dumps([str(quorum.health), quorum.majority])
    return {one.id: one.directory_id for one in quorum.observers}  # voters are held against the leader


def remove_members(wire: BrokerRequests) -> Awaitable[object]:
    member = Member("m", "c", "h", None, ())
    return broker_requests.remove(
        wire, Group("g", GroupType.CLASSIC, GroupState.STABLE, None, 1, (member,)), [member], ""
    )


def offsets_of(wire: BrokerRequests) -> group_offsets.KafkaGroupOffsets:
    return group_offsets.KafkaGroupOffsets(Coordinators(wire))


def changes_of(wire: BrokerRequests) -> KafkaTopicChanges:
    return KafkaTopicChanges(wire, ColumnRequests(wire, Coordinators(wire)))


async def delete_records(wire: DamagingWire) -> Rows:
    await changes_of(as_wire(wire)).delete_records(dict.fromkeys(PARTITIONS, 1))
    return {}


READINGS: Final = {
    "topics": Reading("Metadata", read_topics, ("topics",)),
    "one topic": Reading("Metadata", mapping(lambda wire: topics.describe_topics(wire, TOPICS)), ("topics",)),
    "log bounds": Reading("ListOffsets", read_bounds, ("topics",)),
    "commits": Reading("OffsetFetch", read_commits, ("groups",)),
    "classic groups": Reading("DescribeGroups", read_groups(GroupType.CLASSIC), ("groups",)),
    "consumer groups": Reading("ConsumerGroupDescribe", read_groups(GroupType.CONSUMER), ("groups",)),
    "streams groups": Reading("StreamsGroupDescribe", read_groups(GroupType.STREAMS), ("groups",)),
    "share groups": Reading("Metadata", read_groups(GroupType.SHARE)),
    "coordinators": Reading("FindCoordinator", read_groups(GroupType.CLASSIC), ("coordinators",)),
    "groups": Reading("ListGroups", list_groups, ("groups",)),
    "log directories": Reading("DescribeLogDirs", mapping(log_directories.log_directories)),
    "transactions listed": Reading("ListTransactions", read_transactions),
    "transactions": Reading("DescribeTransactions", read_transactions, ("transaction_states",)),
    "transaction": Reading("DescribeTransactions", read_transaction),
    "producers": Reading("DescribeProducers", read_producers, ("topics",)),
    "SCRAM users": Reading(
        "DescribeUserScramCredentials", listing(scram.list_credentials, security_fields.USER_FIELDS), ("results",)
    ),
    "ACLs": Reading("DescribeAcls", listing(acls.list_acls, security_fields.ACL_FIELDS), ("resources",)),
    "quotas": Reading("DescribeClientQuotas", listing(quotas.list_quotas, security_fields.QUOTA_FIELDS), ("entries",)),
    "tokens": Reading(
        "DescribeDelegationToken",
        listing(delegation_tokens.list_tokens, security_fields.token_fields(lambda: 0)),
        ("tokens",),
    ),
    "settings": Reading(
        "DescribeConfigs", listing(lambda wire: configurations.of_broker(wire, 1)), ("results", 0, "configs")
    ),
    "refusals of a transaction": Reading("AddPartitionsToTxn", read_refusals),
    "refusals for groups": Reading("AddOffsetsToTxn", read_refusals),
    "names of headers": Reading("Fetch", read_header_names),
    "omissions of groups": Reading("DescribeGroups", read_omissions),
    "omissions of topics": Reading("Metadata", read_omissions),
    "features": Reading("ApiVersions", read_features),
    "release": Reading("ApiVersions", read_release),
    "quorum": Reading("DescribeQuorum", read_quorum, ("topics", 0, "partitions", 0, "observers")),
    "brokers": Reading("DescribeCluster", listing(lambda wire: KafkaBrokers(wire).describe()), ("brokers",)),
    "controllers": Reading(
        "DescribeCluster", listing(lambda wire: controllers.list_controllers(wire, ["c:1"])), ("brokers",)
    ),
    "reassignments": Reading("ListPartitionReassignments", listing(leadership.reassignments), ("topics",)),
    "election": Reading(
        "ElectLeaders",
        mapping(lambda wire: leadership.elect_preferred(wire, [TopicPartition(f"topic{n}", 0) for n in range(ROWS)])),
    ),
    "reassignments taken back": Reading(
        "AlterPartitionReassignments", write(lambda wire: leadership.cancel_reassignments(wire, [PLACE]))
    ),
    "ACLs created": Reading("CreateAcls", write(lambda wire: acls.create(wire, [ACL]))),
    "ACLs deleted": Reading("DeleteAcls", write(lambda wire: acls.delete(wire, [ACL]))),
    "password": Reading("AlterUserScramCredentials", write(lambda wire: scram.upsert(wire, CREDENTIAL))),
    "quota": Reading("AlterClientQuotas", write(lambda wire: quotas.alter(wire, QuotaEntity(()), {"a": 1.0}))),
    "token created": Reading("CreateDelegationToken", write(lambda wire: delegation_tokens.create(wire, NewToken()))),
    "token renewed": Reading(
        "DescribeDelegationToken", write(lambda wire: delegation_tokens.renew(wire, "token_id1", None))
    ),
    "token expired": Reading("ExpireDelegationToken", write(lambda wire: delegation_tokens.expire(wire, "token_id1"))),
    "topic created": Reading("CreateTopics", write(lambda wire: topics.create(wire, TOPICS[0], 1, None, None))),
    "partitions added": Reading("CreatePartitions", write(lambda wire: changes_of(wire).add_partitions(TOPICS[0], 3))),
    "settings changed": Reading(
        "IncrementalAlterConfigs", write(lambda wire: changes_of(wire).change_settings(TOPICS[0], {"a": "1"}))
    ),
    "records deleted": Reading("DeleteRecords", delete_records),
    "rights on a topic": Reading(
        "Metadata", write(lambda wire: changes_of(wire).missing_rights(TOPICS[0], Operation.ALTER))
    ),
    "one setting of topics": Reading(
        "DescribeConfigs", mapping(lambda wire: configurations.of_topics(wire, "a", TOPICS))
    ),
    "members removed": Reading("LeaveGroup", write(remove_members)),
    "offsets committed": Reading(
        "OffsetCommit", write(lambda wire: offsets_of(wire).commit(GROUPS[0], {PLACE: CommittedOffset(1)}))
    ),
    "offsets deleted": Reading("OffsetDelete", write(lambda wire: offsets_of(wire).delete(GROUPS[0], [PLACE]))),
    "group deleted": Reading("DeleteGroups", write(lambda wire: offsets_of(wire).delete_group(GROUPS[0]))),
    "transaction aborted": Reading("WriteTxnMarkers", abort),
    "voter removed": Reading(
        "RemoveRaftVoter", write(lambda wire: KafkaVoters(wire).remove_voter(1, "AAAAAAAAAAAAAAAAAAAAAA"))
    ),
}


@pytest.fixture(autouse=True)
def _without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordinators, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(coordinators, "RETRY_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(topics, "UNTIL_KNOWN_SECONDS", 0.0)


def rows_in(answer: Any, path: tuple[str | int, ...]) -> list[Any]:
    """The rows at a path; without one, the answer as every row."""
    for step in path:
        answer = answer[step] if isinstance(step, int) else getattr(answer, step)
    return cast("list[Any]", answer) if path else [answer] * ROWS


async def outcome(reading: Reading, wire: DamagingWire) -> Rows | None:
    """What is read; None where it is a failure of ours."""
    try:
        return await reading.ask(wire)
    except ClusterError:
        return None


class Damager:
    """Damages the answers to one reading."""

    def __init__(self, reading: Reading, chance: random.Random) -> None:
        self._reading = reading
        self._chance = chance
        self._sample = Sample(VALUES)
        self._kept: dict[tuple[int, int], Rows] = {}

    def wire(self, versions: int) -> DamagingWire:
        """Brokers to ask."""
        wire = DamagingWire(self._sample, versions)
        wire.of = self._reading.of
        return wire

    async def damage_octets(self) -> None:
        """Damages the bytes of an answer."""
        wire = self.wire(self._chance.randrange(VERSIONS))
        wire.octets = lambda body: damage_bytes(self._chance, body)
        await outcome(self._reading, wire)

    async def damage_row(self) -> None:
        """Damages one row: what stands in the others is read all the same."""
        at, versions, seed = self._chance.randrange(ROWS), self._chance.randrange(VERSIONS), self._chance.random()
        found = await self._read(versions, lambda rows: damage_field(random.Random(seed), rows[at]))
        if self._reading.rows:
            kept = await self._rows_beside(at, versions)
            assert found is not None
            assert [name for name, row in kept.items() if repr(found.get(name)) != repr(row)] == []

    async def _rows_beside(self, at: int, versions: int) -> Rows:
        if (at, versions) not in self._kept:
            sound, others = await self._read(versions, len), await self._read(versions, lambda rows: rows.pop(at))
            assert sound is not None
            assert others is not None
            kept = {name: row for name, row in others.items() if repr(row) == repr(sound.get(name))}
            assert any(not isinstance(row, ClusterError) for row in kept.values())
            self._kept[at, versions] = kept
        return self._kept[at, versions]

    async def _read(self, versions: int, change: Callable[[list[Any]], object]) -> Rows | None:
        wire = self.wire(versions)
        wire.fields = lambda answer: change(rows_in(answer, self._reading.rows))
        return await outcome(self._reading, wire)


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY // len(READINGS) + 1, marks=pytest.mark.soak)])
@pytest.mark.parametrize("name", READINGS)
async def test_a_damaged_answer_is_a_failure_of_ours_or_loses_its_damaged_row(name: str, count: int) -> None:
    damager = Damager(READINGS[name], random.Random(f"{name} {count}"))
    assert await READINGS[name].ask(damager.wire(0)) is not None
    for _ in range((count + 1) // 2):
        await damager.damage_octets()
        await damager.damage_row()


@pytest.mark.parametrize("name", ["ACLs", "quotas", "SCRAM users", "tokens", "reassignments", "brokers"])
async def test_a_list_that_is_missing_is_not_an_empty_one(name: str) -> None:
    reading = READINGS[name]
    wire = Damager(reading, random.Random()).wire(0)
    wire.fields = lambda answer: setattr(answer, str(reading.rows[0]), None)
    with pytest.raises(UnreadableAnswer):
        await reading.ask(wire)
