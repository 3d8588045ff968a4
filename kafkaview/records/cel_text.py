"""What the text of a CEL expression says by itself: the names it uses, and the bytes that a record must have to match.

CEL decides about a record; this only saves it the records that cannot match. So whatever is not understood here asks
for nothing. Words of the grammar: https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

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
_PLAIN_STRING: Final = re.compile(r'"([^"\\]+)"|\'([^\'\\]+)\'')
_PLAIN_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
_MIRRORED: Final = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
EXACT: Final = 2**53  # below it, every integer is a double, and both compare alike everywhere
_OPENING: Final = "([{"
_CLOSING: Final = ")]}"
_FIELDS: Final = ("key", "value")
_SEARCHES: Final = ("contains", "startsWith", "endsWith")
_MACROS: Final = ("all", "exists", "exists_one", "existsOne", "filter", "map")
# Characters that JSON may or must write as an escape of its own (RFC 8259, section 7), beside \uXXXX for any.
_ESCAPED: Final = frozenset('"\\/\b\f\n\r\t')


class CelToken(NamedTuple):
    """One word of an expression: a string, a name, a number or a sign."""

    kind: str
    text: str


class Needle(NamedTuple):
    """Bytes that a key or a value has if it matches."""

    field: str
    data: bytes


AnyOf = frozenset[Needle]


class Bound(NamedTuple):
    """A comparison of a member of the value with a number, that is true if a record matches."""

    path: tuple[str, ...]
    sign: str
    number: float


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


def find_needles(tokens: Sequence[CelToken]) -> tuple[AnyOf, ...]:
    """Returns sets of needles: a record for which the expression is true has at least one needle of each set, or JSON
    escapes that may stand for it.
    """
    return tuple(_requirements(tokens))


def find_bounds(tokens: Sequence[CelToken]) -> tuple[Bound, ...]:
    """Returns comparisons that are all true for a record for which the expression is true."""
    return tuple(_bounds(tokens))


def _bounds(tokens: Sequence[CelToken]) -> Iterator[Bound]:
    tokens = _without_parentheses(tokens)
    if _split(tokens, "?") != [tokens] or _split(tokens, "||") != [tokens]:
        return
    parts = _split(tokens, "&&")
    if len(parts) > 1:
        for part in parts:
            yield from _bounds(part)
        return
    texts = [token.text for token in tokens]
    kinds = [token.kind for token in tokens]
    places = [place for place, text in enumerate(texts) if text in _MIRRORED]
    if len(places) != 1:
        return
    at = places[0]
    left, right = _member(texts[:at], kinds[:at]), _number(texts[at + 1 :], kinds[at + 1 :])
    if left and right is not None:
        yield Bound(left, texts[at], right)
    left, right = _member(texts[at + 1 :], kinds[at + 1 :]), _number(texts[:at], kinds[:at])
    if left and right is not None:
        yield Bound(left, _MIRRORED[texts[at]], right)


def _member(texts: Sequence[str], kinds: Sequence[str]) -> tuple[str, ...]:
    """Returns the names of `value.a.b` behind `value`; none of any other expression."""
    names = all(kind == "name" for kind in kinds[::2]) and all(text == "." for text in texts[1::2])
    return tuple(texts[2::2]) if names and len(texts) % 2 and len(texts) > 2 and texts[0] == "value" else ()


def _number(texts: Sequence[str], kinds: Sequence[str]) -> float | None:
    """Returns the number of a plain literal, perhaps with a sign; None of any other expression."""
    sign = -1 if list(texts[:1]) == ["-"] else 1
    if sign < 0:
        texts, kinds = texts[1:], kinds[1:]
    if list(kinds) != ["number"] or not _PLAIN_NUMBER.fullmatch(texts[0]):
        return None
    number = float(texts[0]) if "." in texts[0] else int(texts[0])
    return sign * number if abs(number) < EXACT else None


def _requirements(tokens: Sequence[CelToken]) -> Iterator[AnyOf]:
    tokens = _without_parentheses(tokens)
    if _split(tokens, "?") != [tokens]:
        return
    ways = _split(tokens, "||")
    if len(ways) > 1:
        each = [max(_requirements(way), key=_telling, default=None) for way in ways]
        known = [one for one in each if one is not None]
        if len(known) == len(each):
            yield frozenset().union(*known)
        return
    parts = _split(tokens, "&&")
    if len(parts) > 1:
        for part in parts:
            yield from _requirements(part)
        return
    found = _comparison(tokens)
    if found:
        yield found


def _telling(needles: AnyOf) -> int:
    """Returns how telling needles are: the length of the shortest."""
    return min(len(needle.data) for needle in needles)


def _without_parentheses(tokens: Sequence[CelToken]) -> Sequence[CelToken]:
    while len(tokens) > 2 and tokens[0].text == "(" and _closing(tokens, 0) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


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
    depth = first = 0
    for place, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and token.text == sign:
            parts.append(tokens[first:place])
            first = place + 1
    return [*parts, tokens[first:]]


def _comparison(tokens: Sequence[CelToken]) -> AnyOf:
    """Returns the needles of `value.a.b == "text"` and the like; none of any other expression."""
    if len(tokens) > 2 and tokens[0].kind == "string" and tokens[1].text in ("==", "in"):
        field, rest = _path(tokens[2:])
        return _needles(field, tokens[:1]) if field and not rest else frozenset()
    field, rest = _path(tokens)
    texts = [token.text for token in rest]
    if not field:
        return frozenset()
    if len(rest) == 2 and texts[0] == "==":
        return _needles(field, rest[1:])
    if len(rest) == 5 and texts[0] == "." and texts[1] in _SEARCHES and texts[2] == "(" and texts[4] == ")":
        return _needles(field, rest[3:4])
    if len(rest) > 3 and texts[:2] == ["in", "["] and texts[-1] == "]":
        items = rest[2:-1]
        if all(token.text == "," for token in items[1::2]) and len(items) % 2:
            return _needles(field, items[::2])
    return frozenset()


def _path(tokens: Sequence[CelToken]) -> tuple[str, Sequence[CelToken]]:
    """Returns the field with which a path like `value.a["b"]` begins, and what follows the path."""
    if not tokens or tokens[0].kind != "name" or tokens[0].text not in _FIELDS:
        return "", tokens
    place = 1
    while place < len(tokens):
        texts = [token.text for token in tokens[place : place + 3]]
        kinds = [token.kind for token in tokens[place : place + 3]]
        if texts[0] == "." and kinds[1:2] == ["name"] and texts[2:] != ["("]:
            place += 2
        elif texts[0] == "[" and kinds[1:2] in (["string"], ["number"]) and texts[2:] == ["]"]:
            place += 3
        else:
            break
    return tokens[0].text, tokens[place:]


def _needles(field: str, tokens: Sequence[CelToken]) -> AnyOf:
    """Returns the needles of plain strings; none if one of them is something else, or has what JSON escapes."""
    found = [_PLAIN_STRING.fullmatch(token.text) for token in tokens if token.kind == "string"]
    texts = [match.group(1) or match.group(2) for match in found if match is not None]
    if len(texts) < len(tokens) or any(_ESCAPED & set(text) for text in texts):
        return frozenset()
    return frozenset(Needle(field, text.encode(errors="surrogatepass")) for text in texts)
