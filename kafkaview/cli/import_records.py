"""`kafkaview records import`: the records of a file that `records` has exported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kafkaview.cli.writes import Write, write_verb
from kafkaview.writes.records.request import ImportPartitions, ImportRequest, ImportTimestamps


@write_verb
def import_records(
    file: Annotated[Path, typer.Argument(help="JSON lines, as `records --json` prints them")],
    *,
    to: Annotated[str, typer.Option("--to", metavar="TOPIC", help="the topic")],
    partitions: Annotated[
        ImportPartitions, typer.Option("--partitions", help="keep those of the file, or choose them by the keys")
    ] = ImportPartitions.KEEP,
    timestamps: Annotated[
        ImportTimestamps, typer.Option("--timestamps", help="keep those of the file, or give the present time")
    ] = ImportTimestamps.KEEP,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="leave out lines that cannot be read")] = False,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="begin anew, though an earlier import was cut off")
    ] = False,
) -> Write:
    """Import exported records, in transactions. One that was cut off goes on where it ended."""
    from kafkaview.writes.records.import_plan import plan_import_records

    request = ImportRequest(file, to, partitions, timestamps, skip_bad, from_start)
    return Write(lambda session: plan_import_records(session, request), bounded=False)
