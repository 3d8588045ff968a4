"""`kafkaview reroute` with many records: those that a scan has found, or more than one transaction takes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kafkaview.cli.writes import ChangePrinter, plan_document
from kafkaview.cluster.errors import RefusedHere
from kafkaview.command_words import option_words
from kafkaview.terms import RecordId

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.triage.provenance_headers import Dialect
    from kafkaview.triage.reroute.bulk.request import BulkRequest
    from kafkaview.triage.reroute.bulk.scan_lines import ScanLines
    from kafkaview.writes.outcome import ChangeOutcome
    from kafkaview.writes.plan import ChangePlan

_STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class BulkOptions:
    """The options of the line. `groups` None means every group that stands at the records; empty means none."""

    groups: tuple[str, ...] | None
    dlq: str | None
    create_dlq: bool
    evict: bool
    dialect: Dialect

    def request(self, topic: str, reasons: dict[int, dict[int, str]], **more: Any) -> BulkRequest:
        """Returns the request for the records of a topic."""
        from kafkaview.triage.reroute.bulk.request import BulkRequest

        return BulkRequest(topic, reasons, self.groups, self.dlq, self.create_dlq, self.evict, self.dialect, **more)


async def plan_findings(session: Session, path: Path, options: BulkOptions) -> ChangePlan:
    """Plans the re-route of what a scan has found. Raises RefusedHere where its lines cannot be used."""
    from kafkaview.cluster.kafka.client_thread import run_aside
    from kafkaview.triage.reroute.bulk.planner import plan_bulk_reroute

    lines = await run_aside("kafkaview-scan-lines", _read_lines, path)  # a scan may still be running
    topic, reasons = lines.of_one_topic()
    source = option_words("--from-scan", path) if str(path) != _STANDARD_INPUT else ("--from-scan", _STANDARD_INPUT)
    return await plan_bulk_reroute(session, options.request(topic, reasons, source=source, complete=lines.complete))


async def plan_records(session: Session, records: Sequence[RecordId], options: BulkOptions) -> ChangePlan:
    """Plans the re-route of many records that were named."""
    from kafkaview.triage.reroute.bulk.planner import plan_bulk_reroute
    from kafkaview.triage.reroute.bulk.request import reasons_of

    topics = {record.topic for record in records}
    if len(topics) > 1:
        raise RefusedHere("The records are of several topics", "Re-route each topic's records by themselves.")
    return await plan_bulk_reroute(session, options.request(topics.pop(), reasons_of(records)))


def _read_lines(path: Path) -> ScanLines:
    from kafkaview.triage.reroute.bulk.scan_lines import read_scan_lines

    if str(path) == _STANDARD_INPUT:
        return read_scan_lines(sys.stdin.buffer)
    try:
        with path.open("rb") as file:
            return read_scan_lines(file)
    except OSError as error:
        raise RefusedHere(f"{path} cannot be read: {error.strerror or error}", "Nothing was written.") from error


class BulkPrinter(ChangePrinter):
    """Prints a bulk re-route. Its JSON has the fields of a re-route, and counts where that has lists."""

    def document(self, session: Session, plan: ChangePlan, outcome: ChangeOutcome | None) -> dict[str, Any]:
        """Returns the JSON."""
        planned = {**plan_document(session, plan), "hints": [problem.hint for problem in plan.problems]}
        if outcome is None:
            return {"plan": planned, "done": [], "transaction": "none", "groups": []}
        return {
            "plan": planned,
            **outcome.result,
            "groups": [group.document() for group in outcome.groups],
            "journal_id": outcome.journal_id,
            "message": outcome.detail,
            "doubt": outcome.doubt or None,
        }
