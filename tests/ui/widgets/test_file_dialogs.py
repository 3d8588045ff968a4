"""What the dialogs for files add to what is typed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.file_dialogs import ask_where_to_save


def test_a_name_without_a_suffix_gets_that_of_its_kind_before_the_dialog_asks_to_replace(
    qtbot: QtBot, tmp_path: Path
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    kinds = ("JSON lines (*.jsonl)", "CSV for spreadsheets (*.csv)", "Anything (*)")
    ask_where_to_save(parent, "Export", str(tmp_path / "findings"), lambda _path, _kind: None, kinds=kinds)
    (dialog,) = parent.findChildren(QFileDialog)
    assert dialog.defaultSuffix() == "jsonl"
    for kind, suffix in zip(kinds, ("jsonl", "csv", ""), strict=True):
        dialog.filterSelected.emit(kind)
        assert dialog.defaultSuffix() == suffix
    dialog.close()
