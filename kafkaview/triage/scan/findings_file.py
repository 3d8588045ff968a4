"""Findings of a scan as a file: JSON lines as `kafkaview scan --json` prints them, or CSV; beside each its record's
fate.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from kafkaview.fields import json_text
from kafkaview.terms import RecordId
from kafkaview.triage.scan.findings import Finding

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def finding_document(finding: Finding) -> dict[str, Any]:
    """Returns one line of `scan`."""
    return {
        "topic": finding.record.topic,
        "partition": finding.record.partition,
        "offset": finding.record.offset,
        "timestamp_ms": finding.timestamp_ms,
        "field": finding.field,
        "rule": finding.rule,
        "reason": finding.reason,
        "size": finding.size,
        "position": finding.position,
    }


def write_findings(
    path: Path, findings: Sequence[Finding], stops: Mapping[RecordId, Sequence[str]], states: Mapping[RecordId, str]
) -> None:
    """Writes findings as CSV where the file is named so, else as JSON lines: the whole file or none. `stops` are the
    groups that stand on a record, `states` what became of it. Raises OSError.
    """
    lines = [
        {
            **finding_document(one),
            "stops": list(stops.get(one.record, ())),
            "state": states.get(one.record),
        }
        for one in findings
    ]
    content = (
        _csv(lines) if path.suffix.casefold() == ".csv" else "".join(f"{json_text(one)}\n" for one in lines).encode()
    )
    made = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)  # reasons may hold parts of records: never readable by others
        made.replace(path)
    except OSError:
        made.unlink(missing_ok=True)
        raise


def _csv(lines: Sequence[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(lines[0] if lines else ())
    for line in lines:
        writer.writerow([_cell(value) for value in line.values()])
    return text.getvalue().encode(errors="backslashreplace")


def _cell(value: Any) -> Any:
    """Returns a value of CSV; a text that a spreadsheet would calculate gets an apostrophe before it."""
    text = ", ".join(value) if isinstance(value, list) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text
