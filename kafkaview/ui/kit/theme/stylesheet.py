"""Qt's palette and style sheet, written from the tokens.

Widgets say what they are by dynamic properties (`kind`, `tone`, `px`, `weight`, `mono`, `ground`), and the sheet
gives each its look; so a change of theme or text scale needs no widget to do anything.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QColor, QPalette

from kafkaview.resources import ROOT
from kafkaview.ui.kit.theme.fonts import MONO
from kafkaview.ui.kit.theme.tokens import Tokens

_SIZES = (11, 12, 13, 15, 18, 28)
_WEIGHTS = (400, 500, 600)
_Px = Callable[[float], str]


def palette(tokens: Tokens) -> QPalette:
    """Returns the palette for what the style sheet does not reach."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: tokens.canvas,
        QPalette.ColorRole.WindowText: tokens.text,
        QPalette.ColorRole.Base: tokens.surface,
        QPalette.ColorRole.AlternateBase: tokens.canvas,
        QPalette.ColorRole.Text: tokens.text,
        QPalette.ColorRole.Button: tokens.surface,
        QPalette.ColorRole.ButtonText: tokens.text,
        QPalette.ColorRole.Highlight: tokens.select,
        QPalette.ColorRole.HighlightedText: tokens.text,
        QPalette.ColorRole.PlaceholderText: tokens.text_3,
        QPalette.ColorRole.Link: tokens.accent,
        QPalette.ColorRole.ToolTipBase: tokens.text,
        QPalette.ColorRole.ToolTipText: tokens.surface,
        QPalette.ColorRole.Mid: tokens.line,
        QPalette.ColorRole.Dark: tokens.line_strong,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.text_3))
    return made


def stylesheet(tokens: Tokens, scale: float, *, dark: bool) -> str:
    """Returns the style sheet of a window."""

    def px(length: float) -> str:
        return f"{round(length * scale)}px"

    theme = (ROOT / "theme").as_posix()
    chevron = f"{theme}/chevron-{'dark' if dark else 'light'}.svg"
    parts = [_texts(tokens, px), _controls(tokens, px), _fields(tokens, px, theme, chevron), _bars(tokens, px)]
    return "\n".join(parts)


def _texts(t: Tokens, px: _Px) -> str:
    rules = [f'QLabel[tone="{name}"] {{ color: {t[name]}; }}' for name in Tokens.names()]
    rules += [f'*[px="{size}"] {{ font-size: {px(size)}; }}' for size in _SIZES]
    rules += [f'*[weight="{weight}"] {{ font-weight: {weight}; }}' for weight in _WEIGHTS]
    rules += [f'QWidget[ground="{name}"] {{ background: {t[name]}; }}' for name in Tokens.names()]
    return "\n".join(
        [
            *rules,
            f'*[mono="true"] {{ font-family: "{MONO}"; }}',
            'QLabel[role="link"] { color: ' + t.accent + "; }",
            f'QFrame[role="hairline"] {{ background: {t.line}; border: none; }}',
            f'QWidget[role="foot"] {{ background: {t.code}; border-radius: 9px; }}',
            f'QFrame[role="block"] {{ background: {t.code}; border: 1px solid {t.line}; border-radius: 8px; }}',
            f'QFrame[role="framed"] {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: 8px; }}',
            f"QToolTip {{ background: {t.text}; color: {t.surface}; padding: 4px; font-size: {px(12)}; }}",
            "QScrollArea, QStackedWidget { border: none; }",
            "QGraphicsView { background: transparent; border: none; }",
        ]
    )


def _controls(t: Tokens, px: _Px) -> str:
    return f"""
QPushButton {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.line_strong}; border-radius: 6px;
  padding: 0 {px(12)}; min-height: {px(26)}; max-height: {px(26)}; font-weight: 500; }}
QPushButton:hover {{ background: {t.hover}; }}
QPushButton:pressed {{ background: {t.select}; }}
QPushButton:focus {{ border: 2px solid {t.accent}; padding: 0 {px(11)}; min-height: {px(24)}; max-height: {px(24)}; }}
QPushButton:disabled {{ background: {t.sunken}; color: {t.off_text}; border-color: {t.off_line}; }}
QPushButton[tall="true"] {{ min-height: {px(30)}; max-height: {px(30)}; padding: 0 {px(13)}; }}
QPushButton[tall="true"]:focus {{ min-height: {px(28)}; max-height: {px(28)}; padding: 0 {px(12)}; }}
QPushButton[kind="primary"] {{ background: {t.accent_fill}; color: {t.accent_on}; border-color: {t.accent_fill};
  font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {t.accent_fill}; border-color: {t.text}; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {t.text}; }}
QPushButton[kind="primary"]:disabled {{ background: {t.sunken}; color: {t.off_text}; border-color: {t.off_line}; }}
QPushButton[kind="danger"] {{ background: {t.bad_solid}; color: {t.on_solid}; border-color: {t.bad_solid};
  font-weight: 600; }}
QPushButton[kind="danger"]:hover {{ background: {t.bad_solid}; border-color: {t.text}; }}
QPushButton[kind="danger"]:focus {{ border: 2px solid {t.text}; }}
QPushButton[kind="danger"]:disabled {{ background: {t.sunken}; color: {t.off_text}; border-color: {t.off_line}; }}
QPushButton[kind="link"] {{ background: transparent; color: {t.accent}; border: none; padding: 0 3px;
  min-height: {px(24)}; }}
QPushButton[kind="link"]:hover {{ text-decoration: underline; }}
QPushButton[kind="link"]:focus {{ border: 2px solid {t.accent}; border-radius: 4px; padding: 0 1px;
  min-height: {px(20)}; }}
QPushButton[kind="link"]:disabled {{ color: {t.off_text}; }}
QPushButton[kind="fold"] {{ background: transparent; border: none; padding: 0; font-weight: 600;
  min-height: {px(24)}; }}
QPushButton[kind="fold"]:focus {{ border: 2px solid {t.accent}; border-radius: 4px; padding: 0;
  min-height: {px(20)}; }}
QPushButton[kind="icon"] {{ background: transparent; border: none; padding: 0; min-width: {px(28)};
  max-width: {px(28)}; min-height: {px(28)}; max-height: {px(28)}; }}
QPushButton[kind="icon"]:hover {{ background: {t.hover}; }}
QPushButton[kind="icon"]:focus {{ border: 2px solid {t.accent}; min-width: {px(24)}; max-width: {px(24)};
  min-height: {px(24)}; max-height: {px(24)}; }}
QPushButton[kind="quiet"] {{ background: transparent; color: {t.text_2}; border: none; padding: 0 {px(6)};
  font-weight: 600; font-size: {px(12)}; max-height: 200px; }}
QPushButton[kind="quiet"]:hover {{ background: {t.hover}; }}
QPushButton[kind="quiet"]:focus {{ border: 2px solid {t.accent}; padding: 0 {px(4)}; max-height: 200px; }}
QPushButton[kind="segment"] {{ border-radius: 0; padding: 0 {px(10)}; margin-left: -1px; }}
QPushButton[kind="segment"]:checked {{ background: {t.accent_soft}; color: {t.accent}; border-color: {t.accent}; }}
QPushButton[kind="segment"]:focus {{ border: 2px solid {t.accent}; padding: 0 {px(9)}; }}
QPushButton[kind="segment"][edge="first"] {{ border-top-left-radius: 6px; border-bottom-left-radius: 6px;
  margin-left: 0; }}
QPushButton[kind="segment"][edge="last"] {{ border-top-right-radius: 6px; border-bottom-right-radius: 6px; }}
QPushButton[kind="segment"][edge="both"] {{ border-radius: 6px; margin-left: 0; }}
QPushButton[kind="segment"][low="true"] {{ min-height: {px(20)}; max-height: {px(20)}; }}
QPushButton[kind="segment"][low="true"]:focus {{ min-height: {px(18)}; max-height: {px(18)}; }}
QMenu {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.line_strong}; padding: 4px; }}
QMenu::item {{ padding: {px(5)} {px(24)} {px(5)} {px(12)}; border-radius: 4px; }}
QMenu::item:selected {{ background: {t.select}; }}
QMenu::item:disabled {{ color: {t.off_text}; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
"""


def _fields(t: Tokens, px: _Px, theme: str, chevron: str) -> str:
    return f"""
QLineEdit, QComboBox, QSpinBox, QPlainTextEdit, QTextEdit {{ background: {t.surface}; color: {t.text};
  border: 1px solid {t.line_strong}; border-radius: 6px; selection-background-color: {t.accent_fill};
  selection-color: {t.accent_on}; }}
QLineEdit, QComboBox, QSpinBox {{ min-height: {px(26)}; max-height: {px(26)}; padding: 0 {px(8)}; }}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus {{ border: 2px solid {t.accent}; padding: 0 {px(7)};
  min-height: {px(24)}; max-height: {px(24)}; }}
QLineEdit:disabled, QComboBox:disabled {{ background: {t.sunken}; color: {t.off_text}; border-color: {t.off_line}; }}
QLineEdit[kind="bare"], QLineEdit[kind="bare"]:focus {{ border: none; background: transparent; padding: 0; }}
QComboBox::drop-down {{ border: none; width: {px(24)}; }}
QComboBox::down-arrow {{ image: url("{chevron}"); width: {px(14)}; height: {px(14)}; }}
QComboBox QAbstractItemView {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.line_strong};
  selection-background-color: {t.select}; selection-color: {t.text}; outline: none; }}
QPlainTextEdit:focus, QTextEdit:focus {{ border: 2px solid {t.accent}; }}
QPlainTextEdit[kind="code"], QTextEdit[kind="code"] {{ background: {t.code}; border: 1px solid {t.line};
  border-radius: 8px; padding: 8px; }}
QCheckBox, QRadioButton {{ spacing: {px(8)}; color: {t.text}; background: transparent; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {t.off_text}; }}
QRadioButton::indicator {{ width: {px(12)}; height: {px(12)}; border: 1px solid {t.line_strong};
  border-radius: {px(7)}; background: {t.surface}; }}
QRadioButton::indicator:checked {{ border: {px(4)} solid {t.accent_fill}; width: {px(6)}; height: {px(6)}; }}
QRadioButton::indicator:focus {{ border-color: {t.accent}; }}
QCheckBox::indicator {{ width: {px(14)}; height: {px(14)}; border: 1px solid {t.line_strong}; border-radius: 4px;
  background: {t.surface}; }}
QCheckBox::indicator:checked {{ background: {t.accent_fill}; border-color: {t.accent_fill};
  image: url("{theme}/check.svg"); }}
QCheckBox::indicator:focus {{ border: 2px solid {t.accent}; width: {px(12)}; height: {px(12)}; }}
QCheckBox::indicator:checked:focus {{ border: 2px solid {t.text}; }}
QCheckBox::indicator:disabled {{ background: {t.sunken}; border-color: {t.off_line}; }}
"""


def _bars(t: Tokens, px: _Px) -> str:
    return f"""
QScrollBar:vertical {{ background: transparent; width: {px(12)}; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: {px(12)}; margin: 0; }}
QScrollBar::handle {{ background: {t.line_strong}; border-radius: 3px; }}
QScrollBar::handle:vertical {{ min-height: {px(32)}; margin: 2px 3px; }}
QScrollBar::handle:horizontal {{ min-width: {px(32)}; margin: 3px 2px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: {t.line}; }}
QSplitter::handle:hover {{ background: {t.accent}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QProgressBar {{ background: {t.line}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ background: {t.accent_fill}; border-radius: 3px; }}
"""
