"""Functions of rules in CEL beside those of the language: it changes no object and no text. Those of texts are named as
in the extensions of cel-go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final


def _merge(one: object, other: object) -> dict[str, Any]:
    """Returns an object with the members of both; of a name that both have that of the other."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        raise TypeError("merge takes two objects")
    return {**one, **other}


def _without(one: object, *names: object) -> dict[str, Any]:
    """Returns an object without some members."""
    if not isinstance(one, dict):
        raise TypeError("without takes an object and names")
    return {name: value for name, value in one.items() if name not in names}


def _text(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a function that takes a text first, then more of them."""

    def checked(*texts: object) -> Any:
        if not all(isinstance(text, str) for text in texts):
            raise TypeError(f"{name} takes texts")
        return function(*texts)

    return checked


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "merge": _merge,
    "without": _without,
    "replace": _text("replace", str.replace),
    "split": _text("split", str.split),
    "trim": _text("trim", str.strip),
    "lowerAscii": _text("lowerAscii", lambda text: text.encode().lower().decode()),
    "upperAscii": _text("upperAscii", lambda text: text.encode().upper().decode()),
}
