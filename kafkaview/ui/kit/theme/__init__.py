"""Colours, fonts and icons."""

from kafkaview.ui.kit.theme.theme import Mode, Theme
from kafkaview.ui.kit.theme.tokens import DARK, LIGHT, Tokens

__all__ = ["DARK", "LIGHT", "Mode", "Theme", "Tokens"]
