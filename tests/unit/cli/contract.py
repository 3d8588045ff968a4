"""The page of the command line's contract, and the program beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

from kafkaview.cli.verbs import VERBS
from tests.kit.documents import ROOT, Section, sections

PAGE: Final = list(sections(ROOT / "docs" / "cli.md"))
VERB_SECTIONS: Final = {section.title.strip("`"): section for section in PAGE if section.title.startswith("`")}


def section_of(title: str) -> Section:
    """A section that is about no single verb."""
    return next(section for section in PAGE if section.title == title)


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A verb and those below it; one that only groups others does nothing itself."""
    below = getattr(command, "commands", {})
    if not below or command.invoke_without_command:
        yield name, command
    for word, one in below.items():
        yield from _commands(f"{name} {word}", one)


PROGRAM: Final = dict(chain.from_iterable(_commands(verb.name, verb.load()) for verb in VERBS))


def options_of(command: Any) -> set[str]:
    """The options that the program takes."""
    words = (word for one in command.params for word in (*one.opts, *one.secondary_opts))
    return {word for word in words if word.startswith("-")} - {"--help"}


def options_in(text: str) -> set[str]:
    """The options that a text names."""
    return set(re.findall(r"(?<![\w-])(--[a-z][a-z0-9-]*|-X)", text))
