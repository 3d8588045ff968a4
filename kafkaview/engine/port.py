"""The calls that a window may make of its engine. The services in this package implement them; `engine.client` sends
them.

A method that returns an AsyncGenerator is a stream. Every method raises ClusterError for an error of the cluster or of
the connection to it, and EngineLost where there is no engine.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a window shall paint before it loads what these bring along
    from kafkaview.cluster.errors import ClusterError
    from kafkaview.cluster.ports.brokers import BrokerDescription, Reassignment, Setting
    from kafkaview.cluster.ports.security import (
        Acl,
        DelegationToken,
        ListenerCertificate,
        NewScramCredential,
        NewToken,
        Quota,
        QuotaEntity,
        ScramCredential,
        ScramMechanism,
    )
    from kafkaview.cluster.ports.transactions import Transactions
    from kafkaview.cluster.ports.zookeeper import ZooKeeperNode
    from kafkaview.coordination.balance import Balance, DirectorySize
    from kafkaview.coordination.view import CoordinationView
    from kafkaview.decode.choices import DecoderChoice
    from kafkaview.demo.steps import DemoStep
    from kafkaview.doctor.diagnosis import Diagnosis, DiagnosisStep
    from kafkaview.journal.export import JournalExport
    from kafkaview.journal.search import EntriesPage, JournalRequest
    from kafkaview.profiles.last_read import Shelf
    from kafkaview.profiles.profile import ConnectionProfile
    from kafkaview.profiles.security import SecretField, Secrets
    from kafkaview.records.decoding import DecodedField
    from kafkaview.records.detail import FilterCheck, RecordDetail, RecordField
    from kafkaview.records.export_file import ExportProgress, ExportRequest
    from kafkaview.records.follow import Arrival
    from kafkaview.records.request import FollowRequest, ReadRequest, RecordsBatch
    from kafkaview.records.rows import RecordRow
    from kafkaview.records.saved_filters import TopicFilters
    from kafkaview.records.schema import FieldSchema
    from kafkaview.records.statistics import StatisticsRequest, TopicStatistics
    from kafkaview.security.decision import Rules
    from kafkaview.terms import Header, PartitionOffsets, RecordId, TopicPartition
    from kafkaview.triage.commits.commit import GroupCommitStyles
    from kafkaview.triage.dead_letters.recognition import DeadLetterTopics
    from kafkaview.triage.dead_letters.request import BreakdownRequest, LetterBreakdown, LettersBatch, LettersRequest
    from kafkaview.triage.incidents.incident import IncidentState
    from kafkaview.triage.incidents.kept_rows import KnownIncidents
    from kafkaview.triage.log_lines import BlamedRecord
    from kafkaview.triage.neighbours import Around, SkippedRecords
    from kafkaview.triage.redrive.plan import RedrivePlan
    from kafkaview.triage.redrive.request import RedriveRequest
    from kafkaview.triage.redrive.trial import LetterDraft, RedrivenLetter, RedriveTrial
    from kafkaview.triage.reroute.bulk.request import BulkRequest
    from kafkaview.triage.reroute.plan import ReroutePlan
    from kafkaview.triage.reroute.request import RerouteRequest
    from kafkaview.triage.scan.findings import Finding
    from kafkaview.triage.scan.kept_rules import TopicRules
    from kafkaview.triage.scan.request import ScanRequest
    from kafkaview.triage.scan.scan import ScanProgress
    from kafkaview.triage.scan.trial import RuleTrial
    from kafkaview.triage.watch.hanging import OpenTransactions
    from kafkaview.triage.watch.sample_arrays import GroupDetail, Sparklines, TopicDetail
    from kafkaview.triage.watch.verdict import Stuck
    from kafkaview.triage.watch.view import Point, View
    from kafkaview.writes.journal_view import EntryView, PayloadRow, PayloadView
    from kafkaview.writes.offsets.request import MemberWays, OffsetsRequest
    from kafkaview.writes.outcome import ChangeEnd, ChangeOutcome
    from kafkaview.writes.plan import ChangePlan, Plan
    from kafkaview.writes.records.request import ImportRequest, ProductionRequest
    from kafkaview.writes.steps import WriteStep
    from kafkaview.writes.topics.creation import NewTopic
    from kafkaview.writes.topics.emptying import EmptyingRequest


class WatchCalls(Protocol):
    """The samples of the watched cluster, and what is read of it on request."""

    def views(self) -> AsyncGenerator[View, None]:
        """Yields the newest sample whenever there is one."""
        ...

    async def refresh(self) -> None:
        """Samples at once, over new connections where the old ones did not answer."""
        ...

    async def look_at(self, groups: Collection[str], topics: Collection[str]) -> None:
        """Records what is on the screen, which is sampled more often."""
        ...

    async def hide(self, *, hidden: bool) -> None:
        """Records whether the window is visible; a hidden window samples less often."""
        ...

    async def pause(self, *, paused: bool) -> None:
        """Stops taking samples, but for one at each refresh, or goes on."""
        ...

    async def group_detail(self, group: str) -> GroupDetail | None:
        """Returns one group as it was last sampled; None where it does not exist."""
        ...

    async def group_commits(self, group: str) -> GroupCommitStyles:
        """Returns how a group commits, by what its coordinator stored in the last ten minutes; where that may not be
        read, by polling for half a minute. Raises UnknownGroup.
        """
        ...

    async def topic_detail(self, topic: str) -> TopicDetail | None:
        """Returns one topic as it was last sampled; None where it does not exist."""
        ...

    async def sparklines(self, groups: Sequence[str]) -> Sparklines:
        """Returns the total lag of each group over the last hour, 60 points at most; -1 where it was unknown."""
        ...

    async def history(self, group: str, partition: TopicPartition) -> tuple[Point, ...]:
        """Returns the last hour of one partition of one group, oldest first."""
        ...

    async def committed(self, places: Sequence[tuple[str, TopicPartition]]) -> tuple[int | None, ...]:
        """Returns the committed offset of each group on its partition as it was last sampled; None where it is not
        known.
        """
        ...

    async def bounds(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, PartitionOffsets]:
        """Returns the bounds of logs as they were last sampled."""
        ...

    async def topic_settings(self, topic: str) -> tuple[Setting, ...]:
        """Reads the configuration of a topic, with documentation."""
        ...

    async def records_around(self, place: TopicPartition, offset: int, *, uncommitted: bool) -> Around:
        """Reads the records around an offset. Raises OffsetOutOfRange where retention has removed it."""
        ...

    def scan(self, request: ScanRequest) -> AsyncGenerator[ScanProgress, None]:
        """Scans a range of a topic. Raises ValueError for a rule or a position that cannot be parsed."""
        ...

    async def topic_format(self, topic: str) -> str:
        """Returns the format of a topic's own values and how that is known: `176 of 176 sampled records are JSON`."""
        ...

    async def topic_expectation(self, topic: str) -> str:
        """Returns what a topic's values are held to, by the rules that are kept for it or else its own format: `6 of 6
        sampled records are JSON`. Empty where neither is known.
        """
        ...

    async def topic_rules(self, topic: str) -> TopicRules:
        """Returns the rules that are kept for a topic."""
        ...

    async def try_rules(self, topic: str, rules: TopicRules) -> RuleTrial:
        """Holds the newest records of a topic to rules. Raises ValueError for a rule that cannot be used."""
        ...

    async def keep_rules(self, topic: str, rules: TopicRules) -> None:
        """Keeps rules for a topic in place of those before; none forgets them. Raises StoreUnavailable."""
        ...


class RecordCalls(Protocol):
    """The reads of records."""

    def read_records(self, request: ReadRequest) -> AsyncGenerator[RecordsBatch, None]:
        """Yields the rows of a read and its progress; the last batch is `ended` and says where a further read goes on.
        Raises ValueError for a position or a filter that cannot be parsed.
        """
        ...

    def follow_records(self, request: FollowRequest) -> AsyncGenerator[Arrival[RecordRow], None]:
        """Yields the rows of records as they come in, at least four times a second, until the topic is deleted. Nothing
        is read while the window does not take a batch. Raises ValueError as `read_records` does.
        """
        ...

    async def rows_again(self, topic: str, places: Sequence[tuple[int, int]]) -> tuple[RecordRow, ...] | None:
        """Returns the rows at some places (partition and offset), as the topic's formats read them now, without a read;
        None where not all of their records are at hand.
        """
        ...

    async def record_at(self, place: TopicPartition, offset: int, *, uncommitted: bool = False) -> RecordDetail:
        """Reads one record, of large fields only their heads. Raises OffsetOutOfRange with the reason why there is
        none.
        """
        ...

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
        """Returns some bytes of a record's key, value or header, which is named by its place among the headers."""
        ...

    async def record_text(
        self, place: TopicPartition, offset: int, first: int, length: int, *, uncommitted: bool = False
    ) -> str:
        """Returns characters of the text that a decoder makes of a record's value."""
        ...

    async def record_schemas(
        self, place: TopicPartition, offset: int, *, uncommitted: bool = False
    ) -> tuple[FieldSchema, ...]:
        """Returns the schemas that the value and the key of a record name; waits for the registry, some seconds."""
        ...

    async def save_value(self, place: TopicPartition, offset: int, path: Path, *, uncommitted: bool = False) -> int:
        """Writes the bytes of a record's value into a file and returns how many. Raises OSError."""
        ...

    async def decode_bytes(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[Header] = ()
    ) -> tuple[DecodedField | None, DecodedField | None]:
        """Returns what a topic's decoders say of a key and a value that it might get; None of null."""
        ...

    async def check_filter(
        self, where: str, place: TopicPartition | None = None, offset: int = 0, decode: str = ""
    ) -> FilterCheck:
        """Compiles a filter, and evaluates it on a record if one is named."""
        ...

    async def decoder_choice(self, topic: str) -> DecoderChoice:
        """Returns the rules that are kept for a topic's keys and values."""
        ...

    async def choose_decoders(self, topic: str, choice: DecoderChoice) -> None:
        """Reads a topic's keys and values by these rules from now on. Raises ValueError for a rule that cannot be used,
        and ProfileError where the choice cannot be kept.
        """
        ...

    async def topic_filters(self, topic: str) -> TopicFilters:
        """Returns the filters that are kept for a topic."""
        ...

    async def save_filter(self, topic: str, name: str, expression: str) -> None:
        """Keeps a filter of a topic under a name. Raises StoreUnavailable, as the next two do."""
        ...

    async def forget_filter(self, topic: str, name: str) -> None:
        """Deletes a filter of a topic."""
        ...

    async def use_filter(self, topic: str, expression: str) -> None:
        """Keeps a filter among those used last on a topic."""
        ...

    def topic_statistics(self, request: StatisticsRequest) -> AsyncGenerator[TopicStatistics, None]:
        """Reads a range of a topic through and yields what was counted so far. Raises ValueError for a position that
        cannot be parsed.
        """
        ...

    def export_records(self, request: ExportRequest) -> AsyncGenerator[ExportProgress, None]:
        """Writes the records of a range into a file; yields the progress. Closing the stream removes what was written.
        Raises ValueError as `read_records` does, and OSError.
        """
        ...


class IncidentCalls(Protocol):
    """What was found wrong, as it is kept with the connection. Every method raises IncidentsUnavailable where the file
    cannot be used.
    """

    async def incidents(self, number: int) -> KnownIncidents | None:
        """Returns the rows of the incidents that are kept; None where they are those of `number`."""
        ...

    async def record_states(self, topic: str) -> dict[RecordId, IncidentState]:
        """Returns what became of the records of a topic that are kept."""
        ...

    async def ignore_standing(self, stuck: Stuck) -> None:
        """Ignores a group where it stands now, until it moves."""
        ...

    async def ignore_incident(self, incident: int) -> None:
        """Ignores the open places of an incident."""
        ...

    async def reopen_incident(self, incident: int, state: IncidentState) -> None:
        """Makes the places of an incident open again that are in a state."""
        ...

    async def note_incident(self, incident: int, text: str) -> None:
        """Replaces the note of an incident."""
        ...

    async def keep_findings(self, findings: Sequence[Finding]) -> None:
        """Keeps findings of a scan as incidents."""
        ...

    async def export_findings(
        self,
        path: Path,
        findings: Sequence[Finding],
        stops: Mapping[RecordId, Sequence[str]],
        states: Mapping[RecordId, str],
    ) -> None:
        """Writes findings into a file, CSV or JSON lines by its name, with the groups that stand on each record and
        what became of it. Raises OSError.
        """
        ...

    async def read_log(self, text: str) -> tuple[BlamedRecord, ...]:
        """Returns the records that pasted log lines blame."""
        ...

    async def read_log_file(self, path: Path) -> tuple[BlamedRecord, ...]:
        """Returns the records that a log file blames. Raises OSError."""
        ...

    async def keep_blamed(self, blamed: Sequence[BlamedRecord]) -> None:
        """Keeps what log lines blame as incidents."""
        ...


class DeadLetterCalls(Protocol):
    """The reads of dead letters."""

    async def dead_letter_topics(self, wanted: str) -> DeadLetterTopics:
        """Returns the topics of dead letters, by headers, configuration or name. `wanted` is always looked into."""
        ...

    def dead_letter_breakdown(self, request: BreakdownRequest) -> AsyncGenerator[LetterBreakdown, None]:
        """Reads a range of a topic through and yields what was counted so far, by cause, origin and hour."""
        ...

    def dead_letters(self, request: LettersRequest) -> AsyncGenerator[LettersBatch, None]:
        """Yields the newest dead letters of a topic, or of one cause or hour."""
        ...

    async def redriven_letters(self, records: Sequence[RecordId]) -> tuple[RedrivenLetter, ...]:
        """Returns which dead letters of one queue were sent back, and when."""
        ...

    def redrive_trials(self, request: RedriveRequest) -> AsyncGenerator[RedriveTrial, None]:
        """Tries a redrive with its rule, writes nothing, and yields what was counted so far. Raises ClusterError where
        a rule cannot be used.
        """
        ...

    async def draft_letter(self, request: RedriveRequest) -> LetterDraft:
        """Returns the value of the one dead letter of a request, to be edited."""
        ...


class JournalCalls(Protocol):
    """The calls about the journal. Each raises JournalUnavailable where its file cannot be used."""

    async def journal_page(self, request: JournalRequest) -> EntriesPage:
        """Returns some entries that fit a request, the newest first."""
        ...

    async def journal_entry(self, entry_id: int) -> EntryView | None:
        """Returns one entry; None where there is none."""
        ...

    async def journal_payloads(self, entry_id: int, first: int, limit: int) -> tuple[PayloadRow, ...]:
        """Returns some records of an entry, without their bytes."""
        ...

    async def journal_payload(self, entry_id: int, record: RecordId) -> PayloadView | None:
        """Returns one record of an entry, of large fields only their heads; None where it is not there."""
        ...

    async def save_journal_value(self, entry_id: int, record: RecordId, path: Path) -> int:
        """Writes the bytes of a record's value into a file and returns how many. Raises PayloadUnreadable, OSError."""
        ...

    async def last_write(self, cluster_id: str | None) -> EntryView | None:
        """Returns the newest write on a cluster that is no undo and is not undone; None where there is none."""
        ...

    def export_journal(self, request: JournalRequest, path: Path) -> AsyncGenerator[JournalExport, None]:
        """Writes the entries that fit a request into a file, as JSON lines; yields the progress. Closing the stream
        removes what was written. Raises OSError.
        """
        ...


class CoordinationCalls(Protocol):
    """The calls about brokers, the quorum, ZooKeeper and transactions."""

    def coordination_views(self) -> AsyncGenerator[CoordinationView, None]:
        """Yields the newest state of the quorum or ZooKeeper whenever there is one."""
        ...

    async def refresh_coordination(self) -> None:
        """Reads the quorum or ZooKeeper at once."""
        ...

    async def brokers(self) -> tuple[BrokerDescription, ...]:
        """Reads the brokers."""
        ...

    async def directory_sizes(self) -> Mapping[int, tuple[DirectorySize, ...] | ClusterError]:
        """Reads the log directories of each broker."""
        ...

    async def balance(self) -> Balance | None:
        """Returns the load of each broker; None where no topic may be seen."""
        ...

    async def reassignments(self) -> tuple[Reassignment, ...]:
        """Reads the reassignments in progress."""
        ...

    async def broker_settings(self, broker: int) -> tuple[Setting, ...]:
        """Reads the configuration of a broker."""
        ...

    async def transactions(self) -> Transactions:
        """Reads the open transactions that the coordinators know."""
        ...

    def open_transactions(self) -> AsyncGenerator[Transactions | ClusterError | OpenTransactions, None]:
        """Reads the coordinators' transactions where needed, then yields the open transactions of every partition, each
        judged whether it hangs.
        """
        ...

    async def zookeeper_node(self, path: str) -> ZooKeeperNode:
        """Reads one node of ZooKeeper."""
        ...


class SecurityCalls(Protocol):
    """The calls about ACLs, users, quotas, tokens and certificates."""

    async def rules(self) -> Rules:
        """Reads the ACLs and the settings that decide beside them."""
        ...

    async def scram_users(self) -> tuple[ScramCredential, ...]:
        """Reads the SCRAM users."""
        ...

    async def quotas(self) -> tuple[Quota, ...]:
        """Reads the client quotas."""
        ...

    async def tokens(self) -> tuple[DelegationToken, ...]:
        """Reads the delegation tokens."""
        ...

    async def certificates(self) -> tuple[ListenerCertificate, ...]:
        """Reads the certificate of each listener."""
        ...


class WriteCalls(Protocol):
    """The calls for writes: a plan first, which writes nothing, then its execution."""

    async def plan_reroute(self, request: RerouteRequest) -> ReroutePlan:
        """Plans a re-route."""
        ...

    async def plan_bulk_reroute(self, request: BulkRequest) -> ChangePlan:
        """Plans to send many records of a topic to a queue. Raises ClusterError where topic, partition or group is not
        there.
        """
        ...

    async def queue_names(self) -> tuple[str, ...]:
        """Returns the topics that have the name of a dead letter queue, sorted."""
        ...

    async def plan_create_acls(self, acls: Sequence[Acl]) -> ChangePlan:
        """Plans new ACLs."""
        ...

    async def plan_delete_acls(self, acls: Sequence[Acl]) -> ChangePlan:
        """Plans the deletion of ACLs."""
        ...

    async def plan_set_scram(self, credential: NewScramCredential) -> ChangePlan:
        """Plans a SCRAM user, or a new password for one."""
        ...

    async def plan_delete_scram(self, user: str, mechanism: ScramMechanism) -> ChangePlan:
        """Plans the deletion of a SCRAM credential."""
        ...

    async def plan_set_quota(self, entity: QuotaEntity, limits: Mapping[str, float | None]) -> ChangePlan:
        """Plans the limits of an entity; None removes one."""
        ...

    async def plan_create_token(self, new: NewToken) -> ChangePlan:
        """Plans a delegation token."""
        ...

    async def plan_renew_token(self, token_id: str) -> ChangePlan:
        """Plans a later expiry of a delegation token."""
        ...

    async def plan_expire_token(self, token_id: str) -> ChangePlan:
        """Plans the end of a delegation token."""
        ...

    async def plan_add_voter(self, voter: int, directory_id: str | None) -> ChangePlan:
        """Plans to add a voter."""
        ...

    async def plan_remove_voter(self, voter: int, directory_id: str | None) -> ChangePlan:
        """Plans to remove a voter."""
        ...

    async def plan_elections(self) -> ChangePlan:
        """Plans the election of preferred leaders."""
        ...

    async def plan_cancellations(self, partitions: Collection[TopicPartition] | None) -> ChangePlan:
        """Plans to cancel reassignments; None cancels all."""
        ...

    async def plan_abort(self, partition: TopicPartition, producer_id: int, start_offset: int | None) -> ChangePlan:
        """Plans to abort a hanging transaction."""
        ...

    async def plan_offsets(self, request: OffsetsRequest) -> ChangePlan:
        """Plans a change of committed offsets. Its `offsets` holds the rows, the members and the partitions that stay
        unchanged. `problems` holds what prevents the change (members, no commit).
        """
        ...

    async def plan_skip(self, group: str, record: RecordId, ways: MemberWays) -> ChangePlan:
        """Plans to move a group exactly past one record, which is copied nowhere; the journal keeps it."""
        ...

    async def plan_undo(self, journal_id: int, ways: MemberWays | None = None) -> ChangePlan:
        """Plans to give back what stood before a journal entry: committed offsets (`ways` is what is done with members
        of the group), a topic's settings, or that there was no such topic. Raises RefusedHere for any other entry.
        """
        ...

    async def plan_delete_offsets(self, group: str, topic: str) -> ChangePlan:
        """Plans to delete a group's committed offsets of a topic."""
        ...

    async def plan_delete_group(self, group: str) -> ChangePlan:
        """Plans to delete a group with its committed offsets."""
        ...

    async def plan_create_topic(self, new: NewTopic) -> ChangePlan:
        """Plans to create a topic; `problems` holds why the controller would refuse it."""
        ...

    async def plan_delete_topic(self, name: str) -> ChangePlan:
        """Plans to delete a topic with its records."""
        ...

    async def plan_add_partitions(self, topic: str, to: int) -> ChangePlan:
        """Plans to give a topic `to` partitions in all."""
        ...

    async def plan_empty_topic(self, request: EmptyingRequest) -> ChangePlan:
        """Plans to delete the records of a topic before an offset or a time. Raises OffsetOutOfRange."""
        ...

    async def plan_set_settings(self, topic: str, values: Mapping[str, str]) -> ChangePlan:
        """Plans to set settings of a topic."""
        ...

    async def plan_reset_settings(self, topic: str, names: Collection[str]) -> ChangePlan:
        """Plans to reset settings of a topic to the cluster's."""
        ...

    async def plan_produce_record(self, request: ProductionRequest) -> ChangePlan:
        """Plans one record: where it goes, its bytes, and why the topic would not take it. Raises ClusterError where
        there is no such topic, partition or source record.
        """
        ...

    async def plan_import_records(self, request: ImportRequest) -> ChangePlan:
        """Plans the import of a file, which is read from end to end. Raises ClusterError where there is no such topic,
        or the file cannot be read.
        """
        ...

    async def plan_redrive(self, request: RedriveRequest) -> RedrivePlan:
        """Plans to send dead letters of a queue back; all of them are read. Raises ClusterError where there is no such
        queue or topic, and ValueError for a filter that cannot be used.
        """
        ...

    async def read_skipped(
        self, spans: Mapping[TopicPartition, tuple[int, int]], limit: int = 20
    ) -> Mapping[TopicPartition, SkippedRecords]:
        """Reads the first records of each span of offsets (`OffsetRow.skipped_span`) that a group would skip."""
        ...

    async def drop_plan(self) -> None:
        """Drops a plan that was not executed: it may hold a password for the broker."""
        ...

    async def stop_write(self) -> None:
        """Ends the plan that is being carried out after what is on its way, if it has a `stop`."""
        ...

    def carry_out(self, plan: Plan[ChangeOutcome]) -> AsyncGenerator[WriteStep | ChangeEnd, None]:
        """Executes a plan that the engine has made; yields every step, and the outcome at the end. Closing the stream
        cancels it: while `step.name.may_cancel` nothing is written.
        """
        ...


class ConnectionCalls(Protocol):
    """The calls about saved connections and their secrets. No call returns a secret from the keyring."""

    async def shelf(self) -> Shelf:
        """Reads the saved connections."""
        ...

    async def save(self, profile: ConnectionProfile, secrets: Secrets) -> tuple[ConnectionProfile, Shelf]:
        """Saves a profile, then its secrets in the keyring."""
        ...

    async def remove(self, profile: ConnectionProfile) -> tuple[Shelf, str]:
        """Deletes a profile and its keyring entries. Returns the keyring's error text where it could not be used."""
        ...

    async def duplicate(self, profile: ConnectionProfile) -> tuple[ConnectionProfile, Shelf, str]:
        """Copies a profile with its secrets. Returns the keyring's error text where they could not be copied."""
        ...

    async def move(self, profile: ConnectionProfile, to: int) -> Shelf:
        """Moves a profile to another position of the list."""
        ...

    async def note_use(self, profile: ConnectionProfile) -> Shelf:
        """Records that a profile was connected to."""
        ...

    async def import_file(self, path: Path) -> tuple[ConnectionProfile, Secrets, Shelf, str, tuple[str, ...]]:
        """Makes a profile of a client.properties file. Returns the secrets that the keyring refused with the reason,
        and a sentence for each setting that is not imported.
        """
        ...

    async def find_secrets(self, profile: ConnectionProfile) -> tuple[frozenset[SecretField], str]:
        """Returns which secrets the keyring has, and why it cannot be asked, if it cannot."""
        ...

    async def forget_secret(self, profile: ConnectionProfile, name: SecretField) -> None:
        """Deletes one secret from the keyring."""
        ...

    async def kerberos_problem(self) -> str:
        """Returns why GSSAPI cannot be used on this computer; nothing where it can."""
        ...

    def diagnose(self, profile: ConnectionProfile, typed: Secrets) -> AsyncGenerator[DiagnosisStep | Diagnosis, None]:
        """Runs the doctor; yields every step, and the diagnosis at the end."""
        ...


class DemoCalls(Protocol):
    """The calls of the demo."""

    def demo(self, *, keep: bool) -> AsyncGenerator[DemoStep | tuple[ConnectionProfile, Path], None]:
        """Starts a demo, yields each step and then its profile and its folder, and ends it when the stream is closed:
        while it starts, too.
        """
        ...


class Engine(
    WatchCalls,
    RecordCalls,
    DeadLetterCalls,
    IncidentCalls,
    JournalCalls,
    CoordinationCalls,
    SecurityCalls,
    WriteCalls,
    ConnectionCalls,
    DemoCalls,
    Protocol,
):
    """All calls of an engine."""

    async def open(self, profile: ConnectionProfile, typed: Secrets, journal: Path | None = None) -> None:
        """Opens a profile; `typed` secrets override those of the keyring. Sends nothing to the cluster yet."""
        ...
