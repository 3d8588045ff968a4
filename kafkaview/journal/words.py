"""What a search of the journal looks through: one text for each entry, of its deed, target, groups, records and who."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

    from kafkaview.journal.entry import Intent
    from kafkaview.terms import Record

_MOST_RECORDS: Final = 20  # named one by one; of more, each is found by its whole name alone


def words_of(intent: Intent, payloads: Iterable[Record]) -> str:
    """Returns the text of a new entry, its case folded."""
    author = intent.author
    who = (author.os_user, author.principal or "") if author is not None else ()
    groups = dict.fromkeys(one.group for one in intent.offsets)
    places = dict.fromkeys(str(one.topic_partition) for one in intent.offsets)
    records = [(one.topic, one.partition, one.offset) for one in payloads]
    named = (intent.title, intent.target or "", intent.kind, intent.profile, *who, intent.command, *groups, *places)
    return _fold((*named, *_record_words(records)))


def words_of_stored(db: sqlite3.Connection, entry_id: int) -> str:
    """Returns the text of an entry that an earlier version has stored."""
    named = db.execute("SELECT title, kind, profile, command FROM entry WHERE id = ?", (entry_id,)).fetchone()
    changed = db.execute(
        "SELECT DISTINCT group_id, topic || ':' || partition FROM offset_change WHERE entry_id = ?", (entry_id,)
    ).fetchall()
    records = db.execute("SELECT topic, partition, offset FROM payload WHERE entry_id = ?", (entry_id,)).fetchall()
    return _fold((*named, *dict.fromkeys(word for row in changed for word in row), *_record_words(records)))


def _record_words(records: list[tuple[str, int, int]]) -> list[str]:
    places = dict.fromkeys(f"{topic}:{partition}" for topic, partition, _offset in records)
    few = records if len(records) <= _MOST_RECORDS else []
    return [*places, *(f"{topic}:{partition}:{offset}" for topic, partition, offset in few if offset >= 0)]


def _fold(words: Iterable[str]) -> str:
    return "\n".join(filter(None, words)).casefold()
