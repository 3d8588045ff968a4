"""A re-route of many records: what the plan says, what each transaction holds, and what goes on after a cut."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from kafkaview.cluster.errors import (
    ClientStuck,
    ClusterError,
    FencedTransaction,
    NotAuthorized,
    OutcomeUnknown,
    PlanNoLongerHolds,
    RecordTooLarge,
    RefusedByPolicy,
    RefusedHere,
    UnknownTopicOrPartition,
    Unreachable,
)
from kafkaview.cluster.ports.cluster import Copy, GroupMove, TransactionStage
from kafkaview.fields import json_text
from kafkaview.journal.entry import EntryState
from kafkaview.session import Session
from kafkaview.terms import Header, Record, RecordId, TimestampType, TopicPartition
from kafkaview.triage.incidents.incident import IncidentSource, IncidentState, Sighting
from kafkaview.triage.incidents.keeper import note_outcome
from kafkaview.triage.incidents.store import IncidentStore
from kafkaview.triage.provenance_headers import ROUTED_HEADER, Dialect, Provenance, provenance_headers, source_of
from kafkaview.triage.reroute import queue as queues
from kafkaview.triage.reroute.bulk import copy_maker, survey
from kafkaview.triage.reroute.bulk.planner import plan_bulk_reroute
from kafkaview.triage.reroute.bulk.request import BulkRequest, reasons_of
from kafkaview.triage.reroute.bulk.scan_lines import read_scan_lines
from kafkaview.triage.reroute.outcome import BulkOutcome
from kafkaview.writes import follow_up, settling
from kafkaview.writes.carrying_out import carry_out, find_outcome
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.plan import ChangePlan
from kafkaview.writes.records import batch_room
from tests.kit.fake_cluster import FakeCluster
from tests.kit.patience import patience
from tests.kit.payloads import payloads_of
from tests.unit.triage.rerouting import BAD, GOOD, P0, P1, session_on

BAD_AT = (3, 4, 5, 9, 20, 21, 40)
Step = Callable[[], Awaitable[None]]


@pytest.fixture
def cluster() -> FakeCluster:
    """orders: two partitions of 50 records, poison at the same offsets of both."""
    cluster = FakeCluster()
    cluster.add_topic("orders", partitions=2)
    for partition in range(2):
        for number in range(50):
            bad = number in BAD_AT
            cluster.add_record("orders", BAD if bad else GOOD, partition=partition, key=b"%d" % number, poison=bad)
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncIterator[Session]:
    async with session_on(cluster, tmp_path / "journal.sqlite3") as session:
        yield session


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions of four records, and groups that are not watched for long."""
    monkeypatch.setattr(batch_room, "BATCH_RECORDS", 4)
    monkeypatch.setattr(follow_up, "HOLD_SECONDS", 0.0)
    monkeypatch.setattr(follow_up, "WATCH_SECONDS", 0.2)


def wanted(*groups: str, offsets: Sequence[int] = BAD_AT, partitions: int = 2, **more: Any) -> BulkRequest:
    records = [RecordId("orders", partition, offset) for partition in range(partitions) for offset in offsets]
    return BulkRequest("orders", reasons_of(records), groups or None, **more)


def sources(cluster: FakeCluster, queue: str = "orders-dlq") -> Counter[RecordId]:
    """What the queue holds committed copies of."""
    found: Counter[RecordId] = Counter()
    for partition in range(len(cluster.logged[queue].logs)) if queue in cluster.logged else ():
        log = cluster.log(TopicPartition(queue, partition))
        for record in log.entries:
            if record is not None and record.offset not in log.aborted:
                source = source_of(record.headers or ())
                assert source is not None
                found[source] += 1
    return found


def all_once() -> Counter[RecordId]:
    return Counter({RecordId("orders", partition, offset): 1 for partition in range(2) for offset in BAD_AT})


def committed(cluster: FakeCluster, group: str, place: TopicPartition = P0) -> int:
    return cluster.grouped[group].committed[place].offset


async def sent(session: Session, request: BulkRequest) -> ChangeOutcome:
    return await carry_out(session, await plan_bulk_reroute(session, request))


def notes(plan: ChangePlan) -> dict[tuple[str, int], str]:
    return {(row["group"], row["partition"]): row["note"] for row in plan.document["groups"]}


async def test_each_record_is_copied_once_and_groups_stop_before_the_first_good_record(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.commit("billing", P0, 3)
    cluster.commit("billing", P1, 9)
    cluster.commit("audit", P0, 0)
    cluster.commit("past", P0, 45)
    plan = await plan_bulk_reroute(session, wanted())
    assert plan.title == "Send 14 records of orders to orders-dlq, move 1 group"
    assert plan.document["counts"] == {"selected": 14, "to_send": 14, "already_sent": 0, "failed": 0}
    assert notes(plan) == {
        ("billing", 0): "no members; over 3 of 7: the first good record is at 6",
        ("billing", 1): "no members; over 1 of 4: the first good record is at 10",
        ("audit", 0): "stays before 7 of them: the first good record is at 0",
        ("past", 0): "already past it, left alone",
    }
    outcome = await carry_out(session, plan)
    assert sources(cluster) == all_once()
    assert [committed(cluster, "billing"), committed(cluster, "billing", P1)] == [6, 10]
    assert [committed(cluster, "audit"), committed(cluster, "past")] == [0, 45]
    assert outcome.result["counts"] == {"selected": 14, "sent": 14, "already_sent": 0, "failed": 0}
    assert (outcome.result["transactions"], outcome.result["read_back"], outcome.doubt) == (4, 14, "")
    assert len(outcome.result["done"]) == 14
    (entry,) = await session.journal.entries()
    assert (entry.state, entry.intent.kind) == (EntryState.COMMITTED, "reroute.bulk")
    assert len(await payloads_of(session.journal, entry.id)) == 14


async def test_offsets_move_in_the_transaction_of_the_copies_that_they_pass(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = cluster.run_transaction
    seen: list[tuple[list[int], list[int]]] = []

    async def noting(copies: Sequence[Copy], moves: Sequence[GroupMove], *rest: Any) -> Any:
        origins = [source_of(copy.headers) for copy in copies]
        seen.append(([one.offset for one in origins if one], [move.committed.offset for move in moves]))
        return await run(copies, moves, *rest)

    monkeypatch.setattr(cluster, "run_transaction", noting)
    cluster.add_topic("dense")
    for number in range(10):
        cluster.add_record("dense", BAD if number != 8 else GOOD)
    cluster.commit("g", TopicPartition("dense", 0), 0)
    records = [RecordId("dense", 0, offset) for offset in range(10) if offset != 8]
    await sent(session, BulkRequest("dense", reasons_of(records), ("g",)))
    assert seen == [([0, 1, 2, 3], [4]), ([4, 5, 6, 7], [8]), ([9], [])]


async def test_a_contiguous_run_is_passed_to_its_end(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("g", P0, 3)
    request = wanted("g", offsets=range(3, 50), partitions=1)
    assert notes(await plan_bulk_reroute(session, request)) == {("g", 0): "no members; over 47 of 47"}
    await sent(session, request)
    assert committed(cluster, "g") == 50


async def test_a_record_that_does_not_fit_is_named_and_left_and_no_group_passes_it(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.add_topic("orders-dlq", partitions=2, settings={"max.message.bytes": "900", "retention.ms": "-1"})
    cluster.log(P0).entries[4] = replace_value(cluster, 4, os.urandom(1_000))
    cluster.commit("g", P0, 3)
    plan = await plan_bulk_reroute(session, wanted("g"))
    assert notes(plan)["g", 0] == "no members; over 1 of 6: the record at 4 is not sent"
    assert [one["record"] for one in plan.document["failed"]] == ["orders:0:4"]
    assert "takes 900" in plan.document["failed"][0]["reason"]
    assert any(one.consequence.startswith("1 record stays") for one in plan.cautions)
    outcome = await carry_out(session, plan)
    assert (outcome.doubt, committed(cluster, "g")) == ("", 4)
    assert sources(cluster) == all_once() - Counter([RecordId("orders", 0, 4)])
    assert outcome.result["counts"]["failed"] == 1


def replace_value(cluster: FakeCluster, offset: int, value: bytes) -> Any:
    from dataclasses import replace

    record = cluster.log(P0).entries[offset]
    assert record is not None
    return replace(record, value=value)


async def test_what_brokers_refuse_alone_is_found_and_left(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = cluster.run_transaction

    async def refusing(copies: Sequence[Copy], *rest: Any) -> Any:
        if RecordId("orders", 0, 5) in map(source_of, (copy.headers for copy in copies)):
            raise RecordTooLarge("writing to orders-dlq: Broker: Message size too large")
        return await run(copies, *rest)

    monkeypatch.setattr(cluster, "run_transaction", refusing)
    cluster.commit("g", P0, 3)
    outcome = await sent(session, wanted("g"))
    assert committed(cluster, "g") == 5, "the plan would have moved it to 6"
    assert sources(cluster) == all_once() - Counter([RecordId("orders", 0, 5)])
    assert outcome.result["failed"][0]["record"] == "orders:0:5"
    assert "1 left on the way" in outcome.detail


async def test_records_that_are_gone_are_left_with_the_reason(session: Session, cluster: FakeCluster) -> None:
    cluster.retain(P0, 4)
    plan = await plan_bulk_reroute(session, wanted(offsets=(*BAD_AT, 99)))
    reasons = {one["record"]: one["reason"] for one in plan.document["failed"]}
    assert "the log starts at 4" in reasons["orders:0:3"]
    assert "The log ends at 50" in reasons["orders:1:99"]
    await carry_out(session, plan)
    assert sources(cluster) == all_once() - Counter([RecordId("orders", 0, 3)])


@pytest.mark.parametrize("look_back", [0, 50_000])
async def test_what_was_cut_off_goes_on_without_a_second_copy(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, look_back: int
) -> None:
    """Without looking back it is found by the log ends that the journal's entry noted when it began."""
    monkeypatch.setattr(queues, "LOOK_BACK", look_back)
    cluster.commit("g", P0, 3)
    run, calls = cluster.run_transaction, 0

    async def cut(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError("killed")
        return await run(*arguments)

    monkeypatch.setattr(cluster, "run_transaction", cut)
    with pytest.raises(RuntimeError):
        await sent(session, wanted("g"))
    there = sources(cluster)
    assert len(there) == 8
    monkeypatch.setattr(cluster, "run_transaction", run)
    plan = await plan_bulk_reroute(session, wanted("g"))
    assert plan.document["counts"] == {"selected": 14, "to_send": 6, "already_sent": 8, "failed": 0}
    assert plan.title == "Send the other 6 of 14 records of orders to orders-dlq"
    outcome = await carry_out(session, plan)
    assert isinstance(outcome, BulkOutcome)
    assert outcome.copied == set(all_once()), "those that were there already, too"
    assert (sources(cluster), committed(cluster, "g")) == (all_once(), 6)
    with pytest.raises(PlanNoLongerHolds, match="14 records are in orders-dlq already"):
        await sent(session, wanted("g"))


async def test_a_group_that_was_rewound_is_moved_without_copies(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("g", P0, 3)
    await sent(session, wanted("g"))
    cluster.commit("g", P0, 4)
    plan = await plan_bulk_reroute(session, wanted("g"))
    assert (plan.title, plan.deed) == ("Move 1 group", "Move the groups")
    await carry_out(session, plan)
    assert (sources(cluster), committed(cluster, "g")) == (all_once(), 6)


async def test_a_commit_without_an_answer_is_looked_up(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second stands though no answer came, the third was not made: it is sent again."""
    run, calls = cluster.run_transaction, 0

    async def unanswered(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            await run(*arguments)
        if calls in (2, 3):
            raise OutcomeUnknown("The commit was sent and no clear answer came")
        return await run(*arguments)

    monkeypatch.setattr(cluster, "run_transaction", unanswered)
    cluster.commit("g", P0, 3)
    outcome = await sent(session, wanted("g"))
    assert (sources(cluster), outcome.doubt, outcome.result["counts"]["sent"]) == (all_once(), "", 14)
    assert committed(cluster, "g") == 6


async def test_the_other_half_of_a_refused_batch_is_sent_after_one_without_an_answer(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole is refused, and the commit of its first half, which stands, gets no answer."""
    run, calls = cluster.run_transaction, 0

    async def refusing(copies: Sequence[Copy], *rest: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise RecordTooLarge("writing to orders-dlq: Broker: Message size too large")
        places = await run(copies, *rest)
        if calls == 2:
            raise OutcomeUnknown("The commit was sent and no clear answer came")
        return places

    monkeypatch.setattr(cluster, "run_transaction", refusing)
    cluster.commit("g", P0, 3)
    outcome = await sent(session, wanted("g"))
    assert (sources(cluster), outcome.doubt, outcome.result["counts"]["sent"]) == (all_once(), "", 14)
    assert committed(cluster, "g") == 6
    assert [one.group for one in outcome.groups] == ["g"], "its move was in the transaction without an answer"


async def test_a_first_commit_without_an_answer_may_stand_where_it_cannot_be_looked_up(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unanswered(*_: Any) -> Any:
        cluster.failures["transactor"] = Unreachable("the coordinator does not answer")
        raise OutcomeUnknown("The commit was sent and no clear answer came")

    monkeypatch.setattr(cluster, "run_transaction", unanswered)
    with pytest.raises(OutcomeUnknown):
        await sent(session, wanted())
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.UNKNOWN


async def test_a_client_that_never_comes_back_has_sent_nothing(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stuck(*_: Any) -> Any:
        raise ClientStuck("the client library does not come back")

    monkeypatch.setattr(cluster, "run_transaction", stuck)
    with pytest.raises(ClientStuck):
        await sent(session, wanted())
    (entry,) = await session.journal.entries()
    assert (entry.state, cluster.calls["transactor"]) == (EntryState.ABORTED, 5)


@pytest.mark.parametrize(
    ("error", "own"),
    [(RecordTooLarge("Message size too large"), 4), (OutcomeUnknown("no clear answer came"), 8)],
)
async def test_what_another_one_has_sent_before_a_new_producer_is_not_sent_again(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, error: ClusterError, own: int
) -> None:
    """The second transaction ends with an error; until its producer is replaced another re-route sends the rest."""
    run, calls = cluster.run_transaction, 0

    async def meddling(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            monkeypatch.setattr(cluster, "run_transaction", run)
            await carry_out(session, await plan_bulk_reroute(session, wanted("g")))
            raise error
        return await run(*arguments)

    monkeypatch.setattr(cluster, "run_transaction", meddling)
    cluster.commit("g", P0, 3)
    outcome = await sent(session, wanted("g"))
    assert sources(cluster) == all_once()
    assert outcome.result["counts"] == {"selected": 14, "sent": own, "already_sent": 14 - own, "failed": 0}
    assert committed(cluster, "g") == 6


async def test_a_stop_ends_it_between_transactions_and_the_next_goes_on(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await plan_bulk_reroute(session, wanted())
    run = cluster.run_transaction

    async def stopping(*arguments: Any) -> Any:
        assert plan.stop is not None
        plan.stop()
        return await run(*arguments)

    monkeypatch.setattr(cluster, "run_transaction", stopping)
    outcome = await carry_out(session, plan)
    assert (outcome.doubt, outcome.succeeded, len(sources(cluster))) == ("It was stopped", False, 4)
    assert "4 of 14 records" in outcome.detail
    monkeypatch.setattr(cluster, "run_transaction", run)
    await sent(session, wanted())
    assert sources(cluster) == all_once()


async def test_an_interrupt_ends_it_and_says_what_stands(session: Session, cluster: FakeCluster) -> None:
    cluster.delays["commit"] = 0.05
    task = asyncio.ensure_future(sent(session, wanted()))
    async with asyncio.timeout(patience(10)):
        while not sources(cluster):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (entry,) = await session.journal.entries()
    assert entry.outcome is not None
    assert (entry.state, entry.outcome["counts"]["sent"]) == (EntryState.COMMITTED, len(sources(cluster)))
    cluster.delays.clear()
    await sent(session, wanted())
    assert sources(cluster) == all_once()


async def test_a_second_one_fences_the_first_and_nothing_is_there_twice(session: Session, cluster: FakeCluster) -> None:
    cluster.add_topic("orders-dlq", partitions=2)
    cluster.delays["commit"] = 0.02
    plans = [await plan_bulk_reroute(session, wanted()) for _ in range(2)]
    ends = await asyncio.gather(*(carry_out(session, plan) for plan in plans), return_exceptions=True)
    assert any(isinstance(one, ClusterError) or one.doubt for one in ends), ends  # type: ignore[union-attr]
    cluster.delays.clear()
    if sources(cluster) != all_once():
        await sent(session, wanted())
    assert sources(cluster) == all_once()


async def test_a_group_that_commits_meanwhile_is_moved_from_where_it_is(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live member takes it back in the middle of a transaction; one that has gone on by itself is not set back."""
    cluster.commit("back", P0, 3)
    cluster.commit("on", P0, 3)
    run, first = cluster.run_transaction, True

    async def meddling(copies: Any, moves: Any, check: Any, *rest: Any) -> Any:
        async def checked(stage: TransactionStage) -> None:
            nonlocal first
            if first and stage is TransactionStage.BEGUN:
                first = False
                cluster.commit("back", P0, 4)
                cluster.commit("on", P0, 30)
            await check(stage)

        return await run(copies, moves, checked, *rest)

    monkeypatch.setattr(cluster, "run_transaction", meddling)
    outcome = await sent(session, wanted("back", "on"))
    assert (committed(cluster, "back"), committed(cluster, "on")) == (6, 30)
    assert (sources(cluster), outcome.doubt) == (all_once(), "")


async def test_a_group_that_was_set_back_is_left_alone(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("g", P0, 3)
    plan = await plan_bulk_reroute(session, wanted("g"))
    cluster.commit("g", P0, 0)
    outcome = await carry_out(session, plan)
    assert (committed(cluster, "g"), sources(cluster)) == (0, all_once())
    assert outcome.result["left_alone"] == ["g was set back to 0 on orders:0 meanwhile: it is left alone"]


async def test_the_incidents_of_what_is_sent_are_closed(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("billing", P0, 3)
    store = IncidentStore.of(session.profile, session.journal.path)
    places = ((3, "billing"), (9, ""), (6, ""))
    found = [Sighting(IncidentSource.SCAN, "orders", 0, at, group, "json", "no", 1, at) for at, group in places]
    store.see_standing(found, (), 1)
    note_outcome(store, await sent(session, wanted("billing")))
    states = {place.offset: place.state for incident in store.incidents() for place in incident.places}
    assert states == {3: IncidentState.REROUTED, 9: IncidentState.REROUTED, 6: IncidentState.OPEN}


async def test_most_of_a_topic_is_a_question(session: Session) -> None:
    many = await plan_bulk_reroute(session, wanted(offsets=range(45)))
    assert many.cautions[0].consequence == "90 of 100 records of orders go away:"
    assert many.cautions[0].why.startswith("is it the records, or the reader?")
    few = await plan_bulk_reroute(session, wanted())
    assert not any("go away" in one.consequence for one in few.cautions)


async def test_a_reason_that_is_too_long_for_the_queue_is_cut_and_says_so(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.add_topic("orders-dlq", partitions=2, settings={"max.message.bytes": "1200", "retention.ms": "-1"})
    trace = "".join(map(chr, os.urandom(6_000)))
    await sent(session, BulkRequest("orders", {0: {3: trace, 4: "short"}}, ()))
    log = cluster.log(TopicPartition("orders-dlq", 0))
    messages = [{h.key: h.value for h in one.headers or ()}["__dlq.errors.message"] for one in log.entries if one]
    assert messages[0] is not None
    cut = messages[0].decode()
    assert trace.startswith(cut.partition("…")[0])
    assert cut.endswith(f"… (cut, it had {len(trace.encode()):,} bytes)")
    assert messages[1] == b"short"


async def test_records_beyond_what_is_kept_are_read_again(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "_KEPT_RECORDS", 5)
    monkeypatch.setattr(survey, "MOST_NAMED", 2)
    cluster.commit("g", P0, 3)
    plan = await plan_bulk_reroute(session, wanted("g"))
    cluster.log(P1).entries[40] = None  # what a cut log may do: it is gone
    outcome = await carry_out(session, plan)
    assert sources(cluster) == all_once() - Counter([RecordId("orders", 1, 40)])
    assert (len(plan.payloads), committed(cluster, "g")) == (2, 6)
    assert outcome.result["failed"] == [{"record": "orders:1:40", "reason": "it is gone meanwhile"}]


async def test_a_header_name_that_would_be_cut_is_not_sent(session: Session, cluster: FakeCluster) -> None:
    odd = cluster.add_record("orders", BAD, headers=(Header("a", b"x"),))
    cluster.whole_names[odd] = ("a\0b",)
    plan = await plan_bulk_reroute(session, wanted(offsets=(3, odd.offset), partitions=1))
    assert [one["record"] for one in plan.document["failed"]] == [str(odd)]
    assert "byte for byte" in plan.document["failed"][0]["reason"]


async def test_reasons_are_the_scans_or_the_decoders(session: Session, cluster: FakeCluster) -> None:
    await sent(session, BulkRequest("orders", {0: {3: "byte 7 is odd", 4: "", 6: ""}}, ()))
    log = cluster.log(TopicPartition("orders-dlq", 0))
    said = [{h.key: h.value for h in one.headers or ()}["__dlq.errors.message"] for one in log.entries if one]
    assert (said[0], said[2]) == (b"byte 7 is odd", b"re-routed by hand")
    assert said[1] == b"the value ends inside an object at byte 5"


async def test_each_copy_says_when_it_was_written(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await plan_bulk_reroute(session, wanted())
    monkeypatch.setattr(copy_maker, "now_ms", lambda: 1_900_000_000_123)  # it has lain open for years
    await carry_out(session, plan)
    copies = [one for log in cluster.logged["orders-dlq"].logs for one in log.entries if one]
    routed = {header.value for one in copies for header in one.headers or () if header.key == ROUTED_HEADER}
    assert (len(copies) > 5, routed) == (True, {b"2030-03-17T17:46:40.123Z"})


async def test_what_cannot_be_is_refused(session: Session, cluster: FakeCluster) -> None:
    with pytest.raises(UnknownTopicOrPartition, match="no partition orders:7"):
        await plan_bulk_reroute(session, BulkRequest("orders", {7: {0: ""}}))
    with pytest.raises(RefusedHere, match="No record is named"):
        await plan_bulk_reroute(session, BulkRequest("orders", {}))
    plan = await plan_bulk_reroute(session, wanted(dlq="orders"))
    assert [type(one) for one in plan.problems] == [RefusedHere]
    plan = await plan_bulk_reroute(session, wanted(dlq="other", create_dlq=False))
    assert [type(one) for one in plan.problems] == [UnknownTopicOrPartition]
    cluster.add_topic("compact", settings={"cleanup.policy": "compact"})
    plan = await plan_bulk_reroute(session, wanted(dlq="compact"))
    assert [type(one) for one in plan.problems] == [RefusedByPolicy]


async def test_copies_that_came_in_since_the_plan_are_not_made_again(session: Session, cluster: FakeCluster) -> None:
    cluster.add_topic("orders-dlq", partitions=2)
    cluster.commit("g", P0, 3)
    plan = await plan_bulk_reroute(session, wanted("g"))
    await sent(session, wanted(offsets=(4, 20), partitions=1))
    outcome = await carry_out(session, plan)
    assert (sources(cluster), committed(cluster, "g")) == (all_once(), 6)
    assert outcome.result["counts"] == {"selected": 14, "sent": 12, "already_sent": 2, "failed": 0}


async def test_what_stands_is_not_told_as_gone_while_a_producer_opens(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "_KEPT_RECORDS", 1)
    cluster.add_topic("orders-dlq", partitions=2)
    plan = await plan_bulk_reroute(session, wanted())
    await sent(session, wanted(offsets=(4, 5, 9), partitions=1))
    cluster.log(P0).entries[4] = None
    opens = cluster.transactor

    @asynccontextmanager
    async def slowly(*words: Any, **more: Any) -> AsyncIterator[Any]:
        await asyncio.sleep(0.1)
        async with opens(*words, **more) as transactor:
            yield transactor

    monkeypatch.setattr(cluster, "transactor", slowly)
    outcome = await carry_out(session, plan)
    assert sources(cluster) == all_once()
    assert outcome.result["counts"] == {"selected": 14, "sent": 11, "already_sent": 3, "failed": 0}


async def test_a_fenced_first_transaction_writes_nothing(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fenced(*_: Any, **__: Any) -> Any:
        raise FencedTransaction("Another kafkaview has begun")

    plan = await plan_bulk_reroute(session, wanted())
    monkeypatch.setattr(cluster, "transactor", fenced)
    with pytest.raises(FencedTransaction) as raised:
        await carry_out(session, plan)
    assert "orders-dlq was made and stands empty" in raised.value.hint


def lines(*documents: Any) -> list[bytes]:
    return [orjson.dumps(one) for one in documents]


def test_the_lines_of_a_scan_are_read_and_a_record_counts_once() -> None:
    documents = (
        {"topic": "orders", "partition": 0, "offset": 3, "field": "key", "reason": "the key is odd"},
        {"topic": "orders", "partition": 0, "offset": 3, "field": "value", "reason": "the value is odd"},
        {"topic": "orders", "partition": 1, "offset": 9, "reason": None},
        {"scanned": 50, "found": 3, "complete": True},
    )
    found = read_scan_lines([*lines(*documents), b"\n"])
    assert found.of_one_topic() == ("orders", {0: {3: "the key is odd; the value is odd"}, 1: {9: ""}})
    assert found.complete
    assert not read_scan_lines(lines({"topic": "a", "partition": 0, "offset": 0})).complete


def test_a_rule_of_a_file_whose_name_is_no_text_stands_in_the_lines_of_a_scan() -> None:
    line = json_text({"topic": "orders", "partition": 0, "offset": 3, "rule": "json:\udcff", "reason": "\udcff is odd"})
    found = read_scan_lines([line.encode()])
    assert found.of_one_topic() == ("orders", {0: {3: "\udcff is odd"}})
    provenance = Provenance((), "\udcff is odd", "now", None, "0.1.0")
    record = Record("orders", 0, 3, 1, TimestampType.CREATE_TIME, b"k", b"v", ())
    headers = provenance_headers(Dialect.KAFKA, record, provenance)
    assert rb"\udcff is odd" in [header.value for header in headers]
    with pytest.raises(RefusedHere, match="Line 1 is no JSON"):
        read_scan_lines([b'{"a":"\\ud800",' + b'"b":[' * 10_000])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "Line 1 is no JSON"),
        (b"3", "Line 1 is no JSON object"),
        (b'{"topic": "a"}', "Line 1 names no partition and offset"),
        (b'{"topic": "a", "partition": true, "offset": 1}', "Line 1 names no partition and offset"),
        (b'{"partition": 1, "offset": 1}', "Line 1 names no topic"),
        (b'{"error": {"kind": "unreachable", "message": "no broker answers"}}', "no broker answers"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: bytes, said: str) -> None:
    with pytest.raises(RefusedHere, match=said):
        read_scan_lines([line])


def test_findings_of_several_topics_are_refused() -> None:
    found = read_scan_lines(lines(*({"topic": one, "partition": 0, "offset": 0} for one in ("b", "a"))))
    with pytest.raises(RefusedHere, match="The findings are of 2 topics: a and b"):
        found.of_one_topic()
    with pytest.raises(RefusedHere, match="has found nothing"):
        read_scan_lines([]).of_one_topic()


async def cut_off(session: Session, monkeypatch: pytest.MonkeyPatch, noted: int) -> ChangePlan:
    """A run that is killed when it has noted its progress so often; the first time before it sends anything."""
    plan = await plan_bulk_reroute(session, wanted())
    note, made = session.journal.note, 0

    async def killed(entry_id: int, outcome: Any) -> None:
        nonlocal made
        made += 1
        if made > noted:
            raise KeyboardInterrupt
        await note(entry_id, outcome)

    with monkeypatch.context() as patch:
        patch.setattr(session.journal, "note", killed)
        with pytest.raises(KeyboardInterrupt):
            await carry_out(session, plan)
    return plan.copy_for_window()


@pytest.mark.parametrize("stands", [0, 1, 3, 4])
async def test_how_far_a_killed_run_came_is_read_from_the_queue(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, stands: int
) -> None:
    cluster.commit("billing", P0, 3)
    plan = await cut_off(session, monkeypatch, stands)
    told = await find_outcome(session, plan, 0)
    assert isinstance(told, BulkOutcome)
    count = len(sources(cluster))
    assert told.result["counts"] == {"selected": 14, "to_send": 14, "already_sent": 0, "failed": 0, "sent": count}
    assert told.copied == sources(cluster).keys()
    (entry,) = await session.journal.entries()
    if count == 14:
        assert (told.hint, told.doubt, told.effective) == ("", "it was not read back", None)
    else:
        assert told.hint.startswith("Re-route the same records again")
        assert ("orders-dlq was made and stands empty" in told.hint) is ("orders-dlq" in cluster.logged and not count)
    assert entry.state is (EntryState.COMMITTED if count else EntryState.NONE)
    if count < 14:
        await sent(session, wanted())
    assert sources(cluster) == all_once()


async def test_a_run_that_had_ended_is_told_as_the_journal_has_it(session: Session, cluster: FakeCluster) -> None:
    plan = await plan_bulk_reroute(session, wanted())
    await carry_out(session, plan)
    assert (await find_outcome(session, plan.copy_for_window(), 0)).doubt == ""
    plan = await plan_bulk_reroute(session, wanted(offsets=(10,)))
    cluster.failures["transactor"] = NotAuthorized("no right")
    with pytest.raises(NotAuthorized):
        await carry_out(session, plan)
    with pytest.raises(RefusedHere, match="no right"):
        await find_outcome(session, plan.copy_for_window(), 0)


@pytest.mark.parametrize("silent_s", [60.0, 0.0])
async def test_silent_brokers_are_asked_again_how_far_a_killed_run_came(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, silent_s: float
) -> None:
    plan = await cut_off(session, monkeypatch, 2)
    monkeypatch.setattr(settling, "PAUSE_S", 0.01)
    monkeypatch.setattr(settling, "SILENT_S", silent_s)
    asked, opened = 0, cluster.transactor

    def silent(*arguments: Any, **options: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked < 4:
            raise Unreachable("broker 1 does not answer")
        return opened(*arguments, **options)

    monkeypatch.setattr(cluster, "transactor", silent)
    if silent_s:
        assert (await find_outcome(session, plan, 0)).document()["counts"]["sent"] == 8
    else:
        with pytest.raises(OutcomeUnknown, match="broker 1 does not answer"):
            await find_outcome(session, plan, 0)
    (entry,) = await session.journal.entries()
    assert entry.state is (EntryState.COMMITTED if silent_s else EntryState.UNKNOWN)
