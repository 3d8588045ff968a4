"""Where an expression is no CEL, and what is wrong there: in words for people, not for those who wrote the parser."""

from __future__ import annotations

import re
from typing import Final

_PLACE: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): (?:Syntax error: )?(.*)")
_MISSING: Final = re.compile(r"missing '(.)'")
_SIGN: Final = re.compile(r"\w+|[=<>!&|~]+|\S")
_OPERATOR: Final = "=<>!&|~"
_QUOTES: Final = ("'", '"')
# What other languages write, and how CEL does.
_MEANT: Final = {
    "=": "equal is written ==",
    "===": "equal is written ==",
    "<>": "not equal is written !=",
    "!==": "not equal is written !=",
    "&": "and is written &&",
    "and": "and is written &&",
    "|": "or is written ||",
    "or": "or is written ||",
    "not": "not is written !",
    "like": 'a part of a text is found by value.name.contains("text")',
    "~": 'a regular expression is written value.name.matches("expression")',
    "=~": 'a regular expression is written value.name.matches("expression")',
}
_WORDS: Final = {  # what the library says, in part
    "Recursion limit": "it is nested too deeply",
    "Incomplete": "something is missing in it",
    "has() macro": "has() asks for a member, as has(value.status)",
}


def explain_syntax_error(expression: str, message: str) -> tuple[str, int | None]:
    """Returns what is wrong with an expression that the library (antlr4) refused with this message, and the character
    at which it goes wrong, where that is known.
    """
    found = _PLACE.search(message)
    if found is None:
        return message, None
    line, column = int(found[1]), int(found[2])
    before = expression.splitlines(keepends=True)[: line - 1]
    position = min(len(expression), sum(map(len, before)) + max(0, column - 1))
    return _explain(expression, position, found[3]), position


def _explain(expression: str, position: int, message: str) -> str:
    sign, previous = _sign_at(expression, position), _last_word(expression[:position])
    meant = _MEANT.get(sign.lower()) or _MEANT.get(previous.lower())
    meant = meant or next((words for part, words in _WORDS.items() if part in message), None)
    if meant:
        return meant
    if missing := _MISSING.search(message):
        return f"a {missing[1]} is missing"
    if not sign:
        return "it ends where a value has to follow"
    if sign[0] in _QUOTES and "token recognition" in message:
        closed = expression.find(sign, position + 1) > 0
        return "the text has a backslash that CEL does not know" if closed else f"the text has no closing {sign}"
    if sign.startswith("."):
        return "a name has to follow the dot"
    if "IDENTIFIER" in message:
        return f"a value has to stand before {sign}"
    return f"an operator is missing before {sign}" if "expecting" in message else f"{sign} cannot stand there"


def _sign_at(expression: str, position: int) -> str:
    """Returns the name, the operator or the sign at a position; an operator whole, though it goes wrong in it."""
    while 0 < position < len(expression) and {expression[position - 1], expression[position]} <= {*_OPERATOR}:
        position -= 1
    found = _SIGN.search(expression, position)
    return found[0] if found else ""


def _last_word(text: str) -> str:
    words = re.findall(r"\w+", text)
    return words[-1] if words and text.rstrip().endswith(words[-1]) else ""
