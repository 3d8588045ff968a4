"""The input of a plan: the records, and the user's choices. Each choice makes a new request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kafkaview.terms import RecordId


@dataclass(frozen=True, slots=True)
class RerouteRequest:
    """A request for a plan. `groups` None means every group that stands at the records; empty means a copy only."""

    records: tuple[RecordId, ...]
    groups: tuple[str, ...] | None = None
    unticked: frozenset[str] = frozenset()
    dlq: str | None = None  # None: the topic's own
    create_dlq: bool = True
    evict: bool = True
    skip_between: bool = False
    reasons: Mapping[RecordId, str] = field(default_factory=dict)
    asked_for: str = ""  # the group that the user looks at: named first in what is said

    def with_group(self, group: str, *, ticked: bool) -> RerouteRequest:
        """Returns the request after a click on one group's box."""
        return replace(self, unticked=self.unticked - {group} if ticked else self.unticked | {group})
