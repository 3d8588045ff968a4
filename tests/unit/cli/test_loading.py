"""What a line loads: the heavy modules only where they are needed. Held by names, because times differ."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import typer

from kafkaview.cli.coercion import coerce_plainly
from kafkaview.cli.main import app
from kafkaview.cli.verbs import VERBS, Verb, Verbs

# What is seldom needed, or only by what has begun already.
NEVER = (
    "PySide6", "confluent_kafka.admin", "cryptography", "httpx", "jsonschema_rs", "kafka.admin", "kafka.consumer",
    "kafka.producer", "kazoo", "keyring", "msgspec", "numpy.ma", "platformdirs", "pydantic", "rich.progress", "sqlite3",
    "kafkaview.security.plans", "kafkaview.demo", "kafkaview.doctor", "kafkaview.engine",
    "kafkaview.triage.reroute.execution",
)  # fmt: skip
NOT_FOR_HELP = (
    *NEVER,
    "asyncio",
    "confluent_kafka",
    "kafka",
    "numpy",
    "orjson",
    "rich",
    "kafkaview.cluster",
    "kafkaview.profiles",
    "kafkaview.session",
    "kafkaview.terms",
)
pytestmark = pytest.mark.usefixtures("tmp_home")


def loaded(*words: str) -> set[str]:
    """The modules of a process that has carried out a line."""
    code = "import sys; from kafkaview.cli.main import main; main(sys.argv[1:]); print('\\n', *sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    return set(ended.stdout.splitlines()[-1].split())


def test_help_loads_no_more_than_the_names_of_the_verbs() -> None:
    assert sorted(loaded("--help") & set(NOT_FOR_HELP)) == []


@pytest.mark.parametrize("verb", ["topics", "lag"])
def test_a_verb_loads_no_library_that_it_does_not_use(verb: str) -> None:
    assert sorted(loaded("--bootstrap", "127.0.0.1:1", "--timeout", "1", verb) & set(NEVER)) == []
    assert "rich" not in loaded("--bootstrap", "127.0.0.1:1", "--timeout", "1", verb, "--json")


def test_a_process_of_a_scan_loads_little() -> None:
    code = "import sys, kafkaview.triage.scan.worker; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {
        *NEVER,
        "asyncio",
        "kafka.protocol",
        "numpy",
        "orjson",
        "rich",
        "typer",
        "kafkaview.terms",
        "kafkaview.cluster.ports.cluster",
    }
    assert sorted(set(ended.stdout.split()) & heavy) == []


def test_a_package_that_is_spared_still_has_all_its_names() -> None:
    code = """
import sys
import kafkaview.cluster.kafka.span_reader
import confluent_kafka, kafka
assert confluent_kafka.Consumer is sys.modules["confluent_kafka.cimpl"].Consumer
assert "confluent_kafka.serializing_producer" not in sys.modules
from confluent_kafka import SerializingProducer, __version__
from kafka import KafkaAdminClient
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_the_line_of_help_is_the_verbs_own(verb: Verb) -> None:
    group = typer.main.get_group(app)
    assert isinstance(group, Verbs)
    for limit in (20, 45, 60, 100):
        assert group.commands[verb.name].get_short_help_str(limit) == verb.load().get_short_help_str(limit)


WORDS: list[tuple[Any, list[str]]] = [
    (str, ["", "a", "1"]),
    (int, ["0", "7", "-3", "07", "1_0", "1.5", "x", " 1", "9" * 30]),
    (float, ["0", "1", "1.50", "-1", "1e3", "nan", "inf", "x", "", "00.5", "1_0", ".5"]),
]


@pytest.mark.parametrize(("annotation", "words"), WORDS)
@pytest.mark.parametrize("limits", [{}, {"min": 1}, {"max": 1}])
def test_plain_words_are_converted_as_typer_converts_them(
    annotation: Any, words: list[str], limits: dict[str, Any]
) -> None:
    if annotation is str and limits:
        return
    for word in words:
        assert outcome(annotation, word, limits, plainly=True) == outcome(annotation, word, limits, plainly=False)


def outcome(annotation: Any, word: str, limits: dict[str, Any], *, plainly: bool) -> object:
    """The value that a command gets, or the words of the refusal."""
    got: list[object] = []

    def verb(value: Any = None) -> None:
        got.append(value)

    verb.__annotations__["value"] = annotation
    verb.__defaults__ = (typer.Option(None, "--value", **limits),)
    one = typer.Typer(add_completion=False, rich_markup_mode=None)
    one.command("verb")(verb)
    command = typer.main.get_command(one)
    if plainly:
        coerce_plainly(command)
    try:
        with command.make_context("verb", [f"--value={word}"]) as context:
            command.invoke(context)
    except typer.TyperException as error:
        return error.format_message()
    return repr(got)
