"""docs/cli.md is the contract of what `--json` prints: each verb is tried on the fake cluster, and its fields are those
of the page's example.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
import time_machine

from kafkaview.cli.main import main
from kafkaview.cluster.ports.cluster import Omission
from kafkaview.cluster.ports.coordination import Feature, ReplicaHealth
from kafkaview.cluster.ports.security import Permission
from kafkaview.cluster.ports.transactions import ProducerState
from kafkaview.demo.scenario import list_expected
from kafkaview.terms import Header, TopicPartition
from kafkaview.writes import follow_up
from tests.kit.documents import Section
from tests.kit.fake_cluster import FakeCluster, FakeMember
from tests.kit.fake_security import DAY_MS, NOW_MS
from tests.ui.connections.rings import MemoryRing, keyring
from tests.unit.cli import filled
from tests.unit.cli.contract import PROGRAM, VERB_SECTIONS, options_of, section_of

ACL: Final = "--principal User:alice --resource TOPIC:orders --pattern PREFIXED --operation READ"
IMPORT: Final = "profiles import FILE --name a --without-secrets"
KEEP: Final = "logs LOG --keep"
BEFORE: Final = {  # what has to be there first
    "journal": ["users delete alice --mechanism SCRAM-SHA-256 --yes"],
    "journal show": ["reroute bills:0:20 --to dlq --create-dlq --no-skip --yes"],
    "offsets undo": ["offsets apply ledger --to latest --yes"],
    "topics undo": ["topics create new --yes"],
    "acls undo": [f"acls delete {ACL} --yes"],
    "quotas undo": ["quotas set --user bob --limit producer_byte_rate=1024 --yes"],
    "incidents": [KEEP, "offsets skip ledgers bills:0:20 --evict --yes"],
    **{f"incidents {verb}": [KEEP] for verb in ("note", "ignore", "reopen")},
    **{f"profiles {verb}": [IMPORT] for verb in ("list", "show", "export", "remove", "set-secret")},
}
LINES: Final = {
    "topics": ["topics"],
    "topic": ["topic orders"],
    "topics statistics": ["topics statistics bills", "topics statistics bills --from -5"],
    "topics rules": ["topics rules bills --rule json:jackson --rule not-null --key-rule utf8"],
    "topics create": ["topics create new --partitions 3 --config retention.ms=60000 --dry-run"],
    "topics delete": ["topics delete bills --dry-run"],
    "topics add-partitions": ["topics add-partitions bills --to 3 --dry-run"],
    "topics empty": ["topics empty bills --partition 0 --before 20 --dry-run"],
    "topics set": ["topics set bills retention.ms=60000 --dry-run"],
    "topics reset": ["topics reset orders retention.ms --dry-run"],
    "topics undo": ["topics undo 1 --dry-run"],
    "acls undo": ["acls undo 1 --dry-run"],
    "quotas undo": ["quotas undo 1 --dry-run"],
    "groups": ["groups"],
    "groups delete": ["groups delete ledgers --dry-run"],
    "lag": ["lag"],
    "commits": ["commits ledger --seconds 5"],
    "stuck": ["stuck --seconds 2"],
    "incidents": ["incidents", "incidents --state open"],
    "incidents note": ["incidents note 1 asked"],
    "incidents ignore": ["incidents ignore 1"],
    "incidents reopen": ["incidents reopen 1"],
    "logs": ["logs LOG"],
    "scan": ["scan orders --rule json"],
    "watch": [
        "watch bills --key-rule not-null --rule json --to bills-queue --create-dlq --metrics 9308 --dry-run",
        "watch names --rule json --to bills-queue --create-dlq --yes",
    ],
    "deadletters": ["deadletters", "deadletters bills-dlq"],
    "records": ["records bills", "records bills --where value.no", "records held"],
    "records produce": [
        "records produce orders --key o-1 --value {} --header trace=7 --timestamp @2027-01-15T08:00:00Z --dry-run",
        "records produce bills --value {} --yes",
    ],
    "records import": [
        "records import RECORDS --to bills --dry-run",
        "records import RECORDS --to bills --skip-bad --timestamps now --yes",
    ],
    "reroute": [
        "reroute bills:0:20 --to dlq --create-dlq --group ledgers --skip-between --dry-run",
        "reroute payments:0:0 --to dlq --create-dlq --group ledger --yes",
        "reroute bills:0:20 --to dlq --dry-run",
        "reroute --from-scan FINDINGS --to bills-dlq --dry-run",
        "reroute --from-scan FINDINGS --to bills-dlq --yes",
    ],
    "redrive": [
        "redrive bills-dlq bills-dlq:0:9 --to bills --where size>0 --dry-run",
        "redrive bills-dlq --yes",
        "redrive bills-dlq --mend cel:value --accept json --dry-run",
        "redrive bills-dlq --cause none --origin bills --arrived-from 2026-01-01 --arrived-to 2026-02-01 --dry-run",
    ],
    "offsets plan": [
        "offsets plan billing --to earliest",
        "offsets apply ledger --to latest --yes",
    ],
    "offsets apply": ["offsets apply ledgers --to +1 --wait-empty 1 --dry-run"],
    "offsets skip": ["offsets skip ledgers bills:0:20 --wait-empty 1 --dry-run"],
    "offsets undo": ["offsets undo 1 --dry-run"],
    "offsets delete": ["offsets delete ledger payments --yes"],
    "journal": ["journal", "journal --export RECORDS"],
    "journal show": ["journal show 1"],
    "doctor": ["doctor"],
    "profiles add": ["-X client.id=a profiles add --name a --without-secrets"],
    "profiles import": [IMPORT],
    "profiles list": ["profiles list"],
    "profiles show": ["profiles show a"],
    "profiles export": ["profiles export a"],
    "profiles remove": ["profiles remove a --leave-secrets"],
    "profiles set-secret": ["profiles set-secret a sasl_password"],
    "coordination": ["coordination"],
    "coordination add-voter": ["coordination add-voter 3 --endpoint CONTROLLER://controller-3:9093 --dry-run"],
    "coordination remove-voter": ["coordination remove-voter 2 --dry-run"],
    "brokers": ["brokers"],
    "brokers elect": ["brokers elect --all-partitions --dry-run"],
    "brokers cancel": ["brokers cancel --all-partitions --yes"],
    "configs": ["configs broker 1 --all", "configs topic orders --all"],
    "transactions": ["transactions", "transactions --hanging"],
    "transactions abort": ["transactions abort orders:3 --producer-id 9 --dry-run"],
    "acls": ["acls"],
    "acls may": ["acls may User:alice READ TOPIC orders", "acls may User:alice READ GROUP billing"],
    "acls create": ["acls create --preset producer --principal User:bob --topic orders --yes"],
    "acls delete": [f"acls delete {ACL} --yes"],
    "users": ["users"],
    "users set": ["users set bob --mechanism SCRAM-SHA-256 --yes"],
    "users delete": ["users delete alice --mechanism SCRAM-SHA-256 --yes"],
    "quotas": ["quotas"],
    "quotas set": ["quotas set --user bob --limit producer_byte_rate=5 --yes"],
    "tokens": ["tokens"],
    "tokens create": ["tokens create --renewer User:bob --show-hmac --yes"],
    "tokens renew": ["tokens renew t1 --for 1d --yes"],
    "tokens expire": ["tokens expire t1 --yes"],
    "certificates": ["certificates"],
}
WITHOUT_LINES: Final = {"demo", "shots"}  # the one starts a Kafka, the other prints nothing
OF_OFFSETS: Final = re.compile(r"reroute|redrive|offsets|groups delete")  # they print no ChangePlan's document
PLANNED: Final = {
    verb for verb, command in PROGRAM.items() if "--dry-run" in options_of(command) and not OF_OFFSETS.match(verb)
}
# Whose names are the user's, or those of another verb: they are not looked into.
OPEN: Final = re.compile(r"(settings|limits|entity|secrets|plan\.partitions)$")
JOURNALLED: Final = re.compile(rf"{OPEN.pattern}|^(entries\[\]\.)?(plan|outcome)$")
PROPERTIES: Final = """bootstrap.servers=broker:9093
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.username=alice
client.id=a
"""
LOG: Final = """ERROR [Consumer clientId=b-1, groupId=billing] Value Deserializers with error: Deserializers{}
o.a.k.c.e.RecordDeserializationException: Error deserializing VALUE for partition orders-3 at offset 7. If needed
"""
RECORDS: Final = """{"partition": 0, "timestamp_ms": 1, "key_b64": null, "value_b64": "e30=", "headers": []}
{"partition": 0}
"""


FINDINGS: Final = """{"topic": "bills", "partition": 0, "offset": 19, "field": "value", "reason": "byte 7 is odd"}
{"topic": "bills", "partition": 0, "offset": 20, "field": "value", "reason": "not JSON"}
{"topic": "bills", "partition": 0, "offset": 99, "field": "value", "reason": "not JSON"}
"""


filled_cluster: Final = filled.filled_cluster


def cluster_of_contract() -> FakeCluster:
    """A filled cluster in which a group stands on a record that is no JSON, and the quorum can be changed."""
    cluster = filled_cluster()
    cluster.add_topic("empty")
    cluster.omitted = {Omission.GROUPS, Omission.TOPICS}
    cluster.add_topic("bills")
    for number in range(20):
        cluster.add_record("bills", b'{"id": %d}' % number)
    cluster.add_record("bills", b"\xff", key=b"k", headers=(Header("trace", b"7"),), poison=True)
    cluster.commit("ledgers", TopicPartition("bills", 0), 19)
    cluster.join("ledgers", FakeMember("m2", (TopicPartition("bills", 0),)))
    cluster.add_topic("bills-dlq")
    names = (("topic", b"bills"), ("partition", b"0"), ("offset", b"3"), ("message", b"byte 7 is not JSON"))
    letter = tuple(Header(f"__dlq.errors.{name}", value) for name, value in names)
    cluster.add_record("bills-dlq", b"{", headers=letter)
    cluster.add_topic("names")
    cluster.whole_names[cluster.add_record("names", b"{", headers=(Header("a", b""),))] = ("a\0b",)
    cluster.add_topic("held")
    cluster.add_record("held", b"{}")
    cluster.log(TopicPartition("held", 0)).open_from = 0
    place = TopicPartition("orders", 1)
    cluster.transactions.states[place] = (ProducerState(place, 7, 2, NOW_MS - DAY_MS, 3, 0),)
    cluster.security.rules += (replace(cluster.security.rules[0], host="10.0.0.1", permission=Permission.DENY),)
    coordination = cluster.coordinated
    assert coordination is not None
    assert coordination.quorum is not None
    voters = [
        replace(one, directory_id=f"dir-{one.id}")
        for one in (*coordination.quorum.voters, *coordination.quorum.observers)
    ]
    observer = replace(voters[2], health=ReplicaHealth.HEALTHY)
    quorum = replace(coordination.quorum, voters=(*voters[:2], replace(voters[1], id=4)), observers=(observer,))
    cluster.coordinated = replace(
        coordination, quorum=quorum, features=(*coordination.features, Feature("kraft.version", 1, 0, 1, {}))
    )
    return cluster


@contextmanager
def ended_soon(end: Callable[[], None]) -> Iterator[None]:
    """What ends a watch, which would go on for ever."""
    asyncio.get_running_loop().call_later(0.2, end)
    yield


def printed(line: str, capsys: pytest.CaptureFixture[str], file: str) -> list[Any]:
    """The documents that a line prints with --json."""
    for name in ("RECORDS", "FINDINGS"):
        line = line.replace(name, str(Path(file).with_name(f"{name.lower()}.jsonl")))
    words = line.replace("FILE", file).split()
    words = [str(Path(file).with_name("app.log")) if word == "LOG" else word for word in words]
    elsewhere = words[0] in ("journal", "profiles", "--bootstrap")
    where = ["--bootstrap", "127.0.0.1:1" if "doctor" in words else "broker:9092"]
    main([*([] if elsewhere else where), *words, "--json"])
    return [orjson.loads(one) for one in capsys.readouterr().out.splitlines()]


def paths(value: Any, closed: re.Pattern[str], path: str = "") -> Iterator[tuple[str, str]]:
    """Each place of a document with the type of what stands there, nothing where it is null."""
    if value is not None:
        yield path, "number" if type(value) in (int, float) else type(value).__name__
    else:
        yield path, ""
    if isinstance(value, dict) and not closed.search(path):
        for key, one in value.items():
            yield from paths(one, closed, f"{path}.{key}".lstrip("."))
    if isinstance(value, list):
        for one in value:
            yield from paths(one, closed, f"{path}[]")


def shape(documents: list[Any], closed: re.Pattern[str]) -> dict[str, set[str]]:
    """The types at each place of some documents."""
    found: dict[str, set[str]] = {}
    for path, kind in chain.from_iterable(paths(one, closed) for one in documents):
        found.setdefault(path, set()).update({kind} - {""})
    return found


def examples(section: Section) -> list[Any]:
    return [orjson.loads(block) for block in section.blocks("json")]


def shared_with(section: Section) -> Section | None:
    """The section whose document this one's verb prints too."""
    found = re.search(r"Prints the\s+document of\s+\[`([a-z -]+)`\]", section.prose)
    return VERB_SECTIONS[found[1]] if found else None


def assert_same_shape(
    program: list[Any], page: list[Any], closed: re.Pattern[str] = OPEN, *, shared: bool = False
) -> None:
    """Nothing that the page lacks, and nothing that the program does not print; of a `shared` document each of the
    verbs may leave some null or empty.
    """
    printed_shape, written_shape = shape(program, closed), shape(page, closed)
    assert sorted(printed_shape.keys() - written_shape.keys()) == []
    lacking = {path for path in written_shape.keys() - printed_shape.keys() if not path.endswith("[]")}
    if shared:
        hollow = [
            path for path, kinds in printed_shape.items() if kinds <= {"list"} and f"{path}[]" not in printed_shape
        ]
        lacking = {path for path in lacking if not path.startswith(tuple(hollow))}
    assert sorted(lacking) == []
    for path, kinds in printed_shape.items():
        assert not written_shape[path] or kinds <= written_shape[path], path


def test_every_verb_that_prints_json_is_tried() -> None:
    assert set(LINES) | WITHOUT_LINES == set(PROGRAM)
    sections = {verb: VERB_SECTIONS[verb] for verb in LINES}
    assert [verb for verb, one in sections.items() if not (one.blocks("json") or shared_with(one))] == []


@pytest.mark.usefixtures("tmp_home")
@pytest.mark.parametrize("verb", LINES)
def test_a_verb_prints_the_fields_of_the_page_and_no_others(
    verb: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "client.properties").write_text(PROPERTIES)
    (tmp_path / "records.jsonl").write_text(RECORDS)
    (tmp_path / "app.log").write_text(LOG)
    (tmp_path / "findings.jsonl").write_text(FINDINGS)
    monkeypatch.setattr("kafkaview.session.open_session", filled.fake_session)
    monkeypatch.setattr("kafkaview.cli.profile_secrets._open_keyring", lambda: keyring(MemoryRing()))
    cluster = cluster_of_contract()
    monkeypatch.setattr(filled, "filled_cluster", lambda: cluster)
    monkeypatch.setattr(follow_up, "HOLD_SECONDS", 0.1)
    monkeypatch.setattr("kafkaview.cli.watch._ended_by_sigterm", ended_soon)
    documents: list[Any] = []
    for line in (*BEFORE.get(verb, ()), *LINES[verb]):
        monkeypatch.setattr("sys.stdin", io.StringIO("secret\n"))
        with time_machine.travel(NOW_MS / 1000):
            found = printed(line, capsys, str(tmp_path / "client.properties"))
        documents += [] if line in BEFORE.get(verb, ()) else found
    section = VERB_SECTIONS[verb]
    other = shared_with(section)
    page = examples(other or section) + (examples(section_of("Writes")) if verb in PLANNED else [])
    closed = JOURNALLED if verb.startswith("journal") else OPEN
    assert_same_shape(documents, page, closed, shared=other is not None or verb in PLANNED)


def test_the_demo_prints_what_it_expects_as_on_the_page() -> None:
    (page,) = examples(VERB_SECTIONS["demo"])
    assert_same_shape([one.as_json() for one in list_expected()], page["expected"])


def test_an_error_is_a_document_as_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    main(["topics", "--json"])
    assert_same_shape([orjson.loads(capsys.readouterr().out)], examples(section_of("JSON")))
