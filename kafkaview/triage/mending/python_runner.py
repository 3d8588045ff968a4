"""A process that runs the user's own function `mend(record)` and nothing else: `python -m
kafkaview.triage.mending.python_runner FILE`, started by python_rule.py only.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from kafkaview.decode.python_runner import make_answer, serve, words_of


class LetterToMend:
    """The record that the function gets. `key` and `value` are bytes, or None for null; `text` is the JSON of a value
    that a schema of a registry describes, else the value as text, None where it is no UTF-8. `headers` are pairs of a
    name and bytes or None, or None where a name is not UTF-8.
    """

    def __init__(self, facts: dict[str, Any], value: bytes) -> None:
        self.topic: str = facts["topic"]
        self.partition: int = facts["partition"]
        self.offset: int = facts["offset"]
        self.timestamp_ms: int | None = facts["timestamp_ms"]
        self.key = _bytes(facts["key"])
        self.value = None if facts["is_null"] else value
        self.text: str | None = facts["text"]
        headers = facts["headers"]
        self.headers = None if headers is None else [(name, _bytes(data)) for name, data in headers]

    def json(self) -> Any:
        """Returns the value as plain data. A number that a float would change is a Decimal. Raises ValueError."""
        if self.text is None:
            raise ValueError("the value is not JSON")
        return json.loads(self.text, parse_float=_number)


def _bytes(data: str | None) -> bytes | None:
    return None if data is None else base64.b64decode(data)


def _number(digits: str) -> float | Decimal:
    number = float(digits)
    try:
        exact = Decimal(digits)
        return number if Decimal(repr(number)) == exact else exact
    except InvalidOperation:
        return number


def _write(value: object) -> str:
    """Returns the JSON of plain data, a Decimal as its digits. Raises TypeError or ValueError."""
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise TypeError("a name in JSON is a str")
        return f"{{{','.join(f'{json.dumps(name)}:{_write(below)}' for name, below in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(_write, value))}]"
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    return json.dumps(value, allow_nan=False)


def _mend(mend: Callable[..., object], facts: bytes, value: bytes) -> bytes:
    try:
        found = mend(LetterToMend(json.loads(facts), value))
        if found is None:
            return make_answer(same=True)
        if isinstance(found, (bytes, bytearray)):
            return make_answer(data=base64.b64encode(found).decode())
        if isinstance(found, str):
            return make_answer(text=found)
        return make_answer(json=_write(found))
    except Exception as failure:  # noqa: BLE001 - that is how a function refuses
        return make_answer(problem=words_of(failure))


if __name__ == "__main__":
    serve("mend", "mend(record)", _mend)
