"""A JSON text that gets another value keeps the bytes of all that is not touched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafkaview.decode.json_tree import JsonTree
from kafkaview.terms import Record, TimestampType
from kafkaview.triage.mending.exact_json import NotJson, freeze, read_json, same
from kafkaview.triage.mending.json_rewriting import NoJsonValue, rewrite, write_json
from kafkaview.triage.mending.letter_value import LetterValue
from kafkaview.triage.mending.merge_patch import MergePatch
from tests.unit.triage.json_texts import NAMES, OBJECTS, VALUES, texts

RECORD = Record("dlq", 0, 0, None, TimestampType.NOT_AVAILABLE, None, b"-")


def patched(text: str, patch: str) -> str:
    found = MergePatch(patch).apply(RECORD, LetterValue(read_json(text)))
    assert found is not None
    return found


@given(texts())
def test_a_text_that_gets_its_own_value_stays_byte_for_byte(text: str) -> None:
    document = read_json(text)
    assert rewrite(document, document.value) == text
    assert rewrite(document, read_json(text).value) == text


@given(texts(), texts())
def test_a_text_that_gets_another_value_has_it(text: str, other: str) -> None:
    wanted = read_json(other).value
    assert same(read_json(rewrite(read_json(text), wanted)).value, wanted)


@given(VALUES, VALUES)
def test_values_that_are_the_same_are_found_by_what_is_frozen_of_them(one: str, other: str) -> None:
    values = read_json(one).value, read_json(other).value
    assert (freeze(values[0]) == freeze(values[1])) == same(*values)


def members(text: str) -> list[tuple[str, str]]:
    """The members of an object as another reader of ours sees them: names and values as they are spelled."""
    tree = JsonTree(text)
    return [(tree.nodes[place].name or "", tree.text_of(place)) for place in tree.nodes[0].children]


@given(OBJECTS, NAMES, VALUES)
def test_a_patch_leaves_the_other_members_as_they_stand(text: str, name: str, value: str) -> None:
    try:
        found = patched(text, f"{{{json.dumps(name)}: {value}}}")
    except NotJson:
        return  # a patch that names a member twice
    others = [one for one in members(text) if json.loads(one[0]) != name]
    assert [one for one in members(found) if json.loads(one[0]) != name] == others
    mine = [one for one in members(found) if json.loads(one[0]) == name]
    assert (mine == []) == (read_json(value).value is None)


def reference(target: Any, patch: Any) -> Any:
    """MergePatch of RFC 7396, section 2, to the letter."""
    if isinstance(patch, dict):
        if not isinstance(target, dict):
            target = {}
        for name, value in patch.items():
            if value is None:
                if name in target:
                    del target[name]
            else:
                target[name] = reference(target.get(name), value)
        return target
    return patch


@given(texts(), texts())
def test_a_patch_has_the_effect_that_the_rfc_says(text: str, patch: str) -> None:
    try:
        found = patched(text, patch)
    except NotJson:
        return
    assert same(read_json(found).value, reference(read_json(text).value, read_json(patch).value))


@pytest.mark.parametrize(
    ("text", "patch", "expected"),
    [  # RFC 7396, appendix A
        ('{"a":"b"}', '{"a":"c"}', '{"a":"c"}'),
        ('{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'),
        ('{"a":"b"}', '{"a":null}', "{}"),
        ('{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'),
        ('{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'),
        ('{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'),
        ('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'),
        ('{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'),
        ('["a","b"]', '["c","d"]', '["c","d"]'),
        ('{"a":"b"}', '["c"]', '["c"]'),
        ('{"a":"foo"}', "null", "null"),
        ('{"a":"foo"}', '"bar"', '"bar"'),
        ('{"e":null}', '{"a":1}', '{"e":null,"a":1}'),
        ("[1,2]", '{"a":"b","c":null}', '{"a":"b"}'),
        ("{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'),
    ],
)
def test_the_examples_of_the_rfc(text: str, patch: str, expected: str) -> None:
    assert patched(text, patch) == expected


@pytest.mark.parametrize(
    ("text", "patch", "expected"),
    [
        (
            '{"id": 12345678901234567890123, "price": 0.10, "big": 1E400, "id": 7,\n "status": "old"}',
            '{"status": "new"}',
            '{"id": 12345678901234567890123, "price": 0.10, "big": 1E400, "id": 7,\n "status": "new"}',
        ),
        ('{"a": 1, "b": 2}', '{"a": null}', '{"b": 2}'),
        ('{"a": 1, "b": 2}', '{"c": 0.50}', '{"a": 1, "b": 2, "c": 0.50}'),
        ('{\n  "a": 1,\n  "b": 2\n}', '{"c": 3}', '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}'),
        ('{\n  "a": 1\n}', '{"c": 3}', '{\n  "a": 1,\n  "c": 3\n}'),
        ('{"a": 1}', '{"c": [1, 2]}', '{"a": 1, "c": [1, 2]}'),
        ('{"a":1,"a":2}', '{"a":2}', '{"a":1,"a":2}'),
        ('{"a":1,"a":2}', '{"a":3}', '{"a":3}'),
        ('{"a":1,"a":2}', '{"a":null}', "{}"),
        (r'{"caf\u00e9": 1, "x": "\/"}', '{"x": "/", "café": 2}', r'{"caf\u00e9": 2, "x": "\/"}'),
        ('{"a": 1}', '{"a": 1.0}', '{"a": 1.0}'),
        ('{"a": 1e400}', '{"a": 1E+400}', '{"a": 1e400}'),
        (' {"a": 1} \n', '{"a": 2}', ' {"a": 2} \n'),
    ],
)
def test_only_what_a_patch_touches_is_written_anew(text: str, patch: str, expected: str) -> None:
    assert patched(text, patch) == expected


def test_what_moves_keeps_how_it_is_written() -> None:
    document = read_json('{"old": {"price": 0.10, "x": 1, "x": 2}, "rate": 1.50}')
    value: Any = document.value
    assert isinstance(value, dict)
    moved = {"new": value["old"], "rates": [value["rate"]]}
    assert rewrite(document, moved) == '{"new": {"price": 0.10, "x": 1, "x": 2}, "rates": [1.50]}'


def test_the_items_of_an_array_that_stay_keep_how_they_are_written() -> None:
    document = read_json('[0.10, {"a": 1, "a": 2.0}, 3, 4.50]')
    value: Any = document.value
    assert rewrite(document, [value[1], value[3]]) == '[{"a": 1, "a": 2.0}, 4.50]'
    assert rewrite(document, [0, *value]) == '[0, 0.10, {"a": 1, "a": 2.0}, 3, 4.50]'
    assert rewrite(document, [value[0], {"a": 5}, *value[2:], 6]) == '[0.10, {"a": 5}, 3, 4.50, 6]'


def test_long_arrays_are_rewritten_in_a_bounded_time() -> None:
    document = read_json(json.dumps(list(range(20_000))))
    assert json.loads(rewrite(document, list(range(1, 20_001)))) == list(range(1, 20_001))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", {1: 2}, object()])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(NoJsonValue):
        rewrite(read_json('{"a": 1}'), {"a": value})
    with pytest.raises(NoJsonValue):
        write_json([value])


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "\ufeff{}", "01", '"\n"', "{} x", "[" * 100_000])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(NotJson):
        read_json(text)


@given(st.text())
def test_any_text_is_json_or_refused(text: str) -> None:
    try:
        document = read_json(text)
    except NotJson:
        return
    assert rewrite(document, document.value) == text


@pytest.mark.soak
@settings(max_examples=100_000, deadline=None)
@given(texts(), texts())
def test_any_text_that_gets_any_value_or_patch_keeps_all_else(text: str, other: str) -> None:
    test_a_text_that_gets_its_own_value_stays_byte_for_byte.hypothesis.inner_test(text)  # type: ignore[attr-defined]
    test_a_text_that_gets_another_value_has_it.hypothesis.inner_test(text, other)  # type: ignore[attr-defined]
    test_a_patch_has_the_effect_that_the_rfc_says.hypothesis.inner_test(text, other)  # type: ignore[attr-defined]


def test_a_patch_that_names_a_member_twice_is_refused() -> None:
    with pytest.raises(NotJson, match='"a" twice'):
        MergePatch('{"x": {"a": 1, "a": 2}}')
