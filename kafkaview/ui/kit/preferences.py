"""What is found again at the next start: theme, text scale, time zone; splitters and columns of each page. No secret,
nothing of a cluster: `window.json` beside the connections.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QHeaderView, QSplitter, QTableView, QWidget

from kafkaview.ui.kit.theme import Theme, ThemeMode

_FILE = "window.json"
_LOOK = "look"


class Remembered:
    """Values by name in one small file. One that cannot be read or written is no reason to disturb: all begins anew."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or Path(platformdirs.user_config_dir("kafkaview", appauthor=False)) / _FILE

    def get(self, name: str) -> dict[str, Any]:
        """What was put there; empty if nothing was."""
        found = self._read().get(name)
        return found if isinstance(found, dict) else {}

    def put(self, values: Mapping[str, dict[str, Any]]) -> None:
        """Keep these, beside what other windows have put there."""
        known = self._read()
        if any(known.get(name) != value for name, value in values.items()):
            with suppress(OSError):
                self._write({**known, **values})

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, values: dict[str, Any]) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self._file.parent, encoding="utf-8", delete=False) as made:
            json.dump(values, made, indent=1)
        os.replace(made.name, self._file)  # noqa: PTH105  # both are names, and it is atomic


def follow_look(theme: Theme, remembered: Remembered) -> None:
    """Take the look that was left, and keep every change of it."""
    left = remembered.get(_LOOK)
    if left.get("mode") in tuple(ThemeMode):
        theme.set_mode(ThemeMode(left["mode"]))
    if isinstance(left.get("scale"), float):
        theme.set_scale(left["scale"])
    theme.set_local_time(local=left.get("local_time") is True)
    theme.changed.connect(lambda: remembered.put({_LOOK: _look(theme)}))


def keep_layouts(parts: Mapping[str, QWidget], remembered: Remembered) -> None:
    """Keep how the splitters and columns of some parts stand, by the name of each part."""
    remembered.put({name: _layout(part) for name, part in parts.items()})


def _layout(page: QWidget) -> dict[str, Any]:
    splitters = [
        {"upright": one.orientation() is Qt.Orientation.Vertical, "sizes": one.sizes()}
        for one in page.findChildren(QSplitter)
    ]
    heads = [_state(one.horizontalHeader()) for one in page.findChildren(QTableView)]
    return {"splitters": splitters, "heads": heads}


def restore_layout(page: QWidget, name: str, remembered: Remembered) -> None:
    """Let them stand as they were left; a page that has other ones by now begins anew."""
    left = remembered.get(name)
    splitters, tables = page.findChildren(QSplitter), page.findChildren(QTableView)
    kept_splitters, kept_heads = left.get("splitters", ()), left.get("heads", ())
    if len(kept_splitters) == len(splitters):
        for splitter, kept in zip(splitters, kept_splitters, strict=True):
            splitter.setOrientation(Qt.Orientation.Vertical if kept["upright"] else Qt.Orientation.Horizontal)
            splitter.setSizes(kept["sizes"])
    if len(kept_heads) == len(tables):
        for table, kept in zip(tables, kept_heads, strict=True):
            _restore(table.horizontalHeader(), kept)


def _look(theme: Theme) -> dict[str, Any]:
    return {"mode": theme.mode.value, "scale": theme.scale, "local_time": theme.local_time}


def _state(head: QHeaderView) -> dict[str, Any]:
    return {"columns": head.count(), "state": bytes(head.saveState().toHex().data()).decode()}


def _restore(head: QHeaderView, kept: dict[str, Any]) -> None:
    if kept["columns"] == head.count():
        head.restoreState(QByteArray.fromHex(kept["state"].encode()))
