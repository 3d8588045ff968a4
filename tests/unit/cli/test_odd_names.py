"""Odd names through every writer of the command line: none fails, no name changes, each printed line means the same."""

from __future__ import annotations

import json
import os
import random
import shlex
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from kafkaview.cli.acls import _acls_of_options
from kafkaview.cli.execution import BAD_USAGE
from kafkaview.cli.main import main
from kafkaview.cli.offsets import _request
from kafkaview.cli.output import Output, OutputColumn, cell_text
from kafkaview.cli.quotas import _entity
from kafkaview.cluster.ports.security import Acl, Operation, PatternType, Permission, QuotaEntity, ResourceType
from kafkaview.command_words import command_words, shell_line
from kafkaview.profiles.key_stores import how_to_convert
from kafkaview.profiles.security import Protocol, Sasl, Security
from kafkaview.security.documents import acl_options, entity_options
from kafkaview.security.grant_line import grant_line, principal_of
from kafkaview.terms import CommittedOffset, GroupType, Record, TimestampType, TopicPartition
from kafkaview.triage.reroute.plan import CopyPlan, GroupPlan, ReroutePlan
from kafkaview.words import visible
from kafkaview.writes.offsets.planner import _command
from kafkaview.writes.plan import command_line
from tests.kit.odd_names import name_behind, odd_names
from tests.unit.cli.lines import PROFILE, line_of, read_line

MANY = pytest.param(100_000, marks=[pytest.mark.soak, pytest.mark.timeout(3_600)])
_AT_ONCE = 500


def in_parts(names: Iterable[str]) -> Iterable[list[str]]:
    rest = iter(names)
    while part := list(islice(rest, _AT_ONCE)):
        yield part


@pytest.mark.parametrize("count", [2_000, MANY])
def test_each_cell_shows_its_name_and_no_two_look_alike(count: int) -> None:
    for name in odd_names(count):
        shown = cell_text(name)
        assert not any(one in shown for one in "\n\r\t\x1b\x9b\u202e\u200b")
        assert name_behind(shown) == name
        assert name_behind(visible(name)) == name
        assert not shown[:1].isspace()
        assert not shown[-1:].isspace()


@pytest.mark.parametrize("count", [500, MANY])
def test_a_table_has_one_row_for_each_name_and_a_sentence_one_line(
    count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    short = (name for name in odd_names(count) if name and len(cell_text(name)) < 200)
    for names in in_parts(short):
        Output(json=False).table([OutputColumn("Group"), OutputColumn("Next")], [[name, "."] for name in names])
        rows = capsys.readouterr().out.split("\n")
        assert [name_behind(row.rstrip(" ")[:-1].rstrip(" ")) for row in rows[1:-1]] == names
        Output(json=False).say(f"<{names[0]}>")
        Output(json=False).note(f"<{names[0]}>")
        told = capsys.readouterr()
        assert [name_behind(told.out), name_behind(told.err)] == [f"<{names[0]}>\n"] * 2


@pytest.mark.parametrize(
    "line",
    [
        ["scan", "orders", "--from", "{}"],
        ["scan", "orders", "--rule", "{}"],
        ["scan", "orders:{}"],
        ["reroute", "orders:{}"],
        ["transactions", "abort", "orders:{}", "--producer-id", "1"],
    ],
)
def test_a_refused_word_is_escaped_once(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    word = "a\x1b[2J\u202e"
    assert main(["--bootstrap", "127.0.0.1:1", *(part.format(word) for part in line)]) == BAD_USAGE
    assert visible(line[-1 if "--producer-id" not in line else 2].format(word)) in capsys.readouterr().err


@pytest.mark.parametrize("count", [3_000, MANY])
def test_json_has_the_very_name(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    for names in in_parts(odd_names(count)):
        Output(json=True).document({"groups": names, **dict.fromkeys(names, 1)})
        found = json.loads(capsys.readouterr().out)
        assert found.pop("groups") == names
        assert set(found) == set(names)


Line = tuple[str, Callable[[], None]]


def _argument(verb: Sequence[str], parameter: str) -> Callable[[str], Line]:
    def line(name: str) -> Line:
        text = line_of(command_words(verb, [name]))

        def check() -> None:
            found = read_line(text)
            assert (found[parameter] in (name, [name]), found["json"]) == (True, True)

        return text, check

    return line


def _user(name: str) -> Line:
    text = line_of(command_words(["users", "delete"], [name], ["--mechanism", "SCRAM-SHA-256"]))

    def check() -> None:
        assert read_line(text)["user"] == name

    return text, check


def _reroute(name: str) -> Line:
    record = Record("orders", 0, 7, 1, TimestampType.CREATE_TIME, b"", b"")
    move = GroupPlan(name, GroupType.CLASSIC, TopicPartition("orders", 0), CommittedOffset(7), 8, 0, 9)
    copies, moves = (CopyPlan(record, ()),), (move, replace(move, group="g"))
    text = command_line(PROFILE, ReroutePlan("-dlq", False, True, 1, None, copies, moves, (), True, False, "kafka", ()))

    def check() -> None:
        found = read_line(text)
        assert (found["record"], found["to"]) == (["orders:0:7"], "-dlq")
        assert found["group"] == list(dict.fromkeys([name, "g"]))

    return text, check


def _offsets(to: str) -> Callable[[str], Line]:
    def line(name: str) -> Line:
        target = to.format(name or "g")  # `from:` alone is refused: a name was forgotten
        request = _request(name, ["orders"], ["orders:3"], target, include_uncommitted=True)
        text = line_of(_command(request))

        def check() -> None:
            found = read_line(text)
            words = (found["group"], found["topic"], found["partition"], found["to"])
            assert _request(*words, include_uncommitted=True) == request

        return text, check

    return line


def _acls(count: int) -> Callable[[str], Line]:
    def line(odd: str) -> Line:
        name = odd or "g"  # a rule without a name is refused before there is a line
        first = Acl(
            ResourceType.GROUP, name, PatternType.LITERAL, f"User:{name}", name, Operation.READ, Permission.DENY
        )
        acls = [first, replace(first, permission=Permission.ALLOW)][:count]
        text = line_of(("acls", "create", *acl_options(acls)))

        def check() -> None:
            found = read_line(text)
            options = (found[key] for key in ("principal", "resource", "operation", "pattern", "host", "acl"))
            assert list(_acls_of_options(*options, deny=found["deny"])) == acls

        return text, check

    return line


def _quota(name: str) -> Line:
    entity = QuotaEntity((("user", name), ("client-id", name)))
    text = line_of(("quotas", "set", *entity_options(entity), "--limit", "producer_byte_rate=1"))

    def check() -> None:
        found = read_line(text)
        named = {"user": found["user"], "client-id": found["client_id"], "ip": found["ip"]}
        assert _entity(named, found["default"]) == entity

    return text, check


WRITERS = (
    _argument(["lag"], "group"),
    _argument(["topic"], "name"),
    _argument(["groups", "delete"], "group"),
    _argument(["tokens", "expire"], "token"),
    _argument(["profiles", "show"], "name"),
    _user,
    _argument(["configs", "topic"], "name"),
    _reroute,
    _offsets("earliest"),
    _offsets("from:{}"),
    _acls(1),
    _acls(2),
    _quota,
)


@pytest.mark.parametrize("count", [400, MANY])
def test_each_printed_line_means_the_same_plan_to_our_parser_and_to_a_shell(count: int) -> None:
    chance = random.Random(11)  # a test's
    for names in in_parts(odd_names(count)):
        lines: list[str] = []
        for name in names:
            text, check = chance.choice(WRITERS)(name)
            check()
            lines.append(text)
        assert words_in_bash([shell_line(text) for text in lines]) == [
            shlex.split(text)[1:] for text in lines if not shell_line(text).startswith("#")
        ]
        assert all(visible(shell_line(text)) == shell_line(text) for text in lines)


def words_in_bash(lines: Sequence[str]) -> list[list[str]]:
    """What a shell passes to the program of each line, the program's name left out."""
    script = "\n".join(('kafkaview() { printf \'%s\\0\' "$#" "$@"; }', *lines))
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}  # bash warns where the system lacks the locale of the suite
    done = subprocess.run(["bash", "-s"], input=script.encode(), capture_output=True, check=True, env=environment)
    assert done.stderr == b""
    parts = (part.decode("utf-8", "surrogateescape") for part in done.stdout.split(b"\0")[:-1])
    return [list(islice(parts, int(count))) for count in parts]


@pytest.mark.parametrize("count", [300, MANY])
def test_the_lines_of_other_tools_name_the_same_files_and_principals(count: int) -> None:
    for names in in_parts(odd_names(count)):
        lines: list[str] = []
        meant: list[list[str]] = []
        for name in names:
            if shell_line(shlex.quote(f"{name}x")).startswith("# "):
                continue
            login = Security(Protocol.SASL_SSL, sasl=Sasl("PLAIN", name))
            profile = replace(PROFILE, security=login)
            lines.append(grant_line(profile))
            meant.append(["--allow-principal", principal_of(profile)])
            path = Path(f"{name}x.jks")
            lines.append(how_to_convert(path))
            meant.append(["-srckeystore", str(path)])
        found = words_in_bash([f"kafkaview {line.partition(' ')[2]}" for line in lines])
        places = [words.index(option) for words, (option, _) in zip(found, meant, strict=True)]
        assert [words[at : at + 2] for words, at in zip(found, places, strict=True)] == meant
        assert all(visible(line) == line for line in lines)
