from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.records.positions import BEGINNING, END, Anchor, Position, parse_position
from kafkaview.records.ranges import find_range
from kafkaview.terms import TopicPartition
from tests.kit.fake_cluster import FIRST_TIMESTAMP_MS, FakeCluster


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


async def test_a_partition_whose_leader_does_not_tell_the_place_of_a_time_is_left_out(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [TopicPartition("orders", number) for number in range(3)]
    asked = cluster.offsets_at

    async def silent(partitions: Collection[TopicPartition], at: int) -> Mapping[TopicPartition, int | None]:
        return {one: offset for one, offset in (await asked(partitions, at)).items() if one != places[1]}

    monkeypatch.setattr(cluster, "offsets_at", silent)
    time = Position(Anchor.TIME, FIRST_TIMESTAMP_MS + 60)
    for start, end, span in ((time, END, (20, 40)), (BEGINNING, time, (0, 20))):
        found = await find_range(cluster, places, start, end)
        assert found.spans == {places[0]: span, places[2]: span}
        assert [one.topic_partition for one in found.skipped] == [places[1]]
        assert [one.error.message for one in found.skipped] == ["The leader of orders:1, broker 2, does not answer"]
    late = Position(Anchor.TIME, FIRST_TIMESTAMP_MS + 10_000)
    assert (await find_range(cluster, places, late, END)).spans == {places[0]: (40, 40), places[2]: (40, 40)}
