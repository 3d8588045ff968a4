"""Undo: a plan made from a journal entry, by the kind of its write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafkaview.security.undo import ACL_KINDS, QUOTA_KINDS, plan_undo_of_acls, plan_undo_of_quota
from kafkaview.writes.offsets.request import REFUSE_MEMBERS
from kafkaview.writes.offsets.undo import plan_undo_of_offsets
from kafkaview.writes.topics.undo import KINDS, plan_undo_of_topic

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.offsets.request import MemberWays
    from kafkaview.writes.plan import ChangePlan


async def plan_undo(session: Session, entry_id: int, ways: MemberWays | None = None) -> ChangePlan:
    """Plans to give back what stood before a journal entry: committed offsets, a topic's settings, that there was no
    such topic, ACLs, quota limits. `ways` is what is done with members of a group whose offsets are given back. Raises
    RefusedHere where the entry cannot be undone.
    """
    entry = await session.journal.entry(entry_id)
    kind = entry.intent.kind if entry is not None else ""
    if kind in KINDS:
        return await plan_undo_of_topic(session, entry_id)
    if kind in ACL_KINDS:
        return await plan_undo_of_acls(session, entry_id)
    if kind in QUOTA_KINDS:
        return await plan_undo_of_quota(session, entry_id)
    return await plan_undo_of_offsets(session, entry_id, ways or REFUSE_MEMBERS)
