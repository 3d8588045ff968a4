"""The record strip of an incident: the positions of its groups, and the record that stops them. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence

from kafkaview.triage.watch.verdict import Stuck
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.record_strip.cells import Pointer, Strip, cells_around
from kafkaview.ui.pages.triage.incidents import Incident
from kafkaview.words import join_names


def incident_strip(incident: Incident, rows: Sequence[Incident], log_start_offset: int | None) -> Strip:
    """Returns the partition around the group; other groups at the same offset share its pointer."""
    first = incident.first
    stands = first.committed_offset
    if stands is None:
        stands = incident.offset or log_start_offset or 0
    suspects = (first.suspect.record.offset,) if first.suspect else ()
    cells = cells_around(stands, suspects, log_start_offset=log_start_offset, log_end_offset=first.log_end_offset)
    groups = _list_groups_here(first, rows)
    verb = "stands here" if len(groups) == 1 else "stand here"
    tone = Mark.of_tone(incident.verdict_row.tone)
    pointer = Pointer(stands, f"{join_names(groups, 4)} {verb}", "text" if tone is Mark.IDLE else tone.text_token)
    return Strip(cells, (pointer,), log_end_offset=first.log_end_offset)


def _list_groups_here(first: Stuck, rows: Sequence[Incident]) -> list[str]:
    """Returns this group first, then the others at the same committed offset of the partition."""
    here = (first.topic_partition, first.committed_offset)
    others = [
        row.group
        for row in rows
        if (row.first.topic_partition, row.first.committed_offset) == here and row.group != first.group
    ]
    return [first.group, *others]
