"""The columns of the records that a scan found: what breaks the rule, whom it stops, what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kafkaview.terms import RecordId
from kafkaview.triage.incidents.incident import IncidentState
from kafkaview.triage.scan.scan import Finding
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column, created_column, mark_column
from kafkaview.ui.pages.triage.incidents import Incident
from kafkaview.ui.pages.triage.kept_words import STATE_WORDS
from kafkaview.words import join_names, name_text, size


@dataclass(frozen=True, slots=True)
class RecordFates:
    """What is known of records that were found: the groups that stand on each now, and what became of those that are
    kept as incidents.
    """

    stops: Mapping[RecordId, tuple[str, ...]] = field(default_factory=dict)
    states: Mapping[RecordId, IncidentState] = field(default_factory=dict)


def stops_of(rows: Iterable[Incident]) -> dict[RecordId, tuple[str, ...]]:
    """Returns the groups that stand on records."""
    stops: dict[RecordId, tuple[str, ...]] = {}
    for row in rows:
        if row.record is not None:
            stops[row.record] = (*stops.get(row.record, ()), row.group)
    return stops


class FindingColumns:
    """The columns; `fates` may change while the findings stay."""

    def __init__(self) -> None:
        self.fates = RecordFates()

    def columns(self) -> tuple[Column[Finding], ...]:
        """Returns the columns."""
        return (
            mark_column(lambda _row: Mark.BAD, lambda _row: Mark.BAD.value),
            Column("Partition", lambda row: str(row.record.topic_partition), mono=True, width=110, elide_middle=True),
            Column("Offset", lambda row: row.record.offset, align=Align.RIGHT, width=80),
            created_column(lambda row: row.timestamp_ms, 110),
            Column("Why", lambda row: row.reason, width=200, stretch=True),
            Column("Size", lambda row: row.size, text=lambda row: size(row.size), align=Align.RIGHT, width=84),
            Column("Stops", self._stops, width=136),
            Column("State", self._state, width=84),
        )

    def _stops(self, row: Finding) -> str:
        return join_names([name_text(group) for group in self.fates.stops.get(row.record, ())], 2)

    def _state(self, row: Finding) -> str:
        state = self.fates.states.get(row.record)
        return STATE_WORDS[state] if state is not None else ""
