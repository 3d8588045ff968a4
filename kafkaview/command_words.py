"""The words of a `kafkaview` line. Names that others chose stand in it: one that begins with a dash is no option."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Final

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
    """Returns the `kafkaview` line of these words, as a shell reads it."""
    return shlex.join(("kafkaview", *words))
