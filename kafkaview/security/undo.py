"""ACLs and quota limits given back: a plan made from a journal entry."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kafkaview.cluster.errors import PlanNoLongerHolds, RefusedHere
from kafkaview.cluster.ports.security import QuotaEntity
from kafkaview.security.documents import acl_of_document
from kafkaview.security.listed_columns import entity_text
from kafkaview.security.plans import (
    CREATE_ACLS,
    DELETE_ACLS,
    SET_QUOTA,
    plan_create_acls,
    plan_delete_acls,
    plan_set_quota,
)
from kafkaview.writes.undo_checks import check_undoable, read_entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kafkaview.journal.entry import JournalEntry
    from kafkaview.session import Session
    from kafkaview.writes.plan import ChangePlan

ACL_KINDS: Final = (CREATE_ACLS, DELETE_ACLS)
QUOTA_KINDS: Final = (SET_QUOTA,)


async def plan_undo_of_acls(session: Session, entry_id: int) -> ChangePlan:
    """Plans to delete the ACLs that an entry has created, or to create again those that it has deleted. Raises
    RefusedHere where the entry cannot be undone.
    """
    entry = await _read(session, entry_id, ACL_KINDS, "ACLs")
    acls = [acl_of_document(one) for one in entry.intent.plan["acls"]]
    opposite = plan_delete_acls if entry.intent.kind == CREATE_ACLS else plan_create_acls
    return (await opposite(session, acls)).as_undo(entry, "acls", "undo")


async def plan_undo_of_quota(session: Session, entry_id: int) -> ChangePlan:
    """Plans to give back the limits that stood before an entry, while those that it has set stand. Raises RefusedHere
    where the entry cannot be undone.
    """
    entry = await _read(session, entry_id, QUOTA_KINDS, "limits")
    written: Mapping[str, Any] = entry.intent.plan
    if "before" not in written:
        raise RefusedHere(f"Entry {entry_id} does not hold the limits before it: an older kafkaview has written it")
    entity = QuotaEntity(tuple(written["entity"].items()))
    plan = await plan_set_quota(session, entity, written["before"])
    moved = [key for key, limit in written["limits"].items() if plan.document["before"][key] != limit]
    if moved:
        since = PlanNoLongerHolds(
            f"{', '.join(moved)} of {entity_text(entity)} was changed again since", "Nothing was written."
        )
        plan = replace(plan, problems=(since, *plan.problems))
    return plan.as_undo(entry, "quotas", "undo")


async def _read(session: Session, entry_id: int, kinds: Sequence[str], what: str) -> JournalEntry:
    entry = await read_entry(session, entry_id)
    if entry.intent.kind not in kinds:
        raise RefusedHere(f"Entry {entry_id} ({entry.intent.title}) is no change of {what}")
    await check_undoable(session, entry)
    return entry
