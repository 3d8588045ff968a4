from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kafkaview.cli.documents import summary_document
from kafkaview.cli.output import Output
from kafkaview.cli.scan import print_summary
from kafkaview.cluster.errors import OffsetOutOfRange, UnknownTopicOrPartition, Unreachable
from kafkaview.decode.registry import parse_rule
from kafkaview.decode.result import Decoded, Undecodable
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.records import passage as scanning
from kafkaview.records.positions import parse_position
from kafkaview.records.progress import damage_reason
from kafkaview.records.ranges import HeldBack, SkippedPartition
from kafkaview.session import Session
from kafkaview.terms import RecordId, RemovalCause, RemovedOffsets, TopicPartition
from kafkaview.triage.scan.scan import Finding, ScanProgress, scan
from kafkaview.ui.pages.scan.words import end_line
from tests.kit.fake_cluster import FIRST_TIMESTAMP_MS, FakeCluster
from tests.kit.fake_log import FakeLog
from tests.kit.patience import patience

BAD = b'{"n": '


@pytest.fixture
def cluster() -> FakeCluster:
    """orders: three partitions of 40 records, the tenth of each bad; a null key and a tombstone are among them."""
    cluster = FakeCluster()
    cluster.add_topic("orders", partitions=3)
    for partition in range(3):
        for number in range(40):
            value = BAD if number == 10 else None if number == 11 else b'{"n": 1}'
            cluster.add_record("orders", value, partition=partition, key=None if number == 12 else b"k")
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


def names_of(skipped: Sequence[SkippedPartition]) -> list[TopicPartition]:
    return [one.topic_partition for one in skipped]


async def run(steps: AsyncGenerator[ScanProgress, None]) -> tuple[list[Finding], ScanProgress]:
    found: list[Finding] = []
    last = ScanProgress()
    async with aclosing(steps):
        async for last in steps:
            found += last.findings
    return found, last


async def test_what_an_open_transaction_holds_back_is_not_called_complete(
    session: Session, cluster: FakeCluster
) -> None:
    place = TopicPartition("orders", 1)
    cluster.log(place).open_from = 30
    _, last = await run(scan(session, ["orders"], value_rules=[parse_rule("json")]))
    assert (last.scanned, last.complete, last.held_back) == (110, False, (HeldBack(place, 30, 10),))
    assert "10 offsets were not read, orders:1 from 30 on" in end_line(last, cancelled=False)
    _, short = await run(scan(session, ["orders"], value_rules=[parse_rule("json")], end=parse_position("20")))
    assert (short.complete, short.held_back) == (True, ())
    _, behind = await run(scan(session, [place], value_rules=[parse_rule("json")], end=parse_position("35")))
    assert (behind.scanned, behind.complete, behind.held_back) == (30, False, (HeldBack(place, 30, 5),))
    _, later = await run(scan(session, [place], value_rules=[parse_rule("json")], start=parse_position("35")))
    assert (later.scanned, later.complete, later.held_back) == (0, False, (HeldBack(place, 35, 5),))
    _, both = await run(
        scan(session, [place], value_rules=[parse_rule("json")], start=parse_position("32"), end=parse_position("38"))
    )
    assert (both.scanned, both.complete, both.held_back) == (0, False, (HeldBack(place, 32, 6),))
    _, last_ones = await run(scan(session, [place], value_rules=[parse_rule("json")], start=parse_position("-4")))
    assert (last_ones.scanned, last_ones.complete, last_ones.held_back) == (4, False, (HeldBack(place, 30, 10),))
    _, all_but = await run(scan(session, [place], value_rules=[parse_rule("json")], end=parse_position("-4")))
    assert (all_but.scanned, all_but.complete, all_but.held_back) == (26, False, (HeldBack(place, 30, 6),))
    with pytest.raises(OffsetOutOfRange):
        await run(scan(session, [place], value_rules=[parse_rule("json")], end=parse_position("41")))


async def scan_while(
    session: Session, change: Callable[[], object], batch: int, monkeypatch: pytest.MonkeyPatch
) -> ScanProgress:
    """The last progress of a scan of orders in small batches; the cluster changes after the first of them."""
    monkeypatch.setattr(scanning, "_BATCH", batch)
    last, changed = ScanProgress(), False
    async with aclosing(scan(session, ["orders"], value_rules=[parse_rule("json")])) as steps:
        async for last in steps:
            if last.scanned == batch and not changed:
                change()
                changed = True
    return last


def removed(partition: int, first: int, last: int, cause: RemovalCause) -> RemovedOffsets:
    return RemovedOffsets(TopicPartition("orders", partition), first, last, cause)


async def test_a_scan_goes_on_where_retention_has_moved_a_logs_start_and_says_what_it_missed(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = cluster.log(TopicPartition("orders", 0))
    last = await scan_while(session, lambda: log.truncate_before(25), 10, monkeypatch)
    assert last.removed == (removed(0, 10, 25, RemovalCause.RETENTION),)
    assert (last.scanned, last.found, last.passed, last.complete) == (105, 2, 120, False)
    said = end_line(last, cancelled=False)
    assert "15 offsets went away while the scan ran: orders:0 lost 15 offsets, 10 to 24, to retention" in said
    assert summary_document(last)["removed"] == [
        {
            "topic": "orders",
            "partition": 0,
            "from_offset": 10,
            "to_offset": 25,
            "offsets": 15,
            "cause": "retention",
        }
    ]


async def test_a_scan_that_reads_no_record_does_not_say_that_all_pass(
    session: Session, cluster: FakeCluster, capsys: pytest.CaptureFixture[str]
) -> None:
    place, rule = TopicPartition("orders", 1), parse_rule("json")
    _, empty = await run(scan(session, [place], value_rules=[rule], start=parse_position("end")))
    assert (empty.scanned, empty.complete) == (0, True)
    assert end_line(empty, cancelled=False) == "The range holds no record"
    _, one = await run(scan(session, [place], value_rules=[rule], start=parse_position("-1")))
    assert end_line(one, cancelled=False) == "The only record passes the rule"
    cluster.log(place).open_from = 30
    _, hidden = await run(scan(session, [place], value_rules=[rule], start=parse_position("35")))
    assert end_line(hidden, cancelled=False).startswith("No record was read. 5 offsets were not read, orders:1 from 35")
    print_summary(Output(json=False), empty)
    assert capsys.readouterr().out.startswith("The range holds no record, ")
    print_summary(Output(json=False), hidden)
    printed = capsys.readouterr()
    assert printed.out.startswith("0 found in 0 records")
    assert "Not complete: nothing was found in what was read" in printed.err


async def test_a_leader_that_is_away_for_a_moment_is_not_taken_for_damage(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "_BETWEEN_ATTEMPTS_S", 0.0)
    place, ask, asked = TopicPartition("orders", 1), cluster.next_batch, 0
    cluster.log(place).corrupt = {3}

    async def fail(where: RecordId, times: int) -> int | None:
        nonlocal asked
        asked += 1
        if asked <= times:
            raise Unreachable("broker 1 is silent")
        return await ask(where)

    monkeypatch.setattr(cluster, "next_batch", lambda where: fail(where, 2))
    _, last = await run(scan(session, ["orders"], value_rules=[parse_rule("json")]))
    assert ([(one.from_offset, one.to_offset) for one in last.damaged], last.skipped) == ([(3, 4)], ())
    monkeypatch.setattr(cluster, "next_batch", lambda where: fail(where, 1_000))
    _, last = await run(scan(session, ["orders"], value_rules=[parse_rule("json")]))
    assert (last.damaged, names_of(last.skipped), last.complete) == ((), [place], False)


async def test_of_a_partition_with_very_many_damaged_batches_the_rest_is_not_read(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "MOST_DAMAGED", 2)
    cluster.log(TopicPartition("orders", 1)).corrupt = {3, 5, 7, 9}
    _, last = await run(scan(session, ["orders"], value_rules=[parse_rule("json")]))
    assert [(one.from_offset, one.to_offset) for one in last.damaged] == [(3, 4), (5, 6), (7, 40)]
    assert [damage_reason(one) for one in last.damaged] == [
        *["cannot be read: the record batch on the broker's disk is damaged"] * 2,
        "was not tried: the read stops in a partition after 100 damaged batches",
    ]
    assert end_line(last, cancelled=False).endswith(
        "orders:1 from 7 to 39 was not tried: the read stops in a partition after 100 damaged batches"
    )


async def test_a_batch_for_which_a_read_waits_in_vain_is_named_and_the_others_are_read(
    session: Session, cluster: FakeCluster
) -> None:
    """librdkafka waits so for a batch whose length is damaged; the leader of another is away."""
    cluster.log(TopicPartition("orders", 1)).stalling = {3}
    cluster.log(TopicPartition("orders", 2)).stalling = {35}
    _, last = await run(scan(session, ["orders"], value_rules=[parse_rule("json")]))
    assert sorted((one.topic_partition.partition, one.from_offset, one.to_offset) for one in last.damaged) == [
        (1, 3, 4),
        (2, 35, 36),
    ]
    assert (last.scanned, last.passed, last.skipped, last.complete) == (118, 120, (), False)


async def test_a_scan_goes_on_behind_each_batch_that_cannot_be_read(session: Session, cluster: FakeCluster) -> None:
    place = TopicPartition("orders", 1)
    cluster.log(place).corrupt = {3, 20, 21, 39}
    found, last = await run(scan(session, ["orders"], value_rules=[parse_rule("json")]))
    assert [(one.topic_partition, one.from_offset, one.to_offset) for one in last.damaged] == [
        (place, offset, offset + 1) for offset in (3, 20, 21, 39)
    ]
    assert (last.scanned, len(found), last.passed, last.removed, last.complete) == (116, 3, 120, (), False)
    assert "4 offsets cannot be read, orders:1 from 3 to 3," in end_line(last, cancelled=False)
    assert summary_document(last)["damaged"][1] == {
        "topic": "orders",
        "partition": 1,
        "from_offset": 20,
        "to_offset": 21,
        "offsets": 1,
        "reason": "cannot be read: the record batch on the broker's disk is damaged",
    }


async def test_a_scan_goes_on_where_retention_took_all_of_a_partition(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = cluster.log(TopicPartition("orders", 1))
    last = await scan_while(session, lambda: log.truncate_before(40), 10, monkeypatch)
    assert last.removed == (removed(1, 0, 40, RemovalCause.RETENTION),)
    assert (last.scanned, last.complete) == (80, False)


async def test_a_log_that_is_cut_while_it_is_scanned_is_not_called_complete(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut() -> None:
        del cluster.log(TopicPartition("orders", 0)).entries[5:]

    last = await scan_while(session, cut, 10, monkeypatch)
    assert last.removed == (removed(0, 10, 40, RemovalCause.TRUNCATION),)
    assert (last.scanned, last.complete) == (90, False)


async def test_a_topic_that_is_deleted_or_made_anew_while_it_is_scanned_is_not_called_complete(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = cluster.logged["orders"]
    last = await scan_while(session, lambda: cluster.logged.pop("orders"), 10, monkeypatch)
    rest = [(10, 40), (0, 40), (0, 40)]
    assert last.removed == tuple(removed(at, *span, RemovalCause.DELETION) for at, span in enumerate(rest))
    assert (last.scanned, last.complete) == (10, False)

    def make_anew() -> None:
        cluster.logged["orders"] = replace(kept, id=b"another topic id")

    cluster.logged["orders"] = kept
    last = await scan_while(session, make_anew, 10, monkeypatch)
    assert last.removed == tuple(removed(at, 0, 40, RemovalCause.DELETION) for at in range(3))
    assert not last.complete


async def test_partitions_that_are_added_while_a_topic_is_scanned_hold_nothing_that_was_to_be_read(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = await scan_while(session, lambda: cluster.logged["orders"].logs.append(FakeLog()), 10, monkeypatch)
    assert (last.scanned, last.removed, last.complete) == (120, (), True)


async def test_a_leader_that_falls_silent_leaves_what_the_others_have(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = await scan_while(session, lambda: cluster.down.add(3), 40, monkeypatch)
    assert (last.scanned, names_of(last.skipped), last.complete) == (80, [TopicPartition("orders", 2)], False)
    cluster.down.clear()
    with pytest.raises(Unreachable):  # not one partition was read to its end
        await scan_while(session, lambda: cluster.down.update({1, 2, 3}), 10, monkeypatch)


async def test_exactly_the_bad_records_are_found(session: Session) -> None:
    found, last = await run(scan(session, ["orders"], value_rules=[parse_rule("json")]))
    assert [finding.record for finding in found] == [RecordId("orders", partition, 10) for partition in range(3)]
    assert (last.scanned, last.found, last.passed, last.total, last.complete) == (120, 3, 120, 120, True)


async def test_without_a_rule_the_topics_own_format_is_the_rule(session: Session) -> None:
    found, _ = await run(scan(session, ["orders"]))
    assert {finding.rule for finding in found} == {"json"}


async def test_keys_have_their_own_rule(session: Session) -> None:
    found, _ = await run(scan(session, [TopicPartition("orders", 1)], key_rules=[parse_rule("json")]))
    assert len(found) == 39  # all but the null key
    assert {finding.field for finding in found} == {"key"}


@pytest.mark.parametrize(
    ("start", "end", "scanned"),
    [
        ("beginning", "end", 40),
        ("-5", "end", 5),
        ("-500", "end", 40),
        ("10", "12", 2),
        ("12", "10", 0),
        ("10", "-10", 20),
        (f"@{FIRST_TIMESTAMP_MS + 20 * 31}", "end", 10),
        ("@1", "end", 40),
        ("@9999999999999", "end", 0),
    ],
)
async def test_a_range_is_read_and_no_more(session: Session, start: str, end: str, scanned: int) -> None:
    steps = scan(session, [TopicPartition("orders", 0)], start=parse_position(start), end=parse_position(end))
    _, last = await run(steps)
    assert (last.scanned, last.complete) == (scanned, True)


async def test_it_stops_at_the_most_findings_and_says_that_it_is_not_complete(session: Session) -> None:
    found, last = await run(scan(session, ["orders"], value_rules=[parse_rule("max-bytes:1")], max_findings=2))
    assert (len(found), last.found, last.complete) == (2, 2, False)


async def test_a_partition_whose_leader_is_silent_is_left_out_and_named(cluster: FakeCluster, session: Session) -> None:
    cluster.down = {2}
    found, last = await run(scan(session, ["orders"], value_rules=[parse_rule("json")]))
    assert ([finding.record.partition for finding in found], last.complete) == ([0, 2], False)
    assert names_of(last.skipped) == [TopicPartition("orders", 1)]


async def test_an_open_transaction_ends_the_readable_part(cluster: FakeCluster, session: Session) -> None:
    with cluster.open_transaction(TopicPartition("orders", 0), BAD):
        found, last = await run(scan(session, [TopicPartition("orders", 0)]))
    assert (len(found), last.scanned, last.complete) == (1, 40, False)


async def test_a_scan_of_something_missing_is_refused(session: Session, cluster: FakeCluster) -> None:
    with pytest.raises(UnknownTopicOrPartition, match="no partition orders:9: orders has 3"):
        await run(scan(session, [TopicPartition("orders", 9)]))
    with pytest.raises(OffsetOutOfRange, match="outside the log"):
        await run(scan(session, ["orders"], start=parse_position("41")))
    cluster.add_topic("empty")
    with pytest.raises(ValueError, match="empty shows no format"):
        await run(scan(session, ["empty"]))


async def test_a_cancelled_scan_leaves_no_thread(session: Session, cluster: FakeCluster) -> None:
    cluster.delays["batch"] = 5
    task = asyncio.create_task(run(scan(session, ["orders"], value_rules=[parse_rule("json")])))
    while not cluster.calls["read"]:  # noqa: ASYNC110 - the fake counts, it signals nothing
        await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(patience(0.5)):
        await asyncio.wait([task])
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kafkaview-scan")]


@dataclass(frozen=True)
class Slow:
    """A rule that takes its time."""

    name: str = "slow"
    title: str = "slow"

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:  # noqa: ARG002
        time.sleep(0.05)
        return None

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:  # noqa: ARG002
        return Decoded(self.name, None, "")


async def test_a_scan_is_cancelled_in_the_middle_of_a_batch(session: Session) -> None:
    async with aclosing(scan(session, ["orders"], value_rules=[Slow()])) as steps:
        await anext(steps)
        checking = asyncio.ensure_future(anext(steps))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        checking.cancel()
        await asyncio.wait([checking])
    assert time.monotonic() - began < 1.5  # 40 records take 2 s
