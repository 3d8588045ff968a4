"""Standard input, output and error as a program may be given them: closed, or in an encoding that lacks characters."""

from __future__ import annotations

import codecs
import os
import sys
from io import TextIOWrapper
from typing import Final

_STREAMS: Final = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))  # in the order of their file descriptors
_ESCAPE: Final = "kafkaview.escape"


def prepare_streams() -> None:
    """Opens the null device in place of what is closed: else the next file or socket would get its number, and what is
    printed with it. What the encoding of standard output lacks is escaped there, as standard error has it.
    """
    for name, mode in _STREAMS:
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - until the end
    codecs.register_error(_ESCAPE, _escape)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors=_ESCAPE)


def _escape(error: UnicodeError) -> tuple[str, int]:
    r"""Escapes characters as words do: `\xff` is a byte that is not UTF-8, never a character."""
    from kafkaview.words import escape

    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(escape, error.object[error.start : error.end])), error.end
