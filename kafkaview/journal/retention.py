"""What is old is removed from the journal: the records of an entry first, later the entry itself.

Each entry carries the ages that its connection had when it was written, or when it was opened last. Whatever its age,
an entry stays that has not ended or whose outcome nobody knows, that a write which was cut off goes on from, or that
can still be undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kafkaview.fields import read_json
from kafkaview.journal.entry import EntryState
from kafkaview.journal.payloads import delete_payloads

if TYPE_CHECKING:
    import sqlite3

    from kafkaview.profiles.profile import ConnectionProfile

AT_ONCE: Final = 200  # entries in one transaction: a write that begins meanwhile waits for no more
_DAY_MS: Final = 86_400_000
_IS_ENDED: Final = f"state IN ('{EntryState.COMMITTED}', '{EntryState.ABORTED}', '{EntryState.NONE}')"
_AGE_FROM: Final = "max(begun_at_ms, ifnull(aged_from_ms, 0))"


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many entries were removed, and of how many more their records."""

    entries: int = 0
    payloads: int = 0


def set_ages(db: sqlite3.Connection, profile: ConnectionProfile) -> None:
    """Lets the rules that a connection has now hold for what was written over it before."""
    rules = profile.journal
    db.execute(
        "UPDATE entry SET payload_days = ?, entry_days = ?"
        " WHERE (profile_id = ? OR (profile_id IS NULL AND profile = ?))"
        " AND (payload_days IS NOT ? OR entry_days IS NOT ?)",
        (*(ages := (rules.payload_age.days, rules.entry_age.days)), profile.id, profile.name, *ages),
    )


def prune_some(db: sqlite3.Connection, now_ms: int, after: int) -> tuple[Pruned, int | None]:
    """Removes what is too old among the next entries behind one; returns what, and the last entry that was looked at,
    None at the end.
    """
    rows = db.execute(
        f"SELECT id, payload_days, entry_days, {_AGE_FROM}, payload_count, payload_removed_at_ms, noted, outcome,"  # noqa: S608
        f" undoable AND state = '{EntryState.COMMITTED}' AND undone_by IS NULL FROM entry"
        f" WHERE id > ? AND {_IS_ENDED} AND (payload_days IS NOT NULL OR entry_days IS NOT NULL) ORDER BY id LIMIT ?",
        (after, AT_ONCE),
    ).fetchall()
    gone: list[int] = []
    emptied: list[int] = []
    for entry_id, payload_days, entry_days, from_ms, count, removed, noted, outcome, may_be_undone in rows:
        needed = may_be_undone or (noted and not _is_complete(outcome))
        if _is_over(entry_days, from_ms, now_ms) and not needed:
            gone.append(entry_id)
        elif _is_over(payload_days, from_ms, now_ms) and count and removed is None:
            emptied.append(entry_id)
    delete_payloads(db, [*gone, *emptied])
    db.executemany("DELETE FROM offset_change WHERE entry_id = ?", [(one,) for one in gone])
    db.executemany("DELETE FROM entry WHERE id = ?", [(one,) for one in gone])
    db.executemany("UPDATE entry SET payload_removed_at_ms = ? WHERE id = ?", [(now_ms, one) for one in emptied])
    return Pruned(len(gone), len(emptied)), rows[-1][0] if len(rows) == AT_ONCE else None


def _is_over(days: int | None, from_ms: int, now_ms: int) -> bool:
    return days is not None and now_ms - from_ms > days * _DAY_MS


def _is_complete(outcome: str | None) -> bool:
    """Whether the progress that a write has noted says that it is complete: else another one goes on from there, or
    leaves out what was sent.
    """
    noted: dict[str, Any] = read_json(outcome) if outcome else {}
    return any(isinstance(part, dict) and part.get("complete") is True for part in noted.values())
