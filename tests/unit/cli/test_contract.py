"""docs/cli.md is the contract of the command line: it says what the program takes, all of it and nothing else."""

from __future__ import annotations

import ast
import re
import shlex
from enum import Enum
from functools import cache
from typing import Any, Final

import pytest
import typer

from kafkaview.cli.main import app
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.journal.entry import EntryState
from kafkaview.profiles.environment import _VARIABLES
from kafkaview.profiles.exporting import Spelling
from kafkaview.profiles.profile import Environment
from kafkaview.profiles.security import SecretField
from kafkaview.security.presets import PRESETS
from kafkaview.triage.provenance_headers import Dialect
from kafkaview.triage.reroute.plan import GroupPosition
from kafkaview.triage.watch.verdict import Behaviour, Verdict
from tests.kit.documents import ROOT, Section
from tests.unit.cli.contract import PROGRAM, VERB_SECTIONS, options_in, options_of, section_of

EXPLAINED_ONCE: Final = {"--json", "--timeout", "--dry-run", "--yes"}


def explained_in(section: Section) -> set[str]:
    """The options that begin an item of a list."""
    return set(re.findall(r"^- `(--[a-z][a-z0-9-]*|-X)", section.prose, re.MULTILINE))


def test_the_page_names_exactly_the_verbs() -> None:
    assert set(VERB_SECTIONS) == set(PROGRAM)


@pytest.mark.parametrize("verb", PROGRAM)
def test_each_section_names_exactly_the_options_of_its_verb(verb: str) -> None:
    section = VERB_SECTIONS[verb]
    (usage,) = section.blocks()
    assert all(line.startswith((f"kafkaview {verb} ", " ")) for line in usage.splitlines())
    assert options_in(usage) == options_of(PROGRAM[verb])
    assert explained_in(section) - EXPLAINED_ONCE == options_of(PROGRAM[verb]) - EXPLAINED_ONCE


@pytest.mark.parametrize("verb", PROGRAM)
def test_the_usage_of_a_verb_names_its_arguments(verb: str) -> None:
    arguments = [one for one in PROGRAM[verb].params if one.param_type_name == "argument"]
    for argument in arguments:
        assert (argument.metavar or argument.name.upper()) in VERB_SECTIONS[verb].blocks()[0]


def test_the_options_before_the_verb_stand_on_the_page() -> None:
    section = section_of("Before the verb")
    (usage,) = section.blocks()
    assert options_in(usage) == explained_in(section) == options_of(typer.main.get_command(app))


def test_the_options_of_every_write_are_explained_once() -> None:
    assert explained_in(section_of("Writes")) == {"--dry-run", "--yes"}


BEFORE_THE_VERB: Final = {"--profile", "--config", "--bootstrap", "-X", "--timeout"}
LINES: Final = [
    (path.name, line)
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
    for line in re.findall(r"(?:^|`)(kafkaview [^`\n]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    if path.name != "cli.md" and not line.startswith("kafkaview VERB")
]


@pytest.mark.parametrize(("document", "line"), LINES)
def test_a_line_of_a_document_is_one_that_the_program_takes(document: str, line: str) -> None:  # noqa: ARG001
    words = shlex.split(line, comments=True)[1:]
    while words[0] in BEFORE_THE_VERB:
        words = words[2:]
    found = [verb for verb in (" ".join(words[:2]), words[0]) if verb in PROGRAM]
    if found:
        assert options_in(" ".join(words)) <= options_of(PROGRAM[found[0]])
    else:  # the name of several verbs
        assert [verb for verb in PROGRAM if verb.startswith(f"{' '.join(words)} ")]


# Words


@cache
def kinds_and_codes() -> dict[str, set[int]]:
    """The kinds of all errors with their exit codes, from the source: not all of it can be imported at once."""
    classes: dict[str, tuple[str, ...]] = {}
    fields: dict[str, dict[str, Any]] = {}
    for path in (ROOT / "kafkaview").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "    kind = " in text or "Failure" in text else ():
            if isinstance(node, ast.ClassDef):
                classes[node.name] = tuple(base.id for base in node.bases if isinstance(base, ast.Name))
                own = [one for one in node.body if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant)]
                fields[node.name] = {ast.unparse(one.targets[0]): ast.literal_eval(one.value) for one in own}
    found: dict[str, set[int]] = {"usage": {2}, "interrupted": {130}}
    for name in classes:
        line = [name]
        while line[-1] != "Failure" and classes.get(line[-1]):
            line.append(classes[line[-1]][0])
        if line[-1] == "Failure":
            of = {key: value for one in reversed(line) for key, value in fields[one].items()}
            found.setdefault(of["kind"], set()).add(of["exit_code"])
    return found


def test_the_page_names_each_kind_of_error_with_its_exit_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d or]+) \|", section_of("Exit codes").text, re.MULTILINE)
    assert {kind: {int(code) for code in codes.split(" or ")} for kind, codes in rows} == kinds_and_codes()


def test_the_page_names_every_exit_code() -> None:
    codes = {int(cell) for cell in section_of("Exit codes").first_cells() if cell.isdecimal()}
    assert codes == {0, 1} | set().union(*kinds_and_codes().values())


def test_the_page_names_exactly_the_causes_of_the_doctor() -> None:
    assert VERB_SECTIONS["doctor"].first_cells() == [cause.value for cause in Cause]


def test_the_page_names_exactly_the_verdicts() -> None:
    assert set(VERB_SECTIONS["stuck"].first_cells()) == {verdict.value for verdict in Verdict}


def test_the_page_names_exactly_the_variables_with_a_secret() -> None:
    assert set(section_of("Before the verb").first_cells()) == set(_VARIABLES)


def values(kind: type[Enum]) -> list[str]:
    return [member.value for member in kind]


def rules() -> list[str]:
    """The rules that the help of `--rule` lists."""
    (help_text,) = [one.help for one in PROGRAM["scan"].params if "--rule" in one.opts]
    return re.findall(r"[a-z0-9-]+(?::[A-Z]+)?(?=[, ])", help_text.partition(": ")[2].partition(" (")[0] + " ")


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("doctor", values(DiagnosisLayer)),
        ("stuck", values(Behaviour)),
        ("scan", rules()),
        ("reroute", [*values(Dialect), *values(GroupPosition)]),
        ("journal", values(EntryState)),
        ("profiles add", values(Environment)),
        ("profiles export", values(Spelling)),
        ("profiles set-secret", values(SecretField)),
        ("acls create", [preset.name for preset in PRESETS]),
    ],
)
def test_the_words_that_a_verb_takes_or_prints_stand_in_its_section(verb: str, words: list[str]) -> None:
    assert [word for word in words if f"`{word}`" not in VERB_SECTIONS[verb].prose] == []
