"""Topics whose records name schemas of a registry: inferred, judged and scanned."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.cluster.errors import DecoderUnavailable
from kafkaview.decode.registry import parse_rule
from kafkaview.decode.schemas import Schemas
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import Header, TopicPartition
from kafkaview.triage.neighbours import read_around
from kafkaview.triage.scan.findings import Finding
from kafkaview.triage.scan.scan import scan
from kafkaview.triage.watch.suspect import Suspects
from kafkaview.triage.watch.verdict import Stuck, Verdict
from tests.kit.fake_cluster import FakeCluster
from tests.unit.decode.registered import ORDER, MemoryRegistry, avro, framed, order_schema
from tests.unit.decode.test_avro import VALUE
from tests.unit.triage.samples import group_view, verdicts

GOOD = framed(7, avro(ORDER, VALUE))
UNKNOWN = framed(99, avro(ORDER, VALUE))
ORDERS = TopicPartition("orders", 0)


@pytest.fixture
def cluster() -> FakeCluster:
    """orders: 40 records; 20 has an unknown schema, 22 is cut short, 24 has a poison key."""
    cluster = FakeCluster()
    cluster.add_topic("orders")
    odd = {20: UNKNOWN, 22: GOOD[:-3]}
    for number in range(40):
        cluster.add_record("orders", odd.get(number, GOOD), key=GOOD[:-1] if number == 24 else GOOD)
    return cluster


@pytest.fixture
def registry() -> MemoryRegistry:
    return MemoryRegistry({7: order_schema()})


@pytest.fixture
async def session(cluster: FakeCluster, registry: MemoryRegistry, tmp_path: Path) -> AsyncIterator[Session]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(Schemas(registry)), journal)
    await journal.close()


@pytest.fixture
def standing() -> Stuck:
    (stuck,) = verdicts([group_view(10, 1_000)] * 12)
    return replace(stuck, topic_partition=ORDERS, committed_offset=18)


async def judge(session: Session, stuck: Stuck) -> Stuck:
    suspects = Suspects(session.cluster, session.decoders)
    await suspects.search([stuck], lambda: None)
    (found,) = suspects.explain([stuck])
    return found


async def test_keys_and_values_are_inferred_to_name_their_schemas(session: Session) -> None:
    topic = await session.decoders.of(session.cluster, "orders")
    assert topic.decoder is not None
    assert topic.keys is not None
    assert (topic.decoder.name, topic.keys.name) == ("registry", "registry")
    assert topic.how == "38 of 40 sampled records are a registered schema"


async def test_values_whose_schema_is_in_a_header_are_inferred_too(session: Session, cluster: FakeCluster) -> None:
    cluster.add_topic("headers")
    for _ in range(10):
        cluster.add_record("headers", GOOD[5:], headers=(Header("__value_schema_id", GOOD[:5]),))
    topic = await session.decoders.of(cluster, "headers")
    assert topic.decoder is not None
    assert topic.decoder.name == "registry"


@pytest.mark.parametrize(
    ("committed", "offset", "reason"),
    [
        (18, 20, "bytes 1 to 4 of the value: the registry has no schema id 99"),
        (21, 22, "the bytes end inside"),
        (23, 24, "of the key: the bytes end inside"),
    ],
)
async def test_a_record_that_its_schema_does_not_describe_is_poison(
    session: Session, standing: Stuck, committed: int, offset: int, reason: str
) -> None:
    found = await judge(session, replace(standing, committed_offset=committed))
    assert (found.verdict, reason in found.reason) == (Verdict.POISON, True)
    assert found.suspect is not None
    assert (found.suspect.record.offset, found.suspect.problem.position is not None) == (offset, True)


async def test_a_registry_that_is_down_from_the_start_leaves_nothing_judged(
    session: Session, registry: MemoryRegistry, standing: Stuck
) -> None:
    registry.is_down = True
    found = await judge(session, standing)
    assert found.verdict is not Verdict.POISON
    assert "they name schemas of a registry, and its schema is not known: http://registry gives no answer" in (
        found.evidence[-1].text
    )


async def test_a_registry_that_goes_down_leaves_new_schemas_unjudged(
    session: Session, registry: MemoryRegistry, standing: Stuck, cluster: FakeCluster
) -> None:
    await session.decoders.of(cluster, "orders")
    registry.is_down = True
    cluster.add_record("orders", framed(8, GOOD[5:]))
    found = await judge(session, replace(standing, committed_offset=40))
    assert found.verdict is not Verdict.POISON
    assert found.evidence[-1].text.startswith("Its records could not be read: its schema is not known: http://registry")


async def test_the_record_block_has_the_reading_and_the_reports(session: Session) -> None:
    around = await read_around(session, ORDERS, 20)
    assert around.readings[19].text is not None
    assert '"status": "PAID"' in around.readings[19].text
    assert around.problems.keys() == {20, 22, 24}
    assert around.readings[20].tried[0].text == "bytes 1 to 4 of the value: the registry has no schema id 99"


async def scanned(session: Session, **rules: str) -> list[tuple[int, str]]:
    found: list[Finding] = []
    decoders = {name: [parse_rule(rule)] for name, rule in rules.items()}
    async with aclosing(scan(session, ["orders"], **decoders)) as steps:  # type: ignore[arg-type]
        async for step in steps:
            found += step.findings
    return [(one.record.offset, one.field) for one in found]


async def test_a_scan_holds_keys_and_values_to_their_schemas(session: Session, registry: MemoryRegistry) -> None:
    assert await scanned(session) == [(20, "value"), (22, "value")]
    assert await scanned(session, value_rules="registry", key_rules="registry") == [
        (20, "value"), (22, "value"), (24, "key")
    ]  # fmt: skip
    assert sorted(one.id or 0 for one in registry.asked) == [7, 99]


async def test_a_scan_that_cannot_judge_ends_with_the_reason(session: Session, registry: MemoryRegistry) -> None:
    registry.is_down = True
    with pytest.raises(DecoderUnavailable, match="its schema is not known: http://registry gives no answer"):
        await scanned(session, value_rules="registry")


async def test_a_scan_by_a_registry_needs_one(session: Session) -> None:
    without = replace(session, decoders=TopicDecoders())
    with pytest.raises(ValueError, match="the rule registry needs a connection that names one"):
        await scanned(without, key_rules="registry")
