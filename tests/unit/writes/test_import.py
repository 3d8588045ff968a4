"""An import of exported records: what the plan says of the file, what is sent, and what goes on after a cut."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import threading
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from kafkaview.cluster.errors import (
    ClusterError,
    FencedTransaction,
    NotAuthorized,
    OutcomeUnknown,
    PlanNoLongerHolds,
    RecordTooLarge,
    RefusedByPolicy,
    RefusedHere,
    Unreachable,
)
from kafkaview.cluster.ports.cluster import Copy, TransactionStage
from kafkaview.decode.topics import TopicDecoders
from kafkaview.fields import json_text
from kafkaview.journal.entry import EntryState
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.records.record_document import record_document
from kafkaview.session import Session
from kafkaview.terms import Header, Record, TimestampType, TopicPartition
from kafkaview.writes.carrying_out import carry_out, find_outcome
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.plan import ChangePlan
from kafkaview.writes.records import batch_room, import_execution, import_lines, import_scan, read_back
from kafkaview.writes.records.import_lines import ImportLine, ImportTarget, read_lines
from kafkaview.writes.records.import_plan import plan_import_records
from kafkaview.writes.records.request import ImportPartitions, ImportRequest, ImportTimestamps
from kafkaview.writes.steps import WriteStep
from tests.kit.fake_cluster import FakeCluster
from tests.kit.patience import patience

ODD = (Header("a", None), Header("a", b""), Header("é", b"\xff\x00"), Header("a", b"x"))


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.add_topic("copy", 3)
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


@pytest.fixture
def tens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions of ten records."""
    monkeypatch.setattr(batch_room, "BATCH_RECORDS", 10)


def numbered(count: int) -> list[Record]:
    return [
        Record(
            "orders",
            number % 3,
            number // 3,
            1_790_000_000_000 + number,
            TimestampType.CREATE_TIME,
            b"k%d" % number,
            b"v",
        )
        for number in range(count)
    ]


def written(path: Path, records: Sequence[Record], *more: str) -> ImportRequest:
    """An export of records, with further lines behind them."""
    lines = [json.dumps({**record_document(one), "decoder": None}) for one in records]
    path.write_text("\n".join([*lines, *more, '{"summary": {"read": 5}}']) + "\n")
    return ImportRequest(path, "copy")


def held(cluster: FakeCluster) -> list[Record]:
    """What a read_committed consumer gets, by partition."""
    found = []
    for partition in range(3):
        log = cluster.log(TopicPartition("copy", partition))
        found += [one for one in log.entries if one is not None and one.offset not in log.aborted]
    return found


def content(records: Sequence[Record]) -> list[Any]:
    return sorted((one.partition, one.timestamp_ms, one.key, one.value, one.headers) for one in records)


async def imported(session: Session, request: ImportRequest) -> ChangeOutcome:
    return await carry_out(session, await plan_import_records(session, request))


async def problem(session: Session, request: ImportRequest) -> ClusterError:
    plan = await plan_import_records(session, request)
    with pytest.raises(ClusterError) as raised:
        await carry_out(session, plan)
    assert raised.value is plan.problems[0]
    return plan.problems[0]


async def test_every_byte_comes_back_as_it_was_exported(session: Session, cluster: FakeCluster, tmp_path: Path) -> None:
    kind = TimestampType.CREATE_TIME
    records = [
        Record("orders", 0, 4, 1_790_000_000_000, kind, None, None, ()),
        Record("orders", 0, 5, 1_790_000_000_001, kind, b"", b"", ODD),
        Record("orders", 2, 5, 1_790_000_000_002, kind, b"\xff\x00", b'{"a": 1}\n', (Header("", b"x"),)),
    ]
    outcome = await imported(session, written(tmp_path / "orders.jsonl", records))
    assert content(held(cluster)) == content(records)
    assert outcome.succeeded
    assert outcome.detail == "3 of 3 records stand in copy, all read back byte for byte"


@pytest.mark.usefixtures("tens")
async def test_a_file_is_sent_in_transactions_and_the_journal_knows_how_far_it_came(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    records = numbered(25)
    plan = await plan_import_records(session, written(tmp_path / "orders.jsonl", records))
    assert (plan.document["records"], plan.document["transactions"], plan.title) == (
        25, 3, "Import 25 records into copy",
    )  # fmt: skip
    steps: list[str] = []
    outcome = await carry_out(session, plan, lambda step: steps.append(step.detail))
    assert cluster.calls["transact"] == 4, "the first ends what another one has open"
    assert content(held(cluster)) == content(records)
    assert [one for one in steps if " of 25" in one] == [f"{done} of 25 records" for done in (0, 10, 20, 25)]
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.COMMITTED
    assert outcome.document()["imported"] == {
        "records": 25, "line": 26, "position": (tmp_path / "orders.jsonl").stat().st_size, "complete": True,
        "sending": None, "ends": {"0": 11, "1": 10, "2": 10},
    }  # fmt: skip


@pytest.mark.usefixtures("tens")
async def test_an_import_that_is_cut_off_goes_on_without_a_second_copy(
    session: Session, monkeypatch: pytest.MonkeyPatch, cluster: FakeCluster, tmp_path: Path
) -> None:
    records, transact, calls = numbered(35), cluster.transact, 0

    async def cut(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += bool(arguments[1])
        if calls == 3 and arguments[1]:
            raise Unreachable("broker 2 does not answer")
        return await transact(*arguments, **options)

    monkeypatch.setattr(cluster, "transact", cut)
    request = written(tmp_path / "orders.jsonl", records)
    outcome = await imported(session, request)
    assert not outcome.succeeded
    assert (outcome.doubt, outcome.detail) == ("broker 2 does not answer", "20 of 35 records stand in copy")
    assert outcome.hint.startswith("Import the file again")
    again = await plan_import_records(session, request)
    assert again.title == "Import the other 15 of 35 records into copy"
    assert (again.document["already"], again.document["earlier_entry"]) == (20, 1)
    assert (await carry_out(session, again)).succeeded
    assert content(held(cluster)) == content(records)
    third = await plan_import_records(session, request)
    assert third.cautions[0].consequence == "Its records will be there twice."
    assert third.document["already"] == 0


@pytest.mark.usefixtures("tens")
@pytest.mark.parametrize("stands", [True, False])
async def test_a_transaction_of_which_nobody_saw_whether_it_stands_is_looked_for(
    session: Session, monkeypatch: pytest.MonkeyPatch, cluster: FakeCluster, tmp_path: Path, *, stands: bool
) -> None:
    records, transact, calls = numbered(25), cluster.transact, 0

    async def unanswered(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += bool(arguments[1])
        if calls == 2 and arguments[1]:
            if stands:
                await transact(*arguments, **options)
            raise OutcomeUnknown("The commit was sent and no clear answer came")
        return await transact(*arguments, **options)

    monkeypatch.setattr(cluster, "transact", unanswered)
    request = written(tmp_path / "orders.jsonl", records)
    first = await imported(session, request)
    assert first.doubt.endswith("no clear answer came; of 10 more it is not known whether they stand")
    cluster.add_record("copy", b"of somebody else")
    plan = await plan_import_records(session, request)
    assert plan.cautions[0].consequence == "10 records may stand already: they are looked for first."
    second = await carry_out(session, plan)
    assert second.succeeded
    assert second.document()["read_back"] == (5 if stands else 15)
    mine = [one for one in held(cluster) if one.value != b"of somebody else"]
    assert content(mine) == content(records)


@pytest.mark.usefixtures("tens")
async def test_what_cannot_be_told_is_not_guessed(
    session: Session, monkeypatch: pytest.MonkeyPatch, cluster: FakeCluster, tmp_path: Path
) -> None:
    async def unanswered(_id: str, copies: Sequence[Copy], *_rest: Any, **_options: Any) -> Any:
        if copies:
            cluster._append(copies[0], copies[0].partition or 0)
            raise OutcomeUnknown("The commit was sent and no clear answer came")
        return ()

    monkeypatch.setattr(cluster, "transact", unanswered)
    request = written(tmp_path / "orders.jsonl", numbered(5))
    with pytest.raises(OutcomeUnknown):
        await imported(session, request)
    with pytest.raises(RefusedHere, match="1 of 5 records of its last transaction are found"):
        await imported(session, request)
    states = [entry.state for entry in await session.journal.entries()]
    assert states == [EntryState.ABORTED, EntryState.UNKNOWN]
    plan = await plan_import_records(session, request)
    assert plan.cautions[0].consequence.startswith("5 records may stand already"), "it is still not known"


@pytest.mark.usefixtures("tens")
async def test_an_import_ends_between_transactions_where_it_is_stopped(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(35))
    plan = await plan_import_records(session, request)
    assert plan.stop is not None
    stop = plan.stop

    def stop_then(step: WriteStep) -> None:
        if step.detail == "10 of 35 records":
            stop()

    outcome = await carry_out(session, plan, stop_then)
    assert (outcome.doubt, outcome.detail) == ("It was stopped", "10 of 35 records stand in copy")
    assert len(held(cluster)) == 10
    assert (await imported(session, request)).succeeded
    assert content(held(cluster)) == content(numbered(35))


@pytest.mark.usefixtures("tens")
async def test_a_cancelled_import_leaves_whole_transactions_and_says_what_stands(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(35))
    plan = await plan_import_records(session, request)
    cluster.delays["commit"] = 0.02

    def cancel_then(step: WriteStep) -> None:
        if step.detail == "20 of 35 records":
            work.cancel()

    work = asyncio.ensure_future(carry_out(session, plan, cancel_then))
    with pytest.raises(asyncio.CancelledError):
        await work
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.COMMITTED
    assert entry.outcome is not None
    assert entry.outcome["imported"]["records"] == len(held(cluster)) == 20
    assert (await imported(session, request)).succeeded
    assert content(held(cluster)) == content(numbered(35))


@pytest.mark.usefixtures("tens")
@pytest.mark.parametrize("batch", [1, 2])
async def test_a_transaction_that_is_cancelled_while_it_is_committed_stands(
    session: Session, monkeypatch: pytest.MonkeyPatch, cluster: FakeCluster, tmp_path: Path, *, batch: int
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(35))
    plan = await plan_import_records(session, request)
    transact, sent = cluster.transact, 0

    async def cancelled_at_commit(_id: str, copies: Sequence[Copy], moves: Any, check: Any, **options: Any) -> Any:
        nonlocal sent
        sent += bool(copies)

        async def checked(stage: TransactionStage) -> None:
            await check(stage)
            if copies and sent == batch and stage is TransactionStage.READY:
                asyncio.get_running_loop().call_soon(work.cancel)

        return await transact(_id, copies, moves, checked, **options)

    monkeypatch.setattr(cluster, "transact", cancelled_at_commit)
    work = asyncio.ensure_future(carry_out(session, plan))
    with pytest.raises(asyncio.CancelledError):
        await work
    monkeypatch.setattr(cluster, "transact", transact)
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.COMMITTED
    assert entry.outcome is not None
    assert (entry.outcome["imported"]["records"], entry.outcome["imported"]["sending"]) == (batch * 10, None)
    assert (await imported(session, request)).succeeded
    assert content(held(cluster)) == content(numbered(35))


@pytest.mark.usefixtures("tens")
async def test_a_transaction_that_is_cancelled_before_its_commit_is_known_to_be_none(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(35))
    plan = await plan_import_records(session, request)
    note, notes = session.journal.note, 0

    async def cancelled(entry_id: int, outcome: Any) -> None:
        nonlocal notes
        notes += 1
        await note(entry_id, outcome)
        if notes == 2:
            work.cancel()

    monkeypatch.setattr(session.journal, "note", cancelled)
    work = asyncio.ensure_future(carry_out(session, plan))
    with pytest.raises(asyncio.CancelledError):
        await work
    (entry,) = await session.journal.entries()
    assert entry.outcome is not None
    assert (entry.outcome["imported"]["records"], entry.outcome["imported"]["sending"]) == (10, None)
    assert entry.outcome["doubt"].startswith("It was interrupted; it was not waited for")


@pytest.mark.usefixtures("tens")
async def test_a_cancelled_search_for_the_last_transaction_leaves_it_unknown(
    session: Session, monkeypatch: pytest.MonkeyPatch, cluster: FakeCluster, tmp_path: Path
) -> None:
    transact = cluster.transact

    async def unanswered(_id: str, copies: Sequence[Copy], *rest: Any, **options: Any) -> Any:
        places = await transact(_id, copies, *rest, **options)
        if len(copies) == 5:
            raise OutcomeUnknown("The commit was sent and no clear answer came")
        return places

    monkeypatch.setattr(cluster, "transact", unanswered)
    request = written(tmp_path / "orders.jsonl", numbered(15))
    assert not (await imported(session, request)).succeeded
    monkeypatch.setattr(cluster, "transact", transact)
    read = cluster.read

    async def cancelled(*_arguments: Any, **_options: Any) -> AsyncGenerator[Any, None]:
        work.cancel()
        await asyncio.sleep(60)
        yield

    monkeypatch.setattr(cluster, "read", cancelled)
    work = asyncio.ensure_future(carry_out(session, await plan_import_records(session, request)))
    with pytest.raises(asyncio.CancelledError):
        await work
    monkeypatch.setattr(cluster, "read", read)
    plan = await plan_import_records(session, request)
    assert plan.cautions[0].consequence.startswith("5 records may stand already")
    assert (await carry_out(session, plan)).succeeded
    assert content(held(cluster)) == content(numbered(15))


@pytest.mark.usefixtures("tens")
async def test_what_a_process_that_was_killed_had_sent_is_kept_when_its_end_is_noticed(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cluster: FakeCluster
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(35))
    plan = await plan_import_records(session, request)
    note, notes = session.journal.note, 0

    async def killed(entry_id: int, outcome: Any) -> None:
        nonlocal notes
        notes += 1
        await note(entry_id, outcome)
        if notes == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(session.journal, "note", killed)
    with pytest.raises(KeyboardInterrupt):
        await carry_out(session, plan)
    monkeypatch.undo()
    monkeypatch.setattr(batch_room, "BATCH_RECORDS", 10)
    with pytest.raises(OutcomeUnknown) as told:
        await find_outcome(session, plan, 0)
    assert told.value.hint == "Import the file again: it goes on behind the last record that stands."
    assert (await imported(session, request)).succeeded
    assert content(held(cluster)) == content(numbered(35))


GOOD: dict[str, Any] = {"partition": 0, "timestamp_ms": 5, "key_b64": None, "value_b64": "dg==", "headers": []}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "it is no JSON: "),
        ("[]", "it is no object"),
        ('{"error": {"kind": "unreachable"}}', "it has no key_b64"),
        (json.dumps({**GOOD, "value_b64": 7}), "its value_b64 is no text"),
        (json.dumps({**GOOD, "key_b64": "e3"}), "its key_b64 is no base64: "),
        (json.dumps({**GOOD, "partition": "0"}), "it has no partition"),
        (json.dumps({**GOOD, "partition": True}), "it has no partition"),
        (json.dumps({**GOOD, "partition": -1}), "its partition is -1"),
        (json.dumps({**GOOD, "partition": 3}), "its partition is 3, copy has 0 to 2"),
        (json.dumps({**GOOD, "timestamp_ms": "now"}), "it has no timestamp_ms"),
        (json.dumps({**GOOD, "timestamp_ms": 1 << 63}), "its timestamp_ms is 9223372036854775808"),
        (json.dumps({**GOOD, "headers": None}), "its headers could not be read when it was exported"),
        (json.dumps({**GOOD, "headers": [{"value_b64": ""}]}), "a header has no key"),
        (json.dumps({**GOOD, "headers": [{"key": "a"}]}), "it has no value_b64"),
        (json.dumps({**GOOD, "headers": [{"key": "a\0", "value_b64": ""}]}), "the name of a header holds NUL"),
        (json.dumps({**GOOD, "headers": [{"key": "\udcff", "value_b64": ""}]}), "the name of a header is no text"),
    ],
)
async def test_a_line_that_cannot_be_read_is_named_with_the_reason_and_nothing_is_sent(
    session: Session, cluster: FakeCluster, tmp_path: Path, line: str, reason: str
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(2), "", line)
    plan = await plan_import_records(session, request)
    ((number, found),) = [(one["line"], one["reason"]) for one in plan.document["bad_lines"]]
    assert number == 4
    assert found.startswith(reason)
    assert "1 line cannot be read, the first is line 4" in (await problem(session, request)).message
    assert not held(cluster)
    outcome = await imported(session, replace(request, skip_bad=True))
    assert outcome.succeeded
    assert len(held(cluster)) == 2


async def test_what_is_printed_of_a_decoder_whose_file_has_a_name_that_is_no_text_is_read(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    line = json_text({**GOOD, "decoder": "python:/\udcff.py", "value": "\ud800"})
    assert (await imported(session, written(tmp_path / "orders.jsonl", [], line))).succeeded
    assert len(held(cluster)) == 1


async def test_a_longer_line_than_is_read_is_one_bad_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_lines, "LONGEST_LINE", 300)
    path = tmp_path / "orders.jsonl"
    path.write_bytes(b"x" * 1_000 + b"\n" + orjson.dumps(GOOD) + b"\n")
    with path.open("rb") as file:
        found = list(read_lines(file, ImportTarget("copy", 3, False, False)))
    assert [(one.number, bool(one.copy), one.end) for one in found] == [
        (1, False, 1_001),
        (2, True, path.stat().st_size),
    ]


async def test_keys_may_choose_the_partitions_and_the_present_time_may_be_given(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    records = [replace(one, partition=7) for one in numbered(3)] + [replace(numbered(1)[0], key=None, partition=5)]
    request = replace(
        written(tmp_path / "orders.jsonl", records),
        partitions=ImportPartitions.BY_KEY,
        timestamps=ImportTimestamps.NOW,
    )
    plan = await plan_import_records(session, request)
    assert plan.command == (
        "records", "import", str(request.path), "--to", "copy", "--partitions", "by-key", "--timestamps", "now",
    )  # fmt: skip
    assert (await carry_out(session, plan)).succeeded
    found = held(cluster)
    assert [one.partition for one in found if one.key is None] == [2]
    assert all((one.timestamp_ms or 0) < records[0].timestamp_ms + 10_000 for one in found)  # type: ignore[operator]
    assert len(found) == 4


async def test_what_the_topic_would_not_take_is_refused_before_anything_is_sent(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    path = tmp_path / "orders.jsonl"
    keyless = [replace(one, key=None) for one in numbered(2)]
    cluster.add_topic("state", 3, settings={"cleanup.policy": "compact"})
    assert "the first is line 1" in (await problem(session, replace(written(path, keyless), topic="state"))).message
    cluster.add_topic("small", 3, settings={"max.message.bytes": "50", "compression.type": "uncompressed"})
    large = await problem(session, replace(written(path, numbered(2)), topic="small"))
    assert type(large) is RecordTooLarge
    cluster.add_topic("strict", 3, settings={"message.timestamp.before.max.ms": "1000"})
    old = [replace(one, timestamp_ms=1_000) for one in numbered(2)]
    assert type(await problem(session, replace(written(path, old), topic="strict"))) is RefusedByPolicy
    assert type(await problem(session, written(path, []))) is RefusedHere
    cluster.log(TopicPartition("copy", 1)).leader = None
    assert type(await problem(session, written(path, numbered(3)))) is Unreachable
    assert type(await refused(session, ImportRequest(tmp_path / "nowhere", "copy"))) is RefusedHere
    assert not cluster.calls["transact"]


async def test_a_right_that_is_missing_for_its_transactions_is_told_beforehand(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    cluster.transactions.refused = [NotAuthorized("The right WRITE on TransactionalId kafkaview-import-1 is missing")]
    assert type(await problem(session, written(tmp_path / "orders.jsonl", numbered(3)))) is NotAuthorized
    assert not held(cluster)


async def test_a_plan_that_nobody_waits_for_reads_the_file_no_further(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(50))
    begun, left, ended = asyncio.Event(), threading.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slowly(*arguments: Any) -> Iterator[ImportLine]:
        try:
            for line in read_lines(*arguments):
                loop.call_soon_threadsafe(begun.set)
                time.sleep(0.02)
                yield line
            ended.set()
        finally:
            left.set()

    monkeypatch.setattr(import_scan, "read_lines", slowly)
    work = asyncio.ensure_future(plan_import_records(session, request))
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await asyncio.to_thread(left.wait, patience(10))
    assert not ended.is_set()


async def refused(session: Session, request: ImportRequest) -> ClusterError:
    with pytest.raises(ClusterError) as raised:
        await plan_import_records(session, request)
    return raised.value


async def test_timestamps_that_are_not_kept_are_said(session: Session, cluster: FakeCluster, tmp_path: Path) -> None:
    old = [replace(one, timestamp_ms=stamp) for one, stamp in zip(numbered(3), (None, 0, 7), strict=True)]
    cluster.add_topic("short", 3, settings={"retention.ms": "1000"})
    plan = await plan_import_records(session, replace(written(tmp_path / "orders.jsonl", old), topic="short"))
    assert [one.consequence for one in plan.cautions] == [
        "2 records get the present time.",
        "Records from 1970-01-01T00:00:00.007Z on may be removed at once.",
        "It cannot be undone.",
    ]


async def test_a_file_that_was_changed_since_the_plan_is_not_sent(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(3))
    plan = await plan_import_records(session, request)
    written(tmp_path / "orders.jsonl", numbered(4))
    with pytest.raises(PlanNoLongerHolds, match="was changed meanwhile"):
        await carry_out(session, plan)
    assert not held(cluster)


@pytest.mark.usefixtures("tens")
async def test_a_file_that_is_replaced_during_the_import_is_sent_no_further(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(35))
    plan = await plan_import_records(session, request)

    def replace_then(step: WriteStep) -> None:
        if step.detail == "10 of 35 records":
            written(tmp_path / "other.jsonl", [replace(one, value=b"unplanned") for one in numbered(35)])
            (tmp_path / "other.jsonl").replace(tmp_path / "orders.jsonl")

    outcome = await carry_out(session, plan, replace_then)
    assert outcome.doubt.endswith("orders.jsonl was changed meanwhile")
    assert content(held(cluster)) == content(numbered(10))


async def test_fewer_records_than_were_planned_are_a_doubt(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plan = await plan_import_records(session, written(tmp_path / "orders.jsonl", numbered(6)))

    def fewer(*arguments: Any) -> Iterator[ImportLine]:
        return (one for one in read_lines(*arguments) if one.number != 3)

    monkeypatch.setattr(import_execution, "read_lines", fewer)
    assert (await carry_out(session, plan)).doubt == "5 records were sent, 6 were planned"


def unanswered(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, *, stands: bool) -> None:
    """From now on every transaction with records is without an answer."""
    transact = cluster.transact

    async def silent(_id: str, copies: Sequence[Copy], *rest: Any, **options: Any) -> Any:
        if stands or not copies:
            await transact(_id, copies, *rest, **options)
        if copies:
            raise OutcomeUnknown("The commit was sent and no clear answer came")
        return ()

    monkeypatch.setattr(cluster, "transact", silent)


async def cut_off(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, request: ImportRequest, *, stands: bool
) -> None:
    """An import whose only transaction had no answer."""
    transact = cluster.transact
    unanswered(cluster, monkeypatch, stands=stands)
    with pytest.raises(OutcomeUnknown):
        await imported(session, request)
    monkeypatch.setattr(cluster, "transact", transact)


async def test_records_that_brokers_stamped_are_found_whatever_the_settings_say_now(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(3))
    await cut_off(session, cluster, monkeypatch, request, stands=True)
    for partition in range(3):
        log = cluster.log(TopicPartition("copy", partition))
        log.entries = [
            one and replace(one, timestamp_ms=7, timestamp_type=TimestampType.LOG_APPEND_TIME) for one in log.entries
        ]
    await imported(session, request)
    assert len(held(cluster)) == 3


async def test_records_that_may_be_removed_already_are_not_taken_for_none(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(3))
    await cut_off(session, cluster, monkeypatch, request, stands=True)
    cluster.retain(TopicPartition("copy", 1), 1)
    with pytest.raises(RefusedHere, match="copy:1 begins at offset 1 now"):
        await imported(session, request)
    assert len(held(cluster)) == 2


@pytest.mark.parametrize("policy", ["compact", None])
async def test_records_that_may_be_compacted_away_are_not_taken_for_none(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, policy: str | None
) -> None:
    if policy is not None:
        cluster.logged["copy"].settings["cleanup.policy"] = policy
    else:
        cluster.failures["topic_settings"] = NotAuthorized("DESCRIBE_CONFIGS is missing")
    request = written(tmp_path / "orders.jsonl", numbered(3))
    await cut_off(session, cluster, monkeypatch, request, stands=False)
    plan = await plan_import_records(session, request)
    cluster.add_record("copy", b"later", key=b"k0")
    with pytest.raises(RefusedHere, match="compact"):
        await carry_out(session, plan)
    assert len(held(cluster)) == 1


async def test_in_a_compacted_topic_nothing_was_written_where_its_logs_end_as_before(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cluster.logged["copy"].settings["cleanup.policy"] = "compact"
    request = written(tmp_path / "orders.jsonl", numbered(3))
    await cut_off(session, cluster, monkeypatch, request, stands=False)
    assert (await imported(session, request)).succeeded
    assert content(held(cluster)) == content(numbered(3))


async def test_a_file_that_is_gone_since_the_plan_is_a_refusal(session: Session, tmp_path: Path) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(3))
    plan = await plan_import_records(session, request)
    request.path.unlink()
    with pytest.raises(RefusedHere, match="cannot be read: No such file"):
        await carry_out(session, plan)
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.ABORTED


async def test_of_two_plans_of_one_file_only_one_is_carried_out(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(9))
    first, second = [await plan_import_records(session, request) for _ in range(2)]
    assert (await carry_out(session, first)).succeeded
    with pytest.raises(PlanNoLongerHolds, match="Another import of the file has begun meanwhile"):
        await carry_out(session, second)
    assert content(held(cluster)) == content(numbered(9))


@pytest.mark.usefixtures("tens")
@pytest.mark.parametrize("begun_at", [0, 10, 20])
async def test_two_runs_of_one_file_send_nothing_twice(
    session: Session, cluster: FakeCluster, tmp_path: Path, begun_at: int
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(95))
    others: list[asyncio.Future[ChangeOutcome]] = []
    cluster.delays["commit"] = 0.01

    def begin_another(step: WriteStep) -> None:
        if step.detail == f"{begun_at} of 95 records" and not others:
            others.append(asyncio.ensure_future(imported(session, request)))

    plan = await plan_import_records(session, request)
    first = await asyncio.gather(carry_out(session, plan, begin_another), return_exceptions=True)
    await asyncio.gather(*others, return_exceptions=True)
    assert others
    assert not (isinstance(first[0], ChangeOutcome) and first[0].succeeded), "it was ended by the other"
    if len(held(cluster)) < 95:
        assert (await imported(session, request)).succeeded
    assert content(held(cluster)) == content(numbered(95))


@pytest.mark.usefixtures("tens")
async def test_an_import_begins_anew_in_a_topic_that_was_made_anew(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    request = await stopped_at_ten(session, tmp_path)
    del cluster.logged["copy"]
    cluster.add_topic("copy", 3)
    plan = await plan_import_records(session, request)
    assert (plan.document["already"], plan.document["earlier_entry"]) == (0, None)
    assert (await carry_out(session, plan)).succeeded
    assert content(held(cluster)) == content(numbered(35))


@pytest.mark.usefixtures("tens")
async def test_an_import_does_not_go_on_among_other_partitions(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    request = await stopped_at_ten(session, tmp_path)
    cluster.add_logs("copy", 4)
    told = await problem(session, request)
    assert told.message.startswith("copy had 3 partitions when the import was cut off, it has 4 now")
    anew = await plan_import_records(session, replace(request, from_start=True))
    assert anew.title == "Import 35 records into copy"
    assert "--from-start" in anew.command
    assert anew.cautions[0].why == "Journal entry 1 has imported 10 records of this file into copy already."
    assert (await carry_out(session, anew)).succeeded
    assert len(held(cluster)) == 45


@pytest.mark.usefixtures("tens")
async def test_an_import_into_a_topic_that_was_emptied_says_that_only_the_rest_will_be_there(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    request = await stopped_at_ten(session, tmp_path)
    cluster.retain(TopicPartition("copy", 1), 2)
    assert all("removed" not in one.consequence for one in (await plan_import_records(session, request)).cautions)
    for partition in range(3):
        log = TopicPartition("copy", partition)
        cluster.retain(log, cluster.log(log).end)
    caution = (await plan_import_records(session, request)).cautions[0]
    assert caution.consequence == (
        "What was imported before is removed from 3 partitions: only the rest will be there."
    )


@pytest.mark.usefixtures("tens")
async def test_the_plan_of_an_import_that_goes_on_counts_what_is_left(session: Session, tmp_path: Path) -> None:
    plan = await plan_import_records(session, await stopped_at_ten(session, tmp_path))
    shown = [(row.what, row.after) for row in plan.rows]
    assert shown[0][1] is not None
    assert shown[0][1].startswith("35 records, ")
    assert shown[1] == ("Of an import that was cut off", "10 records, to line 10")
    assert shown[2][0] == "The rest of the file"
    assert shown[2][1] is not None
    assert shown[2][1].startswith("25 records, ")
    assert shown[2][1].endswith(", 3 transactions")
    assert shown[3:] == [("copy:0", "8 records"), ("copy:1", "9 records"), ("copy:2", "8 records")]


async def stopped_at_ten(session: Session, path: Path) -> ImportRequest:
    """An import of 35 records that was stopped when 10 stood."""
    request = written(path / "orders.jsonl", numbered(35))
    plan = await plan_import_records(session, request)
    assert plan.stop is not None
    stop = plan.stop
    await carry_out(session, plan, lambda step: stop() if step.detail == "10 of 35 records" else None)
    return request


async def test_an_import_speaks_of_no_copies_and_groups(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fenced = FencedTransaction("another re-route of this topic")
    for failure in (fenced, OutcomeUnknown("whether the copies can be read", "Look where the groups stand.")):

        async def failing(
            _id: str, copies: Sequence[Copy], *_: Any, _failure: ClusterError = failure, **_options: Any
        ) -> Any:
            if copies:
                raise _failure
            return ()

        monkeypatch.setattr(cluster, "transact", failing)
        request = written(tmp_path / f"{type(failure).__name__}.jsonl", numbered(2 + (failure is fenced)))
        with pytest.raises(type(failure)) as told:
            await imported(session, request)
        assert not re.search("re-route|cop(y|ies)|group", f"{told.value.message} {told.value.hint}")


async def test_transactions_are_smaller_where_each_record_is_a_batch(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(1_001))
    assert (await plan_import_records(session, request)).document["transactions"] == 1
    cluster.failures["topic_settings"] = NotAuthorized("DESCRIBE_CONFIGS is missing")
    plan = await plan_import_records(session, request)
    assert plan.document["transactions"] == 3
    assert (await carry_out(session, plan)).succeeded
    assert cluster.calls["transact"] == 1 + 3


async def test_a_file_whose_name_is_no_text_is_imported(session: Session, cluster: FakeCluster, tmp_path: Path) -> None:
    named = tmp_path / os.fsdecode(b"orders\xff.jsonl")
    assert (await imported(session, written(named, numbered(3)))).succeeded
    assert content(held(cluster)) == content(numbered(3))
    (entry,) = await session.journal.entries()
    assert entry.intent.plan["file"] == str(named)
    assert shlex.split(entry.intent.command).count(str(named)) == 1


@pytest.mark.usefixtures("tens")
async def test_an_import_that_breaks_says_how_far_it_came(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    transact, calls = cluster.transact, 0

    async def breaking(_id: str, copies: Sequence[Copy], *rest: Any, **options: Any) -> Any:
        nonlocal calls
        calls += bool(copies)
        places = await transact(_id, copies, *rest, **options)
        if calls == 2:
            raise ZeroDivisionError
        return places

    monkeypatch.setattr(cluster, "transact", breaking)
    request = written(tmp_path / "orders.jsonl", numbered(35))
    with pytest.raises(ZeroDivisionError):
        await imported(session, request)
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.UNKNOWN
    assert entry.outcome is not None
    assert entry.outcome["message"] == "ZeroDivisionError"
    monkeypatch.setattr(cluster, "transact", transact)
    assert (await imported(session, request)).succeeded
    assert content(held(cluster)) == content(numbered(35))


async def test_an_import_of_which_nothing_stands_is_none_that_was_made(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    request = written(tmp_path / "orders.jsonl", numbered(3))
    plan = await plan_import_records(session, request)
    cluster.failures["transact"] = Unreachable("no broker answers")
    with pytest.raises(Unreachable):
        await carry_out(session, plan)
    cluster.failures.clear()
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.ABORTED
    again = await plan_import_records(session, request)
    assert (again.document["already"], again.document["earlier_entry"]) == (0, None)
    assert "Its records will be there twice." not in [one.consequence for one in again.cautions]
    assert (await carry_out(session, again)).succeeded


async def test_records_that_do_not_read_back_as_sent_are_a_doubt(
    session: Session, cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await plan_import_records(session, written(tmp_path / "orders.jsonl", numbered(6)))
    append = cluster._append

    def other(copy: Copy, partition: int) -> Any:
        return append(replace(copy, value=b"other") if copy.key == b"k4" else copy, partition)

    monkeypatch.setattr(cluster, "_append", other)
    outcome = await carry_out(session, plan)
    assert outcome.doubt == "the records of copy:1 do not read back as they were written"
    assert outcome.effective is False


async def test_records_that_nobody_reads_back_are_unknown_and_not_wrong(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await plan_import_records(session, written(tmp_path / "orders.jsonl", numbered(6)))

    async def silent(*_: Any) -> None:
        raise Unreachable("broker 2 does not answer")

    monkeypatch.setattr(read_back, "wait_for_transactions", silent)
    outcome = await carry_out(session, plan)
    assert outcome.doubt == "the records could not be read back: broker 2 does not answer"
    assert (outcome.effective, outcome.result["read_back"]) == (None, None)


def test_a_plan_that_can_be_stopped_says_so_to_the_window() -> None:
    plan = ChangePlan("records.import", "Import", "Import", "t", (), (), {}, stop=lambda: None)
    assert plan.copy_for_window().stop is not None
    assert not plan.bounded
    assert replace(plan, stop=None).copy_for_window().stop is None
