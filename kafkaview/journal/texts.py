"""Texts in the journal's file as they are: the name of a file may have bytes that are not UTF-8 (PEP 383), which the
sqlite3 module refuses to write.
"""

from __future__ import annotations

from typing import Any, Final

_ERRORS: Final = "surrogatepass"


def bound(value: Any) -> Any:
    """Returns a value as it is bound: text that UTF-8 has no bytes for as its bytes, which `mark_of` makes text."""
    return value.encode(errors=_ERRORS) if _is_odd(value) else value


def mark_of(value: Any) -> str:
    """Returns the mark that stands for a bound value in a statement."""
    return "CAST(? AS TEXT)" if _is_odd(value) else "?"


def read_text(stored: bytes) -> str:
    """Returns text that was stored."""
    return stored.decode(errors=_ERRORS)


def _is_odd(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False
