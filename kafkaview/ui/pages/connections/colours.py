"""The colour of a connection: the environment's, or one of a few on which white words can be read."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QWidget

from kafkaview.profiles.profile import Environment
from kafkaview.ui.kit.sheets import environment_token
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.fields import Field, Value

COLOURS = (
    ("", "the environment's"),
    ("#3D6A8F", "blue"),
    ("#6B4BC3", "violet"),
    ("#A4155F", "red"),
    ("#0A6B74", "teal"),
    ("#8A5A00", "amber"),
    ("#59626F", "grey"),
)


class ColourField(Field):
    """Squares of colour; the first has the environment's colour."""

    def __init__(self, theme: Theme) -> None:
        holder = QWidget()
        super().__init__(holder)
        self._group = QButtonGroup(self)
        self._squares: dict[str, Square] = {}
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(6)
        for colour, name in COLOURS:
            square = Square(theme, colour, name)
            self._squares[colour] = square
            self._group.addButton(square)
            row.addWidget(square)
        row.addStretch(1)
        self._squares[""].setChecked(True)
        self._group.buttonToggled.connect(self.changed)

    def value(self) -> str:
        """Returns `#RRGGBB`, or an empty text for the environment's colour."""
        return next((colour for colour, square in self._squares.items() if square.isChecked()), "")

    def set_value(self, value: Value) -> None:
        """Chooses a colour; one that is not among the squares counts as the environment's."""
        self._squares.get(str(value), self._squares[""]).setChecked(True)

    def show_environment(self, environment: Environment | None) -> None:
        """Paints the first square in the environment's colour."""
        self._squares[""].show_environment(environment)


class Square(QAbstractButton):
    """One colour; the chosen one has a ring."""

    def __init__(self, theme: Theme, colour: str, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._colour = colour
        self._token = environment_token(None)
        self.setCheckable(True)
        self.setToolTip(name)
        self.setAccessibleName(f"colour: {name}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setFixedSize(self.sizeHint())

    def show_environment(self, environment: Environment | None) -> None:
        """Takes the colour of an environment."""
        self._token = environment_token(environment)
        self.update()

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(24), self._theme.px(24))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        painter.setBrush(QColor(self._colour) if self._colour else self._theme.color(self._token))
        ring = "text" if self.isChecked() else "accent" if self.hasFocus() else ""
        painter.setPen(QPen(self._theme.color(ring), 2) if ring else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(area, 5, 5)
        if not self._colour:  # it follows the environment: a small sign inside
            painter.setPen(Qt.GlobalColor.white)
            painter.setFont(self._theme.font(11, 600))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "A")
        painter.end()
