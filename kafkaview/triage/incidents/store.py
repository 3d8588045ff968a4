"""The file of incidents: SQLite beside the journal, readable by its owner alone. Two windows may use it at once. One
that is damaged is kept aside and said, and a new one is begun: what is still wrong is found again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from kafkaview.cluster.errors import ClusterError, RefusedHere
from kafkaview.journal.schema import make_private
from kafkaview.journal.texts import bound, mark_of, read_text
from kafkaview.profiles.journal_rules import PayloadForm
from kafkaview.terms import RecordId
from kafkaview.triage.incidents.incident import (
    IncidentPlace,
    IncidentSource,
    IncidentState,
    KnownIncident,
    Sighting,
    Standing,
)

if TYPE_CHECKING:
    import sqlite3

    from kafkaview.profiles.profile import ConnectionProfile

T = TypeVar("T")

MOST_PLACES: Final = 20_000  # of a connection; the oldest that are closed go first
MOST_LISTED: Final = 2_000  # incidents
SHOWN_PLACES: Final = 200  # of an incident
LONGEST_NOTE: Final = 10_000
_FILE: Final = "incidents.sqlite3"
_NONE: Final = -1  # in a column of offsets or partitions
_VERSION: Final = 1
_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS incident (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    connection TEXT NOT NULL, topic TEXT NOT NULL, cause TEXT NOT NULL, shape TEXT NOT NULL,
    reason TEXT NOT NULL, note TEXT NOT NULL DEFAULT '',
    UNIQUE (connection, topic, cause, shape)
);
CREATE TABLE IF NOT EXISTS place (
    incident_id INTEGER NOT NULL REFERENCES incident(id),
    source TEXT NOT NULL, group_id TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    committed_offset INTEGER NOT NULL, state TEXT NOT NULL,
    first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL, changed_at_ms INTEGER NOT NULL, journal_id INTEGER,
    PRIMARY KEY (incident_id, source, group_id, partition, offset)
);
PRAGMA user_version = {_VERSION};
"""
_OVER: Final = (IncidentState.REROUTED, IncidentState.SKIPPED, IncidentState.SOLVED)


class _KeptPlace(NamedTuple):
    rowid: int
    state: IncidentState
    changed_at_ms: int


class IncidentsUnavailable(ClusterError):
    """The file of incidents cannot be read or written."""

    kind = "incidents"


class IncidentStore:
    """The incidents of one connection, in a file beside its journal. Every call opens the file, and all raise
    IncidentsUnavailable where it cannot be used. `damage` says what was found damaged since this object was made.
    Reasons are kept where `quotes` says that bytes of records may be: they may quote some.
    """

    def __init__(self, connection: str, journal: Path, *, quotes: bool = True) -> None:
        self._connection = connection
        self._path = journal.with_name(_FILE)
        self._quotes = quotes
        self.damage = ""

    @classmethod
    def of(cls, profile: ConnectionProfile, journal: Path) -> IncidentStore:
        """Returns the incidents of a connection, whose journal lies at a path."""
        return cls(profile.kept_under, journal, quotes=profile.journal.payloads is PayloadForm.KEPT)

    def see(self, sightings: Iterable[Sighting], now_ms: int) -> None:
        """Keeps what a scan or log lines found. A place that is known stays in its state."""
        self._change(lambda db: self._keep(db, sightings, now_ms))

    def standings(self) -> frozenset[Standing]:
        """Returns where groups stand that no write and no sample has closed: of open and ignored places."""

        def select(db: sqlite3.Connection) -> frozenset[Standing]:
            known = self._standings(db)
            return frozenset(at for at, places in known.items() if any(one.state not in _OVER for one in places))

        return self._change(select)

    def see_standing(self, stuck: Iterable[Sighting], moved: Collection[Standing], now_ms: int) -> None:
        """Keeps which groups stand still: one that stands again where it had moved on is open again. Those that `moved`
        are solved.
        """
        self._change(lambda db: self._keep_standing(db, stuck, moved, now_ms))

    def close(
        self,
        copied: Collection[RecordId],
        moves: Mapping[tuple[str, str, int], tuple[int, int]],
        journal_id: int,
        now_ms: int,
    ) -> None:
        """Notes what a write came to: `copied` records lie in a queue, and `moves` are groups, by topic and partition,
        that passed from an offset to before another.
        """
        if self._path.exists():
            self._change(lambda db: self._close(db, copied, moves, journal_id, now_ms))

    def ignore(self, incident_id: int, now_ms: int) -> None:
        """Ignores the open places of an incident until it is reopened. Raises RefusedHere for a number that is not
        there.
        """
        self._set(incident_id, (IncidentState.OPEN,), IncidentState.IGNORED, now_ms)

    def reopen(self, incident_id: int, now_ms: int, state: IncidentState | None = None) -> None:
        """Makes an incident open again: its places in one state, or all. Raises RefusedHere as `ignore` does."""
        self._set(incident_id, (state,) if state is not None else tuple(IncidentState), IncidentState.OPEN, now_ms)

    def ignore_standing(self, sighting: Sighting, now_ms: int) -> None:
        """Ignores one group where it stands; other groups with the same cause stay open."""

        def change(db: sqlite3.Connection) -> None:
            incident = self._incident_id(db, sighting)
            _insert_place(db, incident, sighting, IncidentState.IGNORED, now_ms)
            db.execute(
                "UPDATE place SET state = ?, changed_at_ms = ? WHERE incident_id = ? AND source = ? AND group_id = ?"
                " AND partition = ? AND offset = ?",
                (IncidentState.IGNORED, now_ms, incident, *_place_key(sighting)),
            )

        self._change(change)

    def note(self, incident_id: int, text: str) -> None:
        """Replaces the user's note. Raises RefusedHere as `ignore` does."""

        def change(db: sqlite3.Connection) -> None:
            self._check(db, incident_id)
            note = text[:LONGEST_NOTE]
            statement = f"UPDATE incident SET note = {mark_of(note)} WHERE id = ?"  # noqa: S608 - own words
            db.execute(statement, (bound(note), incident_id))

        self._change(change)

    def incidents(self) -> tuple[KnownIncident, ...]:
        """Returns the incidents, the newest seen first; 2,000 at most."""
        return self._change(self._select)

    def places_of(self, topic: str) -> tuple[tuple[RecordId, IncidentState], ...]:
        """Returns every place on a topic that is a record, with its state."""

        def select(db: sqlite3.Connection) -> tuple[tuple[RecordId, IncidentState], ...]:
            rows = db.execute(
                "SELECT partition, offset, state FROM place JOIN incident ON incident.id = incident_id"
                " WHERE connection = ? AND topic = ? AND partition >= 0 AND offset >= 0",
                (self._connection, topic),
            )
            return tuple((RecordId(topic, *place), IncidentState(state)) for *place, state in rows)

        return self._change(select)

    def _keep(self, db: sqlite3.Connection, sightings: Iterable[Sighting], now_ms: int) -> None:
        for one in sightings:
            incident = self._incident_id(db, one)
            if _insert_place(db, incident, one, IncidentState.OPEN, now_ms):
                continue
            db.execute(
                "UPDATE place SET last_seen_ms = ? WHERE incident_id = ? AND source = ? AND group_id = ?"
                " AND partition = ? AND offset = ?",
                (now_ms, incident, *_place_key(one)),
            )
        self._prune(db)

    def _keep_standing(
        self, db: sqlite3.Connection, stuck: Iterable[Sighting], moved: Collection[Standing], now_ms: int
    ) -> None:
        known = self._standings(db)
        for one in stuck:
            places = known.get(_standing(one), ())
            rowids = {place.state: place.rowid for place in places}
            if (rowid := rowids.get(IncidentState.IGNORED)) is not None:
                db.execute("UPDATE place SET last_seen_ms = ? WHERE rowid = ?", (now_ms, rowid))
            elif (rowid := rowids.get(IncidentState.OPEN)) is not None:
                _move_place(db, rowid, self._incident_id(db, one), one, now_ms)
            elif all(place.changed_at_ms < one.since_ms for place in places):  # else the sample is older than the write
                self._open_place(db, one, now_ms)
        db.executemany(
            "UPDATE place SET state = ?, changed_at_ms = ? WHERE rowid = ?",
            [
                (IncidentState.SOLVED, now_ms, place.rowid)
                for at in moved
                for place in known.get(at, ())
                if place.state not in _OVER
            ],
        )
        self._prune(db)

    def _open_place(self, db: sqlite3.Connection, one: Sighting, now_ms: int) -> None:
        """Opens the place of a group that stands, or opens it again."""
        incident = self._incident_id(db, one)
        if not _insert_place(db, incident, one, IncidentState.OPEN, now_ms):
            db.execute(
                "UPDATE place SET state = ?, committed_offset = ?, last_seen_ms = ?, changed_at_ms = ?,"
                " journal_id = NULL"
                " WHERE incident_id = ? AND source = ? AND group_id = ? AND partition = ? AND offset = ?",
                (
                    IncidentState.OPEN, _number(one.committed_offset), now_ms, one.since_ms, incident, *_place_key(one),
                ),
            )  # fmt: skip

    def _close(
        self,
        db: sqlite3.Connection,
        copied: Collection[RecordId],
        moves: Mapping[tuple[str, str, int], tuple[int, int]],
        journal_id: int,
        now_ms: int,
    ) -> None:
        topics = {one.topic for one in copied} | {topic for _, topic, _ in moves}
        exact = {RecordId(topic, partition, after - 1) for (_, topic, partition), (_, after) in moves.items()}
        rows = db.execute(
            "SELECT place.rowid, topic, group_id, partition, offset, state FROM place JOIN incident ON incident.id ="
            " incident_id WHERE connection = ? AND partition >= 0 AND offset >= 0",
            (self._connection,),
        ).fetchall()
        changes = []
        for rowid, topic, group, partition, offset, state in rows:
            if topic not in topics:
                continue
            record = RecordId(topic, partition, offset)
            before, after = moves.get((group, topic, partition), (0, 0))
            passed = before <= offset < after if group else record in exact
            if record in copied and (passed or not group):
                new = IncidentState.REROUTED
            elif passed and state != IncidentState.REROUTED:
                new = IncidentState.SKIPPED
            else:
                continue
            changes.append((new, now_ms, journal_id, rowid))
        db.executemany("UPDATE place SET state = ?, changed_at_ms = ?, journal_id = ? WHERE rowid = ?", changes)

    def _set(self, incident_id: int, of: Collection[IncidentState], state: IncidentState, now_ms: int) -> None:
        def change(db: sqlite3.Connection) -> None:
            self._check(db, incident_id)
            db.executemany(
                "UPDATE place SET state = ?, changed_at_ms = ?, journal_id = NULL WHERE incident_id = ? AND state = ?",
                [(state, now_ms, incident_id, one) for one in of],
            )

        self._change(change)

    def _check(self, db: sqlite3.Connection, incident_id: int) -> None:
        row = db.execute(
            "SELECT 1 FROM incident WHERE id = ? AND connection = ?", (incident_id, self._connection)
        ).fetchone()
        if row is None:
            raise RefusedHere(f"There is no incident {incident_id}", "`kafkaview incidents` lists them.")

    def _incident_id(self, db: sqlite3.Connection, one: Sighting) -> int:
        shape, reason = (one.shape, one.reason) if self._quotes else ("", one.cause)
        texts = (one.cause, shape, reason)  # a rule has the name of its file
        marks = ", ".join(map(mark_of, texts))
        row = db.execute(
            f"INSERT INTO incident (connection, topic, cause, shape, reason) VALUES (?, ?, {marks})"  # noqa: S608
            " ON CONFLICT DO UPDATE SET reason = excluded.reason RETURNING id",
            (self._connection, one.topic, *map(bound, texts)),
        ).fetchone()
        return int(row[0])

    def _standings(self, db: sqlite3.Connection) -> dict[Standing, list[_KeptPlace]]:
        """Returns the places of groups by where the group stood."""
        rows = db.execute(
            "SELECT place.rowid, group_id, topic, partition, committed_offset, state, changed_at_ms FROM place JOIN"
            " incident ON incident.id = incident_id WHERE connection = ? AND source = ?",
            (self._connection, IncidentSource.GROUP),
        )
        found: dict[Standing, list[_KeptPlace]] = {}
        for rowid, group, topic, partition, committed, state, changed in rows:
            at = Standing(group, topic, _known(partition), _known(committed))
            found.setdefault(at, []).append(_KeptPlace(rowid, IncidentState(state), changed))
        return found

    def _prune(self, db: sqlite3.Connection) -> None:
        """Forgets incidents without a place and, of too many places, the oldest: first those that are over."""
        own = "incident_id IN (SELECT id FROM incident WHERE connection = ?)"
        (count,) = db.execute(f"SELECT count(*) FROM place WHERE {own}", (self._connection,)).fetchone()  # noqa: S608
        if count > MOST_PLACES:
            closed = ",".join(f"'{state}'" for state in _OVER)
            db.execute(
                f"DELETE FROM place WHERE rowid IN (SELECT rowid FROM place WHERE {own}"  # noqa: S608
                f" ORDER BY state IN ({closed}) DESC, last_seen_ms LIMIT ?)",
                (self._connection, count - MOST_PLACES),
            )
        db.execute(
            "DELETE FROM incident WHERE connection = ? AND id NOT IN (SELECT incident_id FROM place)",
            (self._connection,),
        )

    def _select(self, db: sqlite3.Connection) -> tuple[KnownIncident, ...]:
        in_states = ", ".join("sum(state = ?)" for _ in IncidentState)
        rows = db.execute(
            f"SELECT id, topic, cause, reason, note, min(first_seen_ms), max(last_seen_ms), {in_states}"  # noqa: S608
            " FROM incident JOIN place ON incident.id = incident_id WHERE connection = ?"
            " GROUP BY id ORDER BY max(last_seen_ms) DESC, id DESC LIMIT ?",
            (*IncidentState, self._connection, MOST_LISTED),
        ).fetchall()
        found = []
        for id_, topic, cause, reason, note, first, last, *numbers in rows:
            counts = {state: count for state, count in zip(IncidentState, numbers, strict=True) if count}
            found.append(KnownIncident(id_, topic, cause, reason, note, first, last, counts, _places(db, id_)))
        return tuple(found)

    def _change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        import sqlite3

        for again in (True, False):
            try:
                return self._within(work)
            except sqlite3.DatabaseError as error:
                if not again or _primary_code(error) not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                    raise self._unavailable(error) from error
                self._put_aside(error)
            except OSError as error:
                raise self._unavailable(error) from error
        raise AssertionError("the second time returns or raises")

    def _within(self, work: Callable[[sqlite3.Connection], T]) -> T:
        import sqlite3

        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_private(self._path)  # reasons may hold parts of records
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        connection.text_factory = read_text
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > _VERSION:
                raise OSError(f"it is of a newer kafkaview (version {version}, this one writes {_VERSION})")
            if version < _VERSION:
                connection.executescript(_SCHEMA)
            connection.execute("BEGIN IMMEDIATE")
            found = work(connection)
            connection.execute("COMMIT")
            return found
        finally:
            connection.close()

    def _put_aside(self, error: Exception) -> None:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        aside = self._path.with_name(f"{self._path.name}.damaged-{stamp}-{os.getpid()}")
        try:
            self._path.rename(aside)
        except FileNotFoundError:  # another window has done it
            return
        except OSError as refused:
            raise self._unavailable(refused) from refused
        self.damage = (
            f"The file of incidents was damaged ({error}): it is kept as {aside}. A new one is begun; notes and states"
            " of earlier incidents are only in the old one."
        )

    def _unavailable(self, error: Exception) -> IncidentsUnavailable:
        hint = "Free or repair it, or move it away: a new one is then made. Groups are watched without it all the same."
        return IncidentsUnavailable(f"The incidents in {self._path} cannot be kept: {error}", hint)


def _primary_code(error: sqlite3.DatabaseError) -> int:
    """Returns SQLite's result code; 0 of an error that Python raises by itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _insert_place(db: sqlite3.Connection, incident: int, one: Sighting, state: IncidentState, now_ms: int) -> bool:
    """Inserts a place that is not known yet; returns whether it did."""
    cursor = db.execute(
        "INSERT INTO place (incident_id, source, group_id, partition, offset, committed_offset, state, first_seen_ms,"
        " last_seen_ms, changed_at_ms) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        (
            incident, *_place_key(one), _number(one.committed_offset), state, min(one.since_ms, now_ms), now_ms,
            min(one.since_ms, now_ms),
        ),
    )  # fmt: skip
    return cursor.rowcount > 0


def _move_place(db: sqlite3.Connection, rowid: int, incident: int, one: Sighting, now_ms: int) -> None:
    """Notes that an open place still stands; where its cause is known better by now, it goes there, with the note of an
    incident that is left without a place.
    """
    (old,) = db.execute("SELECT incident_id FROM place WHERE rowid = ?", (rowid,)).fetchone()
    db.execute(
        "UPDATE OR REPLACE place SET incident_id = ?, offset = ?, last_seen_ms = ? WHERE rowid = ?",
        (incident, _number(one.offset), now_ms, rowid),
    )
    if old != incident and db.execute("SELECT 1 FROM place WHERE incident_id = ?", (old,)).fetchone() is None:
        (note,) = db.execute("SELECT note FROM incident WHERE id = ?", (old,)).fetchone()
        db.execute("UPDATE incident SET note = ? WHERE id = ? AND note = ''", (note, incident))


def _places(db: sqlite3.Connection, incident: int) -> tuple[IncidentPlace, ...]:
    rows = db.execute(
        "SELECT source, group_id, partition, offset, committed_offset, state, first_seen_ms, last_seen_ms, journal_id"
        " FROM place WHERE incident_id = ? ORDER BY last_seen_ms DESC, group_id, partition, offset LIMIT ?",
        (incident, SHOWN_PLACES),
    )
    return tuple(
        IncidentPlace(
            IncidentSource(source), group or None, _known(partition), _known(offset), _known(committed),
            IncidentState(state), first, last, entry,
        )
        for source, group, partition, offset, committed, state, first, last, entry in rows
    )  # fmt: skip


def _standing(one: Sighting) -> Standing:
    return Standing(one.group or "", one.topic, one.partition, one.committed_offset)


def _place_key(one: Sighting) -> tuple[str, str, int, int]:
    return one.source.value, one.group or "", _number(one.partition), _number(one.offset)


def _number(value: int | None) -> int:
    return _NONE if value is None else value


def _known(value: int) -> int | None:
    return None if value == _NONE else value
