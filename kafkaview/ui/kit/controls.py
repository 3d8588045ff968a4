"""Labels, buttons and lines that take their look from the theme's style sheet."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum
from html import escape

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from kafkaview.ui.kit.flow_layout import Flow
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import EscapedText, escape_line, visible, visible_alone

_MOST_OF_A_TIP = 2_000  # characters


class ButtonKind(StrEnum):
    """What a button looks like: a page's blue one, a red one that removes something, an ordinary one, a link, an icon,
    words that open a menu, the head of a folded part.
    """

    PRIMARY = "primary"
    DANGER = "danger"
    PLAIN = "plain"
    LINK = "link"
    ICON = "icon"
    QUIET = "quiet"
    FOLD = "fold"


class Text(QLabel):
    """A label in one of the design's sizes, weights and colours. Its text is shown as it is, on one line unless it is
    an EscapedText, and never taken for HTML unless it is `rich`: then build it with `bold_text` and `escape_text`.
    """

    def __init__(
        self,
        text: str = "",
        *,
        size: int = 13,
        weight: int = 400,
        tone: str = "text",
        mono: bool = False,
        wrap: bool = False,
        rich: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.RichText if rich else Qt.TextFormat.PlainText)
        self.setProperty("px", str(size))
        self.setProperty("weight", str(weight))
        self.setProperty("tone", tone)
        self.setProperty("mono", "true" if mono else "false")
        self.setWordWrap(wrap)
        if wrap:  # as high as its width asks for; `Minimum` would keep the height of an unbroken guess as the least
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802  # Qt's name
        """Qt's."""
        super().setText(text if self.textFormat() is Qt.TextFormat.RichText else escape_line(text))

    def set_tone(self, tone: str) -> None:
        """Changes the colour to another token's."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            repolish(self)


class Elided(Text):
    """One line that is cut with "…" where there is no room; its tooltip has the whole text."""

    def __init__(self, text: str = "", *, size: int = 13, weight: int = 400, tone: str = "text") -> None:
        super().__init__(size=size, weight=weight, tone=tone)
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802  # Qt's name
        """Qt's."""
        super().setText(text)
        self.setToolTip(escape_tip(text))
        self.setAccessibleName(self.text())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        room = self.contentsRect()
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, self.alignment(), text)
        painter.end()


class Button(QPushButton):
    """A button with a verb. The focus ring shows when it was reached by keyboard, not by a click."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        *,
        kind: ButtonKind = ButtonKind.PLAIN,
        icon: str | None = None,
        tip: str = "",
        tall: bool = False,
        clicked: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._icon = icon
        self._token: str | None = None
        self._kind = kind
        self.setProperty("kind", kind.value)
        self.setProperty("tall", "true" if tall else "false")
        self.setToolTip(tip)
        self.setAccessibleName(text or tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if kind is ButtonKind.LINK:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        if clicked is not None:
            self.clicked.connect(lambda _checked=False: clicked())
        self._is_outdated = False  # its icon is of a look before
        theme.changed.connect(self._follow_look)
        self._paint_icon()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's."""
        if self._is_outdated:
            self._paint_icon()
        super().showEvent(event)

    def set_kind(self, kind: ButtonKind) -> None:
        """Changes the look."""
        if kind is not self._kind:
            self._kind = kind
            self.setProperty("kind", kind.value)
            repolish(self)
            self._paint_icon()

    def set_icon(self, name: str | None, token: str | None = None) -> None:
        """Changes the icon, and its colour if the kind's is not meant."""
        self._icon, self._token = name, token
        self._paint_icon()

    def setText(self, text: str) -> None:  # noqa: N802  # Qt's name
        """Qt's; the icon keeps its distance from words, and screen readers say these."""
        before = self.text()
        super().setText(text)
        if self.accessibleName() == before:
            self.setAccessibleName(text)
        if bool(text) is not bool(before):
            self._paint_icon()

    def setEnabled(self, enabled: bool) -> None:  # noqa: FBT001  # Qt's signature
        """Qt's; the icon greys with the words."""
        changes = enabled != self.isEnabled()
        super().setEnabled(enabled)
        if changes:
            self._paint_icon()

    def _follow_look(self) -> None:
        """Paints the icon anew, once somebody sees it: most buttons of a window are on pages that are hidden."""
        if self.isVisible():
            self._paint_icon()
        else:
            self._is_outdated = True

    def _paint_icon(self) -> None:
        self._is_outdated = False
        if self._icon is None:
            return
        tokens = {ButtonKind.PRIMARY: "accent_on", ButtonKind.DANGER: "on_solid", ButtonKind.LINK: "accent"}
        usual = tokens.get(self._kind, "text_2") if self.isEnabled() else "off_text"
        token = self._token or usual
        gap = 5 if self.text() else 0
        self.setIcon(self._theme.icon(self._icon, token, gap=gap))
        self.setIconSize(QSize(self._theme.px(16) + self._theme.px(gap), self._theme.px(16)))


class Segments(QWidget):
    """A row of choices of which one is chosen: `All 15 | Stuck 3 | Behind 4`. It takes several rows where text is
    large, if it `wraps`.
    """

    chosen = Signal(str)

    def __init__(
        self,
        items: tuple[tuple[str, str], ...],
        *,
        low: bool = False,
        wraps: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        row = Flow(gap=0)
        self.setLayout(row)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        for place, (name, title) in enumerate(items):
            button = QPushButton(title)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setProperty("kind", "segment")
            button.setProperty("edge", _edge(place, len(items)))
            button.setProperty("low", "true" if low else "false")
            button.setChecked(place == 0)
            self._group.addButton(button)
            self._buttons[name] = button
            button.clicked.connect(lambda _checked=False, chosen=name: self.chosen.emit(chosen))
            row.addWidget(button)
        policy = QSizePolicy.Policy.Preferred if wraps else QSizePolicy.Policy.Fixed
        self.setSizePolicy(policy, policy)

    @property
    def current(self) -> str:
        """The name of the chosen segment."""
        return next(name for name, button in self._buttons.items() if button.isChecked())

    def choose(self, name: str) -> None:
        """Chooses a segment and emits `chosen`."""
        self._buttons[name].setChecked(True)
        self.chosen.emit(name)

    def set_tip(self, name: str, tip: str) -> None:
        """Says in a tooltip what a segment holds."""
        self._buttons[name].setToolTip(escape_tip(tip))

    def set_title(self, name: str, title: str) -> None:
        """Changes a segment's title, with its count."""
        self._buttons[name].setText(title)

    def show_only(self, names: Collection[str]) -> None:
        """Shows these segments and hides the others. If the chosen one is among those, the first one is chosen."""
        shown = [name for name in self._buttons if name in names]
        if self.current not in shown:
            self.choose(shown[0])
        for name, button in self._buttons.items():
            button.setVisible(name in shown)
            edge = _edge(shown.index(name), len(shown)) if name in shown else button.property("edge")
            if edge != button.property("edge"):
                button.setProperty("edge", edge)
                button.style().polish(button)


def _edge(place: int, count: int) -> str:
    if count == 1:
        return "both"
    return "first" if place == 0 else "last" if place == count - 1 else "middle"


def hairline(*, vertical: bool = False) -> QFrame:
    """Returns a line between sections."""
    line = QFrame()
    line.setProperty("role", "hairline")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


def ground(widget: QWidget, token: str) -> None:
    """Paints a widget's background in a token's colour."""
    widget.setProperty("ground", token)
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)


def repolish(widget: QWidget) -> None:
    """Applies the style sheet again after a property has changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def bold_text(text: str) -> str:
    """Returns bold text for a rich Text, with HTML escaped."""
    return f'<span style="font-weight:600">{escape_text(text)}</span>'


def escape_text(text: str) -> str:
    """Returns ordinary text for a rich Text, with HTML escaped."""
    return escape(visible(text))


def escape_button(text: str) -> str:
    """Returns the words of a button or a menu, which take `&` for the mark of a key."""
    return visible(text).replace("&", "&&")


def escape_tip(text: str) -> str:
    """Returns a tooltip that Qt never takes for HTML, even if a value from the cluster looks like a tag. It is one line
    unless the text is an EscapedText.
    """
    cut = text if len(text) <= _MOST_OF_A_TIP else f"{text[:_MOST_OF_A_TIP]}…"
    shown = cut if isinstance(text, EscapedText) else visible_alone(cut)
    return f'<span style="white-space:pre-wrap">{escape(shown)}</span>' if "<" in shown else shown
