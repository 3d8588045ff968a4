"""The search of the journal, read in pages: the newest entries first, each page behind the last entry of the one
before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kafkaview.journal.entry import EntryState
from kafkaview.journal.texts import bound, mark_of
from kafkaview.terms import RecordId

if TYPE_CHECKING:
    import sqlite3

PAGE: Final = 500  # entries
_COLUMNS: Final = "id, begun_at_ms, kind, title, target, state, os_user, principal, profile, undone_by, doubtful"


@dataclass(frozen=True, slots=True)
class JournalRequest:
    """Which entries are wanted: those that hold all words of `search` (deed, target, group, record, who), and none that
    begins with a minus there; of these states and kinds, any where there is none; begun since a time; those before the
    entry `before`.
    """

    search: str = ""
    states: tuple[EntryState, ...] = ()
    kinds: tuple[str, ...] = ()
    since_ms: int = 0
    before: int | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry as a list shows it. What is None was not known when it was written. It is `doubtful` if what was written
    did not read back as planned, or did not hold.
    """

    id: int
    begun_at_ms: int
    kind: str
    title: str
    target: str | None
    state: EntryState
    os_user: str | None
    principal: str | None
    profile: str
    undone_by: int | None
    doubtful: bool


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """Some entries, whether there are older ones that fit, how many fit in all, and how many there are. `kinds` are
    those of all entries. Only the first page of a request counts: another has None.
    """

    rows: tuple[EntryRow, ...]
    more: bool
    found: int | None = None
    total: int | None = None
    kinds: tuple[str, ...] = ()


def select_page(db: sqlite3.Connection, request: JournalRequest) -> EntriesPage:
    """Returns a page of light rows."""
    where, values = conditions(request)
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM entry WHERE {where} ORDER BY id DESC LIMIT ?",  # noqa: S608 - own words
        (*values, request.limit + 1),
    ).fetchall()
    found = tuple(_row(*row) for row in rows[: request.limit])
    more = len(rows) > request.limit
    if request.before is not None:
        return EntriesPage(found, more)
    (total,) = db.execute("SELECT count(*) FROM entry").fetchone()
    (fitting,) = db.execute(f"SELECT count(*) FROM entry WHERE {where}", values).fetchone()  # noqa: S608 - own words
    kinds = tuple(kind for (kind,) in db.execute("SELECT DISTINCT kind FROM entry ORDER BY kind"))
    return EntriesPage(found, more, fitting, total, kinds)


def _row(
    entry_id: int,
    begun_at_ms: int,
    kind: str,
    title: str,
    target: str | None,
    state: str,
    os_user: str | None,
    principal: str | None,
    profile: str,
    undone_by: int | None,
    doubtful: int,
) -> EntryRow:
    known = (os_user, principal, profile, undone_by, bool(doubtful))
    return EntryRow(entry_id, begun_at_ms, kind, title, target, EntryState(state), *known)


def conditions(request: JournalRequest) -> tuple[str, tuple[Any, ...]]:
    """Returns the request as a condition of SQL with its values."""
    parts: list[str] = ["begun_at_ms >= ?"]
    values: list[Any] = [request.since_ms]
    if request.before is not None:
        parts.append("id < ?")
        values.append(request.before)
    for column, wanted in (("state", request.states), ("kind", request.kinds)):
        if wanted:
            parts.append(f"{column} IN ({', '.join(map(mark_of, wanted))})")
            values += map(bound, wanted)
    for word in request.search.split():
        excluded = len(word) > 1 and word.startswith("-")
        condition, of_word = _holds(word[1:] if excluded else word)
        parts.append(f"NOT {condition}" if excluded else condition)
        values += of_word
    return " AND ".join(parts), tuple(values)


def _holds(word: str) -> tuple[str, list[Any]]:
    """Returns the condition that an entry holds a word. A record is found by its whole name in entries that keep so
    many that they are not named one by one.
    """
    folded = word.casefold()
    text, values = f"instr(ifnull(words, title), {mark_of(folded)}) > 0", [bound(folded)]
    try:
        record = RecordId.parse(word)
    except ValueError:
        return f"({text})", values
    topic = record.topic
    place = f"id IN (SELECT entry_id FROM payload WHERE topic = {mark_of(topic)} AND partition = ? AND offset = ?)"  # noqa: S608
    return f"({text} OR {place})", [*values, bound(topic), record.partition, record.offset]
