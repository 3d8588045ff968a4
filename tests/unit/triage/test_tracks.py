from __future__ import annotations

import numpy as np
import pytest

from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.layout import Layout
from kafkaview.triage.watch.tracks import OffsetTrack, Tracks
from tests.unit.triage.samples import START_MS, GroupSight, group_view, sample, table

PLACE = TopicPartition("orders", 3)


def standing_after(*sights: GroupSight) -> OffsetTrack | None:
    tracks = Tracks()
    for second, sight in enumerate(sights):
        tracks.add(sample(second, sight))
    return tracks.track_of("billing", PLACE)


def test_since_is_when_the_offset_was_first_seen() -> None:
    standing = standing_after(*[group_view(offset, 20) for offset in (5, 5, 9, 9, 9)])
    assert standing == OffsetTrack(9, START_MS + 2_000, arrived_seen=True)


def test_the_usual_gap_is_the_median_of_the_last_ones() -> None:
    moves = [second for second in (0, 1, 2, 5, 9, 13, 14) for _ in range(1)]
    offsets = [max(place for place, at in enumerate(moves) if at <= second) for second in range(15)]
    standing = standing_after(*[group_view(offset, 20) for offset in offsets])
    assert standing == OffsetTrack(6, START_MS + 14_000, arrived_seen=True, usual_gap_ms=3_000)


def usual_gap(offsets: list[int], own: tuple[int, ...] = ()) -> int | None:
    """The usual gap after one sample each second; `own` are offsets that writes from here have committed."""
    tracks = Tracks()
    for second, offset in enumerate(offsets):
        tracks.add(sample(second, group_view(offset, 20)), {("billing", PLACE, one) for one in own})
    standing = tracks.track_of("billing", PLACE)
    assert standing is not None
    return standing.usual_gap_ms


def test_a_move_that_somebody_helped_with_is_no_rhythm() -> None:
    rhythm = [1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert usual_gap(rhythm) == 2_000
    assert usual_gap(rhythm, own=(2, 3, 4, 5)) is None, "they are our own"
    assert usual_gap([10] * 3 + [11] * 3 + [10] * 4) is None, "a skip and its undo"
    assert usual_gap([10] * 3 + [11] * 3 + [12] * 3) is None, "one gap may be that of a colleague"


def test_a_move_of_our_own_is_no_sign_of_a_reader() -> None:
    tracks = Tracks()
    tracks.add(sample(0, group_view(10, 20)))
    assert tracks.add(sample(1, group_view(11, 20)), {("billing", PLACE, 11)}) == []
    assert tracks.add(sample(2, group_view(12, 20)), {("billing", PLACE, 11)}) == ["billing"]


@pytest.mark.parametrize("offsets", [[5], [None], [5, 5]])
def test_the_first_offset_seen_may_have_stood_longer(offsets: list[int | None]) -> None:
    standing = standing_after(*[group_view(offset, 20) for offset in offsets])
    assert standing == OffsetTrack(offsets[0], START_MS)


def test_a_silent_coordinator_changes_nothing() -> None:
    silent = GroupSight(group_view(5, 20).listing, None, ())
    assert standing_after(group_view(5, 20), silent, group_view(5, 20)) == OffsetTrack(5, START_MS)
    assert standing_after(silent) is None


def test_a_partition_keeps_its_track_when_topics_come_and_go() -> None:
    tracks = Tracks()
    tracks.add(sample(0, group_view(5, 20)))
    grown = Layout.of(table(audit=2, orders=4), ("billing",), [np.array([1, 5], np.int32)])
    both = sample(3, group_view(5, 20), grown)
    pair = np.array([5, 5], np.int64)
    tracks.add(type(both)(both.at_ms, True, grown, both.answered, both.states, pair, pair + 3, pair + 3))
    assert tracks.track_of("billing", PLACE) == OffsetTrack(5, START_MS)
    assert tracks.track_of("billing", TopicPartition("audit", 1)) == OffsetTrack(5, START_MS + 3_000)
    tracks.add(sample(4, group_view(6, 20)))
    assert tracks.track_of("billing", PLACE) == OffsetTrack(6, START_MS + 4_000, arrived_seen=True)
