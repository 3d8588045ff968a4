"""A running watch: polls, holds records to the rules, and passes them, with the copies of those that are poison."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from kafkaview import __version__
from kafkaview.clock import now_ms
from kafkaview.cluster.errors import (
    ClusterError,
    DecoderUnavailable,
    OutcomeUnknown,
    RefusedHere,
    UnknownTopicOrPartition,
)
from kafkaview.cluster.kafka.client_thread import ClientThread
from kafkaview.cluster.ports.group_member import GroupMember, GroupMembership, MemberPoll, SourceCopy
from kafkaview.terms import Header, Record, RecordId, TopicPartition
from kafkaview.triage.group_watch.figures import WatchFigures, WatchListener
from kafkaview.triage.provenance_headers import Provenance, provenance_headers
from kafkaview.triage.record_reads import whole_records
from kafkaview.triage.reroute.copies import make_copy
from kafkaview.triage.reroute.plan import CopyPlan
from kafkaview.triage.reroute.queue import Queue, look_at_queue
from kafkaview.triage.reroute.queue_refusals import refusals_of_copy
from kafkaview.triage.scan.findings import Finding
from kafkaview.triage.scan.scan import finding_of
from kafkaview.words import join_names

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.triage.group_watch.facts import GroupWatchFacts
    from kafkaview.writes.stopping import Stopping

_TRY_AGAIN_S: Final = 5.0  # where a record cannot be judged
HELD_S: Final = 30.0  # a partition that stands is tried again
_SAY_AGAIN_S: Final = 60.0


class GroupWatchRun:
    """One run of one copy of a watch. What it counts is in `figures`; `unanswered` is whether nobody knows if its last
    commit stands.
    """

    def __init__(self, session: Session, facts: GroupWatchFacts, listener: WatchListener, stopping: Stopping) -> None:
        self.figures = WatchFigures()
        self.unanswered = False
        self._cluster = session.cluster
        self._facts = facts
        self._queue = facts.queue
        self._inspection = facts.rules.inspection()
        self._listener = listener
        self._stopping = stopping
        self._told: dict[TopicPartition, int] = {}  # the offset behind what was told of each partition
        self._refused: dict[RecordId, str] = {}  # by the brokers
        self._stood: set[RecordId] = set()  # told already
        self._held_at: dict[TopicPartition, float] = {}
        self._said: dict[str, float] = {}
        self._topic_ids: dict[TopicPartition, bytes | None] = {}  # as of when each partition was owned first

    async def run(self, note: Callable[[WatchFigures], Awaitable[None]]) -> None:
        """Watches until it is to stop, or is cancelled: then what was done is committed first. `note` is called after
        each poll. Raises ClusterError where a topic or the group may not be read.
        """
        facts = self._facts
        member = self._cluster.join_group(
            GroupMembership(
                facts.request.group_name,
                tuple(topic.name for topic in facts.topics),
                from_end=facts.request.from_end,
                transactional_id=facts.transactional_id if self._queue is not None else None,
                batch_bytes=self._queue.limits.largest if self._queue is not None else None,
            )
        )
        looking = ClientThread("kafkaview-look")
        try:
            while not self._stopping.wanted:
                await self._step(member, looking)
                self._listener.counted(self.figures)
                await note(self.figures)
        finally:
            last = await member.close()
            self._note(last)
            self.unanswered = isinstance(last.error, OutcomeUnknown)
            self.figures.up = False
            await looking.close(lambda: None)
            self._listener.counted(self.figures)

    async def _step(self, member: GroupMember, looking: ClientThread) -> None:
        poll = await member.poll()
        self._note(poll)
        self._note_owned(poll)
        try:
            recreated = await self._find_recreated(poll)
        except ClusterError as error:
            self._complain(error)
            await member.go_back()
            await asyncio.sleep(_TRY_AGAIN_S)
            return
        if recreated:
            await member.begin_again(recreated)
            return
        until = {place: offset for place, offset in poll.read.items() if place not in self.figures.held}
        copies: list[SourceCopy] = []
        try:
            if len(poll.records):
                flaws = await looking.run(self._inspection.flaws, poll.records)
                findings = [finding_of(*flaw) for flaw in flaws]
                self._tell(poll, findings)
                if self._queue is not None and findings:
                    copies = await self._copy(member, poll, findings, until, self._queue)
        except DecoderUnavailable as error:
            self._complain(error)
            await member.go_back()
            await asyncio.sleep(_TRY_AGAIN_S)
            return
        await member.pass_records(until, copies)
        await self._release(member)

    async def _find_recreated(self, poll: MemberPoll) -> set[TopicPartition]:
        """Returns the partitions whose topic was made anew since they were owned first. What has come of them is looked
        at before it is passed, for a client reads on in the new log without a word where that is longer than what was
        read of the old one. Raises ClusterError where brokers do not tell.
        """
        self._topic_ids = {place: of for place, of in self._topic_ids.items() if place in poll.ends}
        unknown = poll.ends.keys() - self._topic_ids.keys()
        recreated: set[TopicPartition] = set()
        for name in sorted({*poll.records.topics(), *(place.topic for place in (*poll.shortened, *unknown))}):
            try:
                now = (await self._cluster.topic(name)).id
            except UnknownTopicOrPartition:
                continue  # it is deleted; the member says so
            places = {place for place in poll.ends if place.topic == name}
            if anew := {place for place in places if self._topic_ids.setdefault(place, now) != now}:
                self._forget(anew)
                words = f"The topic {name} was deleted and made anew"
                self._complain(ClusterError(f"{words}: it is read from its beginning"))
                recreated |= anew
            elif cut := sorted(place for place in poll.shortened if place.topic == name):
                words = f"The log of {join_names([*map(str, cut)])} ends before what was read of it"
                cause = "an unclean election has cut it"
                self._complain(ClusterError(f"{words}: {cause}", "What it gets up to there is not looked at."))
        return recreated

    def _forget(self, places: Collection[TopicPartition]) -> None:
        """Forgets what was told of partitions that are no more."""
        self._topic_ids = {place: of for place, of in self._topic_ids.items() if place not in places}
        self._told = {place: offset for place, offset in self._told.items() if place not in places}
        self._refused = {one: reason for one, reason in self._refused.items() if one.topic_partition not in places}
        self._stood = {one for one in self._stood if one.topic_partition not in places}
        self.figures.held = {place: one for place, one in self.figures.held.items() if place not in places}

    def _note(self, poll: MemberPoll) -> None:
        figures = self.figures
        for copied in poll.copied:
            figures.copied[copied.source.topic] += 1
            self._listener.copied(copied)
        for held in poll.held:
            reason = f"{held.error.message}. {held.error.hint}".strip()
            self._refused[held.record] = reason
            self._stand(held.record, reason)
        if poll.error is not None:
            self._complain(poll.error)

    def _note_owned(self, poll: MemberPoll) -> None:
        """Counts what the partitions that are owned now lack. What the last ones lacked stays at the end."""
        figures = self.figures
        figures.up = poll.error is None
        figures.held = {place: one for place, one in figures.held.items() if place in poll.ends}
        figures.lag = {
            place: None if end is None or place not in poll.read else max(0, end - poll.read[place])
            for place, end in poll.ends.items()
        }

    def _tell(self, poll: MemberPoll, findings: Sequence[Finding]) -> None:
        """Counts records and tells findings, each once though they are read again."""
        records, told, counts = poll.records, self._told, self.figures.records
        for topic, partition, offset in zip(records.topics(), records.partitions(), records.offsets(), strict=True):
            counts[topic] += offset >= told.get(TopicPartition(topic, partition), 0)
        for finding in findings:
            if finding.record.offset >= told.get(finding.record.topic_partition, 0):
                self.figures.findings[finding.record.topic, finding.rule] += 1
                self._listener.found(finding)
        for place, offset in poll.read.items():
            told[place] = max(offset, told.get(place, 0))

    async def _copy(
        self,
        member: GroupMember,
        poll: MemberPoll,
        findings: Sequence[Finding],
        until: dict[TopicPartition, int],
        queue: Queue,
    ) -> list[SourceCopy]:
        """Returns the copies of the records that were found. A partition is held, and passed no further, at one that
        the queue does not take.
        """
        reasons: dict[RecordId, list[str]] = {}
        for finding in findings:
            reasons.setdefault(finding.record, []).append(finding.reason)
        records = poll.records
        ids = zip(records.topics(), records.partitions(), records.offsets(), strict=True)
        places = {RecordId(*one): place for place, one in enumerate(ids)}
        copies: list[SourceCopy] = []
        for found, whys in reasons.items():
            where = found.topic_partition
            if where in self.figures.held:
                await member.hold(where)  # it may have forgotten that, with a going back
                continue
            record = records.record(places[found])
            headers = self._provenance(record, "; ".join(whys))
            refusal = self._refused.get(found) or await self._refusal(queue, record, headers)
            if refusal:
                self._stand(found, refusal)
                until[where] = found.offset
                await member.hold(where)
            else:
                copies.append(SourceCopy(found, make_copy(queue.name, queue.partitions, record, headers)))
        return copies

    async def _refusal(self, queue: Queue, record: Record, headers: tuple[Header, ...]) -> str:
        """Returns why the queue would not take a copy, or not keep it; empty where it does, as far as known."""
        if record.headers:
            try:
                (record,) = await whole_records(self._cluster, [record])
            except ClusterError as error:
                raise DecoderUnavailable(error.message, "The names of its headers are asked for again.") from error
        found: list[ClusterError] = [*refusals_of_copy(queue, CopyPlan(record, headers), now_ms())]
        if record.headers is None and not found:
            found.append(RefusedHere(f"The headers of {record.id} cannot be read", "Copy it with a Java client."))
        return f"{found[0].message}. {found[0].hint}".strip() if found else ""

    def _provenance(self, record: Record, reason: str) -> tuple[Header, ...]:
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        provenance = Provenance((), reason, at, self._facts.cluster_id, __version__)
        return provenance_headers(self._facts.request.dialect, record, provenance)

    def _stand(self, record: RecordId, reason: str) -> None:
        place = record.topic_partition
        self.figures.held[place] = record, reason
        self._held_at[place] = time.monotonic()
        if record not in self._stood:
            self._stood.add(record)
            self._listener.stands(record, reason)

    async def _release(self, member: GroupMember) -> None:
        """Tries partitions again that have stood for a while: the queue's settings may have been changed."""
        due = [place for place in self.figures.held if time.monotonic() - self._held_at[place] >= HELD_S]
        if due and self._queue is not None:
            try:
                self._queue = await look_at_queue(self._cluster, self._queue.name, self._facts.topics[0], create=False)
            except ClusterError as error:
                self._complain(error)
        for place in due:
            record, _ = self.figures.held.pop(place)
            self._refused.pop(record, None)
            await member.release(place)

    def _complain(self, error: ClusterError) -> None:
        sentence = f"{error.message}. {error.hint}".strip()
        if time.monotonic() - self._said.get(sentence, -_SAY_AGAIN_S) >= _SAY_AGAIN_S:
            self._said[sentence] = time.monotonic()
            self._listener.complains(sentence)
