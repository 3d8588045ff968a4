"""What is written can be read, and the three states can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pytest

from kafkaview.ui.kit.theme import DARK, LIGHT, Tokens
from kafkaview.ui.kit.theme.tokens import high_contrast

THEMES = {"light": LIGHT, "dark": DARK, "light, high contrast": high_contrast(LIGHT), "dark, high": high_contrast(DARK)}
GROUNDS = ("canvas", "surface", "rail", "sunken", "code", "select", "hover", "accent_soft")
WORDS = ("text", "text_2")
STATES = ("ok", "warn", "bad")
# Machado et al. 2009, full severity, on linear RGB
PROTAN = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
DEUTAN = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))


def linear(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def contrast(one: str, other: str) -> float:
    low, high = sorted(
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (one, other)
    )
    return (high + 0.05) / (low + 0.05)


def lab(rgb: Sequence[float]) -> tuple[float, float, float]:
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.95047, 1.0, 1.08883)
    xyz = [
        sum(m * max(0.0, c) for m, c in zip(row, rgb, strict=True)) / w for row, w in zip(matrix, white, strict=True)
    ]
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(colour: str, sight: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    rgb = linear(colour)
    return lab([sum(m * c for m, c in zip(row, rgb, strict=True)) for row in sight])


@pytest.fixture(params=THEMES, ids=str)
def tokens(request: pytest.FixtureRequest) -> Tokens:
    return THEMES[request.param]


def test_what_is_disabled_can_be_read_and_told_from_what_is_not(tokens: Tokens) -> None:
    assert contrast(tokens.off_text, tokens.sunken) >= 4.5
    assert contrast(tokens.off_text, tokens.text) >= 2
    assert contrast(tokens.off_line, tokens.surface) < 1.6 < contrast(tokens.line_strong, tokens.surface)


def test_words_have_at_least_four_and_a_half_to_one(tokens: Tokens) -> None:
    pairs = [(word, ground) for word in WORDS for ground in GROUNDS]
    pairs += [("text_3", ground) for ground in ("canvas", "surface", "rail", "code", "hover")]
    pairs += [("accent", ground) for ground in ("canvas", "surface", "code", "accent_soft")]
    pairs += [
        (f"{state}_text", ground) for state in STATES for ground in ("surface", "canvas", f"{state}_fill", "select")
    ]
    pairs += [("unknown_text", "unknown_fill"), ("unknown_text", "surface"), ("accent_on", "accent_fill")]
    pairs += [("on_solid", "bad_solid"), ("text", "warn_fill"), ("text", "bad_fill"), ("text", "unknown_fill")]
    weak = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in pairs}
    assert not {pair: ratio for pair, ratio in weak.items() if ratio < 4.5}


def test_environment_words_are_white_on_their_colour(tokens: Tokens) -> None:
    for environment in ("development", "staging", "production"):
        assert contrast("#FFFFFF", tokens[environment]) >= 4.5


def test_marks_series_and_outlines_have_at_least_three_to_one(tokens: Tokens) -> None:
    drawn = [f"{state}_solid" for state in STATES] + [f"series_{n}" for n in (1, 2, 3, 4)] + ["line_strong"]
    weak = {name: round(contrast(tokens[name], tokens.surface), 2) for name in drawn}
    assert not {name: ratio for name, ratio in weak.items() if ratio < 3}


@pytest.mark.parametrize("sight", [PROTAN, DEUTAN], ids=["protan", "deutan"])
def test_states_stay_apart_for_colour_blind_sight(tokens: Tokens, sight: Sequence[Sequence[float]]) -> None:
    for one, other in combinations(STATES, 2):
        first, second = seen(tokens[f"{one}_solid"], sight), seen(tokens[f"{other}_solid"], sight)
        apart = sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5
        assert apart >= 28, f"{one} and {other} are {apart:.1f} apart"
