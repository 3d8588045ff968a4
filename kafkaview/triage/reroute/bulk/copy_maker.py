"""Makes the copies of a bulk re-route. Does no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kafkaview.clock import now_ms
from kafkaview.cluster.ports.cluster import Copy
from kafkaview.terms import Header, Record
from kafkaview.triage.provenance_headers import Dialect, Provenance
from kafkaview.triage.reroute.copies import fit_headers, make_copy
from kafkaview.triage.reroute.plan import GroupPlan
from kafkaview.triage.reroute.queue import Queue
from kafkaview.words import utc_iso


@dataclass(frozen=True, slots=True)
class CopyMaker:
    """What the copies of one plan have in common. `reasons` are by partition and offset, `moves` by partition."""

    queue: Queue
    dialect: Dialect
    provenance: Provenance
    reasons: Mapping[int, Mapping[int, str]]
    moves: Mapping[int, Sequence[GroupPlan]]

    def headers(self, record: Record) -> tuple[Header, ...]:
        """Returns the headers that are added to the copy of a record: the groups are those that move past it."""
        provenance = replace(
            self.provenance,
            reason=self.reasons[record.partition][record.offset],
            groups=tuple(move.group for move in self.moves.get(record.partition, ()) if _passes(move, record.offset)),
        )
        return fit_headers(self.queue.limits, self.dialect, record, provenance)

    def of_now(self) -> CopyMaker:
        """Returns the maker of copies that are written now: the plan may have lain open since it was made."""
        return replace(self, provenance=replace(self.provenance, routed_at=utc_iso(now_ms()) or ""))

    def make(self, record: Record) -> Copy:
        """Returns the copy of a record."""
        return make_copy(self.queue.name, self.queue.partitions, record, self.headers(record))


def _passes(move: GroupPlan, offset: int) -> bool:
    return move.before is not None and move.after is not None and move.before.offset <= offset < move.after
