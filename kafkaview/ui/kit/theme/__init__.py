"""Colours, fonts and icons."""

from kafkaview.ui.kit.theme.theme import Contrast, RowHeight, Theme, ThemeMode
from kafkaview.ui.kit.theme.tokens import DARK, LIGHT, Tokens

__all__ = ["DARK", "LIGHT", "Contrast", "RowHeight", "Theme", "ThemeMode", "Tokens"]
