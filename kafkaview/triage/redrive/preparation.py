"""Dead letters made ready to be sent back: restored, completed, mended where asked, and held against what their topics
take. The plan and its execution make them ready in the same way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final, Self

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.cluster import Copy
from kafkaview.terms import Record, RecordId, TimestampType
from kafkaview.triage.mending.result import MendOutcome, MendResult
from kafkaview.triage.record_reads import whole_records
from kafkaview.triage.redrive.letter_sources import complete
from kafkaview.triage.redrive.request import RedrivePartition
from kafkaview.triage.redrive.restoration import Restored, restore

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.triage.mending.mender import Mender
    from kafkaview.triage.redrive.request import RedriveRequest
    from kafkaview.triage.redrive.targets import RedriveTarget, RedriveTargets


_AT_ONCE: Final = 500  # dead letters between two looks at whatever else there is to do


class PreparationNote(Enum):
    """What a user should know of a dead letter that can be sent."""

    FETCHED = "fetched"  # its key and value were not copied, and were found elsewhere
    INCOMPLETE = "incomplete"  # its headers and its timestamp are lost
    BY_KEY = "by_key"  # the partition of its origin is unknown
    STAMPED_ANEW = "stamped_anew"  # its timestamp is unknown, or cannot be written
    EXPIRED = "expired"  # its topic may remove it at once
    UNREADABLE = "unreadable"  # as its topic's format


@dataclass(frozen=True, slots=True)
class PreparedLetter:
    """A dead letter as it is sent back: `copy`, or None and a `reason` why it stays. `gone`: it stays because the
    partition of its origin is not there any more.
    """

    letter: RecordId
    copy: Copy | None = None
    reason: str = ""
    origin: RecordId | None = None
    mended: bool = False
    gone: bool = False
    notes: tuple[PreparationNote, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A restored record and the topic that it goes to."""

    restored: Restored
    target: RedriveTarget
    notes: tuple[PreparationNote, ...] = ()

    def as_record(self) -> Record:
        """Returns the record as a mender sees it: with the offset of its dead letter, in the topic that it goes to."""
        one = self.restored
        return Record(
            self.target.topic.name,
            one.letter.partition,
            one.letter.offset,
            one.timestamp_ms,
            TimestampType.CREATE_TIME,
            one.key,
            one.value,
            one.headers,
        )


def _as_record(letter: RecordId, copy: Copy) -> Record:
    """Returns what is sent as a record with the place of its dead letter, in the topic that it goes to."""
    time, stamped = copy.timestamp_ms, TimestampType.CREATE_TIME
    return Record(copy.topic, letter.partition, letter.offset, time, stamped, copy.key, copy.value, copy.headers)


class Preparation:
    """Prepares the dead letters of one redrive, within a context: a rule may run in a process of its own."""

    def __init__(
        self, session: Session, request: RedriveRequest, cluster_id: str | None, targets: RedriveTargets
    ) -> None:
        self._session = session
        self._request = request
        self._cluster_id = cluster_id
        self._targets = targets
        self._mender: Mender | None = None
        self._examined: set[str] = set()  # topics that the mender is prepared for

    async def __aenter__(self) -> Self:
        if self._request.mends:
            from kafkaview.triage.mending.mender import Mender  # the schemas' libraries

            self._mender = Mender(self._request.mend, self._request.accept)
            await self._mender.prepare(self._session)  # a rule that cannot be used is told before anything is read
            self._examined = set()
        return self

    async def __aexit__(self, *_error: object) -> None:
        mender, self._mender = self._mender, None
        if mender is not None:
            mender.close()

    async def prepare(self, letters: Sequence[Record], *, planned: bool = False) -> list[PreparedLetter]:
        """Returns each dead letter as it would be sent, in their order. Those that are `planned` are known to have
        headers that can be copied. Raises ClusterError where the cluster or the registry gives no answer, or the rule
        cannot be used.
        """
        found: list[PreparedLetter] = []
        for at in range(0, len(letters), _AT_ONCE):
            some = letters[at : at + _AT_ONCE]
            found += await (self._prepare(some) if planned else self._prepare_anew(some))
            await asyncio.sleep(0)
        return found

    async def _prepare_anew(self, letters: Sequence[Record]) -> list[PreparedLetter]:
        """Returns the dead letters with what their topics' formats say of those that no rule was held against."""
        prepared = await self._prepare(await whole_records(self._session.cluster, letters))
        if self._mender is not None:
            return prepared
        by_topic: dict[str, list[Record]] = {}
        for one in prepared:
            if one.copy is not None:
                by_topic.setdefault(one.copy.topic, []).append(_as_record(one.letter, one.copy))
        unreadable: set[tuple[int, int]] = set()  # partition and offset of the letter
        for topic, records in by_topic.items():
            unreadable |= await self._unreadable(topic, records)
        note = (PreparationNote.UNREADABLE,)
        return [
            replace(one, notes=one.notes + note) if (one.letter.partition, one.letter.offset) in unreadable else one
            for one in prepared
        ]

    async def _unreadable(self, topic: str, records: Sequence[Record]) -> set[tuple[int, int]]:
        """Returns which of the records the topic's format cannot read; none where it is unknown."""
        decoders = self._session.decoders
        try:
            decoder = await decoders.of(self._session.cluster, topic)
        except ClusterError:
            return set()
        await decoders.learn(decoder, records)
        problems = ((record, decoder.problem(record)) for record in records)
        return {(one.partition, one.offset) for one, problem in problems if problem is not None and problem.judged}

    async def _prepare(self, letters: Sequence[Record]) -> list[PreparedLetter]:
        candidates = await self._candidates(letters)
        done: dict[RecordId, PreparedLetter] = {
            letter: PreparedLetter(letter, reason=found)
            for letter, found in candidates.items()
            if isinstance(found, str)
        }
        now, by_topic = now_ms(), dict[str, list[_Candidate]]()
        for found in candidates.values():
            if isinstance(found, _Candidate):
                by_topic.setdefault(found.target.topic.name, []).append(found)
        for topic, ready in by_topic.items():
            for candidate, mended in zip(ready, await self._mend(ready, topic), strict=True):
                done[candidate.restored.letter] = self._judge(candidate, mended, now)
        return [done[letter.id] for letter in letters]

    async def _candidates(self, letters: Sequence[Record]) -> dict[RecordId, _Candidate | str]:
        """Returns the restored records with their topics; for some why they stay."""
        elsewhere = self._request.to
        restored = {letter.id: restore(letter, elsewhere=elsewhere is not None) for letter in letters}
        partial = [one for one in restored.values() if isinstance(one, Restored) and one.incomplete]
        completed = await complete(self._session, self._cluster_id, partial) if partial else {}
        found: dict[RecordId, _Candidate | str] = {}
        for letter, before in restored.items():
            one = completed.get(letter, before)
            if isinstance(one, str) or isinstance(before, str):
                found[letter] = one if isinstance(one, str) else str(before)
                continue
            foreign = one.cluster_id is not None and self._cluster_id not in (None, one.cluster_id)
            if foreign and elsewhere is None:
                found[letter] = f"it came from another cluster, {one.cluster_id}"
                continue
            target = await self._targets.find(elsewhere or one.origin.topic or "")
            fetched = before.uncopied and not one.uncopied
            notes = (PreparationNote.FETCHED,) if fetched else (PreparationNote.INCOMPLETE,) if one.incomplete else ()
            found[letter] = target if isinstance(target, str) else _Candidate(one, target, notes)
        return found

    async def _mend(self, ready: Sequence[_Candidate], topic: str) -> Sequence[MendResult]:
        if self._mender is None:
            return [MendResult(MendOutcome.UNCHANGED, one.restored.value) for one in ready]
        if topic not in self._examined:
            await self._mender.prepare(self._session, [topic])
            self._examined.add(topic)
        return await self._mender.mend([one.as_record() for one in ready], topic)

    def _judge(self, candidate: _Candidate, mended: MendResult, now: int) -> PreparedLetter:
        one, target = candidate.restored, candidate.target
        name = target.topic.name
        if mended.outcome is MendOutcome.FAILED:
            return PreparedLetter(one.letter, reason=mended.reason)
        partition = target.partition_of(one, self._request.partition)
        if partition is None:
            return PreparedLetter(
                one.letter, reason=f"{name} has no partition {one.origin.partition} any more", gone=True
            )
        at_ms = one.timestamp_ms if one.timestamp_ms and one.timestamp_ms > 0 else None  # 0 cannot be written
        copy = Copy(name, partition, one.key, mended.value, one.counted_headers(), at_ms)
        reason = target.refusal(copy) or (target.time_refusal(at_ms, now) if at_ms is not None else "")
        if reason:
            return PreparedLetter(one.letter, reason=reason)
        notes = candidate.notes
        if one.origin.partition is None and self._request.partition is RedrivePartition.SAME:
            notes += (PreparationNote.BY_KEY,)
        if at_ms is None:
            notes += (PreparationNote.STAMPED_ANEW,)
        elif target.expires(at_ms, now):
            notes += (PreparationNote.EXPIRED,)
        # Newer records of its key are told from its offset there, which means nothing in another topic.
        origin = one.origin.record if one.origin.topic == name else None
        return PreparedLetter(one.letter, copy, "", origin, mended.outcome is MendOutcome.MENDED, notes=notes)
