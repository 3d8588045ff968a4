"""Plans a redrive: reads the dead letters and makes them ready, as its execution will, and writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError, NotAuthorized, RefusedHere
from kafkaview.cluster.in_sync import MIN_IN_SYNC, write_refusal
from kafkaview.terms import Record, RecordId, Topic
from kafkaview.triage.redrive.cautions import redrive_cautions
from kafkaview.triage.redrive.earlier_redrives import Recollection
from kafkaview.triage.redrive.execution import RedriveExecution
from kafkaview.triage.redrive.offset_set import blocks_of
from kafkaview.triage.redrive.plan import (
    RedrivePlan,
    redrive_command,
    redrive_document,
    redrive_rows,
    redrive_title,
)
from kafkaview.triage.redrive.preparation import Preparation
from kafkaview.triage.redrive.progress import KIND, read_journalled
from kafkaview.triage.redrive.redrive_memory import RedriveMemory, read_memory
from kafkaview.triage.redrive.request import RedriveRequest
from kafkaview.triage.redrive.restoration import WITHOUT_DIALECT, WITHOUT_ORIGIN
from kafkaview.triage.redrive.room import RedriveRoom
from kafkaview.triage.redrive.selection import LetterSelection
from kafkaview.triage.redrive.tally import RedriveTally
from kafkaview.triage.redrive.targets import RedriveTargets
from kafkaview.words import plural
from kafkaview.writes.memory_groups import memory_group
from kafkaview.writes.plan import Caution
from kafkaview.writes.records.batch_room import batch_records
from kafkaview.writes.stopping import Stopping
from kafkaview.writes.topic_ids import topic_id

if TYPE_CHECKING:
    from kafkaview.session import Session

_MOST_GROUPS: Final = 20  # whose rights are asked for
_UNSURE: Final = (
    "it was on its way when an earlier redrive was cut off, and the group that would tell whether it stands has expired"
)
NO_RETURN: Final = Caution("What is sent back has no undo.", "It stands in its topic at once, for every consumer.")


async def plan_redrive(session: Session, request: RedriveRequest) -> RedrivePlan:
    """Plans to send dead letters of a queue back. All of them are read and prepared. Raises ClusterError where there is
    no such queue or topic, a broker or the registry does not answer, or a rule cannot be used; ValueError for a filter.
    """
    cluster, request = session.cluster, await asyncio.to_thread(request.with_files)
    queue = await cluster.topic(request.queue)
    if request.to is not None:
        await cluster.topic(request.to)
    own_id, cluster_id = topic_id(queue), (await cluster.describe()).cluster_id
    selection = await LetterSelection.open(session, queue, request)
    journalled = await read_journalled(session.journal, cluster_id, queue.name, own_id)
    refused: list[ClusterError] = []
    try:
        memory = await read_memory(cluster, queue.name, own_id, selection.blocks)
    except NotAuthorized as error:
        memory = RedriveMemory(queue.name, own_id)
        hint = f"Ask for the right READ on Group {memory_group(queue.name)}, and on those that begin so."
        refused.append(NotAuthorized(f"What was sent back before may not be read: {error.message}", hint))
    known = Recollection.of(memory, journalled, now_ms())
    targets = RedriveTargets(cluster, queue.name)
    preparation = Preparation(session, request, cluster_id, targets)
    async with preparation:
        tally, transactions = await _read(selection, known, preparation, targets)
    for partition, offset in selection.missing():
        tally.fail(RecordId(queue.name, partition, offset), "there is no such dead letter")
    overtaken = await tally.overtaking.count(cluster)
    counts = tally.counts(overtaken)
    groups = [memory_group(queue.name), *_block_groups(queue.name, tally)]
    transactional_id = memory_group(queue.name)
    names = sorted({place.topic for place in tally.by_partition})
    rights = await cluster.transactions.refusals(transactional_id, names, groups) if counts.to_send else ()
    stopping = Stopping()
    return RedrivePlan(
        kind=KIND,
        title=redrive_title(queue.name, tally),
        deed=f"Send {plural(counts.to_send, 'dead letter')} back",
        subject=queue.name,
        rows=tuple(redrive_rows(queue.name, tally, overtaken, transactions)),
        command=redrive_command(request),
        document=redrive_document(request, own_id, tally, counts, transactions, memory_group(queue.name)),
        cautions=(*redrive_cautions(queue.name, tally, selection.progress, known.forgotten(), overtaken), NO_RETURN),
        problems=(*_problems(request, queue, tally, targets), *refused, *rights),
        nothing="" if counts.to_send else "None of them is left to send",
        stop=stopping.ask,
        make_execution=lambda session_, plan, entry, progress: RedriveExecution(
            session_,
            plan,
            entry,
            progress,
            queue=queue,
            topic_id=own_id,
            letters=tally.ready,
            counts=counts,
            staying=tuple(tally.staying),
            known=known,
            voids=selection.voids,
            starts=selection.starts,
            targets=targets,
            preparation=preparation,
            stopping=stopping,
        ),
        queue=queue.name,
        topic_id=own_id,
        counts=counts,
        staying=tuple(tally.staying),
        letters=dict(tally.ready),
    )


async def _read(
    selection: LetterSelection, known: Recollection, preparation: Preparation, targets: RedriveTargets
) -> tuple[RedriveTally, int]:
    """Reads and prepares the dead letters; returns their counts, and how many transactions they take."""
    tally, transactions, room = RedriveTally(), 0, None
    async with aclosing(selection.letters()) as parts:
        async for letters in parts:
            prepared = await preparation.prepare(_fresh(letters, known, tally))
            tally.add(prepared)
            for one in prepared:
                if one.copy is not None and (room is None or not room.takes(one.letter, one.copy)):
                    transactions += 1
                    room = RedriveRoom(batch_records(targets.batch_bytes))
                    room.takes(one.letter, one.copy)
    return tally, transactions


def _fresh(letters: Sequence[Record], known: Recollection, tally: RedriveTally) -> list[Record]:
    """Returns the dead letters that are not sent back, and counts the others."""
    found = []
    for letter in letters:
        if known.has_sent(letter.id):
            tally.already += 1
        elif known.is_unsure(letter.id):
            tally.fail(letter.id, _UNSURE)
        else:
            found.append(letter)
    return found


def _block_groups(queue: str, tally: RedriveTally) -> list[str]:
    blocks = sorted(blocks_of(tally.ready.values()))
    return [memory_group(queue, block) for block in blocks[:_MOST_GROUPS]]


def _problems(
    request: RedriveRequest, queue: Topic, tally: RedriveTally, targets: RedriveTargets
) -> list[ClusterError]:
    found: list[ClusterError] = []
    if request.to == queue.name:
        found.append(RefusedHere(f"{queue.name} is the queue itself", "Choose another topic."))
    if queue.internal:
        found.append(RefusedHere(f"{queue.name} is Kafka's own", "Choose another topic."))
    for reason, count in tally.gone.items():
        message = f"{plural(count, 'dead letter')} cannot go back to the same partition: {reason}"
        hint = "Say --partition key, which sends each to the partition of its key, or choose others with --where."
        found.append(RefusedHere(message, hint))
    if tally.failed == tally.selected > 0 and not tally.gone:
        ((reason, _),) = tally.reasons.most_common(1)
        nameless = reason in (WITHOUT_DIALECT, WITHOUT_ORIGIN)
        hint = "Name the topic with --to." if nameless else "Look at the reasons; the dead letters stay in the queue."
        found.append(RefusedHere(f"None of {plural(tally.failed, 'dead letter')} can be sent back: {reason}", hint))
    for place in sorted(tally.by_partition):
        target = targets.found[place.topic]
        refusal = write_refusal(target.topic.partitions[place.partition], target.limits.number(MIN_IN_SYNC))
        found += [refusal] if refusal is not None else []
    return found
