"""The project's documents as a test reads them: sections, code blocks, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_HEADING: Final = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
_BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, up to the next heading."""

    title: str
    text: str

    def blocks(self, language: str = "") -> list[str]:
        """The code blocks of a language; those without one by default."""
        return [code for word, code in _BLOCK.findall(self.text) if word == language]

    @property
    def prose(self) -> str:
        """The text without its code blocks."""
        return _BLOCK.sub("", self.text)

    def first_cells(self) -> list[str]:
        """What stands in backticks at the beginning of each row of its tables."""
        return re.findall(r"^\| `([^`]+)` \|", self.text, re.MULTILINE)


def sections(path: Path) -> Iterator[Section]:
    """The sections of a document. A `#` in a code block begins none."""
    text = path.read_text(encoding="utf-8")
    hidden = _BLOCK.sub(lambda block: re.sub(r"^#", " ", block[0], flags=re.MULTILINE), text)
    heads = list(_HEADING.finditer(hidden))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=True):
        yield Section(head[1], text[head.end() : end])


def anchors(path: Path) -> set[str]:
    """What a link may name after `#`."""
    return {re.sub(r"[^\w\- ]", "", section.title.lower()).replace(" ", "-") for section in sections(path)}
