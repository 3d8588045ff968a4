"""A change of committed offsets given back: a plan made from its journal entry."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere
from kafkaview.journal.entry import JournalEntry, OffsetChange
from kafkaview.terms import CommittedOffset
from kafkaview.words import number
from kafkaview.writes.offsets.group_facts import GroupFacts, read_group
from kafkaview.writes.offsets.plan import OffsetPlan
from kafkaview.writes.offsets.planner import plan_offset_change, plan_waiting, problems_of_members, rows_of
from kafkaview.writes.offsets.request import REFUSE_MEMBERS, MemberWays
from kafkaview.writes.plan import ChangePlan
from kafkaview.writes.topic_ids import read_topic_ids
from kafkaview.writes.undo_checks import check_undoable, read_entry

if TYPE_CHECKING:
    from kafkaview.session import Session


async def plan_undo_of_offsets(session: Session, entry_id: int, ways: MemberWays = REFUSE_MEMBERS) -> ChangePlan:
    """Plans to give back what stood before a journal entry: offset, leader epoch and metadata, or no committed offset.

    Raises RefusedHere where the entry cannot be undone. The plan has PlanNoLongerHolds as a problem where the group has
    moved since, or a topic was made anew. `ways` is what is done with members of the group.
    """
    entry = await _entry(session, entry_id)
    changes = entry.intent.offsets
    facts = await read_group(session.cluster, changes[0].group)
    ids = await read_topic_ids(session.cluster, {one.topic_partition.topic for one in changes})
    back = {one.topic_partition: (one.after, one.before) for one in changes}
    plan = OffsetPlan(facts, await rows_of(session.cluster, back), live=ways.live, only_unmoved=True)
    problems = [
        error for one in changes if (error := _check_unmoved(one, facts, ids.get(one.topic_partition.topic, "")))
    ]
    problems += await problems_of_members(session.cluster, plan)
    change = plan_offset_change(plan, "offsets.undo", ())

    async def again() -> ChangePlan:
        return await plan_undo_of_offsets(session, entry_id, ways)

    undo = change.as_undo(entry, "offsets", "undo")
    return replace(
        undo,
        command=(*undo.command, *ways.options),
        problems=tuple(problems),
        waiting=plan_waiting(session.cluster, facts.group, ways, again),
    )


async def _entry(session: Session, entry_id: int) -> JournalEntry:
    entry = await read_entry(session, entry_id)
    if not entry.intent.offsets:
        raise RefusedHere(f"Entry {entry_id} ({entry.intent.title}) has no committed offsets to give back")
    await check_undoable(session, entry)
    return entry


def _check_unmoved(change: OffsetChange, facts: GroupFacts, topic_id: str | None) -> ClusterError | None:
    """Why one partition cannot be given back: it is not as the write left it."""
    where = change.topic_partition
    if topic_id == "":
        return PlanNoLongerHolds(f"There is no topic {where.topic} any more", _HINT)
    if topic_id is not None and change.topic_id is not None and topic_id != change.topic_id:
        return PlanNoLongerHolds(f"The topic {where.topic} was deleted and made anew since", _HINT)
    now = facts.committed.get(where)
    if now == change.after:
        return None
    wrote = _stands(change.after)
    return PlanNoLongerHolds(
        f"{change.group} has moved on {where} since: {wrote} was written, now {_stands(now)}", _HINT
    )


_HINT = "Nothing was written. Plan a change of its own with `kafkaview offsets plan`."


def _stands(committed: CommittedOffset | None) -> str:
    if committed is None:
        return "no committed offset"
    extra = f" with metadata '{committed.metadata}'" if committed.metadata else ""
    return f"{number(committed.offset)}{extra}"
