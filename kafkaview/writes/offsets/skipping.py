"""Moving one group past one record without a copy of it: for a record that nobody wants, or where no queue may be
written. The journal keeps the record.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from kafkaview.cluster.errors import RefusedHere
from kafkaview.command_words import command_words
from kafkaview.records.one_record import read_record
from kafkaview.terms import Record, RecordId
from kafkaview.words import name_text, number, plural
from kafkaview.writes.offsets.planner import plan_offsets, plan_waiting
from kafkaview.writes.offsets.request import REFUSE_MEMBERS, MemberWays, OffsetAnchor, OffsetsRequest, OffsetTarget
from kafkaview.writes.plan import Caution, ChangePlan

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch, Cluster
    from kafkaview.session import Session

_MOST_KEPT: Final = 500  # offsets of which the journal keeps the records


async def plan_skip(session: Session, group: str, record: RecordId, ways: MemberWays = REFUSE_MEMBERS) -> ChangePlan:
    """Plans to move a group exactly past one record. It is a problem of the plan where the group is past it already.
    Raises OffsetOutOfRange where the record is gone, and as `plan_offsets` does.
    """
    place, after = record.topic_partition, record.offset + 1
    skipped = await read_record(session.cluster, record)
    target = OffsetTarget(OffsetAnchor.OFFSET, str(after), after)
    plan = await plan_offsets(session, OffsetsRequest(group, target, partitions=(place,), ways=ways))
    offsets = plan.offsets
    assert offsets is not None
    problems = list(plan.problems)
    between: tuple[Record, ...] = ()
    lost = 0
    for row in offsets.rows:
        if row.before is not None and row.before.offset >= after:
            stands = f"{name_text(group)} is past {place} @ {number(record.offset)} already: it stands at"
            problems.insert(0, RefusedHere(f"{stands} {number(row.before.offset)}", "There is nothing to skip."))
        elif row.skipped_span is not None:
            start = row.skipped_span[0]
            lost = max(0, record.offset - start)
            if 0 < lost <= _MOST_KEPT:
                between = await _read(session.cluster, record, start)

    async def again() -> ChangePlan:
        return await plan_skip(session, group, record, ways)

    return replace(
        plan,
        kind="offsets.skip",
        title=f"Skip {place} @ {number(record.offset)} for {name_text(group)}, without a copy",
        deed="Skip without a copy",
        command=command_words(["offsets", "skip"], [group, str(record)], [*ways.options]),
        document={**plan.document, "record": str(record)},
        cautions=(*_cautions(record, lost, kept=len(between) > 0), *_other_cautions(plan)),
        problems=tuple(problems),
        payloads=(*between, skipped),
        offsets=replace(offsets, only_unmoved=True),
        waiting=plan_waiting(session.cluster, group, ways, again),
    )


def _cautions(record: RecordId, lost: int, *, kept: bool) -> list[Caution]:
    found = [
        Caution(
            "The record is copied nowhere.",
            f"Its bytes stand in the journal here, and in {record.topic} until retention removes them",
        )
    ]
    if lost:
        good = plural(lost, "record before it is", "records before it are")
        where = "The journal keeps them too" if kept else "They are too many for the journal"
        found.append(Caution(f"Up to {good} passed over, too.", where))
    return found


def _other_cautions(plan: ChangePlan) -> tuple[Caution, ...]:
    """Returns the cautions of the change, without that on the records passed over, which is said above."""
    return tuple(one for one in plan.cautions if "passed over" not in one.consequence)


async def _read(cluster: Cluster, record: RecordId, start: int) -> tuple[Record, ...]:
    """Returns the committed records before a record, from an offset on."""
    place, found = record.topic_partition, []
    opened = cast("AsyncGenerator[Batch, None]", cluster.read({place: start}, {place: record.offset}))
    async with aclosing(opened) as batches:
        async for batch in batches:
            found += [one for one in batch.records if start <= one.offset < record.offset]
    return tuple(found)
