"""The columns of the records that a scan found: what breaks the rule, whom it stops, what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kafkaview.terms import RecordId
from kafkaview.triage.incidents.incident import IncidentState
from kafkaview.triage.scan.scan import Finding
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column, created_column, mark_column
from kafkaview.words import join_names, name_text, size


@dataclass(frozen=True, slots=True)
class RecordFates:
    """What is known of records that were found: the groups that stand on each now, whether `all_groups` were seen, and
    what became of those that are kept as incidents.
    """

    stops: Mapping[RecordId, tuple[str, ...]] = field(default_factory=dict)
    all_groups: bool = False
    states: Mapping[RecordId, IncidentState] = field(default_factory=dict)

    def with_view(self, view: View) -> RecordFates:
        """Returns the same with the groups of another sample. A group that is not seen now may have moved."""
        stops: dict[RecordId, tuple[str, ...]] = {}
        for one in view.stuck:
            if one.suspect is not None and one.last_seen_ms is None and not view.stale:
                record = one.suspect.record.id
                stops[record] = tuple(dict.fromkeys((*stops.get(record, ()), one.group)))
        return replace(self, stops=stops, all_groups=view.judged and view.current and not view.unseen)


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
            Column("Stops", self._stops, width=136, unknown=lambda _row: "Not all groups are seen now"),
            Column("State", self._state, width=104),
        )

    def _stops(self, row: Finding) -> str | None:
        groups = self.fates.stops.get(row.record, ())
        return join_names([name_text(group) for group in groups], 2) if groups or self.fates.all_groups else None

    def _state(self, row: Finding) -> str:
        state = self.fates.states.get(row.record)
        return state.word if state is not None else ""
