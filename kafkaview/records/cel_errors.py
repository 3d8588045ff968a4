"""Where an expression is no CEL, and what is wrong there: in words for people, not for those who wrote the parser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_PLACE: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_SYNTAX: Final = "Syntax error: "
_TOO_DEEP: Final = f"{_SYNTAX}OtherError(ParseError"  # "Recursion limit of 96 exceeded"
_SIGN: Final = re.compile(r"\w+|[=<>!&|~]+|\S")
_LAST_WORD: Final = re.compile(r"(?<![\w.])(\w+)\s*$")
_METHOD_BEFORE: Final = re.compile(r"\.(contains|startsWith|endsWith|matches)\s*$")
_OPERATOR: Final = "=<>!&|~"
_OPENED_BY: Final = {")": "(", "]": "[", "}": "{"}
_TEXT: Final = re.compile(r"""(["'])(?:[^\\]|\\.)*?\1""", re.DOTALL)
_CONTAINS: Final = 'a part of a text is found by value.name.contains("text")'
_MATCHES: Final = 'a regular expression is written value.name.matches("expression")'
# What other languages write, and how CEL does.
_OPERATORS: Final = {
    "=": "equal is written ==",
    "===": "equal is written ==",
    "<>": "not equal is written !=",
    "!==": "not equal is written !=",
    "&": "and is written &&; there is no operator on bits",
    "|": "or is written ||; there is no operator on bits",
    "~": _MATCHES,
    "=~": _MATCHES,
    "!~": 'what does not match is written !value.name.matches("expression")',
}
_WORDS: Final = {
    "and": "and is written &&",
    "or": "or is written ||",
    "not": "not is written !(...)",
    "like": _CONTAINS,
    "contains": _CONTAINS,
    "startswith": 'it is written value.name.startsWith("text")',
    "endswith": 'it is written value.name.endsWith("text")',
    "matches": _MATCHES,
}
# What the library says of an expression that it could read, in part.
_MEANINGS: Final = {
    "literal": "what begins here is no number, or too large a one; a text stands in quotes",
    "simple name": "a variable of its own is a plain name, as i in value.items.exists(i, i.n == 3)",
    "unsupported syntax: '`'": 'a member whose name is no word is written value["order-id"]',
    "has() macro": "has() asks for a member, as has(value.status)",
    "`ExprContext`": "a choice is written condition ? one : other",
    "`IndexContext`": "between [ and ] has to stand a value",
}


@dataclass(frozen=True, slots=True)
class _SyntaxFault:
    """A place at which the parser (antlr4) stumbled: the sign there, empty at the end; and what it said."""

    expression: str
    position: int
    sign: str
    message: str

    @property
    def before(self) -> str:
        return self.expression[: self.position].rstrip()

    @property
    def expects_value(self) -> bool:
        return "IDENTIFIER" in self.message

    @property
    def expected_bracket(self) -> str:
        """The bracket that has to come before anything else can."""
        _, _, expected = self.message.partition(" expecting ")
        found = re.search(r"missing '([)\]}])'", self.message) or re.search(r"'([)\]}])'", expected)
        return found[1] if found and not self.expects_value else ""


def explain_syntax_error(expression: str, message: str) -> tuple[str, int | None]:
    """Returns what is wrong with an expression that the library refused with this message, and the character at which
    it goes wrong, where that is known.
    """
    found = _PLACE.search(message)
    if found is None:
        return message, None
    line, column, said = int(found[1]), int(found[2]), found[3]
    above = expression.splitlines(keepends=True)[: line - 1]
    position = min(len(expression), sum(map(len, above)) + max(0, column - 1))
    if not said.startswith(_SYNTAX):
        return next((words for part, words in _MEANINGS.items() if part in said), said), position
    if said.startswith(_TOO_DEEP):
        return "it is nested too deeply", position
    fault = _SyntaxFault(expression, position, _sign_at(expression, position), said)
    return next(words for explain in _EXPLANATIONS if (words := explain(fault))), position


def _explain_text(fault: _SyntaxFault) -> str:
    """A text that does not end, or not as CEL has it."""
    if "token recognition" not in fault.message or fault.sign not in {'"', "'"}:
        return ""
    text = _TEXT.match(fault.expression, fault.position)
    if text is None:
        return f"the text has no closing {fault.sign}"
    return (
        r"a new line in a text is written \n" if "\n" in text[0] else "the text has a backslash that CEL does not know"
    )


def _explain_operator(fault: _SyntaxFault) -> str:
    """An operator of another language, or one with a blank in it."""
    before, after = fault.before, fault.expression[fault.position + len(fault.sign) :].lstrip()
    if fault.sign == "=" and before[-1:] in {"<", ">", "!"}:
        return f"no blank may stand in {before[-1]}="
    if fault.sign == "!" and after.startswith("="):
        return "no blank may stand in !="
    if fault.sign == "=" and before[-1:] in {"+", "-", "*", "/", "%", ":"}:
        return "nothing is assigned in it"
    return _OPERATORS.get(fault.sign, "")


def _explain_word(fault: _SyntaxFault) -> str:
    """A word of another language; the parser stumbles at it, or behind it. Behind a dot it is a member's name."""
    if method := _METHOD_BEFORE.search(fault.before):
        return f'it is written value.name.{method[1]}("text")'
    last = _LAST_WORD.search(fault.before)
    return _WORDS.get(fault.sign.lower(), "") or (_WORDS.get(last[1].lower(), "") if last else "")


def _explain_bracket(fault: _SyntaxFault) -> str:
    """A bracket too few, or one too many."""
    wanted = fault.expected_bracket
    if fault.sign == ",":
        if re.search(r"\bin\s*\(", fault.before):
            return 'a list is written ["a", "b"]'
        return "a value is missing between two commas" if fault.before.endswith(",") else ""
    if wanted and (not fault.sign or fault.sign in _OPENED_BY):
        return f"a {wanted} is missing"
    if fault.sign in _OPENED_BY and not fault.expects_value:
        return f"there is no {_OPENED_BY[fault.sign]} for this {fault.sign}"
    return ""


def _explain_dot(fault: _SyntaxFault) -> str:
    """A dot without a name behind it, or within what looks like a number."""
    at_end = not fault.sign and fault.before.endswith(".")
    if not at_end and fault.sign != ".":
        return ""
    return "what is no number stands in quotes" if fault.before[-1:].isdigit() else "a name has to follow the dot"


def _explain_order(fault: _SyntaxFault) -> str:
    """What has to stand there instead."""
    if not fault.sign:
        return "it ends where a value has to follow"
    if fault.expects_value:
        return f"a value has to stand before {fault.sign}"
    starts_value = fault.sign[0].isalnum() or fault.sign[0] in "_\"'"
    if "expecting" not in fault.message or not starts_value:
        return f"{fault.sign} cannot stand there"
    return f"{'a comma' if fault.expected_bracket else 'an operator'} is missing before {fault.sign}"


_EXPLANATIONS: Final[tuple[Callable[[_SyntaxFault], str], ...]] = (
    _explain_text,
    _explain_operator,
    _explain_word,
    _explain_bracket,
    _explain_dot,
    _explain_order,
)


def _sign_at(expression: str, position: int) -> str:
    """Returns the name, the operator or the sign at a position; an operator whole, though it goes wrong in it."""
    while 0 < position < len(expression) and {expression[position - 1], expression[position]} <= {*_OPERATOR}:
        position -= 1
    found = _SIGN.search(expression, position)
    return found[0] if found else ""
