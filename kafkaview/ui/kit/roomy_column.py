"""A column that scrolls where text is large and the window small, instead of squeezing its last part. Then it alone
has a scroll bar: that of a table in it would stand beside it, and scrolls by wheel and keys all the same.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from kafkaview.ui.kit.theme import Theme

_YIELDS: Final = "yields"  # the property of a scroll area whose bar is hidden for that of the column around it


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
        self.inside = _Inside(self, parts, last)
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
        self.verticalScrollBar().rangeChanged.connect(lambda _least, _most: self.share_bar())
        theme.changed.connect(self._fit)
        self._fit()

    def set_least(self, least: int) -> None:
        """Gives the last part another least height."""
        self._least = least
        self._fit()

    @property
    def scrolls(self) -> bool:
        """Whether its parts do not fit, or it lies in a column whose parts do not."""
        around: QWidget | None = self
        while around is not None:
            if isinstance(around, Roomy) and around.verticalScrollBar().maximum() > 0:
                return True
            around = around.parentWidget()
        return False

    def share_bar(self) -> None:
        """Hides the vertical bars of what scrolls inside while this column scrolls."""
        hidden = self.scrolls
        for area in self.inside.findChildren(QAbstractScrollArea):
            if hidden and area.verticalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAsNeeded:
                area.setProperty(_YIELDS, True)
                area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            elif not hidden and area.property(_YIELDS) and not _lies_in_scrolling(area, self):
                area.setProperty(_YIELDS, None)
                area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def _fit(self) -> None:
        self._last.setMinimumHeight(self._theme.px(self._least))


def _lies_in_scrolling(area: QWidget, outer: Roomy) -> bool:
    """Returns whether a column between an area and the outer one scrolls."""
    around = area.parentWidget()
    while around is not None and around is not outer:
        if isinstance(around, Roomy) and around.verticalScrollBar().maximum() > 0:
            return True
        around = around.parentWidget()
    return False


class _Inside(QWidget):
    """A widget that tells its least height. Qt would take the preferred one of the last part, if words in it wrap."""

    def __init__(self, column: Roomy, parts: tuple[QWidget, ...], last: QWidget) -> None:
        super().__init__()
        self._column = column
        self._parts = parts
        self._last = last

    def event(self, event: QEvent) -> bool:
        """Qt's: what came into the column shares its bar."""
        if event.type() is QEvent.Type.LayoutRequest and self._column.scrolls:
            self._column.share_bar()
        return super().event(event)

    def heightForWidth(self, width: int) -> int:
        """Qt's."""
        shown = (part for part in self._parts if not part.isHidden())
        return sum(_height(part, width) for part in shown) + self._last.minimumHeight()


def _height(part: QWidget, width: int) -> int:
    return part.heightForWidth(width) if part.hasHeightForWidth() else part.sizeHint().height()
