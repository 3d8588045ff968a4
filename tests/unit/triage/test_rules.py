"""Rules of whole records, several rules at once, and those that are kept for a topic."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from kafkaview.cluster.ports.schemas import RegisteredSchema
from kafkaview.decode.registered_schema import Registered
from kafkaview.decode.schemas import Schemas
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.errors import StoreUnavailable
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import Header, Record, TimestampType, TopicPartition
from kafkaview.triage.scan.findings import Finding
from kafkaview.triage.scan.inspection import Inspection, InspectionRule
from kafkaview.triage.scan.kept_rules import RuleBook, TopicRules
from kafkaview.triage.scan.listed_records import InspectedRecords
from kafkaview.triage.scan.record_rules import ExpressionRule, HeaderRule, NotNullRule
from kafkaview.triage.scan.rule_sets import find_kept_inspection
from kafkaview.triage.scan.rules import (
    RULE_KINDS,
    RULES,
    inspection_rule,
    read_rule,
    read_rules,
    write_rule,
    written_rule,
)
from kafkaview.triage.scan.scan import scan
from kafkaview.triage.watch.suspect import Suspects
from kafkaview.triage.watch.verdict import Stuck, Verdict
from tests.kit.fake_cluster import FakeCluster
from tests.unit.decode.registered import MemoryRegistry, framed
from tests.unit.triage.samples import group_view, verdicts


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.add_topic("orders")
    trace = [Header("trace", b"1")]
    cluster.add_record("orders", b'{"n": 1}', key=b"a", headers=trace)
    cluster.add_record("orders", b'{"n": -1}', key=b"b", headers=trace)
    cluster.add_record("orders", b'{"m": 1}', key=None, headers=trace)
    cluster.add_record("orders", None, key=b"c")
    cluster.add_record("orders", b'{"n": ', key=b"\xff", headers=trace)
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_home: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_home / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


async def found(session: Session, values: Sequence[str] = (), keys: Sequence[str] = ()) -> list[Finding]:
    found: list[Finding] = []
    steps = scan(session, ["orders"], value_rules=read_rules(values), key_rules=read_rules(keys))
    async with aclosing(steps):
        async for step in steps:
            found += step.findings
    return found


async def test_what_is_said_of_a_record_is_found(session: Session) -> None:
    by_rule = {
        "header:trace": [(3, "headers", "the header trace is missing")],
        "not-null": [(3, "value", "the value is null")],
        "cel:value.n > 0": [
            (1, "value", "value.n > 0 does not hold"),
            (2, "value", "value.n > 0 cannot be told: there is no n"),
            (4, "value", "value.n > 0 cannot be told: there is no n"),
        ],
        'cel:key != "a"': [(0, "value", 'key != "a" does not hold')],
    }
    for rule, expected in by_rule.items():
        told = [(one.record.offset, one.field, one.reason) for one in await found(session, [rule])]
        assert [one[:2] for one in told] == [one[:2] for one in expected], rule
        assert all(
            reason.startswith(wanted[:20]) for (_, _, reason), (_, _, wanted) in zip(told, expected, strict=True)
        )
    keys = [(one.record.offset, one.field, one.reason) for one in await found(session, keys=["not-null", "utf8"])]
    assert keys == [(2, "key", "the key is null"), (4, "key", "byte 0 of the key is not UTF-8")]


async def test_several_rules_read_the_range_once(session: Session, cluster: FakeCluster) -> None:
    several = await found(session, ["json", "header:trace", "max-bytes:7", "cel:value.n > 0"], ["not-null", "utf8"])
    assert cluster.calls["read"] == 1
    assert [(one.record.offset, one.field, one.rule) for one in several] == [
        (0, "value", "max-bytes:7"),
        (1, "value", "max-bytes:7"),
        (1, "value", "cel:value.n > 0"),
        (2, "key", "not-null"),
        (2, "value", "max-bytes:7"),
        (2, "value", "cel:value.n > 0"),
        (3, "headers", "header:trace"),
        (4, "key", "utf8"),
        (4, "value", "json"),
        (4, "value", "cel:value.n > 0"),
    ]


async def test_each_rule_finds_beside_others_what_it_finds_alone(session: Session) -> None:
    rules = ["json", "header:trace", "max-bytes:7", "cel:value.n > 0", "not-null"]
    alone = {rule: list(await found(session, [rule])) for rule in rules}
    together = await found(session, rules)
    assert {rule: [one for one in together if one.rule == rule] for rule in rules} == alone


async def test_the_rules_of_each_topic_are_its_own(session: Session, cluster: FakeCluster) -> None:
    cluster.add_topic("bills")
    cluster.add_record("bills", b"plain")
    RuleBook.of(session.profile).keep("orders", TopicRules(("header:trace",), ("not-null",)))
    RuleBook.of(session.profile).keep("bills", TopicRules(("json:go",)))
    steps = scan(session, ["orders", "bills"])
    told = [one async for step in steps for one in step.findings]
    assert sorted((str(one.record), one.rule) for one in told) == [
        ("bills:0:0", "json:go"),
        ("orders:0:2", "not-null"),
        ("orders:0:3", "header:trace"),
    ]
    given = await found(session, ["max-bytes:7"])
    assert {one.rule for one in given} == {"max-bytes:7"}  # what is given counts in place of what is kept


async def test_a_kept_rule_that_no_longer_holds_is_named(session: Session, tmp_path: Path) -> None:
    RuleBook.of(session.profile).keep("orders", TopicRules((f"jsonschema:{tmp_path}/gone.json",)))
    with pytest.raises(ValueError, match=r"a rule that is kept for orders cannot be used: cannot read the schema"):
        await found(session)
    assert await find_kept_inspection(session, "orders") is None


async def test_a_suspect_is_one_that_breaks_the_rules_that_are_kept(session: Session, cluster: FakeCluster) -> None:
    RuleBook.of(session.profile).keep("orders", TopicRules(("cel:value.n > 0",)))
    kept = await find_kept_inspection(session, "orders")
    assert kept is not None
    records = [record async for batch in cluster.read({TopicPartition("orders", 0): 0}) for record in batch.records]
    problems = [kept.problem(record) for record in records]
    assert [problem is None for problem in problems] == [True, False, False, True, False]


async def test_a_group_that_stands_is_judged_by_the_rules_that_are_kept(session: Session, cluster: FakeCluster) -> None:
    (standing,) = verdicts([group_view(10, 1_000)] * 12)
    place = TopicPartition("orders", 0)
    stands = replace(standing, topic_partition=place, committed_offset=0)

    async def judged() -> Stuck:
        suspects = Suspects(cluster, session.decoders, partial(find_kept_inspection, session))
        await suspects.search([stands], lambda: None)
        (found,) = suspects.explain([stands])
        return found

    assert (await judged()).suspect is None  # too few of its records are of one format
    RuleBook.of(session.profile).keep("orders", TopicRules(("cel:value.n > 0",)))
    by_rule = await judged()
    assert by_rule.suspect is not None
    assert (by_rule.verdict, by_rule.suspect.record.offset) == (Verdict.POISON, 1)
    assert by_rule.reason == "value.n > 0 does not hold"
    RuleBook.of(session.profile).keep("orders", TopicRules(("max-bytes:100",)))
    passing = await judged()
    assert passing.evidence[-1].text.startswith("The next 5 records pass the rules that are kept for the topic")


def test_rules_are_kept_beside_the_connections(tmp_path: Path) -> None:
    one, other = RuleBook("a", tmp_path / "rules.toml"), RuleBook("b", tmp_path / "rules.toml")
    rules = TopicRules(("json:jackson", 'cel:value.a == "x"'), ("not-null",))
    one.keep("orders", rules)
    other.keep("orders", TopicRules(("utf8",)))
    assert RuleBook("a", tmp_path / "rules.toml").get("orders") == rules
    assert (one.get("bills"), other.get("orders")) == (TopicRules(), TopicRules(("utf8",)))
    one.keep("orders", TopicRules())
    assert not one.get("orders")
    (tmp_path / "rules.toml").write_text("[a.orders]\nvalues = 7\nkeys = [1, 'utf8']\n")
    assert one.get("orders") == TopicRules((), ("utf8",))
    (tmp_path / "rules.toml").write_text(damaged := "[a.orders\nvalues = ['utf8']\n")
    for deed in (lambda: one.get("orders"), lambda: one.keep("bills", rules)):
        with pytest.raises(StoreUnavailable, match=r"rules\.toml cannot be read: Expected"):
            deed()
    assert (tmp_path / "rules.toml").read_text() == damaged, "the rules of other topics would be lost"
    (tmp_path / "rules.toml").write_text("")
    with pytest.raises(StoreUnavailable, match="it is not UTF-8"):
        one.keep("orders", TopicRules(("jsonschema:caf\udce9",)))
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="The rule cannot be kept"):
        RuleBook("a", tmp_path / "file" / "rules.toml").keep("orders", rules)


@pytest.mark.parametrize("text", ["header:trace", "not-null", "cel:value.n > 0", "json:go", "max-bytes:7"])
def test_a_rule_is_the_same_in_another_process(text: str) -> None:
    rule = read_rule(text)
    written = write_rule(rule)
    assert written is not None
    records = InspectedRecords([])
    made = written_rule(*written, Schemas)
    assert type(made) is type(inspection_rule(rule, Schemas()))
    assert made.suspects(records, "value", []) == set()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("xml", "there is no rule 'xml'. Rules: registry"),
        ("header:", "'header:' is no rule: header:NAME"),
        ("not-null:x", "'not-null:x' is no rule: not-null"),
        ("cel:", "a filter is a CEL expression"),
        ("cel:nothing.a", "there is no variable nothing"),
    ],
)
def test_a_wrong_rule_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_rule(text)


def test_every_rule_has_a_word_of_its_own() -> None:
    assert len({kind.opening for kind in RULE_KINDS}) == len(RULE_KINDS) == len(RULES)
    assert {"header:NAME", "not-null", "cel:EXPR"} <= set(RULES)


def test_the_rules_of_a_topic_see_only_its_records() -> None:
    with_header = (Header("h", b""),)
    records = [
        Record(topic, 0, n, None, TimestampType.CREATE_TIME, None, b'{"n": %d}' % n, with_header if n % 2 else ())
        for n in range(4)
        for topic in ("a", "b")
    ]
    by_topic: dict[str, list[InspectionRule]] = {
        "a": [HeaderRule("h"), NotNullRule()],
        "b": [ExpressionRule("value.n < 2")],
    }
    flaws = Inspection(by_topic, {}).flaws(InspectedRecords(records))
    assert [(flaw.origin[0], flaw.origin[2], flaw.rule) for flaw in flaws] == [
        ("a", 0, "header:h"),
        ("a", 2, "header:h"),
        ("b", 2, "cel:value.n < 2"),
        ("b", 3, "cel:value.n < 2"),
    ]


def test_a_schema_id_that_the_registry_knows_is_enough_for_one_rule() -> None:
    schema = RegisteredSchema("AVRO", '{"type": "record", "name": "A", "fields": []}', (), (("orders-value", 1),))
    schemas = Schemas(MemoryRegistry({7: schema}), waits=True)
    known, whole = Registered(schemas, known=True), Registered(schemas)
    values = [framed(7, b""), framed(7, b"rubbish"), framed(8, b""), b"{}"]
    assert [known.problem(value) is None for value in values] == [True, True, False, False]
    assert [whole.problem(value) is None for value in values] == [True, False, False, False]
    assert known.doubtful(values) == {2, 3}
    unknown = known.problem(values[2])
    assert unknown is not None
    assert unknown.reason == "bytes 1 to 4 of the value: the registry has no schema id 8"
    assert read_rule("registry:known").name == "registry:known"
