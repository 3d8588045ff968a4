"""The system's dialogs for files. Nobody waits for one: it would stop every other task for as long as it is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

ALL_FILES = "All files (*)"


def ask_for_file(parent: QWidget, title: str, kinds: str, chosen: Callable[[Path], object], *, begin: str = "") -> None:
    """Asks for a file that is there and passes its path on. `kinds` are the files that are listed first,
    `JSON (*.json)`; `begin` is the path that the dialog begins at.
    """
    dialog = QFileDialog(parent, title, begin, ";;".join(filter(None, (kinds, ALL_FILES))))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(lambda path: chosen(Path(path)))
    _open(dialog)


def ask_where_to_save(
    parent: QWidget, title: str, name: str, chosen: Callable[[Path, str], object], *, kinds: Sequence[str] = ()
) -> None:
    """Asks for the file that is to be written, and passes its path on with the one of `kinds` that was chosen,
    `CSV (*.csv)`; the dialog suggests a name. One without a suffix gets that of its kind, before the dialog asks
    whether a file of that name may be replaced.
    """
    dialog = QFileDialog(parent, title, "", ";;".join(kinds))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(_suffix(kind)))
    dialog.setDefaultSuffix(_suffix(next(iter(kinds), "")))
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda path: chosen(Path(path), dialog.selectedNameFilter() or next(iter(kinds), "")))
    _open(dialog)


def _suffix(kind: str) -> str:
    """Returns the suffix of a kind of files, without its dot; empty where it has none."""
    return kind.partition("(*.")[2].rstrip(")")


def _open(dialog: QFileDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
