"""How many dead letters there are of each cause, counted in a bounded room; several processes count, and the counts are
added up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import astuple, dataclass
from typing import Any, Final

from kafkaview.terms import Header
from kafkaview.triage.dead_letters.causes import CauseKey, cause_key, cause_text
from kafkaview.triage.dead_letters.letter import DeadLetter
from kafkaview.triage.dead_letters.reading import read_letter

_HOUR_MS: Final = 3_600_000
_MOST_CAUSES: Final = 1_000
_MOST_HOURS: Final = 50_000  # of all causes together


def arrival_of(letter: DeadLetter | None, timestamp_ms: int | None) -> int | None:
    """Returns when kafkaview copied a record, else the record's timestamp, in Unix milliseconds."""
    return timestamp_ms if letter is None or letter.routed_ms is None else letter.routed_ms


def _hour_of(time_ms: int) -> int:
    """Returns the begin of the hour of a time, in Unix milliseconds."""
    return time_ms // _HOUR_MS * _HOUR_MS


@dataclass(slots=True)
class CauseTally:
    """The dead letters of one cause. `text` is what all of them say, None where they differ."""

    text: str | None
    count: int
    first_ms: int | None
    last_ms: int | None

    def add(self, text: str | None, count: int, first_ms: int | None, last_ms: int | None) -> None:
        """Adds some more."""
        self.count += count
        if text != self.text:
            self.text = None
        if first_ms is not None:
            self.first_ms = first_ms if self.first_ms is None else min(self.first_ms, first_ms)
        if last_ms is not None:
            self.last_ms = last_ms if self.last_ms is None else max(self.last_ms, last_ms)


class CauseCounts:
    """Counts dead letters by cause, origin and hour. `without_headers` are those without headers of any dialect,
    `unreadable_headers` those whose headers cannot be read, so that nobody knows. `others` are those of causes beyond
    the most that are counted; `other_hours` lie in hours beyond, or have no timestamp.
    """

    def __init__(self) -> None:
        self.records = self.without_headers = self.unreadable_headers = self.others = self.other_hours = 0
        self.dialects: Counter[str] = Counter()
        self.causes: dict[CauseKey, CauseTally] = {}
        self.hours: Counter[tuple[CauseKey, int]] = Counter()  # by Unix milliseconds of the hour's begin

    def add(self, headers: tuple[Header, ...] | None, timestamp_ms: int | None) -> None:
        """Counts one record."""
        letter = read_letter(headers)
        self.records += 1
        if headers is None:
            self.unreadable_headers += 1
        elif letter is None:
            self.without_headers += 1
        else:
            self.dialects[letter.dialect] += 1
        time = arrival_of(letter, timestamp_ms)
        key = cause_key(letter)
        if self._tally(key, CauseTally(cause_text(letter), 1, time, time)):
            if time is None:
                self.other_hours += 1
            else:
                self._count_hour(key, _hour_of(time), 1)

    def merge(self, other: CauseCounts) -> None:
        """Adds what another has counted."""
        self.records += other.records
        self.without_headers += other.without_headers
        self.unreadable_headers += other.unreadable_headers
        self.others += other.others
        self.other_hours += other.other_hours
        self.dialects.update(other.dialects)
        for key, tally in other.causes.items():
            self._tally(key, tally)
        for (key, hour), many in other.hours.items():
            self._count_hour(key, hour, many)

    def pack(self) -> dict[str, Any]:
        """Returns the counts as JSON can carry them."""
        return {
            "plain": [self.records, self.without_headers, self.unreadable_headers, self.others, self.other_hours],
            "dialects": list(self.dialects.items()),
            "causes": [[*astuple(key), *astuple(one)] for key, one in self.causes.items()],
            "hours": [[*astuple(key), hour, many] for (key, hour), many in self.hours.items()],
        }

    @classmethod
    def unpack(cls, packed: dict[str, Any]) -> CauseCounts:
        """Returns the counts of `pack`."""
        made = cls()
        made.records, made.without_headers, made.unreadable_headers, made.others, made.other_hours = packed["plain"]
        made.dialects = Counter(dict(packed["dialects"]))
        made.causes = {CauseKey(cause, topic): CauseTally(*rest) for cause, topic, *rest in packed["causes"]}
        made.hours = Counter({(CauseKey(cause, topic), hour): many for cause, topic, hour, many in packed["hours"]})
        return made

    def _tally(self, key: CauseKey, more: CauseTally) -> bool:
        known = self.causes.get(key)
        if known is not None:
            known.add(more.text, more.count, more.first_ms, more.last_ms)
        elif len(self.causes) < _MOST_CAUSES:
            self.causes[key] = more
        else:
            self.others += more.count
            return False
        return True

    def _count_hour(self, key: CauseKey, hour: int, many: int) -> None:
        if (key, hour) in self.hours or len(self.hours) < _MOST_HOURS:
            self.hours[key, hour] += many
        else:
            self.other_hours += many
