from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.records.positions import BEGINNING, END, Anchor, Position, parse_position


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("beginning", BEGINNING),
        ("end", END),
        ("-100", Position(Anchor.END, 100)),
        ("18442", Position(Anchor.OFFSET, 18_442)),
        ("@1700000000000", Position(Anchor.TIME, 1_700_000_000_000)),
        ("@2026-01-31T14:02:11.500Z", Position(Anchor.TIME, 1_769_868_131_500)),
        ("@2026-01-31T15:02:11.500+01:00", Position(Anchor.TIME, 1_769_868_131_500)),
        ("@2026-01-31T14:02:11.5", Position(Anchor.TIME, 1_769_868_131_500)),
    ],
)
def test_positions_are_read(text: str, position: Position) -> None:
    assert parse_position(text) == position


@pytest.mark.parametrize("text", ["", "middle", "--5", "@", "@noon", "1.5", "-"])
def test_a_malformed_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (position|time)"):
        parse_position(text)


@pytest.mark.parametrize(
    ("text", "unit", "right"),
    [
        ("@1700000000", "seconds", "@1700000000000"),
        ("@1700000000000000", "microseconds", "@1700000000000"),
        ("@1700000000000000000", "nanoseconds", "@1700000000000"),
    ],
)
def test_a_time_of_another_unit_than_milliseconds_is_named(text: str, unit: str, right: str) -> None:
    with pytest.raises(ValueError, match=f"looks like {unit}: .* write {right}"):
        parse_position(text)


@given(st.sampled_from(Anchor), st.integers(0, 2**40))
def test_a_position_is_written_as_it_is_read(anchor: Anchor, number: int) -> None:
    position = BEGINNING if anchor is Anchor.BEGINNING else Position(anchor, number)
    if anchor is Anchor.GROUP:
        position = Position(anchor, group=f"billing-{number}")
    assert parse_position(str(position)) == position
