"""The shipped fonts: Inter for words, JetBrains Mono for keys, values, hex and names of partitions."""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QFont, QFontDatabase

from kafkaview.resources import ROOT

SANS = "Inter"
MONO = "JetBrains Mono"


@cache
def load_fonts() -> None:
    """Registers the shipped fonts with Qt, once. Needs a running QGuiApplication."""
    for path in sorted((ROOT / "fonts").glob("*.[ot]tf")):
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise RuntimeError(f"the font {path.name} cannot be read")


@cache
def font(pixels: int, weight: int = 400, *, mono: bool = False, italic: bool = False) -> QFont:
    """Returns a font of this size from the cache: painters ask for every cell. Figures are tabular; ligatures are off,
    since names and bytes are shown in both fonts.
    """
    chosen = QFont(MONO if mono else SANS)
    chosen.setPixelSize(pixels)
    chosen.setWeight(QFont.Weight(weight))
    chosen.setItalic(italic)
    chosen.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    for feature, value in (("tnum", 1), ("calt", 0), ("liga", 0)):
        chosen.setFeature(QFont.Tag(feature), value)
    return chosen
