from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.cli.output import Output, cell_text
from kafkaview.command_words import command_words
from kafkaview.words import utc_iso, visible

ACLS = ["--bootstrap", "127.0.0.1:1", "acls", "create", "--principal", "User:a"]
PRODUCE = ["--bootstrap", "127.0.0.1:1", "records", "produce", "orders"]
TOPICS = ["--bootstrap", "127.0.0.1:1", "topics"]
pytestmark = pytest.mark.usefixtures("tmp_home")


def _error(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    printed = capsys.readouterr()
    document: dict[str, dict[str, str]] = orjson.loads(printed.out)
    assert list(document) == ["error"]
    assert list(document["error"]) == ["kind", "message", "hint"]
    return document["error"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["nonsense", "--json"], "No such command 'nonsense'."),
        (["topics", "--json"], "Which cluster?"),
        (["--profile", "a", "--bootstrap", "b:1", "topics", "--json"], "--profile names the cluster already"),
        (["profiles", "set-secret", "a", "colour", "--json"], "'colour' is not one of"),
        (["profiles", "import", "/nowhere", "--name", "a", "--json"], "/nowhere cannot be read"),
        (["--bootstrap", "b:1", "profiles", "add", "--name", " ", "--json"], "needs a name"),
        (["--bootstrap", "127.0.0.1:1", "-X", "novalue", "topics", "--json"], "-X takes key=value, not 'novalue'"),
        (["--bootstrap", "127.0.0.1:1", "scan", "--json"], "Missing argument"),
        (["--bootstrap", "127.0.0.1:1", "scan", "orders", "--rule", "xml", "--json"], "there is no rule 'xml'"),
        (["--bootstrap", "127.0.0.1:1", "records", "a", "--where", "1 +", "--json"], "(character 4)"),
        (["--bootstrap", "127.0.0.1:1", "records", "a", "--where", "@late", "--json"], "none is saved"),
        (["--bootstrap", "127.0.0.1:1", "records", "a", "--from", "@1700000000", "--json"], "looks like seconds"),
        (["--bootstrap", "127.0.0.1:1", "records", "a", "--follow", "--to", "-1", "--json"], "--follow has no end"),
        ([*PRODUCE, "--value", "v", "--tombstone", "--json"], "say its value"),
        ([*PRODUCE, "--json"], "say its value"),
        ([*PRODUCE, "--value", "v", "--key", "a", "--key-b64", "YQ==", "--json"], "a record has one key"),
        ([*PRODUCE, "--value-b64", "YQ", "--json"], "--value-b64: this is no base64"),
        ([*PRODUCE, "--value-file", "/nowhere", "--json"], "/nowhere cannot be read"),
        ([*PRODUCE, "--value", "v", "--header", "a", "--json"], "--header takes NAME=TEXT, not 'a'"),
        ([*PRODUCE, "--value", "v", "--headers", "{}", "--json"], "--headers takes a list"),
        ([*PRODUCE, "--value", "v", "--headers", '[{"key": "a"}]', "--json"], "a header is"),
        ([*PRODUCE, "--value", "v", "--headers", '[{"key": "a", "value": "\\udcff"}]', "--json"], "is not UTF-8"),
        ([*PRODUCE, "--value", "v", "--headers", '[{"key": "\\udcff", "value": ""}]', "--json"], "is not UTF-8"),
        ([*PRODUCE, "--value", "v", "--header", "a=b", "--headers", "[]", "--json"], "leave --header out"),
        ([*PRODUCE, "--value", "v", "--timestamp", "@1700000000", "--json"], "looks like seconds"),
        (
            ["--bootstrap", "127.0.0.1:1", "records", "a", "--format", "raw", "--delimiter", r"\q", "--json"],
            "is no escape",
        ),
        (["--bootstrap", "127.0.0.1:1", "records", "a", "b", "--json"], "unexpected extra argument"),
        (["--bootstrap", "127.0.0.1:1", "records", "--json"], "Missing argument"),
        (["--bootstrap", "127.0.0.1:1", "scan", "orders:x", "--json"], "neither a topic nor TOPIC:PARTITION"),
        (["--bootstrap", "127.0.0.1:1", "scan", "orders", "--from", "noon", "--json"], "is no position"),
        (["--bootstrap", "127.0.0.1:1", "reroute", "orders:1", "--to", "q", "--json"], "not TOPIC:PARTITION:OFFSET"),
        (["--bootstrap", "127.0.0.1:1", "--json", "topics", "--timeout", "0"], "0"),
        (["demo", "--tour", "--no-window", "--json"], "exclude each other"),
        ([*ACLS, "--preset", "producer", "--topic", "t", "--group", "g", "--json"], "takes no --group"),
        ([*ACLS, "--preset", "producer", "--topic", "t", "--operation", "READ", "--json"], "takes no --operation"),
        ([*ACLS, "--topic", "t", "--json"], "A single ACL takes no --topic"),
        ([*TOPICS, "create", "t", "--config", "retention.ms", "--json"], "written NAME=VALUE, not 'retention.ms'"),
        ([*TOPICS, "set", "t", "a=1", "a=2", "--json"], "a is set twice"),
        ([*TOPICS, "empty", "t", "--before", "beginning", "--json"], "is no place to delete up to"),
        ([*TOPICS, "empty", "t", "--before", "@noon", "--json"], "noon"),
        (["journal", "show", "7", "--json"], "The journal has no entry 7"),
        (["journal", "--since", "noon", "--json"], "'noon' is no time"),
    ],
)
def test_bad_usage_ends_with_2_and_the_error_on_stdout(
    line: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line) == 2
    error = _error(capsys)
    assert error["kind"] == "usage"
    assert message in error["message"]


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "\\x1b", "o'x", "o'\"x", "it\u2028s", "a\\", "\udcff"])
def test_an_unknown_name_is_itself_in_json_and_escaped_once_elsewhere(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, said in (([name], f"No such command '{name}'."), (["groups", f"--{name}"], f"No such option: --{name}")):
        assert main([*words, "--json"]) == 2
        printed = capsys.readouterr().out
        assert "\udcff" in name or orjson.loads(printed)["error"]["message"] == said
        assert main(words) == 2
        assert capsys.readouterr().err.splitlines()[0] == visible(said)


def test_words_go_to_stderr_without_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topics"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Which cluster?" in printed.err


def test_a_closed_port_is_an_answer_with_exit_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--bootstrap", "127.0.0.1:1", "--timeout", "1", "topics", "--json"]) == 3
    error = _error(capsys)
    assert error["kind"] == "unreachable"
    assert error["hint"]


def test_an_empty_journal_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "--json"]) == 0
    assert orjson.loads(capsys.readouterr().out) == {"entries": []}


def test_the_command_line_loads_no_qt() -> None:
    code = (
        "import sys; from kafkaview.cli.main import main; main(['--help']);"
        "print([name for name in sys.modules if 'PySide' in name])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.endswith("[]\n")


def test_unknown_is_a_dash_and_zero_is_zero() -> None:
    assert [cell_text(cell) for cell in (None, 0, 18_442, "x", True)] == ["\N{EN DASH}", "0", "18,442", "x", "yes"]


def test_times_are_utc_with_milliseconds() -> None:
    assert utc_iso(1_769_868_131_500) == "2026-01-31T14:02:11.500Z"
    assert utc_iso(None) is None


@pytest.mark.parametrize("words", [["journal"], ["journal", "--json"]])
def test_an_unforeseen_error_is_reported_as_json_too(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def entries(*_arguments: object, **_options: object) -> None:
        raise KeyError("a row of 2031")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("kafkaview.journal.store.Journal.found", entries)
    assert main(words) == 1
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    (log,) = tmp_path.rglob("crash.log")
    assert "KeyError: 'a row of 2031'" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0
    if "--json" in words:
        error = orjson.loads(printed.out)["error"]
        assert error["kind"] == "internal"
        assert str(log) in error["hint"]
    else:
        assert "KeyError: 'a row of 2031'" in printed.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_is_no_fault_of_kafkaview(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def entries(*_arguments: object, **_options: object) -> None:
        with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: ASYNC230, PTH123
            full.write("a row")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("kafkaview.journal.store.Journal.found", entries)
    assert main(["journal", "--json"]) == 1
    error = orjson.loads(capsys.readouterr().out)["error"]
    assert (error["kind"], error["message"]) == ("machine", "No space left on device")
    assert error["hint"].startswith("Make room, or write elsewhere")
    assert not list(tmp_path.rglob("crash.log"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_where_the_answer_has_no_room_standard_error_says_so(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "kafkaview", "profiles", "list", "--json"]
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, env={"HOME": str(tmp_path)}, check=False)
    assert ended.returncode == 1
    assert ended.stderr.decode().startswith("No space left on device\nMake room, or write elsewhere")
    assert not list(tmp_path.rglob("crash.log"))


ODD_TEXT = "k\u00e9 \u2026 \U0001f600 \udcff"
_PRINTED = """
from kafkaview.standard_streams import prepare_streams
prepare_streams()
from kafkaview.cli.output import Output
Output(json=False).say(TEXT)
Output(json=True).document({"text": TEXT})
Output(json=False).data([TEXT[:-1]])
""".replace("TEXT", ascii(ODD_TEXT))


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("ascii", r"k\u00e9 \u2026 \U0001f600 \xff"),
        ("latin-1", "k\u00e9 \\u2026 \\U0001f600 \\xff"),
        ("utf-8", ODD_TEXT),
    ],
)
def test_words_fit_the_terminal_and_data_are_utf8(encoding: str, words: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _PRINTED],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    said, document, data = ended.stdout.split(b"\n")
    assert said.decode(encoding) == words.replace("\udcff", "\\xff")
    assert json.loads(document) == {"text": ODD_TEXT}
    assert data == ODD_TEXT[:-1].encode()


def test_closed_streams_are_no_fault(tmp_path: Path) -> None:
    folders = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"), str(tmp_path))
    line = f"{sys.executable} -m kafkaview"
    for words, code in (
        (f"{line} profiles list >&-", 0),
        (f"{line} profiles list --json >&-", 0),
        (f"{line} profiles list <&- >&- 2>&-", 0),
        (f"{line} profiles show nobody 2>&-", 2),
        (f"{line} logs - <&-", 0),
    ):
        ended = subprocess.run(["sh", "-c", words], env={**os.environ, **folders}, check=False)
        assert ended.returncode == code, words
    assert not list(tmp_path.rglob("crash.log"))


def test_json_holds_no_character_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\x1b\x7f\x9b\u202e\u2066\u2028z\u00e4\U0001f600"
    output = Output(json=True)
    output.document({"name": name})
    output.chunks([orjson.dumps([name])])
    document, chunk = capsys.readouterr().out.rstrip("\n").split("\n")
    assert (orjson.loads(document), orjson.loads(chunk)) == ({"name": name}, [name])
    assert (document + chunk).isprintable()
    output.chunks([b'["\x7f"]'])
    assert capsys.readouterr().out == '["\\u007f"]\n'


@pytest.mark.parametrize("topic", ["produce", "import"])
def test_a_topic_that_is_named_as_a_verb_below_is_read_behind_two_dashes(
    topic: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = command_words(["records"], [topic], ["--max", "1"])
    assert words == ("records", "--max", "1", "--", topic)
    assert main(["--bootstrap", "127.0.0.1:1", "--timeout", "1", "--json", *words]) == 3
    assert _error(capsys)["kind"] == "unreachable"
