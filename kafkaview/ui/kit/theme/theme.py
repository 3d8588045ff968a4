"""The theme: light or dark, contrast, text scale, height of rows, zone of times. `changed` tells of each."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from kafkaview.clock import choose_zone
from kafkaview.ui.kit.theme import fonts, icons
from kafkaview.ui.kit.theme.stylesheet import palette, stylesheet
from kafkaview.ui.kit.theme.tokens import DARK, LIGHT, Tokens, high_contrast


class ThemeMode(StrEnum):
    """What the user asked for; `system` follows the desktop."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Contrast(StrEnum):
    """How much the user asked for; `system` follows the desktop."""

    SYSTEM = "system"
    HIGH = "high"


class RowHeight(StrEnum):
    """How high the rows of tables are."""

    COMPACT = "compact"
    USUAL = "usual"
    COMFORTABLE = "comfortable"


_ROWS = {RowHeight.COMPACT: 24, RowHeight.USUAL: 28, RowHeight.COMFORTABLE: 34}


class Theme(QObject):
    """The current look. Painters read colours, fonts and pixels from it and repaint on `changed`."""

    changed = Signal()

    def __init__(self, mode: ThemeMode = ThemeMode.SYSTEM, scale: float = 1.0) -> None:
        super().__init__()
        fonts.load_fonts()
        self._mode = mode
        self._contrast = Contrast.SYSTEM
        self._scale = scale
        self._local_time = False
        self._row_height = RowHeight.USUAL
        self._colors: dict[tuple[str, int], QColor] = {}
        self._hints = QGuiApplication.styleHints()  # kept: PySide loses the inner object with the outer one
        self._security = self._hints.accessibility()
        self._hints.colorSchemeChanged.connect(self._system_changed)
        self._security.contrastPreferenceChanged.connect(self._apply)
        QApplication.setStyle("Fusion")  # once: Qt styles every widget anew with each call
        self._apply()

    @property
    def mode(self) -> ThemeMode:
        """The mode that the user chose."""
        return self._mode

    @property
    def contrast(self) -> Contrast:
        """The contrast that the user chose."""
        return self._contrast

    @property
    def dark(self) -> bool:
        """Whether the dark tokens are in use."""
        if self._mode is ThemeMode.SYSTEM:
            return self._hints.colorScheme() is Qt.ColorScheme.Dark
        return self._mode is ThemeMode.DARK

    @property
    def scale(self) -> float:
        """The text scale, 1.0 to 2.0."""
        return self._scale

    @property
    def tokens(self) -> Tokens:
        """The colours in use."""
        return self._tokens

    def dress(self, part: QWidget) -> None:
        """Styles a window, or a part of one, and all that is in it: now, and after every change as soon as it is seen.
        The style sheet is set on the part and not on the application: there Qt would match every widget again each time
        that it gets a parent, so that a page made of nested parts took four times as long.
        """
        _Dress(self, part)

    @property
    def sheet(self) -> str:
        """The style sheet in use."""
        return self._sheet

    def set_mode(self, mode: ThemeMode) -> None:
        """Changes to light, dark or the system's mode."""
        self._mode = mode
        self._apply()

    def set_contrast(self, contrast: Contrast) -> None:
        """Changes to high contrast, or to the system's."""
        self._contrast = contrast
        self._apply()

    @property
    def local_time(self) -> bool:
        """Whether times are written in this machine's zone, not in UTC."""
        return self._local_time

    def set_local_time(self, *, local: bool) -> None:
        """Shows times in this machine's zone or in UTC; emits `changed`."""
        if local != self._local_time:
            self._local_time = local
            choose_zone(local=local)
            self.changed.emit()

    @property
    def row_height(self) -> RowHeight:
        """How high the rows of tables are."""
        return self._row_height

    @property
    def row(self) -> int:
        """The height of a table's row in pixels."""
        return self.px(_ROWS[self._row_height])

    def set_row_height(self, height: RowHeight) -> None:
        """Changes the height of the rows of every table."""
        if height is not self._row_height:
            self._row_height = height
            self.changed.emit()

    def set_scale(self, scale: float) -> None:
        """Scales all text and the rows that hold it."""
        self._scale = min(2.0, max(1.0, scale))
        self._apply()

    def px(self, pixels: float) -> int:
        """Returns a length of the design in the current scale."""
        return round(pixels * self._scale)

    def color(self, token: str, alpha: int = 255) -> QColor:
        """Returns a token's colour, `alpha` of 255 opaque, from the cache: painters ask for every cell."""
        colour = self._colors.get((token, alpha))
        if colour is None:
            colour = self._colors[token, alpha] = QColor(self._tokens[token])
            colour.setAlpha(alpha)
        return colour

    def font(self, size: int = 13, weight: int = 400, *, mono: bool = False, italic: bool = False) -> QFont:
        """Returns a font of the design's size in the current scale."""
        return fonts.font(self.px(size), weight, mono=mono, italic=italic)

    def icon(self, name: str, colour: str = "text_2", size: int = 16, gap: int = 0) -> QIcon:
        """Returns a Lucide icon in a token's colour, with room at its right."""
        return icons.icon(name, self._tokens[colour], self.px(size), self.px(gap))

    def pixmap(self, name: str, colour: str = "text_2", size: int = 16, ratio: float = 1.0) -> QPixmap:
        """Returns a Lucide icon in a token's colour as a picture."""
        return icons.pixmap(name, self._tokens[colour], self.px(size), ratio)

    def _system_changed(self) -> None:
        if self._mode is ThemeMode.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        tokens = DARK if self.dark else LIGHT
        wished = self._security.contrastPreference() is Qt.ContrastPreference.HighContrast
        self._tokens = high_contrast(tokens) if wished or self._contrast is Contrast.HIGH else tokens
        self._colors.clear()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setFont(self.font())
            app.setPalette(palette(self._tokens))
        self._sheet = stylesheet(self._tokens, self._scale, dark=self.dark)
        self.changed.emit()


class _Dress(QObject):
    """Keeps a part of a window styled as long as the part lives. A hidden part waits until it is shown."""

    def __init__(self, theme: Theme, part: QWidget) -> None:
        super().__init__(part)
        self._theme = theme
        self._part = part
        self._worn = ""
        theme.changed.connect(self._change)
        part.installEventFilter(self)
        self._wear()

    def eventFilter(self, _part: QObject, event: QEvent) -> bool:
        """Qt's: it is shown."""
        if event.type() is QEvent.Type.Show:
            self._wear()
        return False

    def _change(self) -> None:
        if self._part.isVisible():
            self._wear()
        elif self._worn != self._theme.sheet:
            self._worn = ""  # Qt has changed palettes below: the same sheet has to be set again, should it come back

    def _wear(self) -> None:
        if self._worn != self._theme.sheet:
            self._worn = self._theme.sheet
            self._part.setStyleSheet(self._worn)
