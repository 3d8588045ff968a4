"""What the window puts together of a sample's changes is the sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.engine.coding import decode, encode
from kafkaview.engine.deltas import ViewDecoder, ViewDelta, ViewEncoder
from kafkaview.engine.messages import Item
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.sample_arrays import GroupColumns, TopicColumns
from kafkaview.triage.watch.verdict import Behaviour, Stuck, Verdict
from kafkaview.triage.watch.view import View

_HEAD: Final = 8  # bytes of a message's length
_ERRORS: Final = (Unreachable("broker 2 does not answer"), NotAuthorized("User:oncall lacks DESCRIBE on Group audit"))
_TYPES: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("internal", "records_complete", "size_complete", "lag_complete"), np.bool_),
    **dict.fromkeys(("types", "states", "verdicts"), np.int8),
    **dict.fromkeys(("records", "size", "lag"), np.int64),
}

names = st.lists(st.sampled_from("abcdef"), unique=True, max_size=4).map(lambda found: tuple(sorted(found)))
numbers = st.integers(-1, 3)  # few, so that most stay as they were


@st.composite
def topics(draw: st.DrawFn) -> TopicColumns:
    rows = draw(names)
    return TopicColumns(rows, **{name: draw(_array(name, len(rows))) for name in _arrays(TopicColumns)})


@st.composite
def groups(draw: st.DrawFn) -> GroupColumns:
    rows = draw(names)
    arrays = {name: draw(_array(name, len(rows))) for name in _arrays(GroupColumns)}
    return GroupColumns(rows, **arrays, errors=draw(st.sampled_from(((), _ERRORS[:1], _ERRORS))))


stuck = st.builds(
    lambda group, partition, offset: Stuck(
        group, TopicPartition("orders", partition), offset, 9, 9, Verdict.POISON, Behaviour.RETRIES, "", 0, ()
    ),
    st.sampled_from("abc"),
    numbers,
    numbers,
)
views = st.builds(
    View,
    at_ms=st.integers(0, 3),
    info=st.none(),
    topics=st.none() | topics(),
    groups=st.none() | groups(),
    stuck=st.lists(stuck, max_size=2).map(tuple),
    errors=st.sampled_from(((), _ERRORS[:1], _ERRORS)),
    samples=st.integers(0, 3),
    judged=st.booleans(),
    seconds_to_verdict=st.sampled_from((0.0, 2.5)),
    stale=st.booleans(),
    late_since_ms=st.none() | st.integers(0, 3),
)


@given(st.lists(views, max_size=5), st.data())
def test_a_sample_arrives_whole_whatever_came_before_it(samples: Sequence[View], data: st.DataObject) -> None:
    encoder, decoder, before = ViewEncoder(), ViewDecoder(), None
    for sample in samples:
        now = sample if before is None else _after(before, sample, data)
        assert _plain(decoder.decode(_sent(encoder.encode(now)))) == _plain(now)
        before = now


def test_only_what_changed_is_sent() -> None:
    encoder = ViewEncoder()
    rows = tuple(f"topic-{number}" for number in range(1_000))
    zeros = {name: np.zeros(len(rows), _TYPES.get(name, np.int32)) for name in _arrays(TopicColumns)}
    first = replace(View.empty(1, 0.0), topics=TopicColumns(rows, **zeros))
    assert first.topics is not None
    records = zeros["records"].copy()
    records[7] = 3
    second = replace(first, at_ms=2, topics=replace(first.topics, records=records))
    whole, part = encode(encoder.encode(first)), encoder.encode(second)
    assert part.topics is not None
    assert part.topics.whole is None
    assert {name: (places.tolist(), values.tolist()) for name, (places, values) in part.topics.arrays.items()} == {
        "records": ([7], [3])
    }
    assert (part.groups, part.stuck) == (None, None)
    assert len(encode(part)) < len(whole) / 20
    nothing = encoder.encode(replace(second, at_ms=3))
    assert (nothing.topics, nothing.groups, nothing.stuck) == (None, None, None)


def test_a_window_that_shows_a_view_keeps_it_while_the_next_arrives() -> None:
    encoder, decoder = ViewEncoder(), ViewDecoder()
    zeros = {name: np.zeros(1, _TYPES.get(name, np.int32)) for name in _arrays(TopicColumns)}
    first = replace(View.empty(1, 0.0), topics=TopicColumns(("orders",), **zeros))
    shown = decoder.decode(_sent(encoder.encode(first)))
    assert first.topics is not None
    assert shown.topics is not None
    decoder.decode(_sent(encoder.encode(replace(first, topics=replace(first.topics, records=np.array([5]))))))
    assert shown.topics.records.tolist() == [0]


def _after(before: View, sample: View, data: st.DataObject) -> View:
    """A later sample: what was known once stays known, and often as the very same columns."""
    topics_, groups_ = sample.topics or before.topics, sample.groups or before.groups
    if before.topics is not None and data.draw(st.booleans()):
        topics_ = before.topics
    if before.groups is not None and data.draw(st.booleans()):
        groups_ = before.groups
    return replace(sample, topics=topics_, groups=groups_)


def _sent(delta: ViewDelta) -> ViewDelta:
    arrived = decode(encode(Item(1, delta))[_HEAD:]).value
    assert isinstance(arrived, ViewDelta)
    return arrived


def _arrays(columns: type[TopicColumns | GroupColumns]) -> list[str]:
    return [one.name for one in fields(columns) if one.name not in ("names", "errors")]


def _array(name: str, length: int) -> st.SearchStrategy[Any]:
    kind = _TYPES.get(name, np.int32)
    values = st.booleans() if kind is np.bool_ else numbers
    return st.lists(values, min_size=length, max_size=length).map(lambda found: np.array(found, kind))


def _plain(value: object) -> object:
    """As what can be compared: arrays with their types, errors by their words."""
    match value:
        case View() | TopicColumns() | GroupColumns():
            return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
        case np.ndarray():
            return str(value.dtype), value.tolist()
        case tuple():
            return tuple(map(_plain, value))
        case Exception():
            return type(value), str(value)
        case _:
            return value
