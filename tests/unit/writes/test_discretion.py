"""Where the journal does not keep records as they are, no part of an entry quotes them, and a redrive can still read
what is encrypted.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.author import author_of
from kafkaview.journal.entry import EntryState
from kafkaview.journal.sealing import SealingKeys
from kafkaview.journal.store import Journal
from kafkaview.profiles.journal_rules import JournalRules, PayloadForm
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Protocol, Sasl, Security
from kafkaview.session import Session
from kafkaview.terms import Header, RecordId, TopicPartition
from kafkaview.triage.reroute.planner import plan_request
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.plan import NOT_SENT, ChangePlan, ChangeRow
from kafkaview.writes.records.production import plan_produce_record
from kafkaview.writes.records.request import ProductionRequest
from tests.kit.fake_cluster import FakeCluster
from tests.kit.payloads import payloads_of
from tests.ui.connections.rings import MemoryRing, keyring

SECRETS = (b"key-of-rene", b"card 4111", b"DE02 1203")
REQUEST = ProductionRequest("orders", SECRETS[0], SECRETS[1], (Header("iban", SECRETS[2]),), 2)
LOGIN = Security(Protocol.SASL_PLAINTEXT, sasl=Sasl("SCRAM-SHA-256", "oncall"))


@pytest.fixture
def form() -> PayloadForm:
    return PayloadForm.KEPT


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.add_topic("orders", 4)
    cluster.add_record("orders", SECRETS[1], key=SECRETS[0], headers=(Header("iban", SECRETS[2]),))
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path, form: PayloadForm) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_path / "journal.sqlite3", SealingKeys(keyring(MemoryRing())))
    profile = ConnectionProfile("fake", "fake:9092", security=LOGIN, journal=JournalRules(form))
    yield Session(profile, cluster, TopicDecoders(), journal, author=lambda: author_of(profile))
    await journal.close()


def quoted(folder: Path) -> list[bytes]:
    """Which of the secrets stand anywhere in the journal's files."""
    content = b"".join(one.read_bytes() for one in folder.iterdir())
    return [one for one in (*SECRETS, b"Y2FyZCA0MTEx") if one in content]  # the last is one of them in base64


@pytest.mark.parametrize("form", [PayloadForm.ENCRYPTED, PayloadForm.MASKED, PayloadForm.LEFT_OUT])
async def test_no_part_of_an_entry_quotes_a_record_that_is_produced_or_re_routed(
    session: Session, cluster: FakeCluster, tmp_path: Path, form: PayloadForm
) -> None:
    await carry_out(session, await plan_produce_record(session, REQUEST))
    record = cluster.log(TopicPartition("orders", 2)).entries[-1]
    assert record is not None
    assert (record.key, record.value) == SECRETS[:2], "what is written is the whole record"
    source = RecordId("orders", 0, 0)
    reasons = {source: f'"{SECRETS[1].decode()}" is no number'}
    await carry_out(session, await plan_request(session, RerouteRequest((source,), (), reasons=reasons)))
    assert quoted(tmp_path) == []
    reroute, produced = await session.journal.entries()
    assert (produced.intent.target, produced.payloads.form, produced.payloads.count) == ("orders", form, 1)
    assert next(what for what, _before, _after in produced.intent.rows) == "Partition"
    assert "--value-file value.bin" in produced.intent.command
    assert produced.intent.plan["headers"] == [{"key": "iban", "size": 9}]
    assert next(header["value"] for header in reroute.intent.plan["records"][0]["added_headers"]) == ""
    if form is PayloadForm.ENCRYPTED:
        (kept,) = await payloads_of(session.journal, produced.id)
        assert (kept.key, kept.value, kept.headers) == (*SECRETS[:2], (Header("iban", SECRETS[2]),))


async def test_records_that_are_kept_are_quoted_in_the_plan_too(session: Session, tmp_path: Path) -> None:
    await carry_out(session, await plan_produce_record(session, REQUEST))
    assert quoted(tmp_path) == [*SECRETS]
    (entry,) = await session.journal.entries()
    assert entry.intent.author is not None
    assert entry.intent.author.principal == "User:oncall"


async def nothing(_cluster: Cluster) -> None:
    """Done at once."""


async def verify(_cluster: Cluster) -> str:
    return ""


@pytest.mark.parametrize("form", [PayloadForm.MASKED, PayloadForm.KEPT])
async def test_reasons_why_records_stay_are_kept_with_the_records_alone(
    session: Session, tmp_path: Path, form: PayloadForm
) -> None:
    reason = f'"{SECRETS[1].decode()}" is no number'
    failed = [{"record": "orders:0:0", "reason": reason}]
    rows = (ChangeRow("orders:0", None, "3 records"), ChangeRow("1 record stays", reason, NOT_SENT))
    plan = ChangePlan("redrive", "", "", "dlq", rows, ("redrive",), {"failed": failed}, nothing, nothing, verify)
    await carry_out(session, plan)
    (entry,) = await session.journal.entries()
    await session.journal.note(entry.id, {"redriven": {"failed": failed}})
    await session.journal.end(entry.id, EntryState.COMMITTED, {"failed": failed})
    assert quoted(tmp_path) == ([] if form is PayloadForm.MASKED else [SECRETS[1]])
    newest = (await session.journal.entries())[0]
    assert newest.intent.rows[0] == ("orders:0", None, "3 records")
    assert newest.intent.plan["failed"][0]["record"] == "orders:0:0"
