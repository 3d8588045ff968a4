"""Many groups at once: what is found in columns is what judging one partition after the other finds."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import numpy as np
import pytest

from kafkaview.terms import GroupListing, GroupState, GroupType, TopicPartition
from kafkaview.triage.watch import candidates
from kafkaview.triage.watch.candidates import Judge
from kafkaview.triage.watch.groups import KnownGroup
from kafkaview.triage.watch.layout import Layout
from kafkaview.triage.watch.members import MemberLooks
from kafkaview.triage.watch.sample_window import SampleWindow
from kafkaview.triage.watch.sampler import Sample
from kafkaview.triage.watch.tracks import Tracks
from kafkaview.triage.watch.verdict import Stuck, Verdict
from kafkaview.writes.memory_groups import memory_group
from tests.unit.triage.samples import START_MS, note_that_none_joined, table

TOPICS = table(audit=3, orders=4)
PARTITIONS = len(TOPICS)
GROUPS = ("billing", "reports")
END = 100


@dataclass
class Scene:
    """Two groups on all partitions of two topics. `committed` is by group and place."""

    members: tuple[bool, bool] = (True, True)
    window: SampleWindow = field(default_factory=lambda: SampleWindow(10.0))
    tracks: Tracks = field(default_factory=Tracks)
    looks: MemberLooks = field(default_factory=MemberLooks)
    committed: np.ndarray[tuple[int, int], np.dtype[np.int64]] = field(
        default_factory=lambda: np.array([[10 * place + group for place in range(PARTITIONS)] for group in range(2)])
    )

    def __post_init__(self) -> None:
        places = [np.arange(PARTITIONS, dtype=np.int32)] * 2
        self.layout = Layout.of(TOPICS, GROUPS, places)
        self.judge = Judge(self.window, self.tracks, self.looks.turnover, lambda: np.zeros(PARTITIONS, np.int64))
        self.now_ms = START_MS

    def sample(self, seconds: float, group: int | None = None, *, end: int = END) -> None:
        """A sample so many seconds later, of both groups or one."""
        self.now_ms += round(seconds * 1000)
        chosen = range(2) if group is None else [group]
        layout = self.layout
        if group is not None:
            layout = Layout.of(TOPICS, (GROUPS[group],), [np.arange(PARTITIONS, dtype=np.int32)])
        ends = np.full(len(layout), end, np.int64)
        state = GroupState.STABLE
        answered, committed = (
            np.ones(len(chosen), np.bool_),
            np.concatenate([self.committed[at] for at in chosen]),
        )
        one = Sample(self.now_ms, group is None, layout, answered, (state,) * len(chosen), committed, ends, ends)
        self.tracks.add(one)
        self.window.add(one)
        for at in chosen:
            self.looks.add(GROUPS[at], self.now_ms, frozenset(["m"] if self.members[at] else []))
        note_that_none_joined(self.looks, self.now_ms, *GROUPS)

    def judged(self, *, expand: bool = False) -> list[Stuck]:
        known = [KnownGroup(GroupListing(name, GroupType.CLASSIC, GroupState.STABLE)) for name in GROUPS]
        return [one for stuck in self.judge.judge(known, self.now_ms, expand=expand).values() for one in stuck]


def placed(stuck: list[Stuck]) -> list[tuple[str, str]]:
    return [(one.group, str(one.topic_partition)) for one in stuck]


def test_only_partitions_that_stand_are_found() -> None:
    scene = Scene()
    for _ in range(12):
        scene.sample(1.0)
        scene.committed[0, :4] += 1
        scene.committed[1, 2:] += 1
    assert placed(scene.judged()) == [
        ("billing", "orders:1"),
        ("billing", "orders:2"),
        ("billing", "orders:3"),
        ("reports", "audit:0"),
        ("reports", "audit:1"),
    ]


def test_a_look_between_two_samples_counts_for_the_ends_of_its_group() -> None:
    scene = Scene()
    scene.sample(0.0, end=-1)
    scene.sample(1.0)
    scene.sample(5.0, group=0)
    scene.sample(5.0)
    rows = np.array([0, 5, PARTITIONS, PARTITIONS + 5])
    assert scene.window.knows_ends(scene.layout, rows).tolist() == [True, True, False, False]
    scene.sample(1.0)
    assert scene.window.knows_ends(scene.layout, rows).all()


def test_of_a_topic_without_readers_the_furthest_behind_speaks_for_all() -> None:
    scene = Scene(members=(False, True))
    for _ in range(12):
        scene.sample(1.0)
        scene.committed[1] += 1
    stuck = scene.judged()
    assert placed(stuck) == [("billing", "audit:0"), ("billing", "orders:0")]
    assert [(one.verdict, one.partitions, one.lag, one.total_lag) for one in stuck] == [
        (Verdict.NO_MEMBERS, 3, 100, 100 + 90 + 80),
        (Verdict.NO_MEMBERS, 4, 70, 70 + 60 + 50 + 40),
    ]
    each = scene.judged(expand=True)
    assert placed(each) == [("billing", str(TOPICS.partition(place))) for place in range(PARTITIONS)]
    assert {(one.verdict, one.partitions) for one in each} == {(Verdict.NO_MEMBERS, 1)}
    assert sum(one.lag or 0 for one in each) == sum(one.total_lag or 0 for one in stuck)


def test_a_verdict_without_members_follows_what_is_committed() -> None:
    scene = Scene(members=(False, True))
    for _ in range(12):
        scene.sample(1.0)
        scene.committed[1] += 1
    first = scene.judged()
    scene.sample(1.0)
    assert all(one is other for one, other in zip(scene.judged(), first, strict=True)), "nothing is judged anew"
    scene.committed[0, 0] = END
    scene.sample(1.0)
    audit, orders = scene.judged()
    assert (str(audit.topic_partition), audit.partitions, audit.total_lag) == ("audit:1", 2, 170)
    assert orders is first[1]


def test_of_very_many_some_speak_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "_MOST", 4)
    scene = Scene()
    for _ in range(12):
        scene.sample(1.0)
        scene.committed[1] += 1
    stuck = scene.judged()
    assert [(str(one.topic_partition), one.partitions) for one in stuck] == [
        ("audit:0", 2),
        ("audit:1", 1),
        ("orders:0", 3),
        ("orders:1", 1),
    ]
    assert sum(one.total_lag or 0 for one in stuck) == sum(END - 10 * place for place in range(PARTITIONS))
    assert len(scene.judged(expand=True)) == PARTITIONS


def test_looks_between_full_samples_count_for_their_group() -> None:
    scene = Scene()
    for _ in range(3):
        scene.sample(6.0)
        for _ in range(5):
            scene.sample(1.0, group=0)
    stuck = scene.judged()
    assert {one.group for one in stuck} == set(GROUPS)
    stays = {one.group: one.evidence[0].text for one in stuck if str(one.topic_partition) == "audit:0"}
    assert stays == {
        "billing": "Committed offset stays at 0 in 7 of 7 samples",
        "reports": "Committed offset stays at 1 in 3 of 3 samples",
    }


def test_one_group_can_be_judged_alone() -> None:
    scene = Scene(members=(False, False))
    for _ in range(12):
        scene.sample(1.0)
    known = [KnownGroup(GroupListing(name, GroupType.CLASSIC, GroupState.STABLE)) for name in GROUPS]
    assert list(scene.judge.judge(known, scene.now_ms, only=["reports"])) == ["reports"]


def test_after_a_gap_nothing_is_judged_until_the_window_is_full_again() -> None:
    scene = Scene()
    for _ in range(12):
        scene.sample(1.0)
    scene.window.clear()
    scene.sample(60.0)
    assert scene.judged() == []
    for _ in range(10):
        scene.sample(1.0)
    since = {one.since_ms for one in scene.judged()}
    assert since == {START_MS + 1_000}


def test_a_partition_is_named_by_its_topic_and_number() -> None:
    scene = Scene()
    for _ in range(12):
        scene.sample(1.0)
    assert scene.judged()[-1].topic_partition == TopicPartition("orders", 3)


def test_the_memory_of_a_redrive_is_no_group_that_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "GROUPS", ("billing", memory_group("orders")))
    scene = Scene(members=(True, False))
    for _ in range(12):
        scene.sample(1.0)
    assert {one.group for one in scene.judged()} == {"billing"}
    assert {one.group for one in scene.judged(expand=True)} == {"billing"}
