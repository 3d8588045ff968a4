"""The filter of a table: spaces mean AND, `-word` excludes, `lag>1000` compares a column of numbers. No Qt."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_COMPARISON = re.compile(r"^(?P<name>[^<>=\s]+)(?P<sign><=|>=|<|>|=)(?P<number>-?\d[\d,_]*(?:\.\d+)?)$")
_SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
}


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed filter. A row fits if its text contains every word and no excluded one, and its numbers compare."""

    words: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    comparisons: tuple[tuple[str, str, float], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Query:
        """Parses the text of a filter; every row fits an empty one."""
        words: list[str] = []
        excluded: list[str] = []
        comparisons: list[tuple[str, str, float]] = []
        for part in text.lower().split():
            if match := _COMPARISON.match(part):
                figure = float(match["number"].replace(",", "").replace("_", ""))
                comparisons.append((match["name"], match["sign"], figure))
            elif part.startswith("-") and len(part) > 1:
                excluded.append(part[1:])
            else:
                words.append(part)
        return cls(tuple(words), tuple(excluded), tuple(comparisons))

    def fits(self, text: str, figures: Mapping[str, object]) -> bool:
        """Returns whether a row fits; `text` is all its text in lower case. An unknown number fits no comparison."""
        return (
            all(word in text for word in self.words)
            and not any(word in text for word in self.excluded)
            and all(_compares(figures.get(name), sign, figure) for name, sign, figure in self.comparisons)
        )

    def __bool__(self) -> bool:
        """Returns whether the filter asks for anything."""
        return bool(self.words or self.excluded or self.comparisons)


def _compares(value: object, sign: str, figure: float) -> bool:
    return isinstance(value, int | float) and _SIGNS[sign](value, figure)
