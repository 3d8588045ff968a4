"""Enter presses the button that has the keyboard. Qt leaves that to Space outside dialogs of its own."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox

SPACE_ONLY: Final = "space-only"  # the property of a button that Enter does not press


def press_by_enter(event: QKeyEvent, primary: QAbstractButton | None = None) -> bool:
    """Presses the button that has the keyboard if the key is Enter, else the `primary` one. Returns whether it pressed
    one. A widget that takes Enter for itself never lets it come here; a tick box takes Space alone.
    """
    plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not plain or event.isAutoRepeat():
        return False
    now = QApplication.focusWidget()
    pressed = now if isinstance(now, QAbstractButton) and not isinstance(now, QCheckBox) else primary
    if pressed is None or not pressed.isEnabled() or not pressed.isVisible() or pressed.property(SPACE_ONLY):
        return False
    pressed.click()
    return True
