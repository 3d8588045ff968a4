"""A JSON text's members and items are found as they stand in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.decode.json_layout import lay_out, lay_out_part
from kafkaview.decode.json_tree import ROOT, JsonTree

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def _read(tree: JsonTree, place: int = ROOT) -> object:
    node = tree.nodes[place]
    if node.kind == "object":
        return {json.loads(tree.nodes[one].name or ""): _read(tree, one) for one in node.children}
    if node.kind == "array":
        return [_read(tree, one) for one in node.children]
    return json.loads(tree.text_of(place))


@given(_values)
def test_a_tree_holds_what_the_text_says(value: object) -> None:
    tree = JsonTree(json.dumps(value))
    assert _read(tree) == value
    assert all(node.whole for node in tree.nodes)


def test_no_number_changes_and_no_name_is_lost() -> None:
    tree = JsonTree('{"a":1,"a":2,"n":12345678901234567890123,"x y":[0.10,{}],"\\u0041":"\\/"}')
    assert list(tree.leaves()) == [
        ("value.a", "1"),
        ("value.a", "2"),
        ("value.n", "12345678901234567890123"),
        ('value["x y"][0]', "0.10"),
        ('value["x y"][1]', "{}"),
        ("value.A", '"\\/"'),
    ]


def test_a_text_that_breaks_off_shows_what_is_there() -> None:
    tree = JsonTree('{"items":[{"sku":"A-1"},{"sku":"A-')
    assert [tree.text_of(place) for place, node in enumerate(tree.nodes) if node.kind == "string"] == ['"A-1"', '"A-']
    assert [node.whole for node in tree.nodes] == [False, False, True, True, False, False]


@pytest.mark.parametrize("text", ["", "12", "no JSON at all", '"', "}x", '{"a":1} behind'])
def test_no_text_breaks_the_tree(text: str) -> None:
    tree = JsonTree(text)
    assert tree.is_structured == text.startswith('{"a"')


def test_what_is_found_is_shown_with_what_holds_it() -> None:
    tree = JsonTree('{"order":{"id":"o-7","items":[{"sku":"A-1"},{"sku":"K-7"}]},"note":null}')
    found = tree.find("k-7")
    assert [tree.path(place) for place in found] == ["value.order.items[1].sku"]
    assert [tree.path(place) for place in sorted(tree.with_ancestors(found))] == [
        "value",
        "value.order",
        "value.order.items",
        "value.order.items[1]",
        "value.order.items[1].sku",
    ]
    assert len(tree.find("items")) == 1


def test_many_levels_are_no_trouble() -> None:
    tree = JsonTree("[" * 100_000)
    assert len(tree.nodes) == 100_000
    assert len(tree.with_ancestors({99_999})) == 100_000


@given(_values, st.integers(0, 300), st.integers(0, 300))
def test_a_part_of_a_layout_is_that_part(value: object, first: int, length: int) -> None:
    text = json.dumps(value)
    assert lay_out_part(text, first, length) == lay_out(text)[first : first + length]
