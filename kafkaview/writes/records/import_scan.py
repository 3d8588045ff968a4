"""A file of exported records looked through before anything is sent: how many, where to, and what cannot be."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Final

from kafkaview.cluster.errors import RefusedHere
from kafkaview.cluster.ports.cluster import Copy
from kafkaview.writes.records.batch_room import BatchRoom, batch_records
from kafkaview.writes.records.import_lines import ImportLine, ImportTarget, read_lines
from kafkaview.writes.stopping import Stopping
from kafkaview.writes.topic_limits import TopicLimits, batch_size, record_parts

MOST_NAMED: Final = 100  # lines that cannot be read


@dataclass(frozen=True, slots=True)
class FileState:
    """What tells whether a file was changed since it was looked through."""

    size: int
    changed_ns: int
    node: int

    @classmethod
    def of(cls, found: os.stat_result) -> FileState:
        """Returns the state of a file by its attributes."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


@dataclass(slots=True)
class ImportScan:
    """What a file holds. Sizes are in bytes; lines count from 1. `bad` counts the lines that cannot be read, the first
    of which are `bad_lines` with their reasons.
    """

    state: FileState
    records: int = 0
    size: int = 0
    transactions: int = 0
    bad: int = 0
    bad_lines: list[tuple[int, str]] = field(default_factory=list)
    by_partition: Counter[int] = field(default_factory=Counter)
    keyless: int = 0
    keyless_line: int = 0
    unstamped: int = 0
    oldest_ms: int | None = None
    newest_ms: int | None = None
    too_large: int = 0
    largest: int = 0
    largest_line: int = 0
    fingerprint: str = ""

    def note(self, line: ImportLine, limits: TopicLimits) -> None:
        """Counts a line."""
        if line.reason:
            self.bad += 1
            if len(self.bad_lines) < MOST_NAMED:
                self.bad_lines.append((line.number, line.reason))
        elif line.copy is not None:
            self._note_record(line.number, line.copy, limits)

    def _note_record(self, number: int, copy: Copy, limits: TopicLimits) -> None:
        self.records += 1
        self.by_partition[copy.partition or 0] += 1
        parts = record_parts(copy.key, copy.value, copy.headers)
        self.size += sum(map(len, parts))
        if copy.key is None:
            self.keyless += 1
            self.keyless_line = self.keyless_line or number
        at_ms = copy.timestamp_ms
        if at_ms is None:
            self.unstamped += 1
        else:
            self.oldest_ms = at_ms if self.oldest_ms is None else min(self.oldest_ms, at_ms)
            self.newest_ms = at_ms if self.newest_ms is None else max(self.newest_ms, at_ms)
        whole = batch_size(copy.key, copy.value, copy.headers)
        if limits.largest is not None and whole > limits.largest:
            self._note_large(number, parts, whole, limits)

    def _note_large(self, number: int, parts: list[bytes], whole: int, limits: TopicLimits) -> None:
        if limits.is_too_large(parts, whole - sum(map(len, parts))):
            self.too_large += 1
            if whole > self.largest:
                self.largest, self.largest_line = whole, number


def scan_file(path: Path, target: ImportTarget, limits: TopicLimits, stopping: Stopping) -> ImportScan:
    """Reads a file from end to end. Blocks; raises RefusedHere where it cannot be read."""
    with _opened(path) as file:
        found = _scan(file, target, limits, stopping)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    named = f"{digest} {target.topic} {target.by_key} {target.stamps_now}"
    found.fingerprint = hashlib.sha256(named.encode()).hexdigest()[:32]
    return found


def scan_rest(
    path: Path, target: ImportTarget, limits: TopicLimits, stopping: Stopping, line: int, position: int
) -> ImportScan:
    """Reads what an import that was cut off has left, as `scan_file` does; without a fingerprint."""
    with _opened(path) as file:
        return _scan(file, target, limits, stopping, line, position)


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise RefusedHere(f"{path} cannot be read: {error.strerror or error}", "Nothing was sent.") from error


def _scan(
    file: BufferedReader,
    target: ImportTarget,
    limits: TopicLimits,
    stopping: Stopping,
    number: int = 0,
    position: int = 0,
) -> ImportScan:
    found = ImportScan(FileState.of(os.fstat(file.fileno())))
    batch = BatchRoom(batch_records(limits.largest))
    for line in read_lines(file, target, number, position):
        if stopping.wanted:
            break
        found.note(line, limits)
        if line.copy is not None and not batch.takes(line.copy):
            found.transactions += 1
            batch = BatchRoom(batch_records(limits.largest))
            batch.takes(line.copy)
    found.transactions += batch.records > 0
    return found
