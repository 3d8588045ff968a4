"""A redrive that is tried: counts, reasons and differences, and nothing is written."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import Header, RecordId
from kafkaview.triage.dead_letters.causes import CauseKey
from kafkaview.triage.dead_letters.letters import read_letters
from kafkaview.triage.dead_letters.request import LetterCut, LettersRequest
from kafkaview.triage.dead_letters.sent_back import HOPS_HEADER
from kafkaview.triage.mending.result import MendOutcome
from kafkaview.triage.mending.rules import Acceptance, AcceptKind, MendRule, RuleKind, UnusableRule
from kafkaview.triage.redrive.planner import plan_redrive
from kafkaview.triage.redrive.request import RedriveRequest
from kafkaview.triage.redrive.trial import RedriveTrial
from kafkaview.triage.redrive.trial_run import draft_letter, find_redriven, try_redrive
from kafkaview.triage.scan.kept_rules import TopicRules
from kafkaview.triage.scan.trial import keep_rules
from kafkaview.writes.carrying_out import carry_out
from tests.kit.fake_cluster import FIRST_TIMESTAMP_MS, FakeCluster

pytestmark = pytest.mark.usefixtures("tmp_home")  # rules of topics are kept there

HOUR = 3_600_000


def headers(number: int, message: str) -> tuple[Header, ...]:
    names = {"topic": b"orders", "partition": b"0", "offset": b"%d" % number, "exception.message": message.encode()}
    return tuple(Header(f"__connect.errors.{name}", value) for name, value in names.items())


@pytest.fixture
def cluster() -> FakeCluster:
    made = FakeCluster()
    made.add_topic("orders")
    made.add_topic("dlq")
    for number in range(20):
        value = b'{"n": "%d"}' % number if number % 5 else b"{"
        cause = "no price" if number % 2 else "no name"
        at_ms = FIRST_TIMESTAMP_MS + number * HOUR
        made.add_record("dlq", value, key=b"k", headers=headers(number, cause), timestamp_ms=at_ms)
    return made


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


RULE = MendRule(RuleKind.CEL, b'merge(value, {"n": int(value.n)})')
ALL = RedriveRequest("dlq", mend=RULE, accept=Acceptance(AcceptKind.JSON))


async def tried(session: Session, request: RedriveRequest) -> RedriveTrial:
    steps = [step async for step in try_redrive(session, request)]
    assert steps[-1].ended
    return steps[-1]


async def test_a_trial_counts_all_and_shows_reasons_and_differences(session: Session, cluster: FakeCluster) -> None:
    found = await tried(session, ALL)
    assert (found.unchanged, found.mended, found.failed, found.already_sent) == (0, 16, 4, 0)
    first = found.letters[0]
    assert (first.record, first.outcome) == (RecordId("dlq", 0, 0), MendOutcome.FAILED)
    assert first.reason.endswith("the value ends inside an object at byte 0")
    mended = next(one for one in found.letters if one.outcome is MendOutcome.MENDED)
    assert [(one.path, one.left, one.right) for one in mended.differences] == [("value.n", '"1"', "1")]
    assert not cluster.logged["orders"].logs[0].entries
    plan = await plan_redrive(session, ALL)
    assert (plan.counts.mended, plan.counts.failed) == (16, 4)


async def test_a_rule_that_cannot_be_used_ends_the_trial_before_a_record_is_read(session: Session) -> None:
    with pytest.raises(UnusableRule, match="no variable valu"):
        await tried(session, replace(ALL, mend=MendRule(RuleKind.CEL, b"valu")))
    with pytest.raises(UnusableRule, match="cannot be read"):
        await tried(session, replace(ALL, mend=MendRule(RuleKind.PYTHON, b"", "/missing.py")))


async def test_files_that_are_only_named_are_read_for_the_trial_and_the_plan(session: Session, tmp_path: Path) -> None:
    rule, schema = tmp_path / "rule.py", tmp_path / "schema.json"
    rule.write_text("def mend(record):\n    return {'n': 1}")
    schema.write_text('{"required": ["n"]}')
    request = replace(
        ALL,
        mend=MendRule(RuleKind.PYTHON, b"", str(rule)),
        accept=Acceptance(AcceptKind.JSON_SCHEMA, b"", str(schema)),
    )
    assert (await tried(session, request)).mended == 20
    plan = await plan_redrive(session, request)
    assert plan.counts.mended == 20
    words = " ".join(plan.command)
    assert f"--mend python:{rule} --accept jsonschema:{schema}" in words


@pytest.mark.parametrize(
    ("cut", "offsets"),
    [
        (LetterCut(CauseKey("no price", "orders")), range(1, 20, 2)),
        (LetterCut(CauseKey("no price", "bills")), ()),
        (LetterCut(None, FIRST_TIMESTAMP_MS + 3 * HOUR, FIRST_TIMESTAMP_MS + 6 * HOUR), range(3, 6)),
        (LetterCut(CauseKey("no name", "orders"), FIRST_TIMESTAMP_MS + 17 * HOUR), (18,)),
        (LetterCut(None, None, FIRST_TIMESTAMP_MS + HOUR), (0,)),
    ],
)
async def test_only_the_dead_letters_of_a_cut_are_sent_back(
    session: Session, cluster: FakeCluster, cut: LetterCut, offsets: range | tuple[int, ...]
) -> None:
    rows = [row async for batch in read_letters(session, LettersRequest("dlq", cut)) for row in batch.rows]
    assert sorted(row.offset for row in rows) == list(offsets)
    plan = await plan_redrive(session, RedriveRequest("dlq", cut=cut))
    assert plan.counts.to_send == len(offsets)
    if offsets:
        await carry_out(session, plan)
        sent = [one.headers for one in cluster.logged["orders"].logs[0].entries if one is not None]
        assert sent == [(Header(HOPS_HEADER, b"1"),)] * len(offsets)
        again = await plan_redrive(session, RedriveRequest("dlq"))
        assert (again.counts.already_sent, again.counts.to_send) == (len(offsets), 20 - len(offsets))


async def test_what_was_sent_back_is_found_again(session: Session) -> None:
    records = [RecordId("dlq", 0, offset) for offset in range(20)]
    assert await find_redriven(session, records) == ()
    assert await find_redriven(session, ()) == ()
    await carry_out(session, await plan_redrive(session, RedriveRequest("dlq", tuple(records[3:5]))))
    sent = await find_redriven(session, records)
    assert [one.record for one in sent] == records[3:5]
    assert all(one.at_ms is not None for one in sent)
    found = await tried(session, ALL)
    assert (found.mended, found.failed, found.already_sent) == (14, 4, 2)


async def test_a_draft_is_the_value_as_it_would_be_sent(session: Session, cluster: FakeCluster) -> None:
    draft = await draft_letter(session, RedriveRequest("dlq", (RecordId("dlq", 0, 1),)))
    assert (draft.data, draft.text, draft.target, draft.problem) == (b'{"n": "1"}', None, "orders", "")
    cluster.add_record("dlq", b"x", key=b"k")
    draft = await draft_letter(session, RedriveRequest("dlq", (RecordId("dlq", 0, 20),)))
    assert draft.problem == "no header of a known dialect names its origin"
    draft = await draft_letter(session, RedriveRequest("dlq", (RecordId("dlq", 0, 20),), to="orders"))
    assert draft.data == b"x"


async def test_a_letter_that_came_back_says_how_often_it_was_sent(session: Session, cluster: FakeCluster) -> None:
    back = (Header(HOPS_HEADER, b"2"), *headers(30, "again"))
    cluster.add_record("dlq", b"x", headers=back)
    rows = [row async for batch in read_letters(session, LettersRequest("dlq")) for row in batch.rows]
    assert [row.hops for row in rows if row.offset >= 19] == [2, 0]


async def test_values_are_held_to_the_rules_of_their_topic_or_else_to_its_format(
    session: Session, cluster: FakeCluster
) -> None:
    by_topic = replace(ALL, mend=None, accept=Acceptance(AcceptKind.TOPIC))
    with pytest.raises(UnusableRule, match="orders shows no format"):
        await tried(session, by_topic)
    cluster.add_record("orders", b'{"a": 1}')
    session.decoders._inferred.clear()
    found = await tried(session, by_topic)
    assert (found.unchanged, found.failed) == (16, 4)
    assert {one.reason for one in found.letters if one.reason} == {"the value ends inside an object at byte 0"}
    await keep_rules(session, "orders", TopicRules(("max-bytes:10", "not-null")))
    cluster.add_record("dlq", None, key=b"k", headers=headers(20, "none"))
    found = await tried(session, by_topic)
    reasons = {one.record.offset: one.reason for one in found.letters if one.reason}
    assert sorted(reasons) == [11, 12, 13, 14, 16, 17, 18, 19, 20]
    assert "null" in reasons[20]
