"""The names of headers, which are bytes on the wire and text to every client."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kafkaview.decode.result import Undecodable
from kafkaview.decode.utf8 import Utf8

_DEPENDS: Final = "Java's client takes it: evidence, not proof"


def header_problem(name: bytes) -> Undecodable:
    """Returns why the name of a header cannot be read: it is not UTF-8, or the client library ends it at its NUL."""
    problem = Utf8().problem(name, "name of a header")
    if problem is None:
        at = name.index(0)
        problem = Undecodable("utf8", f"byte {at:,} of the name of a header is NUL", position=at)
    return replace(problem, field="headers", reason=f"{problem.reason} ({name.hex(' ')})", detail=_DEPENDS)
