"""Cyclic garbage is collected on the window's thread alone.

Python collects it on whichever thread happens to allocate. A Qt object that dies on a worker's thread cannot stop its
timers there, and the next tick of one ends the process.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500


class Collector(QObject):
    """Collects garbage in place of Python, by Python's own thresholds. It is made and ended on the window's thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(_EVERY_MS)

    def collect(self) -> None:
        """Collect the generations that are due."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return

    def end(self) -> None:
        """Lets Python collect garbage again."""
        self._timer.stop()
        gc.collect()
        gc.enable()
