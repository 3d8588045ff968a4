"""Names from outside in every form of text: a terminal, a sentence, JSON."""

from __future__ import annotations

import pytest

from kafkaview.cli.output import Output, OutputColumn, cell_text
from kafkaview.triage.watch.listed_columns import GROUP_FIELDS
from kafkaview.words import visible

TERMINAL = "\x1b[2J", "\x1b]0;x\x07", "a\r\nb", "\x9b31m", "\u202egpj.exe", "\u2028", "\x7f", "\0"
PLAIN = "orders", "gr\u00fc\u00dfe \U0001f600", "<h1>x</h1>", "a\u00a0b", "\u65e5\u672c"


@pytest.mark.parametrize("text", TERMINAL)
def test_invisible_characters_are_escaped(text: str, capsys: pytest.CaptureFixture[str]) -> None:
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
def test_visible_characters_stay(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b", "\\x1b"),
        ("\\x1b", "\\x5cx1b"),
        ("\\x5c", "\\x5cx5c"),
        ("DOMAIN\\user", "DOMAIN\\user"),
        ("DOMAIN\\x41", "DOMAIN\\x41"),
        ("\\\\host\\new", "\\\\host\\new"),
        ('"\\u00e9\\ud83d"', '"\\u00e9\\ud83d"'),
        ("a\nb", "a\\x0ab"),
        ("\u200b", "\\u200b"),
        ("\u3164", "\\u3164"),
        ("\x9b", "\\u009b"),
        ("\udcff", "\\xff"),
        ("\ud83d", "\\U0000d83d"),
    ],
)
def test_an_escape_differs_from_a_text_that_looks_like_one(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_blanks_at_the_ends_of_a_cell_are_seen() -> None:
    assert [cell_text(name) for name in (" g", "g ", " ", "a b")] == ["\\x20g", "g\\x20", "\\x20", "a b"]
    assert visible(" g ") == " g "


def test_a_group_without_a_character_in_its_name_can_be_seen() -> None:
    (field,) = [field for field in GROUP_FIELDS if field.name == "group"]
    assert (field.reads(""), field.reads("g"), field.document("")) == ("(empty name)", "g", "")
