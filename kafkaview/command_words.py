"""The words of a `kafkaview` line. They contain names chosen by others: a name that begins with a dash must not become
an option, and invisible characters are escaped, so that a shell reads them and a terminal does not obey them.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from kafkaview.words import visible

_END_OF_OPTIONS: Final = "--"
# The verbs below one that takes a name in their place.
_BELOW: Final[Mapping[tuple[str, ...], Collection[str]]] = {("records",): ("produce", "import")}


def option_words(name: str, value: object) -> tuple[str, ...]:
    """Returns an option with its value, as one word if the value looks like an option."""
    text = str(value)
    return (f"{name}={text}",) if text.startswith("-") else (name, text)


def command_words(verb: Iterable[str], arguments: Iterable[str], options: Iterable[str] = ()) -> tuple[str, ...]:
    """Returns the words of a verb with its arguments and options. The arguments come last, behind `--` if one begins
    with a dash or would be taken for a verb below.
    """
    verb, arguments = tuple(verb), tuple(arguments)
    if any(one.startswith("-") for one in arguments) or (arguments and arguments[0] in _BELOW.get(verb, ())):
        return (*verb, *options, _END_OF_OPTIONS, *arguments)
    return (*verb, *arguments, *options)


def with_option(words: Iterable[str], option: str) -> tuple[str, ...]:
    """Returns the words with one more option, before any `--`."""
    words = tuple(words)
    at = words.index(_END_OF_OPTIONS) if _END_OF_OPTIONS in words else len(words)
    return (*words[:at], option, *words[at:])


def printed_line(*words: str) -> str:
    """Returns the `kafkaview` line of these words, in the form of the JSON and the journal."""
    return shlex.join(("kafkaview", *words))


def shell_line(line: str) -> str:
    r"""Returns a line as it is shown and copied. An invisible character is written `$'\033'`, which bash, zsh and ksh
    understand. A character that no shell can pass on (NUL) makes the line a comment.
    """
    words = shell_words(line)
    return " ".join(words) if _can_be_passed(line) else f"# No shell can pass this on: {' '.join(words)}"


def shell_words(line: str) -> list[str]:
    """Returns the words of a line, each as a shell reads it and a terminal shows it."""
    return list(map(shell_word, shlex.split(line)))


def _can_be_passed(word: str) -> bool:
    try:
        return "\0" not in word and os.fsdecode(os.fsencode(word)) == word
    except UnicodeEncodeError:  # half of a surrogate pair
        return False


def shell_word(word: str) -> str:
    """Returns a word as a shell reads it and a terminal shows it."""
    if visible(word) == word:
        return shlex.quote(word)
    # Octal: `visible` and what it escapes never look like it.
    return f"$'{''.join(map(_shell_character, word))}'"


def _shell_character(one: str) -> str:
    if one not in "\\'" and visible(one) == one:
        return one
    return "".join(f"\\{byte:03o}" for byte in one.encode(errors=_errors_of(one)))


def _errors_of(one: str) -> str:
    """Returns Python's error handler for a character that is no text: a byte, or half of a surrogate pair."""
    return "surrogateescape" if "\udc80" <= one <= "\udcff" else "surrogatepass"
