"""Planning to create a topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, TopicExists, UnknownTopicOrPartition, attempt
from kafkaview.cluster.ports.cluster import Cluster, TopicDraft
from kafkaview.cluster.ports.names import check_name
from kafkaview.command_words import command_words, option_words
from kafkaview.words import plural
from kafkaview.writes.execution import DirectExecution
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.plan import Caution, ChangePlan, ChangeRow
from kafkaview.writes.steps import Progress
from kafkaview.writes.topics.facts import refuse_sensitive
from kafkaview.writes.topics.settings import check_settings, same_value

if TYPE_CHECKING:
    from kafkaview.session import Session

CREATION = "topics.create"  # the kind in the journal


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A topic to create; None takes the cluster's default."""

    name: str
    partitions: int | None = None
    replication_factor: int | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreatedTopic(ChangeOutcome):
    """The outcome of a creation, with the id by which an undo knows the topic; None before Kafka 2.8."""

    topic_id: str | None = None

    def document(self) -> Mapping[str, Any]:
        """Returns the outcome as JSON."""
        return {**ChangeOutcome.document(self), "topic_id": self.topic_id}


class TopicCreation(DirectExecution):
    """Creates a topic, and keeps the id with which the controller answered."""

    def __init__(
        self, session: Session, plan: ChangePlan, journal_id: int, progress: Progress, made: Sequence[UUID | None]
    ) -> None:
        super().__init__(session, plan, journal_id, progress)
        self._made = made  # the id, once `write` is done

    async def follow(self) -> ChangeOutcome:
        """Reads back."""
        return self._with_id(await super().follow())

    def unfollowed(self) -> ChangeOutcome:
        """Returns that it was written and not read back."""
        return self._with_id(super().unfollowed())

    def _with_id(self, outcome: ChangeOutcome) -> CreatedTopic:
        topic_id = next((str(one) for one in self._made if one is not None), None)
        title, doubt = outcome.message, outcome.doubt
        return CreatedTopic(outcome.journal_id, title, doubt, unseen=outcome.unseen, topic_id=topic_id)


async def plan_create_topic(session: Session, new: NewTopic) -> ChangePlan:
    """Plans to create a topic, as the controller would make it now (CreateTopics with validateOnly); its refusal is the
    plan's problem. Raises RefusedHere for a sensitive setting, and for what Kafka's protocol cannot carry.
    """
    check_name("The topic", new.name)
    check_settings(new.settings)
    draft = await attempt(lambda: _draft(session.cluster, new))
    made = TopicDraft(new.replication_factor, partitions=new.partitions) if isinstance(draft, ClusterError) else draft
    refuse_sensitive(new.settings, [one.name for one in made.settings if one.sensitive])

    ids: list[UUID | None] = []
    taken = PlanNoLongerHolds(f"There is a topic {new.name} meanwhile", "Nothing was written.")

    async def write(cluster: Cluster) -> None:
        try:
            ids.append(await cluster.create_topic(new.name, new.partitions, new.replication_factor, new.settings))
        except TopicExists as error:
            raise taken from error

    async def check(cluster: Cluster) -> None:
        try:
            await cluster.topic(new.name)
        except UnknownTopicOrPartition:
            _check_draft(made, await _draft(cluster, new))
            return
        raise taken

    async def verify(cluster: Cluster) -> str:
        return await topic_difference(cluster, new, made)

    partitions = "as many partitions as the cluster gives"
    if made.partitions is not None:
        partitions = plural(made.partitions, "partition")
    replicas = "as many replicas as the cluster gives"
    if made.replication_factor is not None:
        replicas = f"{plural(made.replication_factor, 'replica')} each"
    return ChangePlan(
        kind=CREATION,
        title=f"Create the topic {new.name}",
        deed="Create the topic",
        subject=new.name,
        rows=(
            ChangeRow(new.name, None, f"{partitions}, {replicas}"),
            *(ChangeRow(name, "the cluster's", value or "empty") for name, value in new.settings.items()),
        ),
        command=command_words(("topics", "create"), [new.name], _options(new)),
        document={
            "topic": new.name,
            "partitions": made.partitions,
            "replication_factor": made.replication_factor,
            "settings": dict(new.settings),
        },
        write=write,
        check=check,
        verify=verify,
        cautions=_cautions(made, await _brokers(session.cluster)),
        problems=(draft,) if isinstance(draft, ClusterError) else (),
        make_execution=lambda session_, plan, entry, progress: TopicCreation(session_, plan, entry, progress, ids),
        undoable=True,
    )


async def _draft(cluster: Cluster, new: NewTopic) -> TopicDraft:
    draft = await cluster.draft_topic(new.name, new.partitions, new.replication_factor, new.settings)
    if new.partitions is not None and draft.partitions is None:
        draft = replace(draft, partitions=new.partitions)
    return draft


def _check_draft(shown: TopicDraft, now: TopicDraft) -> None:
    """Raises PlanNoLongerHolds where the controller would make another topic by now than the plan shows."""
    if now.partitions != shown.partitions:
        other = f"{plural(now.partitions or 0, 'partition')}"
    elif now.replication_factor != shown.replication_factor:
        other = f"{plural(now.replication_factor or 0, 'replica')} each"
    else:
        return
    raise PlanNoLongerHolds(f"The cluster would give it {other} meanwhile", "Nothing was written. Make a new plan.")


async def _brokers(cluster: Cluster) -> int:
    info = await attempt(cluster.describe)
    return 0 if isinstance(info, ClusterError) else len(info.brokers)


async def topic_difference(cluster: Cluster, new: NewTopic, made: TopicDraft) -> str:
    """Returns what of the topic is not as it was to be, in words. Raises ClusterError where that cannot be seen."""
    topic = await cluster.topic(new.name)
    if made.partitions is not None and len(topic.partitions) != made.partitions:
        return f"It has {plural(len(topic.partitions), 'partition')}."
    replicas = topic.replication_factor
    if None not in (made.replication_factor, replicas) and replicas != made.replication_factor:
        return f"It has {plural(replicas or 0, 'replica')} each."
    settings = await attempt(lambda: cluster.topic_settings(new.name)) if new.settings else ()
    if isinstance(settings, ClusterError):
        raise settings
    values = {one.name: one.value for one in settings if not one.sensitive}
    other = [name for name, value in new.settings.items() if name in values and not same_value(values[name], value)]
    return f"{other[0]} is {values[other[0]]}." if other else ""


def _options(new: NewTopic) -> tuple[str, ...]:
    options: list[str] = []
    if new.partitions is not None:
        options += option_words("--partitions", new.partitions)
    if new.replication_factor is not None:
        options += option_words("--replication-factor", new.replication_factor)
    for name, value in new.settings.items():
        options += option_words("--config", f"{name}={value}")
    return tuple(options)


def _cautions(made: TopicDraft, brokers: int) -> tuple[Caution, ...]:
    found = []
    replicas = made.replication_factor
    least = next((one.value for one in made.settings if one.name == "min.insync.replicas"), None)
    if replicas == 1 and brokers > 1:
        found.append(Caution("Its records are lost with one broker.", f"It has one replica on {brokers} brokers."))
    if replicas is not None and least is not None and least.isdecimal() and int(least) > replicas:
        found.append(
            Caution(
                "Producers with acks=all cannot write to it.",
                f"min.insync.replicas is {least}, and it has {plural(replicas, 'replica')}.",
            )
        )
    return tuple(found)
