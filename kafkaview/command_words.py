"""The words of a `kafkaview` line. Names that others chose stand in it: one that begins with a dash is no option, and
one that would not be seen as itself is written so that a shell reads it and a terminal does not obey it.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from typing import Final

from kafkaview.words import visible

_END_OF_OPTIONS: Final = "--"


def option_words(name: str, value: object) -> tuple[str, ...]:
    """Returns an option with its value, in one word where the value would be taken for an option itself."""
    text = str(value)
    return (f"{name}={text}",) if text.startswith("-") else (name, text)


def command_words(verb: Iterable[str], arguments: Iterable[str], options: Iterable[str] = ()) -> tuple[str, ...]:
    """Returns the words of a verb with its arguments and options; the arguments come last, behind `--`, where one of
    them begins with a dash.
    """
    arguments = tuple(arguments)
    if any(one.startswith("-") for one in arguments):
        return (*verb, *options, _END_OF_OPTIONS, *arguments)
    return (*verb, *arguments, *options)


def with_option(words: Iterable[str], option: str) -> tuple[str, ...]:
    """Returns the words with one more option, which may not stand behind `--`."""
    words = tuple(words)
    at = words.index(_END_OF_OPTIONS) if _END_OF_OPTIONS in words else len(words)
    return (*words[:at], option, *words[at:])


def printed_line(*words: str) -> str:
    """Returns the `kafkaview` line of these words, as JSON and the journal have it."""
    return shlex.join(("kafkaview", *words))


def shell_line(line: str) -> str:
    r"""Returns a line as it is shown and copied: a character that is not seen is written `$'\033'`, which bash, zsh and
    ksh read as that character. What no shell can pass on (NUL) makes it a comment.
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
    """How Python writes a character that is no text: as the byte that it stands for, or as half of a surrogate pair."""
    return "surrogateescape" if "\udc80" <= one <= "\udcff" else "surrogatepass"
