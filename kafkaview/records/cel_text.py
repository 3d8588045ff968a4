"""What the text of a CEL expression says by itself: the names it uses, and the condition that a record must meet.

Words of the grammar: https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from kafkaview.records.condition import (
    EXACT,
    Condition,
    FieldPath,
    FieldTest,
    Judge,
    Junction,
    Negation,
    Unclear,
    equals,
    has_text,
    is_moment,
    is_one_of,
    is_ordered,
    is_present,
    is_true,
)

_TOKEN: Final = re.compile(
    r"""
    (?P<blank>[\s]+|//[^\n]*)
  | (?P<string>(?:[rR][bB]?|[bB][rR]?)?(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''
      |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>[0-9][0-9A-Za-z_.]*|\.[0-9][0-9A-Za-z_]*)
  | (?P<sign>&&|\|\||==|!=|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN_STRING: Final = re.compile(r'"([^"\\]*)"|\'([^\'\\]*)\'')
_RAW_STRING: Final = re.compile(r'[rR](?:"([^"]*)"|\'([^\']*)\')')
_PLAIN_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)")
_WORDS: Final = {"true": True, "false": False, "null": None}
_MIRRORED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_RELATIONS: Final = frozenset((*_MIRRORED, "in"))
_OPENING: Final = "([{"
_CLOSING: Final = ")]}"
_COLUMNS: Final = frozenset(("topic", "partition", "offset", "timestamp_ms", "size"))
_VARIABLES: Final = _COLUMNS | {"timestamp", "key", "value", "headers"}
_SEARCHES: Final = ("contains", "startsWith", "endsWith")
_MACROS: Final = ("all", "exists", "exists_one", "existsOne", "filter", "map")
_CALL: Final = 5  # words of `.contains("x")`
_DEEPEST: Final = 40  # levels of an expression that are read
# Characters that JSON may or must write as an escape of its own (RFC 8259, section 7), beside \uXXXX for any.
_ESCAPED: Final = frozenset('"\\/\b\f\n\r\t')
_NO_MEMBER: Final = re.compile(r'["\\\x00-\x1f]')  # in a name that msgspec refuses as that of a field
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class CelToken(NamedTuple):
    """One word of an expression: a string, a name, a number or a sign."""

    kind: str
    text: str


def read_tokens(expression: str) -> list[CelToken]:
    """Returns the words of an expression."""
    return [
        CelToken(found.lastgroup or "", found.group())
        for found in _TOKEN.finditer(expression)
        if found.lastgroup != "blank"
    ]


def find_names(tokens: Sequence[CelToken]) -> set[str]:
    """Returns the names that stand by themselves: variables, functions and those that a macro binds."""
    return {
        token.text
        for before, token in zip([CelToken("", ""), *tokens], tokens, strict=False)
        if token.kind == "name" and before.text != "."
    }


def find_bound(tokens: Sequence[CelToken]) -> set[str]:
    """Returns the names that macros bind: `x` of `value.items.exists(x, x.n > 1)`."""
    windows = zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False)
    return {
        name.text
        for macro, opening, name, comma in windows
        if macro.text in _MACROS and (opening.text, comma.text) == ("(", ",") and name.kind == "name"
    }


def find_members(tokens: Sequence[CelToken], variable: str) -> frozenset[str] | None:
    """Returns the members of a variable that are used; None where it may be used as a whole."""
    members: set[str] = set()
    for place, token in enumerate(tokens):
        if token != ("name", variable) or (place and tokens[place - 1].text == "."):
            continue
        dot, member, after = (*tokens[place + 1 : place + 4], *[CelToken("", "")] * 3)[:3]
        if dot.text != "." or member.kind != "name" or after.text == "(":
            return None
        members.add(member.text)
    return frozenset(members)


def read_condition(tokens: Sequence[CelToken], *, decoded: bool = False) -> Condition:
    """Returns the condition that a record meets if the expression is true. `decoded` values are what a decoder makes of
    their bytes, and are not looked at.
    """
    return _condition(tokens, _VARIABLES - {"value"} if decoded else _VARIABLES, _DEEPEST)


def _condition(tokens: Sequence[CelToken], variables: Collection[str], depth: int) -> Condition:
    tokens = _without_parentheses(tokens)
    if not depth or len(_split(tokens, "?")) > 1:
        return Unclear()
    for sign in ("||", "&&"):
        parts = _split(tokens, sign)
        if len(parts) > 1:
            conditions = [_condition(part, variables, depth - 1) for part in parts]
            return Junction(tuple(sorted(conditions, key=_cost)), every=sign == "&&")
    relations = [place for place in _outer(tokens) if tokens[place].text in _RELATIONS]
    if tokens[:1] == [CelToken("sign", "!")] and not relations:
        return Negation(_condition(tokens[1:], variables, depth - 1))
    if len(relations) > 1:
        return Unclear()
    at = relations[0] if relations else len(tokens)
    found = _relation(tokens[:at], tokens[at].text, tokens[at + 1 :]) if relations else _plain(tokens)
    return found if found is not None and all(test.path.variable in variables for test in found.tests()) else Unclear()


def _cost(condition: Condition) -> int:
    return max((test.cost for test in condition.tests()), default=0)


def _relation(left: Sequence[CelToken], sign: str, right: Sequence[CelToken]) -> Condition | None:
    """Returns the condition of a comparison, or of `in`; None where it is not plain."""
    if sign == "in":
        return _membership(left, right)
    if sign == "!=":
        same = _relation(left, "==", right)
        return Negation(same) if same is not None else None
    path, literal = _path(left), _literal(right)
    if path is None or literal is None:
        path, literal, sign = _path(right), _literal(left), _MIRRORED[sign]
    if path is None or literal is None:
        return None
    expected = literal.value
    if isinstance(expected, datetime):
        moment = (expected - _EPOCH) // timedelta(milliseconds=1)
        return FieldTest(path, is_moment(sign, moment)) if path.names == ("timestamp",) else None
    if sign == "==":
        return _test(path, equals(expected), [expected])
    return None if expected is None or isinstance(expected, bool) else _test(path, is_ordered(sign, expected))


def _membership(left: Sequence[CelToken], right: Sequence[CelToken]) -> Condition | None:
    """Returns the condition of `value.a in ["x", "y"]`, `"x" in headers` or `"x" in value.tags`."""
    path, literal, whole = _path(left), _literal(left), _path(right)
    if path is not None and len(right) > 2 and (right[0].text, right[-1].text) == ("[", "]"):
        items = [_literal(item) for item in _split(right[1:-1], ",")]
        values = [item.value for item in items if item is not None and isinstance(item.value, int | float | str)]
        plain = len(values) == len(items)
        return _test(path, is_one_of(values), values) if plain else None
    if whole is None or literal is None or not isinstance(literal.value, str):
        return None
    if whole.names == ("headers",):
        return FieldTest(FieldPath(("headers", literal.value)), is_present)
    return _test(whole, None, [literal.value])


def _plain(tokens: Sequence[CelToken]) -> Condition | None:
    """Returns the condition of `has(value.a)`, `value.a.contains("x")` and the like, or of `value.a` by itself."""
    texts = [token.text for token in tokens]
    path = _path(tokens)
    if path is not None:
        return _test(path, is_true)
    if texts[:2] == ["has", "("] and texts[-1] == ")":
        path = _path(tokens[2:-1])
        return _test(path, is_present) if path is not None and len(path.names) > 1 else None
    path = _path(tokens[:-_CALL])
    if path is None or (texts[-5], texts[-3], texts[-1]) != (".", "(", ")"):
        return None
    name, literal = texts[-4], _literal(tokens[-2:-1])
    if name == "matches":
        return _test(path, None, [_needle_of_pattern(texts[-2])])
    if name not in _SEARCHES or literal is None or not isinstance(literal.value, str):
        return None
    return _test(path, has_text(name, literal.value), [literal.value])


def _test(path: FieldPath, judge: Judge | None, expected: Sequence[object] = ()) -> FieldTest | None:
    """Returns a test that can be made of the field, of its content or only of its bytes; None if there is none."""
    variable, members = path.variable, len(path.names) - 1
    if variable in _COLUMNS:
        return FieldTest(path, judge) if not members and judge is not None else None
    if variable == "headers":
        return FieldTest(path, judge) if members == 1 and path.followed and judge is not None else None
    if variable == "timestamp":
        return None
    needles = _needles(expected)
    read = members == 0 if variable == "key" else members > 0 or list(expected) == [None]
    if not (read and path.followed):
        judge = None
    return FieldTest(path, judge, needles) if needles or judge is not None else None


def _path(tokens: Sequence[CelToken]) -> FieldPath | None:
    """Returns the path of `value.a["b"]`; it ends where a place in a list is named, or a member that no reader can be
    made for. None of any other expression.
    """
    if not tokens or tokens[0].kind != "name" or tokens[0].text not in _VARIABLES:
        return None
    names, followed, place = [tokens[0].text], True, 1
    while place < len(tokens):
        texts = [token.text for token in tokens[place : place + 3]]
        kinds = [token.kind for token in tokens[place : place + 3]]
        if texts[0] == "." and kinds[1:2] == ["name"]:
            name: object = texts[1]
            place += 2
        elif texts[0] == "[" and kinds[1:2] in (["string"], ["number"]) and texts[2:] == ["]"]:
            literal = _literal(tokens[place + 1 : place + 2])
            name = literal.value if literal is not None else None
            place += 3
        else:
            return None
        followed = followed and isinstance(name, str) and not _NO_MEMBER.search(name)
        names += [str(name)] if followed else []
    return FieldPath(tuple(names), followed)


class CelLiteral(NamedTuple):
    """A value that is written out."""

    value: str | float | bool | datetime | None


def _literal(tokens: Sequence[CelToken]) -> CelLiteral | None:
    """Returns the value of a plain text, number, word or moment; None of any other expression."""
    kinds, texts = [token.kind for token in tokens], [token.text for token in tokens]
    if kinds == ["string"]:
        text = _PLAIN_STRING.fullmatch(texts[0])
        return CelLiteral(text[1] if text[1] is not None else text[2]) if text is not None else None
    if len(texts) == 1 and texts[0] in _WORDS:
        return CelLiteral(_WORDS[texts[0]])
    if texts[:2] == ["timestamp", "("] and len(texts) == 4 and texts[3] == ")":
        text = _PLAIN_STRING.fullmatch(texts[2])
        return _moment(text[1] or text[2] or "") if text is not None else None
    sign, digits = (-1, texts[1:]) if texts[:1] == ["-"] else (1, texts)
    if kinds[-1:] != ["number"] or len(digits) != 1 or not _PLAIN_NUMBER.fullmatch(digits[0]):
        return None
    number = float(digits[0]) if "." in digits[0] else int(digits[0])
    return CelLiteral(sign * number) if number < EXACT else None


def _moment(text: str) -> CelLiteral | None:
    """Returns a moment whose milliseconds are all there is of it."""
    try:
        return CelLiteral(datetime.fromisoformat(text)) if _MOMENT.fullmatch(text) else None
    except ValueError:
        return None


def _needles(expected: Sequence[object]) -> frozenset[bytes]:
    """Returns the bytes of texts one of which a field has; none if one of them is no text, or JSON may escape it."""
    texts = [one for one in expected if isinstance(one, str) and one and not _ESCAPED & set(one)]
    return frozenset(text.encode(errors="surrogatepass") for text in texts if len(texts) == len(expected))


def _needle_of_pattern(token: str) -> str:
    """Returns the longest text that a match of a regular expression holds; empty where that is not plain to see."""
    found = _PLAIN_STRING.fullmatch(token) or _RAW_STRING.fullmatch(token)
    pattern = (found[1] or found[2] or "") if found is not None else ""
    runs = [""]
    for character in pattern if "|" not in pattern and "(?" not in pattern else "":
        if character in "([{\\)]}":
            runs[-1] = runs[-1][:-1] if character == "{" else runs[-1]  # which may ask for none of it
            break
        if character in "*?":
            runs[-1] = runs[-1][:-1]
        if character in "*?+.^$" or character in _ESCAPED:
            runs.append("")
        else:
            runs[-1] += character
    return max(runs, key=len)


def _without_parentheses(tokens: Sequence[CelToken]) -> Sequence[CelToken]:
    while len(tokens) > 2 and tokens[0].text == "(" and _closing(tokens, 0) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


def _outer(tokens: Sequence[CelToken]) -> Iterator[int]:
    """Yields the places of the tokens that stand in no parentheses."""
    depth = 0
    for place, token in enumerate(tokens):
        if token.kind == "sign":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0:
            yield place


def _closing(tokens: Sequence[CelToken], opening: int) -> int:
    depth = 0
    for place in range(opening, len(tokens)):
        if tokens[place].kind == "sign":
            depth += (tokens[place].text in _OPENING) - (tokens[place].text in _CLOSING)
        if depth == 0:
            return place
    return -1


def _split(tokens: Sequence[CelToken], sign: str) -> list[Sequence[CelToken]]:
    """Returns the parts between signs that stand in no parentheses."""
    parts: list[Sequence[CelToken]] = []
    first = 0
    for place in _outer(tokens):
        if tokens[place] == ("sign", sign):
            parts.append(tokens[first:place])
            first = place + 1
    return [*parts, tokens[first:]]
