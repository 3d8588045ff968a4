"""What a plan is made from: the records and the boxes that are ticked. A tick makes a new request, that a new plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kafkaview.session import Session
from kafkaview.terms import RecordId
from kafkaview.triage.plan import ReroutePlan
from kafkaview.triage.planner import plan_reroute


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """`groups` None asks for every group that stands at the records; none at all asks for a copy alone."""

    records: tuple[RecordId, ...]
    groups: tuple[str, ...] | None = None
    unticked: frozenset[str] = frozenset()
    create_dlq: bool = True
    evict: bool = True
    skip_between: bool = False
    reasons: Mapping[RecordId, str] = field(default_factory=dict)
    asked_for: str = ""  # the group that the user looks at: named first in what is said

    async def plan(self, session: Session) -> ReroutePlan:
        """Look at the cluster as it is now and plan. Writes nothing.

        Where groups are unticked the plan is made for the others alone, so that its headers and its command line name
        only them; the unticked ones stay listed as left alone.
        """
        whole = await self._plan(session, self.groups)
        unticked = [move.group for move in whole.moves if move.group in self.unticked]
        if not unticked:
            return whole
        kept = [move.group for move in whole.moves if move.group not in self.unticked]
        narrowed = await self._plan(session, tuple(dict.fromkeys(kept)))
        for group in dict.fromkeys(unticked):
            whole = whole.without_group(group)
        return replace(narrowed, left_alone=whole.left_alone)

    async def _plan(self, session: Session, groups: tuple[str, ...] | None) -> ReroutePlan:
        return await plan_reroute(
            session,
            self.records,
            groups=groups,
            create_dlq=self.create_dlq,
            evict=self.evict,
            skip_between=self.skip_between,
            reasons=self.reasons,
        )

    def with_group(self, group: str, *, ticked: bool) -> PlanRequest:
        """The request after one group's box was clicked."""
        return replace(self, unticked=self.unticked - {group} if ticked else self.unticked | {group})
