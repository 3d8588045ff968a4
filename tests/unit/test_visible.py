"""Names from outside in every form of text: a terminal, a sentence, JSON."""

from __future__ import annotations

import json
import random
import sys

import pytest

from kafkaview.cli.output import Output, OutputColumn, cell_text
from kafkaview.triage.watch.fields import GROUP_FIELDS
from kafkaview.words import visible

TERMINAL = "\x1b[2J", "\x1b]0;x\x07", "a\r\nb", "\x9b31m", "\u202egpj.exe", "\u2028", "\x7f", "\0"
PLAIN = "orders", "gr\u00fc\u00dfe \U0001f600", "<h1>x</h1>", "a\u00a0b", "\u65e5\u672c"


@pytest.mark.parametrize("text", TERMINAL)
def test_what_is_not_seen_as_itself_is_escaped(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert visible(text) == cell_text(text)
    assert visible(text).isascii() or visible(text).isprintable()
    output = Output(json=False)
    output.table([OutputColumn("Group")], [[text], ["next"]])
    output.say(f"The group {text} is gone.")
    output.note(f"The group {text} is gone.")
    printed = capsys.readouterr()
    shown = printed.out + printed.err
    assert all(one.isprintable() or one == "\n" for one in shown)


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_seen_as_itself_stays(text: str) -> None:
    assert visible(text) == text


def odd_text(chance: random.Random) -> str:
    """A name of up to twelve characters out of all that Python's text can hold."""
    return "".join(
        chr(chance.choice((chance.randrange(128), chance.randrange(0x3000), chance.randrange(sys.maxunicode))))
        for _ in range(chance.randrange(1, 13))
    )


def test_no_odd_name_is_lost_in_the_terminal_or_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(7)  # a test's
    for _ in range(2_000):
        name = odd_text(chance)
        shown = cell_text(name)
        assert isinstance(shown, str)
        assert not any(one in shown for one in "\n\r\x1b\x9b\x07\u202e")
        seen_itself = name.isprintable()
        assert (shown == name) or not seen_itself
        Output(json=True).document({"group": name})
        assert json.loads(capsys.readouterr().out)["group"] == name


def test_a_group_without_a_character_in_its_name_can_be_seen() -> None:
    (field,) = [field for field in GROUP_FIELDS if field.name == "group"]
    assert (field.reads(""), field.reads("g"), field.document("")) == ("(empty name)", "g", "")
