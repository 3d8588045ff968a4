"""One open profile as a window calls it: the watch, reads on request, plans and their execution."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kafkaview.cluster.errors import ClusterError, RefusedHere
from kafkaview.coordination.balance import Balance, DirectorySize, balance
from kafkaview.coordination.replica_moves import any_out_of_sync, read_moves
from kafkaview.engine.deltas import ViewEncoder
from kafkaview.engine.incident_service import keep_incidents
from kafkaview.engine.planners import find_planner
from kafkaview.engine.reports import Reports
from kafkaview.engine.server import NewestOnlyStream
from kafkaview.terms import TopicPartition
from kafkaview.triage.neighbours import Around, SkippedRecords, read_around, read_skipped
from kafkaview.writes.outcome import ChangeEnd
from kafkaview.writes.steps import WriteStep

if TYPE_CHECKING:
    from kafkaview.cluster.ports.brokers import BrokerDescription, Reassignment, Setting
    from kafkaview.cluster.ports.cluster import Cluster
    from kafkaview.cluster.ports.security import (
        DelegationToken,
        ListenerCertificate,
        Quota,
        ScramCredential,
    )
    from kafkaview.cluster.ports.transactions import Transactions
    from kafkaview.cluster.ports.zookeeper import ZooKeeperNode
    from kafkaview.decode.choices import DecoderChoice
    from kafkaview.engine.connection_service import ConnectionService
    from kafkaview.profiles.profile import ConnectionProfile
    from kafkaview.profiles.security import Secrets
    from kafkaview.records.decoding import DecodedField
    from kafkaview.records.detail import FilterCheck, RecordDetail, RecordDetails, RecordField
    from kafkaview.records.export_file import ExportProgress, ExportRequest
    from kafkaview.records.follow import Arrival
    from kafkaview.records.request import FollowRequest, ReadRequest, RecordsBatch
    from kafkaview.records.rows import RecordRow
    from kafkaview.records.saved_filters import SavedFilters, TopicFilters
    from kafkaview.records.schema import FieldSchema
    from kafkaview.records.statistics import StatisticsRequest, TopicStatistics
    from kafkaview.security.decision import Rules
    from kafkaview.session import Session
    from kafkaview.terms import Header, PartitionOffsets, RecordId
    from kafkaview.triage.commits.commit import GroupCommitStyles
    from kafkaview.triage.dead_letters.recognition import DeadLetterTopics
    from kafkaview.triage.dead_letters.request import BreakdownRequest, LetterBreakdown, LettersBatch, LettersRequest
    from kafkaview.triage.incidents.keeper import IncidentKeeper
    from kafkaview.triage.redrive.request import RedriveRequest
    from kafkaview.triage.redrive.trial import LetterDraft, RedrivenLetter, RedriveTrial
    from kafkaview.triage.reroute.plan import ReroutePlan
    from kafkaview.triage.reroute.request import RerouteRequest
    from kafkaview.triage.reroute.usual_queues import UsualQueues
    from kafkaview.triage.scan.kept_rules import TopicRules
    from kafkaview.triage.scan.request import ScanRequest
    from kafkaview.triage.scan.rules import Rule
    from kafkaview.triage.scan.scan import ScanProgress
    from kafkaview.triage.scan.trial import RuleTrial
    from kafkaview.triage.watch.hanging import OpenTransactions
    from kafkaview.triage.watch.sample_arrays import GroupDetail, Sparklines, TopicDetail
    from kafkaview.triage.watch.view import Point
    from kafkaview.writes.offsets.request import MemberWays, OffsetsRequest
    from kafkaview.writes.outcome import ChangeOutcome
    from kafkaview.writes.plan import ChangePlan, Plan

    AnyPlan = Plan[ChangeOutcome]
    P = TypeVar("P", bound=AnyPlan)


class SessionService:
    """Implements `engine.port.Engine`, except the saved connections and the demo. Most plans are made by
    `engine.planners`. Calls fail until a session is open.
    """

    def __init__(self, connections: ConnectionService, *, interval: float = 2.0, window: float = 10.0) -> None:
        self._connections = connections
        self._interval = interval
        self._window = window
        self._session: Session | None = None
        self._plan: AnyPlan | None = None  # the newest that nobody has carried out yet
        self._stop: Callable[[], None] | None = None  # of the one that was carried out last
        self._pruning: asyncio.Task[None] | None = None  # of the journal, in the background
        self._ending = AsyncExitStack()

    async def open(self, profile: ConnectionProfile, typed: Secrets, journal: Path | None = None) -> None:
        """Opens a profile with its secrets. Sends nothing to the cluster yet."""
        from kafkaview.session import open_session

        secrets = await self._connections.secrets_of(profile, typed)
        session = await self._ending.enter_async_context(open_session(profile, secrets, journal=journal))
        self.watch(session)
        self._pruning = asyncio.create_task(_prune(session))

    async def close(self) -> None:
        """Ends the session that was opened here."""
        if self._pruning is not None:
            await asyncio.wait({self._pruning})
        await self._ending.aclose()

    def watch(self, session: Session) -> None:
        """Sets the session for all later calls."""
        from kafkaview.coordination.watch import CoordinationWatch
        from kafkaview.records.detail import RecordDetails
        from kafkaview.records.shown_records import RecordShelf
        from kafkaview.triage.incidents.keeper import IncidentKeeper
        from kafkaview.triage.incidents.store import IncidentStore
        from kafkaview.triage.watch.watch import Watch

        self._session = session
        self._watch = Watch(session, interval=self._interval, window=self._window)
        self._incidents = IncidentKeeper(IncidentStore.of(session.profile, session.journal.path), self._watch)
        self._coordinating = CoordinationWatch(session)
        self._details = RecordDetails(session)
        self._shelf = RecordShelf()

    def views(self) -> NewestOnlyStream:
        """Yields the newest sample whenever there is one; only what changed is sent."""
        views = keep_incidents(self._watch.views(), self.incident_keeper())
        return NewestOnlyStream(views, ViewEncoder().encode)

    async def refresh(self) -> None:
        """Samples at once, over new connections where the old ones did not answer."""
        session = self.require_session()
        await session.cluster.renew()
        self._watch.refresh_now()

    async def look_at(self, groups: Collection[str], topics: Collection[str]) -> None:
        """Records what is on the screen, which is sampled more often."""
        self.require_session()
        self._watch.look_at(groups, topics)

    async def hide(self, *, hidden: bool) -> None:
        """Records whether the window is visible; a hidden window samples less often."""
        self.require_session()
        self._watch.hidden = hidden

    async def pause(self, *, paused: bool) -> None:
        """Stops taking samples, but for one at each refresh, or goes on."""
        self.require_session()
        self._watch.paused = paused

    async def group_detail(self, group: str) -> GroupDetail | None:
        """Returns one group as it was last sampled; None where it does not exist."""
        self.require_session()
        return self._watch.group_detail(group)

    async def topic_detail(self, topic: str) -> TopicDetail | None:
        """Returns one topic as it was last sampled; None where it does not exist."""
        self.require_session()
        return self._watch.topic_detail(topic)

    async def sparklines(self, groups: Sequence[str]) -> Sparklines:
        """Returns the total lag of each group over the last hour."""
        self.require_session()
        return self._watch.sparklines(groups)

    async def history(self, group: str, partition: TopicPartition) -> tuple[Point, ...]:
        """Returns the last hour of one partition of one group, oldest first."""
        self.require_session()
        return tuple(self._watch.history(group, partition))

    async def committed(self, places: Sequence[tuple[str, TopicPartition]]) -> tuple[int | None, ...]:
        """Returns committed offsets as they were last sampled."""
        self.require_session()
        return tuple(self._watch.committed(*place) for place in places)

    async def bounds(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, PartitionOffsets]:
        """Returns the bounds of logs as they were last sampled."""
        self.require_session()
        return {partition: self._watch.bounds(partition) for partition in partitions}

    async def topic_settings(self, topic: str) -> tuple[Setting, ...]:
        """Reads the configuration of a topic, with documentation."""
        return await self._cluster.brokers.topic_settings(topic)

    async def records_around(self, place: TopicPartition, offset: int, *, uncommitted: bool) -> Around:
        """Reads the records around an offset."""
        return await read_around(self.require_session(), place, offset, uncommitted=uncommitted)

    async def scan(self, request: ScanRequest) -> AsyncGenerator[ScanProgress, None]:
        """Scans a range of a topic."""
        from kafkaview.records.positions import parse_position
        from kafkaview.triage.scan.scan import scan

        topic = request.topic
        work = scan(
            self.require_session(),
            [TopicPartition(topic, number) for number in request.partitions] or [topic],
            value_rules=await _rules(request.value_rule),
            key_rules=await _rules(request.key_rule),
            start=parse_position(request.start),
            end=parse_position(request.end),
        )
        async with aclosing(work) as steps:
            async for progress in steps:
                yield progress

    async def topic_format(self, topic: str) -> str:
        """Returns the format of a topic's own values and how that is known."""
        session = self.require_session()
        return (await session.decoders.of(session.cluster, topic)).how

    async def topic_expectation(self, topic: str) -> str:
        """Returns what a topic's values are held to and how that is known; empty where it is not."""
        from kafkaview.triage.scan.rule_sets import describe_expectation

        return await describe_expectation(self.require_session(), topic)

    async def topic_rules(self, topic: str) -> TopicRules:
        """Returns the rules that are kept for a topic."""
        from kafkaview.triage.scan.trial import kept_rules

        return await kept_rules(self.require_session(), topic)

    async def try_rules(self, topic: str, rules: TopicRules) -> RuleTrial:
        """Holds the newest records of a topic to rules."""
        from kafkaview.triage.scan.trial import try_rules

        return await try_rules(self.require_session(), topic, rules)

    async def keep_rules(self, topic: str, rules: TopicRules) -> None:
        """Keeps rules for a topic in place of those before."""
        from kafkaview.triage.scan.trial import keep_rules

        await keep_rules(self.require_session(), topic, rules)

    def read_records(self, request: ReadRequest) -> AsyncGenerator[RecordsBatch, None]:
        """Yields the rows of a read and its progress."""
        from kafkaview.records.read import read_records

        return read_records(self.require_session(), request, self._shelf)

    def follow_records(self, request: FollowRequest) -> AsyncGenerator[Arrival[RecordRow], None]:
        """Yields the rows of records as they come in."""
        from kafkaview.records.read import follow_records

        return follow_records(self.require_session(), request, self._shelf)

    async def rows_again(self, topic: str, places: Sequence[tuple[int, int]]) -> tuple[RecordRow, ...] | None:
        """Returns rows of records that were read last, as the topic's formats read them now."""
        from kafkaview.records.decoding import row_maker

        records = self._shelf.find(topic, places)
        if records is None:
            return None
        make = await row_maker(self.require_session(), topic)
        return tuple(await asyncio.to_thread(make, records))

    async def record_at(self, place: TopicPartition, offset: int, *, uncommitted: bool = False) -> RecordDetail:
        """Reads one record, of large fields only their heads."""
        return await self._record_details.at(place, offset, uncommitted=uncommitted)

    async def record_bytes(
        self,
        place: TopicPartition,
        offset: int,
        field: RecordField,
        first: int,
        length: int,
        *,
        header: int = 0,
        uncommitted: bool = False,
    ) -> bytes:
        """Returns some bytes of a record's key, value or header."""
        return await self._record_details.part(
            place, offset, field, first, length, header=header, uncommitted=uncommitted
        )

    async def record_text(
        self, place: TopicPartition, offset: int, first: int, length: int, *, uncommitted: bool = False
    ) -> str:
        """Returns characters of the text that a decoder makes of a record's value."""
        return await self._record_details.text(place, offset, first, length, uncommitted=uncommitted)

    async def record_schemas(
        self, place: TopicPartition, offset: int, *, uncommitted: bool = False
    ) -> tuple[FieldSchema, ...]:
        """Returns the schemas that the value and the key of a record name."""
        return await self._record_details.schemas(place, offset, uncommitted=uncommitted)

    async def save_value(self, place: TopicPartition, offset: int, path: Path, *, uncommitted: bool = False) -> int:
        """Writes the bytes of a record's value into a file."""
        return await self._record_details.save(place, offset, path, uncommitted=uncommitted)

    async def decode_bytes(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[Header] = ()
    ) -> tuple[DecodedField | None, DecodedField | None]:
        """Returns what a topic's decoders say of a key and a value that it might get."""
        from kafkaview.records.decoding import decode_record
        from kafkaview.terms import Record, TimestampType

        draft = Record(topic, 0, 0, None, TimestampType.NOT_AVAILABLE, key, value, tuple(headers))
        return await decode_record(self.require_session(), draft)

    async def check_filter(
        self, where: str, place: TopicPartition | None = None, offset: int = 0, decode: str = ""
    ) -> FilterCheck:
        """Compiles a filter, and evaluates it on a record if one is named."""
        return await self._record_details.check_filter(where, place, offset, decode)

    async def decoder_choice(self, topic: str) -> DecoderChoice:
        """Returns the rules that are kept for a topic's keys and values."""
        return await self.require_session().decoders.choice(topic)

    async def choose_decoders(self, topic: str, choice: DecoderChoice) -> None:
        """Reads a topic's keys and values by these rules from now on."""
        await self.require_session().decoders.remember(topic, choice)

    async def topic_filters(self, topic: str) -> TopicFilters:
        """Returns the filters that are kept for a topic."""
        return await asyncio.to_thread(self._filters.get, topic)

    async def save_filter(self, topic: str, name: str, expression: str) -> None:
        """Keeps a filter of a topic under a name."""
        await asyncio.to_thread(self._filters.save, topic, name, expression)

    async def forget_filter(self, topic: str, name: str) -> None:
        """Deletes a filter of a topic."""
        await asyncio.to_thread(self._filters.forget, topic, name)

    async def use_filter(self, topic: str, expression: str) -> None:
        """Keeps a filter among those used last on a topic."""
        await asyncio.to_thread(self._filters.use, topic, expression)

    def topic_statistics(self, request: StatisticsRequest) -> AsyncGenerator[TopicStatistics, None]:
        """Reads a range of a topic through and yields what was counted so far."""
        from kafkaview.records.statistics import topic_statistics

        return topic_statistics(self.require_session(), request)

    def export_records(self, request: ExportRequest) -> AsyncGenerator[ExportProgress, None]:
        """Writes the records of a range into a file."""
        from kafkaview.records.export_file import export_records

        return export_records(self.require_session(), request)

    async def group_commits(self, group: str) -> GroupCommitStyles:
        """Returns how a group commits."""
        from kafkaview.triage.commits.observation import observe_commits

        return await observe_commits(self._cluster, group)

    async def dead_letter_topics(self, wanted: str) -> DeadLetterTopics:
        """Returns the topics of dead letters."""
        from kafkaview.triage.dead_letters.recognition import find_dead_letter_topics

        return await find_dead_letter_topics(self._cluster, wanted=wanted)

    def dead_letter_breakdown(self, request: BreakdownRequest) -> AsyncGenerator[LetterBreakdown, None]:
        """Reads a range of a topic through and yields what was counted so far."""
        from kafkaview.triage.dead_letters.breakdown import break_down

        return break_down(self.require_session(), request)

    def dead_letters(self, request: LettersRequest) -> AsyncGenerator[LettersBatch, None]:
        """Yields the newest dead letters of a topic."""
        from kafkaview.triage.dead_letters.letters import read_letters

        return read_letters(self.require_session(), request)

    async def redriven_letters(self, records: Sequence[RecordId]) -> tuple[RedrivenLetter, ...]:
        """Returns which dead letters of one queue were sent back, and when."""
        from kafkaview.triage.redrive.trial_run import find_redriven

        return await find_redriven(self.require_session(), records)

    def redrive_trials(self, request: RedriveRequest) -> AsyncGenerator[RedriveTrial, None]:
        """Tries a redrive with its rule, writes nothing, and yields what was counted so far."""
        from kafkaview.triage.redrive.trial_run import try_redrive

        return try_redrive(self.require_session(), request)

    async def draft_letter(self, request: RedriveRequest) -> LetterDraft:
        """Returns the value of the one dead letter of a request, to be edited."""
        from kafkaview.triage.redrive.trial_run import draft_letter

        return await draft_letter(self.require_session(), request)

    def coordination_views(self) -> NewestOnlyStream:
        """Yields the newest state of the quorum or ZooKeeper whenever there is one."""
        self.require_session()
        return NewestOnlyStream(self._coordinating.views(), lambda view: view)

    async def refresh_coordination(self) -> None:
        """Reads the quorum or ZooKeeper at once."""
        self.require_session()
        self._coordinating.refresh_now()

    async def brokers(self) -> tuple[BrokerDescription, ...]:
        """Reads the brokers."""
        return await self._cluster.brokers.describe()

    async def directory_sizes(self) -> Mapping[int, tuple[DirectorySize, ...] | ClusterError]:
        """Reads the log directories of each broker."""
        directories = await self._cluster.brokers.log_directories()
        return {
            broker: answer if isinstance(answer, ClusterError) else tuple(map(DirectorySize.of, answer))
            for broker, answer in directories.items()
        }

    async def balance(self) -> Balance | None:
        """Returns the load of each broker, bytes as far as the brokers report them; None where no topic may be seen."""
        cluster = self._cluster
        topics, brokers, omissions = await asyncio.gather(
            cluster.topics(), cluster.brokers.describe(), cluster.omissions()
        )
        try:
            directories = await cluster.brokers.log_directories()
        except ClusterError:
            directories = {}
        moves = await read_moves(cluster, out_of_sync=any_out_of_sync(topics))
        known = None if isinstance(moves, ClusterError) else moves
        if not topics:
            return None
        carried = balance(topics, [broker.id for broker in brokers], directories, known)
        return replace(carried, hidden=any(one.of_topics for one in omissions))

    async def reassignments(self) -> tuple[Reassignment, ...]:
        """Reads the reassignments in progress."""
        return await self._cluster.brokers.reassignments()

    async def broker_settings(self, broker: int) -> tuple[Setting, ...]:
        """Reads the configuration of a broker."""
        return await self._cluster.brokers.broker_settings(broker)

    async def transactions(self) -> Transactions:
        """Reads the open transactions that the coordinators know."""
        return await self._cluster.transactions.transactions()

    def open_transactions(self) -> AsyncGenerator[Transactions | ClusterError | OpenTransactions, None]:
        """Reads the coordinators' transactions, then the open transactions of every partition, judged."""
        session = self.require_session()

        async def work(report: Callable[[Transactions | ClusterError], None]) -> OpenTransactions:
            from kafkaview.triage.watch.hanging import find_hanging

            async def listing() -> Transactions:
                try:
                    known = await session.cluster.transactions.transactions()
                except ClusterError as error:
                    report(error)
                    raise
                report(known)
                return known

            return await find_hanging(session, listing=listing)

        return Reports(work).items()

    async def zookeeper_node(self, path: str) -> ZooKeeperNode:
        """Reads one node of ZooKeeper."""
        return await self._cluster.zookeeper_node(path)

    async def rules(self) -> Rules:
        """Reads the ACLs and the settings that decide beside them."""
        from kafkaview.security.plans import rules_of

        return await rules_of(self._cluster)

    async def scram_users(self) -> tuple[ScramCredential, ...]:
        """Reads the SCRAM users."""
        return tuple(await self._cluster.security.scram_users())

    async def quotas(self) -> tuple[Quota, ...]:
        """Reads the client quotas."""
        return tuple(await self._cluster.security.quotas())

    async def tokens(self) -> tuple[DelegationToken, ...]:
        """Reads the delegation tokens."""
        return tuple(await self._cluster.security.tokens())

    async def certificates(self) -> tuple[ListenerCertificate, ...]:
        """Reads the certificate of each listener."""
        return tuple(await self._cluster.security.certificates())

    async def plan_reroute(self, request: RerouteRequest) -> ReroutePlan:
        """Plans a re-route, to the queue that the topic's records were sent to last if none is named."""
        from kafkaview.triage.reroute.planner import plan_request

        session = self.require_session()
        if request.dlq is None:
            request = replace(request, dlq=self._queues.get(request.records[0].topic))
        return self._keep(await plan_request(session, request))

    async def queue_names(self) -> tuple[str, ...]:
        """Returns the topics that have the name of a dead letter queue, sorted."""
        from kafkaview.triage.dead_letters.topic_names import is_named_as_queue

        pattern = self.require_session().profile.dead_letter_queue
        topics = (await self._cluster.partition_table()).topics
        return tuple(sorted(topic for topic in topics if is_named_as_queue(topic, pattern)))

    async def plan_offsets(self, request: OffsetsRequest) -> ChangePlan:
        """Plans a change of committed offsets."""
        from kafkaview.writes.offsets.planner import plan_offsets
        from kafkaview.writes.offsets.request import read_offsets_file

        return self._keep(await plan_offsets(self.require_session(), read_offsets_file(request)))

    async def plan_undo(self, journal_id: int, ways: MemberWays | None = None) -> ChangePlan:
        """Plans to give back what stood before a journal entry."""
        from kafkaview.engine.undo_planners import plan_undo

        return self._keep(await plan_undo(self.require_session(), journal_id, ways))

    async def read_skipped(
        self, spans: Mapping[TopicPartition, tuple[int, int]], limit: int = 20
    ) -> Mapping[TopicPartition, SkippedRecords]:
        """Reads the first records of each span of offsets that a group would skip."""
        return await read_skipped(self.require_session(), spans, limit)

    async def drop_plan(self) -> None:
        """Drops a plan that was not executed: it may hold a password for the broker."""
        self._plan = None

    async def stop_write(self) -> None:
        """Ends the plan that is being carried out after what is on its way."""
        if self._stop is not None:
            self._stop()

    def carry_out(self, plan: AnyPlan) -> AsyncGenerator[WriteStep | ChangeEnd, None]:
        """Executes a plan: the one that is kept here, if it is that one."""
        session = self.require_session()
        kept, self._plan = self._plan, None
        whole = kept if kept is not None and kept.id == plan.id else plan

        self._stop = getattr(whole, "stop", None)

        async def work(report: Callable[[WriteStep], None]) -> ChangeEnd:
            from kafkaview.writes.carrying_out import carry_out

            outcome = await carry_out(session, whole, report)
            await self._note_incidents(outcome)
            self._keep_queue(whole)
            return ChangeEnd(outcome, whole.given.take() if whole.given else None)

        return Reports[WriteStep, ChangeEnd](work).items()

    def _keep_queue(self, plan: AnyPlan) -> None:
        """Keeps the queue of a re-route for the next one of the topic."""
        from kafkaview.triage.reroute.plan import ReroutePlan

        if isinstance(plan, ReroutePlan):
            self._queues.keep(plan.subject, plan.dlq)

    def find_outcome(self, plan: AnyPlan, since_ms: int) -> AsyncGenerator[WriteStep | ChangeEnd, None]:
        """Finds out what a plan did whose engine has ended, and completes it if its kind can be completed."""
        session = self.require_session()

        async def work(report: Callable[[WriteStep], None]) -> ChangeEnd:
            from kafkaview.engine.cut_off_writes import find_look
            from kafkaview.writes.carrying_out import find_outcome

            outcome = await find_outcome(session, plan, since_ms, report, find_look=find_look)
            await self._note_incidents(outcome)
            return ChangeEnd(outcome)

        return Reports[WriteStep, ChangeEnd](work).items()

    def __getattr__(self, name: str) -> Callable[..., Awaitable[ChangePlan]]:
        """Returns what makes the plans of this name."""
        planner = find_planner(name)

        async def plan(*arguments: Any) -> ChangePlan:
            return self._keep(await planner(self.require_session(), *arguments))

        return plan

    def incident_keeper(self) -> IncidentKeeper:
        """Returns who keeps the incidents of the open session. Raises RefusedHere where there is none."""
        self.require_session()
        return self._incidents

    async def _note_incidents(self, outcome: ChangeOutcome) -> None:
        from kafkaview.triage.incidents.keeper import note_outcome

        await asyncio.to_thread(note_outcome, self._incidents.store, outcome)

    def _keep(self, plan: P) -> P:
        """Keeps a plan, which may hold a password, until it is executed or another is made, because a window shows one
        at a time. Returns the part that is shown.
        """
        self._plan = plan
        return plan.copy_for_window()

    @property
    def _record_details(self) -> RecordDetails:
        self.require_session()
        return self._details

    @property
    def _filters(self) -> SavedFilters:
        from kafkaview.records.saved_filters import SavedFilters

        return SavedFilters.of(self.require_session().profile)

    @property
    def _queues(self) -> UsualQueues:
        from kafkaview.triage.reroute.usual_queues import UsualQueues

        profile = self.require_session().profile
        return UsualQueues(profile.kept_under, pattern=profile.dead_letter_queue)

    @property
    def _cluster(self) -> Cluster:
        return self.require_session().cluster

    def require_session(self) -> Session:
        """Returns the open session. Raises RefusedHere where there is none."""
        if self._session is None:
            raise RefusedHere("No connection is open in this engine")
        return self._session


async def _prune(session: Session) -> None:
    """Removes from the journal what is too old. One that cannot be used says so where it is looked at, or written."""
    from kafkaview.journal.errors import JournalUnavailable

    with suppress(JournalUnavailable):
        await session.journal.prune(session.profile)


async def _rules(text: str) -> tuple[Rule, ...]:
    """Returns the rule of a text, made on a thread because it may name a schema file; none of an empty one."""
    from kafkaview.cluster.kafka.client_thread import run_aside
    from kafkaview.triage.scan.rules import read_rules

    if not text:
        return ()
    return await run_aside("kafkaview-rule", read_rules, [text])
