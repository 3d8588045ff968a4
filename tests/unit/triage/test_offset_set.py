"""Offsets as bits: exact, and of bounded length as text, whatever the set is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.cluster.ports.cluster import GroupMove
from kafkaview.triage.redrive.offset_set import BLOCK_OFFSETS, OffsetSet
from kafkaview.triage.redrive.redrive_memory import RedriveMemory

LONGEST = 4_096 - 1  # offset.metadata.max.bytes; the client adds a NUL
OFFSETS = st.sets(st.one_of(st.integers(0, 3 * BLOCK_OFFSETS), st.integers(0, 2**40)), max_size=200)


@given(OFFSETS, OFFSETS)
def test_a_set_holds_its_offsets_and_no_others(some: set[int], others: set[int]) -> None:
    found = OffsetSet.of(some)
    assert list(found) == sorted(some)
    assert len(found) == len(some)
    assert all((offset in found) == (offset in some) for offset in some | others)
    found.update(OffsetSet.of(others))
    assert list(found) == sorted(some | others)


@given(OFFSETS)
def test_a_set_comes_back_from_its_text(some: set[int]) -> None:
    assert OffsetSet.read(OffsetSet.of(some).document()) == OffsetSet.of(some)


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.1, 0.5, 0.9, 0.999, 1.0])
def test_the_metadata_of_a_commit_is_never_longer_than_brokers_take(share: float) -> None:
    chance = random.Random(7)
    some = OffsetSet.of(offset for offset in range(3 * BLOCK_OFFSETS) if chance.random() < share)
    memory = RedriveMemory("q", "0f6f2a0c-6f0e-4d8e-9d53-0a4c1c4b7a11")
    memory.add({0: some}, {}, {})
    moves = memory.moves({0: some})
    assert max(len(move.committed.metadata) for move in moves) < LONGEST


@pytest.mark.parametrize("text", ["", "x", "0", "~~~~~", OffsetSet.of([1]).pack(0)[:-5]])
def test_a_text_that_is_no_set_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        OffsetSet().unpack(0, text)


@given(st.lists(st.sets(st.integers(0, 2 * BLOCK_OFFSETS), max_size=40), max_size=6), st.sets(st.integers(0, 100)))
def test_what_groups_remember_is_what_was_sent(batches: list[set[int]], voids: set[int]) -> None:
    """Each batch by a redrive of its own, which reads what the ones before have committed."""
    commits: dict[str, GroupMove] = {}
    sent: set[int] = set()
    for batch in batches:
        memory = remembered(commits)
        new = OffsetSet.of(offset for offset in batch if offset not in memory.partitions[0] and offset not in voids)
        if not len(new):
            continue
        sent |= set(new)
        memory.add({0: new}, {0: OffsetSet.of(voids)}, {0: 0})
        for move in memory.moves({0: new}):
            commits[move.group] = move
    known = remembered(commits).partitions[0]
    assert all(offset in known for offset in sent)
    assert not [one for one in range(2 * BLOCK_OFFSETS) if one in known and one not in sent and one not in voids]


def remembered(commits: dict[str, GroupMove]) -> RedriveMemory:
    """What the commits of all groups say."""
    memory = RedriveMemory("q", "id")
    for group, move in commits.items():
        _, colon, block = group.partition(":")
        memory.note(move.topic_partition, move.committed, int(block) if colon else None)
    return memory


def test_a_commit_of_a_topic_that_was_made_anew_is_not_believed() -> None:
    old, new = RedriveMemory("q", "old"), RedriveMemory("q", "new")
    old.add({0: OffsetSet.of([0, 1, 7])}, {}, {})
    (move,) = old.moves({0: OffsetSet.of([0, 1, 7])})
    assert not new.note(move.topic_partition, move.committed, None)
    assert not new.partitions
    again = RedriveMemory("q", "old")
    assert again.note(move.topic_partition, move.committed, None)
    assert [offset in again.partitions[0] for offset in (0, 1, 2, 7, 8)] == [True, True, False, True, False]
