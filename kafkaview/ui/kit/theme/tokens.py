"""The colours of kafkaview by what they are for, in light and dark. Everything painted takes its colour from here.

`solid` is for marks, lines and fills, `text` for words. tests/ui/widgets/test_tokens.py holds the contrasts.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme's colours, each `#RRGGBB`."""

    canvas: str
    surface: str
    rail: str
    sunken: str
    code: str
    line: str
    line_strong: str
    text: str
    text_2: str
    text_3: str
    off_text: str  # of what cannot be pressed or typed into, also in high contrast
    off_line: str
    accent: str
    accent_fill: str
    accent_on: str
    accent_soft: str
    select: str
    hover: str
    ok_text: str
    ok_solid: str
    ok_fill: str
    warn_text: str
    warn_solid: str
    warn_fill: str
    bad_text: str
    bad_solid: str
    bad_fill: str
    on_solid: str
    unknown_text: str
    unknown_fill: str
    syntax_key: str
    syntax_string: str
    syntax_number: str
    syntax_punctuation: str
    series_1: str
    series_2: str
    series_3: str
    series_4: str
    development: str
    staging: str
    production: str

    def __getitem__(self, name: str) -> str:
        """Returns a colour by its token's name."""
        return str(getattr(self, name))

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Returns every token's name."""
        return tuple(field.name for field in fields(cls))


LIGHT = Tokens(
    canvas="#F5F6F8",
    surface="#FFFFFF",
    rail="#E9ECF1",
    sunken="#EDEFF3",
    code="#F3F5F8",
    line="#DCE0E6",
    line_strong="#848D9B",
    text="#171C26",
    text_2="#434B59",
    text_3="#59626F",
    off_text="#59626F",
    off_line="#DCE0E6",
    accent="#1F55C4",
    accent_fill="#1F55C4",
    accent_on="#FFFFFF",
    accent_soft="#E3ECFC",
    select="#DCE8FD",
    hover="#EEF2F8",
    ok_text="#0A626C",
    ok_solid="#0E7C86",
    ok_fill="#DAEFF1",
    warn_text="#855000",
    warn_solid="#C07D00",
    warn_fill="#FCEECF",
    bad_text="#A81C1C",
    bad_solid="#A81C1C",
    bad_fill="#FBE3E1",
    on_solid="#FFFFFF",
    unknown_text="#555E6C",
    unknown_fill="#E9ECF0",
    syntax_key="#1F55C4",
    syntax_string="#0A626C",
    syntax_number="#8A3FA0",
    syntax_punctuation="#59626F",
    series_1="#1F55C4",
    series_2="#C07D00",
    series_3="#0E7C86",
    series_4="#8A3FA0",
    development="#3D6A8F",
    staging="#6B4BC3",
    production="#A4155F",
)

DARK = Tokens(
    canvas="#14171C",
    surface="#1B1F26",
    rail="#171A20",
    sunken="#101317",
    code="#15181E",
    line="#2C323C",
    line_strong="#6E7887",
    text="#E7EAEF",
    text_2="#B9C1CC",
    text_3="#949EAC",
    off_text="#949EAC",
    off_line="#2C323C",
    accent="#82ABFF",
    accent_fill="#2C60CF",
    accent_on="#FFFFFF",
    accent_soft="#1E2F52",
    select="#233556",
    hover="#22272F",
    ok_text="#6FD3E0",
    ok_solid="#56C8D8",
    ok_fill="#143238",
    warn_text="#F0B354",
    warn_solid="#E5A93C",
    warn_fill="#3A2C12",
    bad_text="#FF979E",
    bad_solid="#EE5D6A",
    bad_fill="#451D24",
    on_solid="#14171C",
    unknown_text="#A2ACB9",
    unknown_fill="#2A3039",
    syntax_key="#82ABFF",
    syntax_string="#6FD3E0",
    syntax_number="#D79BEA",
    syntax_punctuation="#949EAC",
    series_1="#82ABFF",
    series_2="#E5A93C",
    series_3="#56C8D8",
    series_4="#D79BEA",
    development="#3D6A8F",
    staging="#7457CC",
    production="#B3246D",
)


def high_contrast(tokens: Tokens) -> Tokens:
    """Returns the theme for users who ask their system for more contrast: captions in full text colour, outlines for
    hairlines, no fills behind states.
    """
    return replace(
        tokens,
        text_2=tokens.text,
        text_3=tokens.text,
        unknown_text=tokens.text,
        line=tokens.line_strong,
        ok_fill=tokens.surface,
        warn_fill=tokens.surface,
        bad_fill=tokens.surface,
        unknown_fill=tokens.surface,
    )
