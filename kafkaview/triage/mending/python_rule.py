"""A rule in Python: a file with a function `mend(record)`, run in a process of its own so that it can neither stop nor
read this one. It returns the new value: bytes, a str, or plain data for JSON; None leaves the value as it is, and what
it raises is why the record cannot be mended.
"""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from kafkaview.decode.python_process import PythonProcess
from kafkaview.terms import Record
from kafkaview.triage.mending.exact_json import NotJson, number_text, read_json
from kafkaview.triage.mending.json_rewriting import rewrite, write_json
from kafkaview.triage.mending.letter_value import LetterValue
from kafkaview.triage.mending.result import CannotMend

_RUNNER: Final = "kafkaview.triage.mending.python_runner"
_SECONDS: Final = 2.0  # for one record
_MOST_SILENCES: Final = 3  # in a row: then it is not asked again
_AHEAD: Final = 100  # records that are sent before the first of them is answered

Letter = tuple[Record, LetterValue]
Found = str | bytes | CannotMend | None


class PythonRule:
    """Asks the user's function. Raises ValueError where the file cannot be used."""

    def __init__(self, file: str, source: bytes, seconds: float = _SECONDS) -> None:
        self._path = Path(file)
        self._source = source
        self._seconds = seconds
        self._silences = 0
        self._run: PythonProcess | None = PythonProcess(_RUNNER, self._path, source)

    def results(self, letters: Iterable[Letter]) -> Iterator[tuple[Record, LetterValue, Found]]:
        """Yields the records, in their order, with what the function makes of each within 2 seconds."""
        source = iter(letters)
        waiting: deque[Letter] = deque()
        while True:
            while len(waiting) < _AHEAD and (letter := next(source, None)) is not None:
                waiting.append(letter)
                self._ask(letter)
            if not waiting:
                return
            record, value = waiting.popleft()
            yield record, value, self._answer(record, value)
            if self._run is None:
                self._restart(waiting)

    def close(self) -> None:
        """Ends the process."""
        if self._run is not None:
            self._run.end()
            self._run = None

    def _ask(self, letter: Letter) -> None:
        if self._run is not None:
            self._run.ask(_facts(*letter), letter[0].value or b"")

    def _answer(self, record: Record, letter: LetterValue) -> Found:
        name = self._path.name
        if self._run is None:
            return CannotMend(f"{name} gave no answer within {self._seconds:g} s, {_MOST_SILENCES} times in a row")
        answer = self._run.answer(self._seconds)
        if answer is None:
            self._silences += 1
            self.close()
            return CannotMend(f"{name} gives no answer within {self._seconds:g} s")
        self._silences = 0
        if "failure" in answer:
            self.close()
            return CannotMend(f"{name} cannot be run: {answer['failure']}")
        return _found(name, answer, record, letter)

    def _restart(self, waiting: Iterable[Letter]) -> None:
        """Starts the process again, and sends what it was not answered on."""
        if self._silences >= _MOST_SILENCES:
            return
        try:
            self._run = PythonProcess(_RUNNER, self._path, self._source)
        except ValueError:  # it was started once: what keeps it from that now is no fault of the file
            self._silences = _MOST_SILENCES
            return
        for letter in waiting:
            self._ask(letter)


def _facts(record: Record, letter: LetterValue) -> bytes:
    text = letter.document.text if letter.document is not None else _decoded(record.value)
    headers = None if record.headers is None else [(one.key, _base64(one.value)) for one in record.headers]
    facts = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp_ms": record.timestamp_ms,
        "key": _base64(record.key),
        "is_null": record.value is None,
        "text": text,
        "headers": headers,
    }
    return json.dumps(facts).encode()


def _found(name: str, answer: dict[str, Any], record: Record, letter: LetterValue) -> Found:
    if "problem" in answer:
        return CannotMend(f"{name}: {answer['problem']}")
    if "same" in answer:
        return None
    if "data" in answer:
        data = base64.b64decode(answer["data"])
        return None if data == record.value else data
    if "text" in answer:
        text: str = answer["text"]
        return text
    try:
        value = read_json(answer["json"]).value
    except NotJson as error:
        return CannotMend(f"{name} returns what JSON cannot hold: {error}")
    if letter.document is None:
        return write_json(value)
    return rewrite(letter.document, _untouched(letter.document.value, value))


def _untouched(old: object, new: Any) -> Any:
    """Returns a value in which a number that Python's own json has rounded on its way is the old one again."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {name: _untouched(old.get(name), value) for name, value in new.items()}
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [_untouched(*pair) for pair in zip(old, new, strict=True)]
    digits = number_text(old)
    return old if digits is not None and isinstance(new, float) and float(digits) == new else new


def _decoded(data: bytes | None) -> str | None:
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError:
        return None


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()
