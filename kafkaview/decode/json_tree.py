"""The members and items of a JSON text as they stand in it: names that occur twice stay two, no number is changed. A
text that breaks off has what is there of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import orjson

_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_]\w*")
ROOT: Final = 0  # the place of the whole text's node


@dataclass(slots=True)
class JsonNode:
    """A value in the text, from `start` to `end` (not included). `name` is its name as the text spells it, None of an
    item; `place` its place below its `parent`, and `children` are places in the tree. `whole` is false where the text
    breaks off inside.
    """

    parent: int
    place: int
    name: str | None
    kind: str  # object, array, string, or other: a number or a word
    start: int
    end: int = -1
    whole: bool = False
    children: list[int] = field(default_factory=list)


class JsonTree:
    """The values of a text, in its order, each with those below it. Holds no part of the text but names."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes: list[JsonNode] = []
        self._build()

    @property
    def is_structured(self) -> bool:
        """Whether the text is one object or array."""
        return bool(self.nodes) and self.nodes[ROOT].kind in ("object", "array")

    def text_of(self, place: int) -> str:
        """Returns the text of a value, as it stands."""
        node = self.nodes[place]
        return self.text[node.start : node.end]

    def path(self, place: int, root: str = "value") -> str:
        """Returns the path to a value as a filter writes it: `value.items[0].sku`."""
        steps: list[str] = []
        while place != ROOT:
            node = self.nodes[place]
            steps.append(f"[{node.place}]" if node.name is None else _step(node.name))
            place = node.parent
        return root + "".join(reversed(steps))

    def find(self, words: str) -> set[int]:
        """Returns the values whose name or text, if it is no object or array, holds some words, in any case."""
        wanted = words.casefold()
        return {
            place
            for place, node in enumerate(self.nodes)
            if wanted in (node.name or "").casefold()
            or (node.kind in ("string", "other") and wanted in self.text_of(place).casefold())
        }

    def with_ancestors(self, places: set[int]) -> set[int]:
        """Returns some values and all that hold them."""
        found = set(places)
        for place in places:
            above = self.nodes[place].parent
            while above >= 0 and above not in found:
                found.add(above)
                above = self.nodes[above].parent
        return found

    def leaves(self, root: str = "value") -> Iterator[tuple[str, str]]:
        """Yields the path and the text of every value that is no object or array with something in it."""
        for place, node in enumerate(self.nodes):
            if not node.children:
                yield self.path(place, root), self.text_of(place)

    def _build(self) -> None:
        nodes, above, name = self.nodes, -1, None
        open_ones: list[int] = []
        for match in _TOKEN.finditer(self.text):
            token = match.group()
            first = token[0]
            if first in ",:":
                continue
            if first in "}]":
                if open_ones:
                    closed = nodes[open_ones.pop()]
                    closed.end, closed.whole = match.end(), True
                    above = open_ones[-1] if open_ones else -1
                continue
            in_object = above >= 0 and nodes[above].kind == "object"
            if in_object and name is None and first == '"':
                name = token
                continue
            if above < 0 and nodes:
                return  # behind the document
            kind = {"{": "object", "[": "array", '"': "string"}.get(first, "other")
            siblings = nodes[above].children if above >= 0 else []
            node = JsonNode(above, len(siblings), name, kind, match.start())
            siblings.append(len(nodes))
            if kind in ("object", "array"):
                open_ones.append(above := len(nodes))
            else:
                node.end = match.end()
                node.whole = kind == "other" or (len(token) > 1 and token.endswith('"'))
            nodes.append(node)
            name = None
        for place in open_ones:
            nodes[place].end = len(self.text)


def _step(name: str) -> str:
    try:
        plain = str(orjson.loads(name))
    except orjson.JSONDecodeError:
        return f"[{name}]"
    return f".{plain}" if _PLAIN_NAME.fullmatch(plain) else f"[{name}]"
