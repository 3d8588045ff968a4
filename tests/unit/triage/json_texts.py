"""JSON texts as no library writes them: numbers of any size and spelling, names twice, white space, escapes."""

from __future__ import annotations

import json

from hypothesis import strategies as st

_BLANKS = st.sampled_from(["", " ", "\n  ", "\t", "\r\n"])
_NUMBERS = st.sampled_from(
    ["0", "-0", "1", "0.10", "0.1", "1.0", "1E400", "1e5", "1E+2", "-0.0", "0e5", "1e-400", "12345678901234567890123",
     "9223372036854775807", "9223372036854775808", "-9223372036854775808", "0.1234567890123456789",
     "1e99999999999999999999", "3.14159265358979", "100", "2.50"]
)  # fmt: skip
NAMES = st.sampled_from(["a", "b", "c", "né", 'q"', "a.b"])
_STRINGS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@st.composite
def _string(draw: st.DrawFn, words: st.SearchStrategy[str]) -> str:
    return json.dumps(draw(words), ensure_ascii=draw(st.booleans()))


_SCALARS = _NUMBERS | _string(_STRINGS) | st.sampled_from(["true", "false", "null", r'"\u00e9\/"', r'"\ud800"'])


@st.composite
def _array(draw: st.DrawFn, below: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(below, max_size=4))
    return f"[{','.join(draw(_BLANKS) + item + draw(_BLANKS) for item in items) or draw(_BLANKS)}]"


@st.composite
def _object(draw: st.DrawFn, below: st.SearchStrategy[str]) -> str:
    members = draw(st.lists(st.tuples(_string(NAMES), below), max_size=5))
    parts = [f"{draw(_BLANKS)}{name}{draw(_BLANKS)}:{draw(_BLANKS)}{one}{draw(_BLANKS)}" for name, one in members]
    return f"{{{','.join(parts) or draw(_BLANKS)}}}"


VALUES = st.recursive(_SCALARS, lambda below: _array(below) | _object(below), max_leaves=12)
OBJECTS = _object(VALUES)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Any document, with white space around it."""
    return draw(_BLANKS) + draw(VALUES) + draw(_BLANKS)
