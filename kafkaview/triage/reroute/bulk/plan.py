"""The plan of a bulk re-route, with what is needed to find out how far it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kafkaview.triage.redrive.offset_set import OffsetSet
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.plan import ChangePlan

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.execution import ResumableExecution
    from kafkaview.writes.steps import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkReroutePlan(ChangePlan):
    """A plan to send many records of the topic `subject` to a queue. `unsent` are the offsets of those that have no
    copy there yet, by partition of the topic.
    """

    queue: str
    transactional_id: str
    unsent: Mapping[int, OffsetSet] = field(repr=False)

    def resumable(
        self, session: Session, journal_id: int, progress: Progress
    ) -> ResumableExecution[ChangeOutcome] | None:
        """Returns what finds out how far it came."""
        from kafkaview.triage.reroute.bulk.resumption import BulkResumption  # the engine's

        return BulkResumption(session, self, journal_id, progress)
