"""The forms in which a record is copied. No Qt here."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from kafkaview.command_words import shell_line
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Protocol
from kafkaview.records.detail import FieldBytes, RecordDetail
from kafkaview.records.record_document import record_document
from kafkaview.terms import Header, Record


def copy_forms(profile: ConnectionProfile, line: str, record: RecordDetail) -> Sequence[tuple[str, str | None]]:
    """Returns the forms of a record: its value, its JSON as the command line prints it, and the lines that read it with
    kafkaview and with kcat. None for one whose bytes are not all here.
    """
    whole = _whole(record)
    value = record.value_reading.text if record.value_reading is not None else None
    place = ("-t", record.id.topic, "-p", str(record.id.partition), "-o", str(record.id.offset), "-c", "1")
    return (
        ("Value", (value if value is not None else _text(record.value)) if whole is not None else None),
        ("JSON", json.dumps(record_document(whole), ensure_ascii=False) if whole is not None else None),
        ("kafkaview line", line),
        ("kcat line", shell_line(shlex.join(["kcat", *_connection(profile), "-C", *place]))),
    )


def _connection(profile: ConnectionProfile) -> tuple[str, ...]:
    """Returns kcat's options of a connection; what secures it is in a file of the user's."""
    plain = profile.security.protocol is Protocol.PLAINTEXT
    return ("-b", profile.bootstrap) if plain else ("-F", "client.properties", "-b", profile.bootstrap)


def _whole(record: RecordDetail) -> Record | None:
    """Returns the record with all its bytes; None where some are missing."""
    parts = [record.key, record.value, *(header.value for header in record.headers or ())]
    if record.headers is None or not all(part is None or part.complete for part in parts):
        return None
    id_ = record.id
    return Record(
        id_.topic,
        id_.partition,
        id_.offset,
        record.timestamp_ms,
        record.timestamp_type,
        _bytes(record.key),
        _bytes(record.value),
        tuple(Header(header.key, _bytes(header.value)) for header in record.headers),
        record.leader_epoch,
    )


def _bytes(data: FieldBytes | None) -> bytes | None:
    return None if data is None else data.head


def _text(data: FieldBytes | None) -> str:
    return "" if data is None else data.head.decode(errors="backslashreplace")
