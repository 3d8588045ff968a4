"""The records of an entry: stored as they are, encrypted, or as lengths and digests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kafkaview.journal.errors import PayloadUnreadable
from kafkaview.profiles.journal_rules import PayloadForm
from kafkaview.terms import Header, Record, RecordId, TimestampType

if TYPE_CHECKING:
    import sqlite3

    from kafkaview.journal.sealing import SealingKey

TABLES: Final = ("payload", "header", "sealed_payload", "masked_part")
_PLACE: Final = "entry_id = ? AND topic = ? AND partition = ? AND offset = ?"


@dataclass(frozen=True, slots=True)
class MaskedPart:
    """A key, value or header of which only length and SHA-256 are kept; None of null. `header` is a header's name."""

    part: str
    header: str | None
    size: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class StoredPayload:
    """A record as its row has it: its bytes are in `record` if they were kept as they are, in `sealed` if encrypted
    with the key of `key_id`; else `record` has none, whatever it was.
    """

    form: PayloadForm
    record: Record
    key_id: str | None = None
    sealed: bytes | None = None
    masked: tuple[MaskedPart, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptPayload:
    """A record as far as the journal can show it. `record` is None where its bytes are not here, and `problem` says
    why; what of it is known all the same are its place and times in `outline`, and the `masked` parts.
    """

    form: PayloadForm
    outline: Record
    record: Record | None
    masked: tuple[MaskedPart, ...] = ()
    problem: PayloadUnreadable | None = None


def insert_payloads(
    db: sqlite3.Connection, entry_id: int, payloads: Iterable[Record], form: PayloadForm, key: SealingKey | None
) -> None:
    """Stores records in a form."""
    for record in payloads:
        place = (entry_id, record.topic, record.partition, record.offset)
        times = (record.timestamp_ms, record.timestamp_type, record.leader_epoch)
        kept = form is PayloadForm.KEPT
        content = (record.key, record.value) if kept else (None, None)
        db.execute("INSERT INTO payload VALUES (?,?,?,?,?,?,?,?,?)", (*place, *times, *content))
        if kept:
            db.executemany(
                "INSERT INTO header VALUES (?,?,?,?,?,?,?)",
                [(*place, position, header.key, header.value) for position, header in enumerate(record.headers or ())],
            )
        elif form is PayloadForm.ENCRYPTED:
            assert key is not None
            db.execute("INSERT INTO sealed_payload VALUES (?,?,?,?,?,?)", (*place, key.id, key.seal(entry_id, record)))
        elif form is PayloadForm.MASKED:
            db.executemany(
                "INSERT INTO masked_part VALUES (?,?,?,?,?,?,?,?,?)",
                [
                    (*place, position, one.part, one.header, one.size, one.sha256)
                    for position, one in enumerate(_mask(record))
                ],
            )


def select_payloads(
    db: sqlite3.Connection, entry_id: int, *, first: int = 0, limit: int = -1, place: RecordId | None = None
) -> tuple[StoredPayload, ...]:
    """Returns the records of an entry by topic, partition and offset: those from the `first` on, or the one of a
    place.
    """
    (form,) = db.execute("SELECT payload_form FROM entry WHERE id = ?", (entry_id,)).fetchone() or ("kept",)
    only = "" if place is None else " AND topic = ? AND partition = ? AND offset = ?"
    of_place = () if place is None else (place.topic, place.partition, place.offset)
    columns = "topic, partition, offset, timestamp_ms, timestamp_type, leader_epoch, key, value"
    rows = db.execute(
        f"SELECT {columns} FROM payload WHERE entry_id = ?{only}"  # noqa: S608 - own words
        " ORDER BY topic, partition, offset LIMIT ? OFFSET ?",
        (entry_id, *of_place, limit, first),
    ).fetchall()
    return tuple(_stored(db, entry_id, PayloadForm(form), row) for row in rows)


def select_sizes(
    db: sqlite3.Connection, entry_id: int, first: int, limit: int
) -> list[tuple[RecordId, int | None, PayloadForm, int | None]]:
    """Returns place, timestamp, form and size of the value of some records; the size is None of null, and where it is
    not known.
    """
    rows = db.execute(
        "SELECT topic, partition, offset, timestamp_ms, payload_form, ifnull(length(value), ("
        "SELECT size FROM masked_part masked WHERE masked.entry_id = payload.entry_id AND masked.topic = payload.topic"
        " AND masked.partition = payload.partition AND masked.offset = payload.offset AND masked.part = 'value'))"
        " FROM payload JOIN entry ON entry.id = payload.entry_id WHERE entry_id = ?"
        " ORDER BY topic, partition, offset LIMIT ? OFFSET ?",
        (entry_id, limit, first),
    )
    return [
        (RecordId(topic, partition, offset), at_ms, PayloadForm(form), size)
        for topic, partition, offset, at_ms, form, size in rows
    ]


def select_holders(db: sqlite3.Connection, record: RecordId, cluster_id: str | None) -> list[int]:
    """Returns the entries of a cluster that have a record, the newest first."""
    rows = db.execute(
        "SELECT entry_id FROM payload JOIN entry ON entry.id = entry_id"
        " WHERE cluster_id IS ? AND topic = ? AND partition = ? AND offset = ? ORDER BY entry_id DESC",
        (cluster_id, record.topic, record.partition, record.offset),
    )
    return [int(entry_id) for (entry_id,) in rows]


def open_payload(entry_id: int, stored: StoredPayload, key: SealingKey | None) -> Record:
    """Returns a record with its bytes. Raises PayloadUnreadable where they are not kept, or the key does not open
    them.
    """
    outline = stored.record
    if stored.form is PayloadForm.KEPT:
        return outline
    if stored.sealed is not None and key is not None:
        found_key, value, headers = key.open(entry_id, str(outline.id), stored.sealed)
        return Record(
            outline.topic,
            outline.partition,
            outline.offset,
            outline.timestamp_ms,
            outline.timestamp_type,
            found_key,
            value,
            tuple(Header(name, content) for name, content in headers),
            outline.leader_epoch,
        )
    raise PayloadUnreadable(*_WHY_NOT[stored.form])


def delete_payloads(db: sqlite3.Connection, entry_ids: Sequence[int]) -> None:
    """Deletes the records of entries, in whatever form they are."""
    for table in TABLES:
        db.executemany(f"DELETE FROM {table} WHERE entry_id = ?", [(one,) for one in entry_ids])  # noqa: S608


_WHY_NOT: Final = {
    PayloadForm.ENCRYPTED: ("The record is encrypted, and the journal's file has lost it",),
    PayloadForm.MASKED: (
        "Only length and SHA-256 of the record are kept",
        "That is how the connection's journal was set up when the write was made.",
    ),
    PayloadForm.LEFT_OUT: (
        "The bytes of the record are not kept",
        "That is how the connection's journal was set up when the write was made.",
    ),
}


def _mask(record: Record) -> tuple[MaskedPart, ...]:
    parts = (("key", None, record.key), ("value", None, record.value))
    headers = (("header", header.key, header.value) for header in record.headers or ())
    return tuple(MaskedPart(part, name, *_digest(data)) for part, name, data in (*parts, *headers))


def _digest(data: bytes | None) -> tuple[int | None, str | None]:
    return (None, None) if data is None else (len(data), hashlib.sha256(data).hexdigest())


def _stored(db: sqlite3.Connection, entry_id: int, form: PayloadForm, row: tuple[Any, ...]) -> StoredPayload:
    topic, partition, offset, at_ms, kind, epoch, key, value = row
    place = (entry_id, topic, partition, offset)
    sealed = key_id = None
    headers: tuple[Header, ...] = ()
    masked: tuple[MaskedPart, ...] = ()
    if form is PayloadForm.KEPT:
        found = db.execute(f"SELECT key, value FROM header WHERE {_PLACE} ORDER BY position", place)  # noqa: S608
        headers = tuple(Header(*one) for one in found)
    elif form is PayloadForm.ENCRYPTED:
        key_id, sealed = db.execute(
            f"SELECT key_id, data FROM sealed_payload WHERE {_PLACE}",  # noqa: S608
            place,
        ).fetchone() or (None, None)
    elif form is PayloadForm.MASKED:
        found = db.execute(
            f"SELECT part, header, size, sha256 FROM masked_part WHERE {_PLACE} ORDER BY position",  # noqa: S608
            place,
        )
        masked = tuple(MaskedPart(*one) for one in found)
    record = Record(topic, partition, offset, at_ms, TimestampType(kind), key, value, headers, epoch)
    return StoredPayload(form, record, key_id, sealed, masked)
