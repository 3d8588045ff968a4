"""Colours, fonts and icons."""

from kafkaview.ui.theme.theme import Mode, Theme
from kafkaview.ui.theme.tokens import DARK, LIGHT, Tokens

__all__ = ["DARK", "LIGHT", "Mode", "Theme", "Tokens"]
