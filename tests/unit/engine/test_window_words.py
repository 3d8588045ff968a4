"""What a hint says in the window: every sentence that a hint of the product has is tried."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kafkaview.engine.window_words import _TOLD, window_hint

PACKAGE = Path(__file__).parents[3] / "kafkaview"
CLI = re.compile(r"(?:^|[\s(`])--[a-z]|`kafkaview ")


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("Create it with --create-dlq.", "Tick the box that creates it, or choose another queue."),
        ("Stop its application, wait longer, or evict the members (--evict).", None),
        (
            "Stop its application; or wait until it is empty (--wait-empty SECONDS).",
            "Stop its application; or wait until it is empty.",
        ),
        ("Give it more time with --timeout.", ""),
        ("Look again. `kafkaview journal` lists them.", "Look again."),
        ("Test the connection (kafkaview doctor): it tells which layer fails, and what to change.", None),
        ("q was made and stands empty: `kafkaview topics delete q` removes it.", "q was made and stands empty."),
        ("Read more. Give it --timeout 9.", "Read more."),
        ("dlq was made and stands empty: `kafkaview topics delete dlq` removes it.", "dlq was made and stands empty."),
        ("", ""),
    ],
)
def test_a_hint_has_no_word_of_the_command_line(hint: str, said: str | None) -> None:
    shown = window_hint(hint)
    assert not CLI.search(shown)
    assert said is None or shown == said


def test_a_line_of_kafkas_own_scripts_stays() -> None:
    line = "Ask an admin: kafka-acls.sh --bootstrap-server broker-1:9092 --add --allow-principal User:oncall."
    assert window_hint(line) == line


def test_what_is_told_otherwise_is_still_said_somewhere() -> None:
    sources = (path for path in PACKAGE.rglob("*.py") if path.stem != "window_words")
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    joined = re.sub(r'"\s*\n\s*f?"', "", text)
    assert [hint for hint in _TOLD if hint not in joined] == []


def test_every_hint_of_the_product_loses_the_words_of_the_command_line() -> None:
    hints = [
        literal
        for part in ("cluster", "writes", "triage", "coordination", "security", "records", "decode")
        for path in (PACKAGE / part).rglob("*.py")
        for literal in re.findall(r'"([^"\n]*(?:--[a-z]|`kafkaview )[^"\n]*)"', path.read_text(encoding="utf-8"))
        if " " in literal and literal.endswith(".")
    ]
    assert len(hints) > 5
    assert [hint for hint in hints if ".sh" not in hint and CLI.search(window_hint(hint))] == []
