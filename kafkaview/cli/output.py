"""The output of a verb: one JSON document or tables on stdout, words and progress on stderr."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from kafkaview.fields import QUANTITIES, RowField, json_text, listed_fields, row_documents
from kafkaview.words import visible, visible_alone

if TYPE_CHECKING:
    from rich.console import Console

    from kafkaview.cluster.ports.unseen import Unseen

R = TypeVar("R")
_WHOLE_LINES = 500
_FITTED_ROWS: Final = 2_000  # of a table that rich fits to the terminal: it takes 0.4 ms for each
_OBEYED: Final = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
Justify = Literal["left", "right"]
Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of a table; quantities are aligned to the right."""

    title: str
    number: bool = False


class Output:
    """The destination of a verb's output. With `json` only JSON reaches stdout. The formatting libraries are loaded on
    first use.
    """

    def __init__(self, json: bool) -> None:  # noqa: FBT001 - it is the name of the option
        self.json = json

    @cached_property
    def words(self) -> Console:
        """The console for words."""
        return _console(stderr=False)

    @cached_property
    def notes(self) -> Console:
        """The console for notes beside the answer."""
        return _console(stderr=True)

    def document(self, document: dict[str, Any]) -> None:
        """Prints one JSON document, or one line of JSON lines."""
        self.documents([document])

    def lines(self, lines: Iterable[str]) -> None:
        """Prints lines that have their ends, as they are."""
        sys.stdout.write("".join(lines))
        sys.stdout.flush()

    def data(self, texts: Iterable[str]) -> None:
        """Prints text for a program: in UTF-8, whatever the encoding of words is."""
        sys.stdout.flush()
        stream = getattr(sys.stdout, "buffer", None)
        for text in texts:
            if stream is None:  # a test's standard output
                sys.stdout.write(text)
            else:
                stream.write(text.encode(errors="backslashreplace"))  # a decoder of the user's may give anything
        sys.stdout.flush()

    def documents(self, documents: Iterable[dict[str, Any]]) -> None:
        """Prints JSON lines."""
        self.data(["".join(_escape_unseen(json_text(document)) + "\n" for document in documents)])

    def raw(self, data: bytes) -> None:
        """Prints bytes as they are."""
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def chunks(self, chunks: Iterable[bytes]) -> None:
        """Prints one JSON document part by part."""
        self.data(chain((_escape_unseen(chunk.decode()) for chunk in chunks), ["\n"]))

    def table(self, columns: Sequence[OutputColumn], rows: Sequence[Sequence[Cell]]) -> None:
        """Prints a table: numbers are grouped, unknown values are a dash. One of very many rows is as wide as its
        cells, whatever the terminal's width.
        """
        if len(rows) > _FITTED_ROWS:
            self.lines(_aligned_lines(columns, [[cell_text(cell) for cell in row] for row in rows]))
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            justify: Justify = "right" if column.number else "left"
            table.add_column(column.title, justify=justify, no_wrap=column.number, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell_text(cell)) for cell in row))
        self.words.print(table)

    def listing(
        self, name: str, fields: Sequence[RowField[R]], rows: Iterable[R], unseen: Sequence[Unseen] | None = None
    ) -> None:
        """Prints rows by their declared fields: as a document with a list of this name, or as a table; names the unseen
        parts.
        """
        if self.json:
            gaps = {} if unseen is None else self.unseen(unseen)
            self.document({name: row_documents(fields, rows), **gaps})
            return
        self.rows(fields, rows)
        self.unseen(unseen or ())

    def rows(self, fields: Sequence[RowField[R]], rows: Iterable[R]) -> None:
        """Prints a table of rows by their declared fields."""
        self.field_table(fields, ([field.cell(row) for field in listed_fields(fields)] for row in rows))

    def unseen(self, unseen: Sequence[Unseen]) -> dict[str, Any]:
        """Returns the unseen parts for the document; without JSON it prints them beside the answer."""
        if not self.json:
            for one in unseen:
                self.note(one.sentence, "yellow")
        return {"unseen": [one.document() for one in unseen]}

    def field_table(self, fields: Sequence[RowField[R]], rows: Iterable[Sequence[Any]]) -> None:
        """Prints a table of values, with the fields that the command line lists."""
        listed = listed_fields(fields)
        self.table(
            [OutputColumn(field.title, number=field.kind in QUANTITIES) for field in listed],
            [[field.reads(value) for field, value in zip(listed, row, strict=True)] for row in rows],
        )

    def say(self, sentence: str, style: str = "") -> None:
        """Prints a sentence of the answer."""
        from rich.text import Text

        self.words.print(Text(visible(sentence), style=style), soft_wrap=True)

    def note(self, sentence: str, style: str = "") -> None:
        """Prints a sentence beside the answer, on stderr."""
        from rich.text import Text

        self.notes.print(Text(visible(sentence), style=style), soft_wrap=True)

    def error(self, kind: str, message: str, hint: str = "") -> None:
        """Prints an error: in the form of the contract on stdout, or in words on stderr."""
        if self.json:
            with suppress(OSError):  # standard output may be what is full: then standard error has it, in words
                self.document({"error": {"kind": kind, "message": message, "hint": hint}})
                return
        self.note(message, "bold red")
        if hint:
            self.note(hint)


def _escape_unseen(document: str) -> str:
    """Returns JSON with the characters that a terminal obeys, or that turn the direction of writing, as JSON's own
    escapes: a reader of the JSON gets the same text.
    """
    if document.isascii() and "\x7f" not in document:
        return document
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def _console(*, stderr: bool) -> Console:
    """Returns a console: files and pipes get whole lines, a terminal gets lines of its width."""
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=_WHOLE_LINES)


def _aligned_lines(columns: Sequence[OutputColumn], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    titles = [column.title for column in columns]
    widths = [max(map(_width, cells)) for cells in zip(titles, *rows, strict=True)]
    for row in (titles, *rows):
        cells = []
        for cell, width, column in zip(row, widths, columns, strict=True):
            blanks = " " * (width - _width(cell))
            cells.append(f"{blanks}{cell}" if column.number else f"{cell}{blanks}")
        yield "  ".join(cells) + "\n"


def _width(text: str) -> int:
    """Returns the width of a text on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cell_text(cell: Cell) -> str:
    """Returns the text of a value in a table."""
    if cell is None:
        return "\N{EN DASH}"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int | float):
        return f"{cell:,}"
    return visible_alone(cell)
