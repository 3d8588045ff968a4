"""Each printed line, read by a shell and by our own command line, means what was printed, whatever names are in it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafkaview.cli.acls import _acls_of_options
from kafkaview.cli.offsets import _request
from kafkaview.cli.produce import request_of
from kafkaview.cli.quotas import _entity
from kafkaview.cluster.ports.security import Acl, Operation, PatternType, Permission, QuotaEntity, ResourceType
from kafkaview.command_words import command_words
from kafkaview.security.documents import acl_options, entity_options
from kafkaview.terms import CommittedOffset, GroupType, Header, Record, RecordId, TimestampType, TopicPartition
from kafkaview.triage.reroute.plan import CopyPlan, GroupPlan, ReroutePlan
from kafkaview.writes.offsets.planner import _command
from kafkaview.writes.plan import command_line
from kafkaview.writes.records.production_line import production_words
from kafkaview.writes.records.request import ProductionRequest
from tests.unit.cli.lines import PROFILE, line_of, read_line

_ODD = [
    "-orders",
    "--",
    "--yes",
    "-",
    " g",
    "a b",
    "$HOME",
    "`x`",
    "it's",
    '"',
    "a\nb",
    "\x1b[2J",
    "g:1=2,3",
    "*",
]
_ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
names = st.one_of(st.sampled_from(_ODD), _ANY)
topics = st.from_regex(r"[a-zA-Z0-9._-]{1,20}", fullmatch=True)
thorough = settings(deadline=None, max_examples=40)


@thorough
@given(names)
@pytest.mark.parametrize(
    ("verb", "parameter"),
    [
        (["lag"], "group"),
        (["topic"], "name"),
        (["groups", "delete"], "group"),
        (["tokens", "expire"], "token"),
        (["profiles", "show"], "name"),
    ],
)
def test_an_argument_is_taken_as_it_is(verb: list[str], parameter: str, name: str) -> None:
    found = read_line(line_of(command_words(verb, [name])))
    assert found[parameter] in (name, [name])
    assert found["json"]


@thorough
@given(st.lists(topics, min_size=1, max_size=3), topics, st.lists(names, max_size=3, unique=True))
def test_a_reroute_is_the_same_reroute(sources: list[str], dlq: str, groups: list[str]) -> None:
    records = [Record(topic, 0, 7, 1, TimestampType.CREATE_TIME, b"", b"") for topic in sources]
    place, before = TopicPartition(sources[0], 0), CommittedOffset(7)
    moves = tuple(GroupPlan(group, GroupType.CLASSIC, place, before, 8, 0, 9) for group in groups)
    copies = tuple(CopyPlan(record, (), good=False) for record in records)
    plan = ReroutePlan(dlq, False, True, 1, None, copies, moves, (), True, False, "kafka", ())
    found = read_line(command_line(PROFILE, plan))
    assert (found["record"], found["to"]) == ([str(record.id) for record in records], dlq)
    assert ([RecordId.parse(text).topic for text in found["record"]], found["group"]) == (sources, groups)
    assert (found["create_dlq"], found["skip"]) == (True, bool(groups))


_BYTES = st.one_of(st.none(), st.binary(max_size=12), names.map(str.encode))
_HEADERS = st.lists(st.builds(Header, st.one_of(names, st.just("")), _BYTES), max_size=3).map(tuple)


@thorough
@given(topics, _BYTES, _BYTES, _HEADERS, st.one_of(st.none(), st.integers(1, 5_000_000_000_000_000)))
def test_a_record_that_is_produced_is_the_same_record(
    topic: str, key: bytes | None, value: bytes | None, headers: tuple[Header, ...], timestamp_ms: int | None
) -> None:
    words = production_words(topic, 3, key, value, headers, timestamp_ms)
    found = read_line(line_of(words))
    request = request_of(
        found["topic"],
        partition=found["partition"],
        keys=(found["key"], found["key_b64"], found["key_file"]),
        values=(found["value"], found["value_b64"], found["value_file"]),
        **{name: found[name] for name in ("tombstone", "header", "headers", "timestamp")},
    )
    assert request == ProductionRequest(topic, key, value, headers, 3, timestamp_ms)


@thorough
@given(names, topics)
def test_an_offset_change_is_the_same_change(group: str, topic: str) -> None:
    for to in ("earliest", "17", "-5", "+3"):
        request = _request(group, [topic], [f"{topic}:3"], to, include_uncommitted=True)
        found = read_line(line_of(_command(request)))
        again = _request(found["group"], found["topic"], found["partition"], found["to"], include_uncommitted=True)
        assert again == request


@thorough
@given(names, names, names)
def test_acls_are_the_same_acls(principal: str, name: str, host: str) -> None:
    denied = Acl(ResourceType.TOPIC, name, PatternType.LITERAL, principal, host, Operation.READ, Permission.DENY)
    allowed = Acl(ResourceType.GROUP, name, PatternType.PREFIXED, principal, host, Operation.READ, Permission.ALLOW)
    for whole in ([denied], [denied, allowed]):
        found = read_line(line_of(("acls", "create", *acl_options(whole))))
        given_ones = (found[key] for key in ("principal", "resource", "operation", "pattern", "host", "acl"))
        assert list(_acls_of_options(*given_ones, deny=found["deny"])) == whole


@thorough
@given(names, st.one_of(st.none(), names))
def test_a_quotas_entity_is_the_same_entity(user: str, client_id: str | None) -> None:
    entity = QuotaEntity((("user", user), ("client-id", client_id)))
    found = read_line(line_of(("quotas", "set", *entity_options(entity), "--limit", "producer_byte_rate=1")))
    assert _entity({"user": found["user"], "client-id": found["client_id"], "ip": None}, found["default"]) == entity
