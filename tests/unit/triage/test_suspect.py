from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.cluster.errors import CorruptBatch, Unreachable
from kafkaview.decode.json_text import Json
from kafkaview.decode.topics import TopicDecoders
from kafkaview.terms import PartitionOffsets, Record, TimestampType, TopicPartition
from kafkaview.triage.watch.suspect import REACH, Search, SearchResult, Suspects, explain, gather_memberless
from kafkaview.triage.watch.verdict import Behaviour, Stuck, Verdict
from tests.kit.fake_cluster import FakeCluster
from tests.unit.triage.samples import group_view, verdicts

GOOD, POISON = b'{"a": 1}', b'{"a": '


def _record(offset: int, value: bytes | None) -> Record:
    return Record("orders", 3, offset, 0, TimestampType.CREATE_TIME, None, value)


def _search(values: list[bytes | None], *, committed: int, first: int = 0) -> Search:
    search = Search(Json(), committed)
    search.take_all([_record(first + place, value) for place, value in enumerate(values)])
    return search


@pytest.fixture
def standing() -> Stuck:
    (stuck,) = verdicts([group_view(10, 1_000)] * 12)
    return stuck


def _explained(stuck: Stuck, search: Search | None, how: str = "") -> Stuck | None:
    return explain(stuck, SearchResult(search, how, None, 0.0))


def test_the_poison_at_the_committed_offset_is_the_suspect(standing: Stuck) -> None:
    search = _search([*[GOOD] * 10, POISON, *[GOOD] * 30], committed=10)
    found = _explained(standing, search)
    assert found is not None
    assert found.suspect is not None
    assert (found.verdict, found.suspect.record.offset, found.suspect.records_between) == (Verdict.POISON, 10, 0)
    assert "The record does not decode. Its 30 neighbours do" in [line.text for line in found.evidence]


def test_the_poison_of_a_batch_lies_beyond_the_good_records_of_it(standing: Stuck) -> None:
    found = _explained(standing, _search([*[GOOD] * 47, POISON, GOOD], committed=10))
    assert found is not None
    assert found.suspect is not None
    assert (found.suspect.record.offset, found.suspect.records_between) == (47, 37)
    assert any(line.text.startswith("37 good records lie between") for line in found.evidence)


def test_a_poison_before_the_committed_offset_is_behind_the_group(standing: Stuck) -> None:
    found = _explained(standing, _search([*[GOOD] * 9, POISON, *[GOOD] * 30], committed=10))
    assert found is not None
    assert (found.verdict, found.suspect) == (Verdict.UNDECIDED, None)


def test_a_key_that_is_not_of_the_format_of_the_keys_is_the_suspect(standing: Stuck) -> None:
    search = Search(Json(), 10, keys=Json())
    search.take_all([replace(_record(offset, GOOD), key=POISON if offset == 12 else GOOD) for offset in range(20)])
    found = _explained(standing, search)
    assert found is not None
    assert found.suspect is not None
    assert (found.verdict, found.suspect.record.offset, found.suspect.problem.field) == (Verdict.POISON, 12, "key")
    assert "of the key is not JSON" in found.reason or "the key" in found.reason


def test_a_tombstone_is_healthy(standing: Stuck) -> None:
    found = _explained(standing, _search([None, GOOD], committed=0))
    assert found is not None
    assert found.suspect is None


def test_readable_records_leave_the_verdict_undecided_and_name_the_reach(standing: Stuck) -> None:
    search = _search([GOOD] * (REACH + 500), committed=0)
    assert (search.done, search.good) == (True, REACH)
    found = _explained(standing, search)
    assert found is not None
    assert found.verdict is Verdict.UNDECIDED
    assert found.evidence[-1].text.startswith("The next 1,000 records decode as JSON")


def test_a_partition_with_only_transaction_markers_ahead_is_caught_up(standing: Stuck) -> None:
    assert _explained(standing, _search([], committed=10)) is None


def test_without_a_commit_a_poison_is_shown_and_stays_undecided(standing: Stuck) -> None:
    found = _explained(replace(standing, committed_offset=None), _search([GOOD, POISON], committed=0))
    assert found is not None
    assert found.suspect is not None
    assert found.verdict is Verdict.UNDECIDED


def test_the_record_of_a_group_without_members_is_looked_for_and_else_it_has_no_members(standing: Stuck) -> None:
    alone = replace(standing, behaviour=Behaviour.ABSENT)
    bad = _explained(alone, _search([POISON], committed=0))
    good = _explained(alone, _search([GOOD], committed=0))
    assert bad is not None
    assert good is not None
    assert (bad.verdict, good.verdict) == (Verdict.POISON, Verdict.NO_MEMBERS)


async def test_a_group_without_members_is_called_that_until_its_record_says_more(standing: Stuck) -> None:
    cluster = FakeCluster()
    cluster.add_topic("orders", partitions=5)
    for partition in (3, 4):
        cluster.retain(TopicPartition("orders", partition), 10)
        for value in (GOOD, POISON if partition == 3 else GOOD, GOOD):
            cluster.add_record("orders", value, partition=partition)
    place, other = TopicPartition("orders", 3), TopicPartition("orders", 4)
    alone = [replace(standing, behaviour=Behaviour.ABSENT, topic_partition=one) for one in (place, other)]
    suspects = Suspects(cluster, TopicDecoders())
    assert [one.verdict for one in suspects.explain(alone)] == [Verdict.NO_MEMBERS] * 2
    await suspects.search(alone, lambda: None)
    for wanted in (alone[:1], alone):  # what others speak for at the moment is not read anew
        await suspects.search(wanted, lambda: None)
        assert suspects.is_read(alone)
    assert [one.verdict for one in suspects.explain(alone)] == [Verdict.POISON, Verdict.NO_MEMBERS]


def test_one_partition_speaks_for_a_topic_that_nobody_reads(standing: Stuck) -> None:
    def alone(group: str, topic: str, partition: int, lag: int, count: int = 1) -> Stuck:
        end, place = (standing.committed_offset or 0) + lag, TopicPartition(topic, partition)
        total = None if count == 1 else 100
        nobody = replace(standing, verdict=Verdict.NO_MEMBERS, group=group, topic_partition=place, log_end_offset=end)
        return replace(nobody, partitions=count, topic_lag=total)

    one, two, three = alone("a", "t", 0, 5), alone("a", "t", 1, 7), alone("a", "t", 2, 6, 80)
    other, elsewhere = alone("b", "t", 0, 1), alone("a", "u", 0, 1)
    moved = replace(standing, group="a", topic_partition=TopicPartition("t", 9))
    found = gather_memberless((one, two, three, moved, elsewhere, other))
    said = [(row.group, str(row.topic_partition), row.partitions, row.total_lag) for row in found]
    assert said == [("a", "t:1", 82, 112), ("a", "t:9", 1, moved.lag), ("a", "u:0", 1, 1), ("b", "t:0", 1, 1)]
    assert gather_memberless((one, other)) == (one, other)


@pytest.mark.parametrize(
    ("values", "verdict", "removed"),
    [
        ([GOOD] * 5, Verdict.UNDECIDED, True),
        ([GOOD, POISON], Verdict.UNDECIDED, True),
        ([POISON, GOOD], Verdict.POISON, False),  # a reader that starts at the log's start stands there
    ],
)
def test_an_offset_that_retention_has_passed_is_the_reason(
    standing: Stuck,
    values: list[bytes],
    verdict: Verdict,
    removed: bool,  # noqa: FBT001
) -> None:
    search = Search(Json(), 900)
    search.take_all([_record(900 + place, value) for place, value in enumerate(values)])
    found = _explained(standing, search)
    assert found is not None
    assert found.verdict is verdict
    if removed:
        assert found.reason == "retention has removed the record at the committed offset: the log starts at 900"
        assert (found.suspect, found.lag) == (None, 100)


async def test_a_record_that_retention_takes_while_it_is_looked_for_is_the_reason(standing: Stuck) -> None:
    cluster = FakeCluster()
    cluster.add_topic("orders")
    place = TopicPartition("orders", 0)
    for number in range(40):
        cluster.add_record("orders", POISON if number == 20 else GOOD)
    decoders = TopicDecoders()
    stands = replace(standing, topic_partition=place, committed_offset=20)
    suspects, asked = Suspects(cluster, decoders), cluster.offsets

    async def offsets(partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, PartitionOffsets]:
        answer = await asked(partitions)
        cluster.log(place).truncate_before(30)
        return answer

    await suspects.search([stands], lambda: None)
    assert [one.verdict for one in suspects.explain([stands])] == [Verdict.POISON]
    cluster.offsets = offsets  # type: ignore[method-assign]
    again = Suspects(cluster, decoders)  # the topic's format is known before anything is removed
    await again.search([stands], lambda: None)
    (found,) = again.explain([stands])
    assert found.reason == "retention has removed the record at the committed offset: the log starts at 30"


@pytest.mark.parametrize(("poison_at", "verdict"), [(25, Verdict.CORRUPT_BATCH), (20, Verdict.POISON)])
async def test_a_damaged_batch_is_the_verdict_unless_a_poison_record_stands_before_it(
    standing: Stuck, poison_at: int, verdict: Verdict
) -> None:
    cluster = FakeCluster()
    cluster.add_topic("orders")
    place = TopicPartition("orders", 0)
    for number in range(40):
        cluster.add_record("orders", POISON if number == poison_at else GOOD)
    decoders = TopicDecoders()
    stands = replace(standing, topic_partition=place, committed_offset=20)
    suspects = Suspects(cluster, decoders)
    await suspects.search([replace(stands, committed_offset=10)], lambda: None)  # the topic's format is known then
    cluster.log(place).corrupt.add(22)
    await suspects.search([stands], lambda: None)
    (found,) = suspects.explain([stands])
    assert found.verdict is verdict


def test_behind_a_log_that_retention_has_emptied_only_one_that_crashes_stands(standing: Stuck) -> None:
    search = Search(Json(), 1_000)
    assert _explained(standing, search) is None
    assert _explained(replace(standing, behaviour=Behaviour.CRASH_LOOP), search) is not None


def test_a_checksum_that_fails_is_a_corrupt_batch(standing: Stuck) -> None:
    found = explain(standing, SearchResult(_search([GOOD], committed=0), "", CorruptBatch("CRC"), 0.0))
    assert found is not None
    assert found.verdict is Verdict.CORRUPT_BATCH


def test_a_read_that_fails_leaves_it_undecided_with_the_words(standing: Stuck) -> None:
    found = explain(standing, SearchResult(_search([], committed=0), "", Unreachable("broker 13 is silent"), 0.0))
    assert found is not None
    assert found.evidence[-1].text == "Its records could not be read: broker 13 is silent"


def test_a_topic_without_a_format_is_not_judged(standing: Stuck) -> None:
    found = _explained(standing, None, "no format is inferred")
    assert found is not None
    assert found.evidence[-1].text == "Nothing is judged: no format is inferred"


@given(st.lists(st.sampled_from([GOOD, POISON, None]), max_size=60), st.integers(0, 60))
def test_the_suspect_is_the_first_that_does_not_decode_from_the_committed_offset_on(
    values: list[bytes | None], committed: int
) -> None:
    search = _search(values, committed=committed)
    expected = next((offset for offset, value in enumerate(values) if offset >= committed and value == POISON), None)
    assert (search.suspect.record.offset if search.suspect else None) == expected
    if search.suspect and expected is not None:
        assert search.suspect.records_between == expected - committed
    assert sum(search.neighbours[:1]) <= 40
