"""What group coordinators store of the members of groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MembershipChanges:
    """What coordinators have stored of some groups since an earlier look at their log.

    `changed` are groups of which a member joined or left. `complete` are groups of which everything was read that was
    stored since the look before; of the others, nothing is known. `ends` has the offsets from which to read next, by
    partition of the log.
    """

    changed: frozenset[str]
    complete: frozenset[str]
    ends: Mapping[int, int]
