from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.layout import Layout, distinct, place_map, same_places
from tests.unit.triage.samples import table

TOPICS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 4), min_size=1)


def layout_of(topics: dict[str, int], groups: dict[str, set[TopicPartition]]) -> Layout:
    known = table(**topics)
    names = tuple(sorted(groups))
    places = [sorted(known.place_of(partition) for partition in groups[name]) for name in names]
    return Layout.of(known, names, [np.array(some, np.int32) for some in places])


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    topics = draw(TOPICS)
    partitions = [TopicPartition(topic, number) for topic, count in topics.items() for number in range(count)]
    groups = draw(st.dictionaries(st.sampled_from(["g1", "g2", "g3"]), st.sets(st.sampled_from(partitions))))
    return layout_of(topics, groups)


@given(layouts(), layouts())
def test_a_row_is_found_again_by_group_and_partition(one: Layout, other: Layout) -> None:
    def named(layout: Layout, row: int) -> tuple[str, TopicPartition]:
        return layout.names[layout.group[row]], layout.table.partition(int(layout.place[row]))

    there = {named(other, row): row for row in range(len(other))}
    assert one.rows_in(other).tolist() == [there.get(named(one, row), -1) for row in range(len(one))]


@given(layouts())
def test_topics_and_spans_say_what_the_rows_are_of(layout: Layout) -> None:
    topics = [layout.table.partition(int(place)).topic for place in layout.place]
    assert [layout.table.topics[topic] for topic in layout.topic] == topics
    of = list(zip(layout.group.tolist(), topics, strict=True))
    assert [of[layout.spans[span]] for span in layout.span] == of
    assert len(layout.spans) == len(set(of))


def test_a_row_is_found_by_name_and_place() -> None:
    layout = layout_of({"orders": 4}, {"billing": {TopicPartition("orders", 1), TopicPartition("orders", 3)}})
    assert [layout.row("billing", place) for place in range(4)] == [-1, 0, -1, 1]
    assert layout.row("audit", 1) == -1


@given(TOPICS, TOPICS)
def test_places_are_mapped_from_one_table_to_another(one: dict[str, int], other: dict[str, int]) -> None:
    source, target = table(**one), table(**other)
    expected = [target.place_of(source.partition(place)) for place in range(len(source))]
    assert place_map(source, target).tolist() == expected
    assert same_places(source, target) == (one == other)


@given(st.lists(st.integers(0, 20)), st.lists(st.integers(0, 20)))
def test_distinct_indexes_come_once_and_in_order(one: list[int], other: list[int]) -> None:
    found = distinct(21, np.array(one, np.int32), np.array(other, np.int32))
    assert found.tolist() == sorted({*one, *other})


def test_a_partition_is_found_by_its_name_whatever_topics_came_since() -> None:
    layout = Layout.of(table(orders=4), ("billing",), [np.array([3], np.int32)])
    assert layout.row_of("billing", TopicPartition("orders", 3)) == 0
    assert layout.row_of("billing", TopicPartition("audit", 0)) == -1
