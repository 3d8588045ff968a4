"""A column that scrolls where text is large and the window small, instead of squeezing its last part."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from kafkaview.ui.kit.theme import Theme


class Roomy(QScrollArea):
    """Parts as high as they need to be, and below them one that takes the rest of the height: `least` of it, in the
    text's scale.
    """

    def __init__(self, theme: Theme, parts: tuple[QWidget, ...], last: QWidget, least: int) -> None:
        super().__init__()
        self._theme = theme
        self._last = last
        self._least = least
        # A scroll area asks for the preferred height of what wraps; what is preferred here is what there is.
        last.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.inside = _Inside(last)
        column = QVBoxLayout(self.inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in parts:
            column.addWidget(part)
        column.addWidget(last, 1)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self.inside)
        theme.changed.connect(self._fit)
        self._fit()

    def set_least(self, least: int) -> None:
        """Gives the last part another least height."""
        self._least = least
        self._fit()

    def _fit(self) -> None:
        self._last.setMinimumHeight(self._theme.px(self._least))


class _Inside(QWidget):
    """A widget that tells its least height. Qt leaves parts of size policy Ignored out of a height for a width."""

    def __init__(self, last: QWidget) -> None:
        super().__init__()
        self._last = last

    def heightForWidth(self, width: int) -> int:
        """Qt's."""
        layout = self.layout()
        parts = max(0, layout.totalHeightForWidth(width)) if layout is not None else 0
        return parts + self._last.minimumHeight()
