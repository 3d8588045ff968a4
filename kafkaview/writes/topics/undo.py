"""A topic's settings given back, or a topic that was created deleted again: a plan made from a journal entry."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere, Unreachable
from kafkaview.journal.entry import JournalEntry
from kafkaview.writes.plan import ChangePlan
from kafkaview.writes.topic_ids import read_topic_ids
from kafkaview.writes.topics.creation import CREATION
from kafkaview.writes.topics.deletion import SILENT, plan_deletion
from kafkaview.writes.topics.settings import SETTINGS, SettingChange, plan_changes
from kafkaview.writes.undo_checks import check_undoable, read_entry

if TYPE_CHECKING:
    from kafkaview.session import Session

KINDS: Final = (CREATION, SETTINGS)
_VERB: Final = ("topics", "undo")
_NOTHING: Final = "Nothing was written."


async def plan_undo_of_topic(session: Session, entry_id: int) -> ChangePlan:
    """Plans to undo a creation, while the topic is empty, or a change of settings, while they stand as written. Raises
    RefusedHere where the entry cannot be undone, UnknownTopicOrPartition where the topic is gone.
    """
    entry = await read_entry(session, entry_id)
    if entry.intent.kind not in KINDS:
        raise RefusedHere(f"Entry {entry_id} ({entry.intent.title}) is no change of a topic that can be undone")
    await check_undoable(session, entry)
    plan = await (_undo_creation if entry.intent.kind == CREATION else _undo_settings)(session, entry)
    return plan.as_undo(entry, *_VERB)


async def _undo_creation(session: Session, entry: JournalEntry) -> ChangePlan:
    name = str(entry.intent.plan["topic"])
    plan, empty = await plan_deletion(session, name)
    problems: list[ClusterError] = []
    if entry.outcome is None or entry.outcome.get("topic_id") is None:
        problems.append(
            RefusedHere(
                f"Which topic {name} entry {entry.id} has made is not known: its id was not seen",
                f"Look at it; `kafkaview topics delete {name}` deletes the one that is there.",
            )
        )
    elif entry.outcome["topic_id"] != plan.document["topic_id"]:
        problems.append(PlanNoLongerHolds(f"The topic {name} was deleted and made anew since", _NOTHING))
    if empty is None:
        problems.append(Unreachable(f"Whether {name} holds records by now is unknown", SILENT))
    elif not empty:
        problems.append(PlanNoLongerHolds(f"{name} holds records by now: an undo deletes none", _NOTHING))
    return replace(plan, problems=(*problems, *plan.problems))


async def _undo_settings(session: Session, entry: JournalEntry) -> ChangePlan:
    written = entry.intent.plan
    name = str(written["topic"])
    changes = [SettingChange.of_document(one).back for one in written["settings"]]
    plan = await plan_changes(session, name, changes, _VERB)
    topic_id = (await read_topic_ids(session.cluster, [name])).get(name)
    if written["topic_id"] == topic_id:
        return plan
    made_anew = PlanNoLongerHolds(f"The topic {name} was deleted and made anew since", _NOTHING)
    return replace(plan, problems=(made_anew, *plan.problems))
