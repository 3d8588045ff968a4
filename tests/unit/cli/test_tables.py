"""Tables on standard output: fitted to a terminal, or, where they are very long, as wide as their cells."""

from __future__ import annotations

import pytest

from kafkaview.cli import output
from kafkaview.cli.output import Cell, Output, OutputColumn


def test_a_very_long_table_reads_like_a_short_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = [OutputColumn("Group"), OutputColumn("Lag", number=True), OutputColumn("Client")]
    rows: list[list[Cell]] = [
        ["a", 1_234, "x"],
        ["\u65e5\u672c", None, ""],
        ["gr\u00fc\u00dfe", 5, "two words"],
        ["a\x1b", True, "b"],
    ]
    Output(json=False).table(columns, rows)
    fitted = capsys.readouterr().out
    monkeypatch.setattr(output, "_FITTED_ROWS", 1)
    Output(json=False).table(columns, rows)
    assert capsys.readouterr().out == fitted
