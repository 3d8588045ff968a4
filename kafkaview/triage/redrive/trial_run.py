"""Tries a redrive, as its plan will, and shows some of what would be sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kafkaview.clock import now_ms
from kafkaview.decode.registered_schema import named_schemas
from kafkaview.records.comparison import Difference
from kafkaview.records.one_record import read_record
from kafkaview.terms import Record, RecordId, TimestampType
from kafkaview.triage.mending.letter_value import read_letter
from kafkaview.triage.mending.mender import Mender
from kafkaview.triage.mending.result import MendOutcome
from kafkaview.triage.mending.rules import Acceptance
from kafkaview.triage.redrive.earlier_redrives import Recollection
from kafkaview.triage.redrive.preparation import Preparation, PreparedLetter
from kafkaview.triage.redrive.progress import read_journalled
from kafkaview.triage.redrive.redrive_memory import read_memory
from kafkaview.triage.redrive.request import RedriveRequest
from kafkaview.triage.redrive.selection import LetterSelection
from kafkaview.triage.redrive.targets import RedriveTargets
from kafkaview.triage.redrive.trial import LetterDraft, RedrivenLetter, RedriveTrial, TriedLetter
from kafkaview.writes.topic_ids import topic_id

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Copy
    from kafkaview.session import Session
    from kafkaview.terms import Topic

_SHOWN: Final = 200  # dead letters of each outcome
_SCHEMAS_S: Final = 10.0


@dataclass(slots=True)
class _TrialCounts:
    """How many had which outcome, and some of them."""

    already_sent: int = 0
    counts: dict[MendOutcome, int] = field(default_factory=lambda: dict.fromkeys(MendOutcome, 0))
    shown: dict[MendOutcome, list[TriedLetter]] = field(default_factory=lambda: {one: [] for one in MendOutcome})

    def trial(self, *, ended: bool = False) -> RedriveTrial:
        """Returns what was counted."""
        order = (MendOutcome.FAILED, MendOutcome.MENDED, MendOutcome.UNCHANGED)
        return RedriveTrial(
            self.counts[MendOutcome.UNCHANGED],
            self.counts[MendOutcome.MENDED],
            self.counts[MendOutcome.FAILED],
            self.already_sent,
            tuple(letter for outcome in order for letter in self.shown[outcome]),
            ended,
        )


async def try_redrive(session: Session, request: RedriveRequest) -> AsyncGenerator[RedriveTrial, None]:
    """Reads the dead letters, mends them, holds them to what their readers take, and yields what was counted so far.
    Raises ClusterError where a rule cannot be used or nobody answers; ValueError for a filter.
    """
    request = await asyncio.to_thread(request.with_files)
    queue = await session.cluster.topic(request.queue)
    selection = await LetterSelection.open(session, queue, request)
    known, counts = await recollect(session, queue, selection.blocks), _TrialCounts()
    preparation = await _open_preparation(session, request)
    comparing = Mender(None, Acceptance())
    await comparing.prepare(session)
    async with preparation, aclosing(selection.letters()) as parts:
        async for letters in parts:
            fresh = [letter for letter in letters if not known.has_sent(letter.id)]
            counts.already_sent += len(letters) - len(fresh)
            prepared = await preparation.prepare(fresh)
            for letter, one in zip(fresh, prepared, strict=True):
                await _count(counts, letter, one, comparing)
            yield counts.trial()
    for partition, offset in selection.missing():
        counts.counts[MendOutcome.FAILED] += 1
        gone = RecordId(queue.name, partition, offset)
        counts.shown[MendOutcome.FAILED].append(TriedLetter(gone, MendOutcome.FAILED, "there is no such dead letter"))
    yield counts.trial(ended=True)


async def draft_letter(session: Session, request: RedriveRequest) -> LetterDraft:
    """Returns the value of the one dead letter of a request, as it would be sent. Raises ClusterError."""
    (id_,) = request.records
    record = await read_record(session.cluster, id_)
    async with await _open_preparation(session, request) as preparation:
        (prepared,) = await preparation.prepare([record])
    if prepared.copy is None:
        return LetterDraft(problem=prepared.reason)
    sent = _as_record(prepared.copy)
    await session.decoders.schemas.learn(named_schemas([sent]), _SCHEMAS_S)
    letter = read_letter(sent, session.decoders.schemas)
    if letter.schema is None or letter.document is None:
        return LetterDraft(sent.value, target=sent.topic)
    assert letter.frame is not None
    return LetterDraft(sent.value, letter.document.text, str(letter.frame.reference), sent.topic)


async def find_redriven(session: Session, records: Sequence[RecordId]) -> tuple[RedrivenLetter, ...]:
    """Returns which dead letters of one queue were sent back. Raises ClusterError."""
    if not records:
        return ()
    queue = await session.cluster.topic(records[0].topic)
    request = RedriveRequest(queue.name, tuple(records))
    selection = await LetterSelection.open(session, queue, request)
    known = await recollect(session, queue, selection.blocks)
    return tuple(
        RedrivenLetter(record, known.journalled.sent_ms(record.partition, record.offset))
        for record in records
        if known.has_sent(record)
    )


async def recollect(session: Session, queue: Topic, blocks: set[int]) -> Recollection:
    """Returns what is known of earlier redrives of some blocks of a queue's offsets. Raises ClusterError."""
    own_id, cluster_id = topic_id(queue), (await session.cluster.describe()).cluster_id
    journalled = await read_journalled(session.journal, cluster_id, queue.name, own_id)
    memory = await read_memory(session.cluster, queue.name, own_id, blocks)
    return Recollection.of(memory, journalled, now_ms())


async def _open_preparation(session: Session, request: RedriveRequest) -> Preparation:
    cluster_id = (await session.cluster.describe()).cluster_id
    return Preparation(session, request, cluster_id, RedriveTargets(session.cluster, request.queue))


async def _count(counts: _TrialCounts, letter: Record, one: PreparedLetter, comparing: Mender) -> None:
    failed, mended = one.copy is None, one.mended
    outcome = MendOutcome.FAILED if failed else MendOutcome.MENDED if mended else MendOutcome.UNCHANGED
    counts.counts[outcome] += 1
    if len(counts.shown[outcome]) >= _SHOWN:
        return
    differences: tuple[Difference, ...] = ()
    if one.copy is not None and mended:
        differences = (await comparing.compare(letter, one.copy.value)).differences
    counts.shown[outcome].append(TriedLetter(one.letter, outcome, one.reason, differences))


def _as_record(copy: Copy) -> Record:
    return Record(copy.topic, 0, 0, copy.timestamp_ms, TimestampType.CREATE_TIME, copy.key, copy.value, copy.headers)
