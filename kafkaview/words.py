"""Texts of numbers, sizes, rates, durations, times and lists, as written here and in every sentence. `None` is unknown
and becomes a dash; 0 is 0. Times are UTC, as on the command line, or local if the user chooses so
(`clock.choose_zone`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import kafkaview.clock as wall
from kafkaview.clock import in_utc, in_zone, is_time

DASH = "–"
_EMPTY_NAME = "(empty name)"
_BYTES: Final = range(0xDC80, 0xDD00)  # what Python makes of bytes that are not UTF-8 (PEP 383)
_HALVES: Final = range(0xD800, 0xE000)  # of surrogate pairs
_LIKE_AN_ESCAPE: Final = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U00(?:0[0-9a-f]|10)[0-9a-f]{4})")
_BLANKS: Final = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
# Printable to Unicode and drawn as nothing: fillers, joiners of letters, selectors of a variant.
_SHAPELESS: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_LIKELY = (946_684_800_000, 4_102_444_800_000)  # the years 2000 to 2099
_TWO_UNITS_UNDER = 10 * _MINUTE  # from ten minutes on, seconds say nothing


def visible(text: str, *, keep: str = "") -> str:
    r"""Returns text from outside with whatever would not be seen as itself escaped: what controls a terminal, ends a
    line, turns the direction of writing or has no shape. `\x1b` is that character, `\xff` a byte that is not UTF-8, and
    where the text itself has such an escape its backslash is `\x5c`: so two texts never look the same. Those in `keep`
    stay.
    """
    if "\\" in text:
        text = _LIKE_AN_ESCAPE.sub(_mark_escape, text)
    if text.isprintable() and (text.isascii() or not _SHAPELESS.search(text)):
        return text
    return "".join(one if one in keep or _is_seen(one) else escape(one) for one in text)


def visible_alone(text: str, *, keep: str = "") -> str:
    """Returns text for a place where it stands alone, a cell or a tooltip: there blanks at its ends are escaped too."""
    start, stop = len(text) - len(text.lstrip(_BLANKS)), len(text.rstrip(_BLANKS))
    before, after = "".join(map(escape, text[:start])), "".join(map(escape, text[max(start, stop) :]))
    return f"{before}{visible(text[start:stop], keep=keep)}{after}"


def _is_seen(character: str) -> bool:
    printable = character.isprintable() or unicodedata.category(character) == "Zs"  # spaces of other widths
    return printable and not _SHAPELESS.match(character)


def escape(character: str) -> str:
    """Returns the escape of a character, as `visible` writes it."""
    code = ord(character)
    if code in _BYTES:
        return f"\\x{code - _BYTES.start + 0x80:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    # JSON writes emoji as two halves, `\ud83d\ude00`: those of a text shall stay.
    return f"\\u{code:04x}" if code < 0x10000 and code not in _HALVES else f"\\U{code:08x}"


def _mark_escape(found: re.Match[str]) -> str:
    """Returns an escape of the text itself with its backslash escaped, if `visible` writes such an escape."""
    digits = found[0][2:]
    code = int(digits, 16)
    one = chr(code + _BYTES.start - 0x80) if len(digits) == 2 and code >= 0x80 else chr(code)
    written = one == "\\" or one in _BLANKS or not _is_seen(one)
    return f"\\x5c{found[0][1:]}" if written and escape(one) == found[0] else found[0]


class EscapedText(str):
    """Text whose parts from outside are escaped already: several lines of our own, or a sentence in which long words
    may be broken. All other text is one line: whatever would end it is escaped where it is shown.
    """

    __slots__ = ()


def join_lines(*lines: str) -> EscapedText:
    """Returns these lines as one text. A line end within one of them is escaped; empty ones are left out."""
    return EscapedText("\n".join(escape_line(line) for line in lines if line))


def escape_line(text: str) -> str:
    """Returns text on one line, with whatever would not be seen as itself escaped; an EscapedText as it is."""
    return text if isinstance(text, EscapedText) else visible(text)


def name_text(name: str) -> str:
    """Returns a name, or a text for an empty one, which brokers accept as a group's name."""
    return name or _EMPTY_NAME


def number(value: int | None) -> str:
    """Returns a number: `18,442`."""
    return DASH if value is None else f"{value:,}"


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum whose parts may be unknown. It is then a minimum, or unknown."""

    value: int | None
    complete: bool

    @classmethod
    def of(cls, value: int, *, complete: bool) -> Sum:
        """Returns the sum of a column's values, of which -1 is unknown."""
        return cls(None if value < 0 else int(value), bool(complete))


def at_least(value: int | None, *, complete: bool) -> str:
    """Returns a sum: `≥ 41,207` if a part of it is unknown."""
    if value is None or complete:
        return number(value)
    return f"≥ {value:,}"


def about(value: int | None) -> str:
    """Returns an estimate or an upper bound with three figures: `about 359,000`."""
    if value is None:
        return DASH
    step = 10 ** max(0, len(str(abs(value))) - 3)
    return f"about {round(value / step) * step:,}"


def about_many(value: int, noun: str) -> str:
    """Returns an estimate with its noun: `about 1 record`, `about 359,000 records`."""
    return f"about {plural(1, noun)}" if value == 1 else f"{about(value)} {noun}s"


def short(value: float | None) -> str:
    """Returns a rounded number for axes and rates: `10k`, `1.2 M`."""
    if value is None:
        return DASH
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{_drop_zero(value / size)}{unit}"
    return _drop_zero(value)


def rate(per_second: float | None) -> str:
    """Returns a rate: `49/s`, `1.2 M/s`."""
    if per_second is None:
        return DASH
    if abs(per_second) >= 1e6:
        return f"{_drop_zero(per_second / 1e6)} M/s"
    if abs(per_second) >= 10 or float(per_second).is_integer():
        return f"{round(per_second):,}/s"
    return f"{per_second:.1f}/s"


def size(count: int | None) -> str:
    """Returns a size: `169 bytes`, `12.4 KiB`, `1.0 MiB`."""
    if count is None:
        return DASH
    if count < 1024:
        return "1 byte" if count == 1 else f"{count} bytes"
    amount = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        amount /= 1024
        if amount < 1023.95:
            return f"{amount:,.1f} {unit}"
    return f"{amount / 1024:,.1f} TiB"


def duration(ms: float | None) -> str:
    """Returns a duration in two units at most: `110 ms`, `0.9 s`, `48 s`, `2 min 5 s`, `14 min`, `3 h 12 min`, `4 d 2
    h`.
    """
    if ms is None:
        return DASH
    if ms < 0.9 * _SECOND:
        return f"{round(ms)} ms"
    if ms < 9.95 * _SECOND:
        return f"{_drop_zero(ms / _SECOND)} s"
    seconds = round(ms / _SECOND) * _SECOND
    if seconds < _MINUTE:
        return f"{seconds // _SECOND} s"
    if seconds < _TWO_UNITS_UNDER:
        return _pair(seconds, (_MINUTE, "min"), (_SECOND, "s"))
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < _DAY:
        return _pair(seconds, (_HOUR, "h"), (_MINUTE, "min"))
    return _pair(seconds, (_DAY, "d"), (_HOUR, "h"))


def short_duration(ms: float) -> str:
    """Returns a duration in its largest unit, for little room: `2 min`."""
    return " ".join(duration(ms).split(" ")[:2])


def last_span(ms: int) -> str:
    """Returns how far back something goes: `last 16 min`, `last hour`."""
    return "last hour" if ms >= _HOUR - _MINUTE // 2 else f"last {duration(ms)}"


def seconds_left(seconds: float | None) -> str:
    """Returns the time left for running work, in whole seconds or larger units."""
    return DASH if seconds is None else duration(max(1, round(seconds)) * _SECOND)


def time(ms: int | None, now_ms: int | None = None) -> str:
    """Returns a time: `14:02:31.882`, with the date in front if it is not today's."""
    if ms is None or not is_time(ms):
        return _no_time(ms)
    return f"{_date_before(ms, now_ms)}{in_zone(ms):%H:%M:%S}.{ms % 1000:03d}"


def clock(ms: int | None, now_ms: int | None = None) -> str:
    """Returns a time: `14:01:12`, with the date in front if it is not today's."""
    if ms is None or not is_time(ms):
        return _no_time(ms)
    return f"{_date_before(ms, now_ms)}{in_zone(ms):%H:%M:%S}"


def minute(ms: int | None, now_ms: int | None = None) -> str:
    """Returns a time: `13:48`, with the date in front if it is not today's."""
    if ms is None or not is_time(ms):
        return _no_time(ms)
    return f"{_date_before(ms, now_ms)}{in_zone(ms):%H:%M}"


def iso(ms: int | None) -> str:
    """Returns the full time, for tooltips: `2026-11-23T14:02:31.882Z`, with the zone's offset if local."""
    if ms is None or not is_time(ms):
        return _no_time(ms)
    offset = "Z" if wall.zone_is_utc() else f"{in_zone(ms):%z}"
    return f"{in_zone(ms):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}{offset}"


def utc_iso(ms: int | None) -> str | None:
    """Returns the full time in UTC whatever the chosen zone, for JSON. Unknown is None; a number that is no time
    becomes its digits.
    """
    if ms is None or not is_time(ms):
        return None if ms is None else str(ms)
    return f"{in_utc(ms):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def utc_words(ms: int) -> str:
    """Returns the time in UTC for a sentence, to the second: `2026-11-23 14:02:31 UTC`."""
    return f"{in_utc(ms):%Y-%m-%d %H:%M:%S} UTC" if is_time(ms) else _no_time(ms)


def _no_time(ms: int | None) -> str:
    """Returns a text for an unknown time, or for a number that is no time, with its likely unit: producers write
    microseconds and nanoseconds by mistake, and brokers keep them.
    """
    if ms is None:
        return DASH
    for unit, of_a_millisecond in (("microseconds", 1_000), ("nanoseconds", 1_000_000)):
        meant = ms // of_a_millisecond
        if _LIKELY[0] <= meant <= _LIKELY[1]:
            return f"{ms} ({unit}? {in_zone(meant):%Y-%m-%d %H:%M:%S})"
    return f"{ms} (no time)"


def _drop_zero(value: float) -> str:
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def _pair(ms: int, first: tuple[int, str], second: tuple[int, str]) -> str:
    whole, rest = divmod(ms, first[0])
    part = rest // second[0]
    return f"{whole} {first[1]} {part} {second[1]}" if part else f"{whole} {first[1]}"


def _date_before(ms: int, now_ms: int | None) -> str:
    today = in_zone(wall.now_ms() if now_ms is None else now_ms).date()
    return "" if in_zone(ms).date() == today else f"{in_zone(ms):%Y-%m-%d} "


def plural(count: int, one: str, many: str | None = None) -> str:
    """Returns a count with its noun: `1 group`, `3 groups`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def part_of(part: int, whole: int, done: str) -> str:
    """Returns how many of a whole, which stands before it, are `done`: `mended`, `all mended`, `3 of them mended`."""
    if part == whole:
        return done if whole == 1 else f"all {done}"
    return f"{number(part)} of them {done}"


def join_names(names: Sequence[str], most: int = 3) -> str:
    """Returns names as a sentence has them: `shipping and audit`, `a, b, c and 4 more`."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def join_sentences(*parts: str) -> str:
    """Returns what is said as sentences, each with its full stop; what is empty is left out."""
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)


def first_lines(lines: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Returns the first of many lines, each once, and how many more there are: `and 98 more`."""
    found = tuple(dict.fromkeys(lines))
    return found if len(found) <= most + 1 else (*found[:most], f"and {number(len(found) - most)} more")
