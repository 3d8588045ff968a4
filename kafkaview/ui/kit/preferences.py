"""What the window remembers: its look; place, page, splitters and columns for each profile. It is kept in
`window.json` beside the connections and holds no secret and nothing of a cluster.
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
from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtWidgets import QSplitter, QTableView, QWidget
from shiboken6 import isValid

from kafkaview.ui.kit.page import Page
from kafkaview.ui.kit.theme import Contrast, RowHeight, Theme, ThemeMode

_FILE = "window.json"
_LOOK = "look"
_RESTORED = "layout-restored"  # the property of a part that has its layout
WANTED_BESIDE = "wanted-beside"  # that of a splitter whose parts are wanted beside each other, where there is room


class Remembered:
    """Values by name in one small file. If the file cannot be read or written, the window starts with the defaults."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or Path(platformdirs.user_config_dir("kafkaview", appauthor=False)) / _FILE
        self._known = self._read()

    def get(self, name: str) -> dict[str, Any]:
        """Returns the values that were kept under a name; empty if there are none."""
        found = self._known.get(name)
        return found if isinstance(found, dict) else {}

    def put(self, values: Mapping[str, dict[str, Any]]) -> None:
        """Keeps these values and leaves those of other windows."""
        known = self._read()
        self._known = {**known, **values}
        if self._known != known:
            with suppress(OSError):
                self._write(self._known)

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


def fit_screen(window: QWidget) -> None:
    """Makes a window no larger than its screen has room for."""
    screen = window.screen()
    room = screen.availableSize() if screen is not None else window.size()
    window.resize(window.size().boundedTo(room).expandedTo(window.minimumSize()))


def follow_look(theme: Theme, remembered: Remembered) -> None:
    """Applies the remembered look, and remembers every change of it."""
    left = remembered.get(_LOOK)
    if left.get("mode") in tuple(ThemeMode):
        theme.set_mode(ThemeMode(left["mode"]))
    if left.get("contrast") in tuple(Contrast):
        theme.set_contrast(Contrast(left["contrast"]))
    if isinstance(left.get("scale"), float):
        theme.set_scale(left["scale"])
    if left.get("rows") in tuple(RowHeight):
        theme.set_row_height(RowHeight(left["rows"]))
    theme.set_local_time(local=left.get("local_time") is True)
    theme.changed.connect(lambda: remembered.put({_LOOK: _look(theme)}))


class Layouts(QObject):
    """The layout of every table and splitter of one window, remembered for one `profile`. It is a child of the window,
    where tables and splitters find it.
    """

    def __init__(self, window: QWidget, profile: str, remembered: Remembered) -> None:
        super().__init__(window)
        self._window = window
        self._profile = profile
        self._remembered = remembered
        self._shown: dict[str, QTableView | QSplitter] = {}  # what was shown last under each name

    def place_window(self) -> str:
        """Gives the window the size and place that it had when it was closed, where a screen still shows it; else it
        fits the screen. Returns the page that was in front then; empty if there was none.
        """
        kept = self._remembered.get(self._window_name)
        state = QByteArray.fromHex(str(kept.get("geometry", "")).encode())
        if state.isEmpty() or not self._window.restoreGeometry(state):
            fit_screen(self._window)
        return str(kept.get("page", ""))

    def keep_window(self, page: str) -> None:
        """Remembers size and place of the window, and the page in front."""
        geometry = bytes(self._window.saveGeometry().toHex().data()).decode()
        self._remembered.put({self._window_name: {"geometry": geometry, "page": page}})

    @property
    def _window_name(self) -> str:
        return f"{self._profile}/window"

    @staticmethod
    def restore(part: QTableView | QSplitter) -> None:
        """Restores the layout of a table or splitter when it is first shown."""
        kept = part.window().findChild(Layouts, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if kept is not None:
            kept.restore_part(part)

    def restore_part(self, part: QTableView | QSplitter) -> None:
        """Restores the layout of a part of this window when it is first shown."""
        name = self._name(part)
        self._shown[name] = part
        if not part.property(_RESTORED):
            part.setProperty(_RESTORED, True)
            _lay_out(part, self._remembered.get(name))

    def keep(self) -> None:
        """Remembers the layout of every part that was shown; of two of one name, as two panes of a page may show a
        record, that of the one that was shown last.
        """
        self._remembered.put({name: _layout(part) for name, part in self._shown.items() if isValid(part)})

    def _name(self, part: QTableView | QSplitter) -> str:
        kind, name = (
            ("table", part.accessibleName()) if isinstance(part, QTableView) else ("splitter", part.objectName())
        )
        return f"{self._profile}/{kind}/{_page_of(part)}{name}"


def _page_of(part: QWidget) -> str:
    """Returns the id of the page that a part lies on: two pages may have a table of the same name."""
    above = part.parentWidget()
    while above is not None and not isinstance(above, Page):
        above = above.parentWidget()
    return f"{above.id}/" if above is not None else ""


def _layout(part: QTableView | QSplitter) -> dict[str, Any]:
    if isinstance(part, QSplitter):
        wanted = part.property(WANTED_BESIDE)
        beside = part.orientation() is Qt.Orientation.Horizontal if wanted is None else wanted
        return {"upright": not beside, "sizes": part.sizes()}
    state = bytes(part.horizontalHeader().saveState().toHex().data()).decode()
    return {"columns": _titles(part), "state": state}


def _lay_out(part: QTableView | QSplitter, kept: dict[str, Any]) -> None:
    """Restores one layout; a table whose columns have changed since keeps its default."""
    if isinstance(part, QSplitter):
        if len(kept.get("sizes", ())) == part.count():
            if part.property(WANTED_BESIDE) is not None:
                part.setProperty(WANTED_BESIDE, not kept.get("upright"))
            part.setOrientation(Qt.Orientation.Vertical if kept.get("upright") else Qt.Orientation.Horizontal)
            part.setSizes(kept["sizes"])
    elif kept.get("columns") == _titles(part):
        part.horizontalHeader().restoreState(QByteArray.fromHex(str(kept.get("state")).encode()))


def _titles(table: QTableView) -> list[str]:
    model = table.model()
    return [str(model.headerData(at, Qt.Orientation.Horizontal)) for at in range(model.columnCount())]


def _look(theme: Theme) -> dict[str, Any]:
    return {
        "mode": theme.mode.value,
        "contrast": theme.contrast.value,
        "scale": theme.scale,
        "rows": theme.row_height.value,
        "local_time": theme.local_time,
    }
