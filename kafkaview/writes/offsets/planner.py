"""Making plans of committed offsets: reads the group and the logs, writes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError, RefusedHere, UnknownGroup, UnknownTopicOrPartition
from kafkaview.cluster.leaders import find_silence
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.group_ids import fits_transaction
from kafkaview.command_words import command_words, option_words
from kafkaview.terms import CommittedOffset, GroupType, PartitionOffsets, TopicPartition
from kafkaview.words import join_names, name_text, number, plural
from kafkaview.writes.memory_groups import remembered_queue
from kafkaview.writes.offsets.execution import OffsetExecution
from kafkaview.writes.offsets.group_facts import GroupFacts, read_group, wait_until_empty
from kafkaview.writes.offsets.plan import OffsetPlan, OffsetRow
from kafkaview.writes.offsets.request import LiveMembers, MemberWays, OffsetAnchor, OffsetsRequest, OffsetTarget
from kafkaview.writes.plan import Caution, ChangePlan, ChangeRow
from kafkaview.writes.topic_ids import read_topic_ids

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.steps import Progress

Committed = Mapping[TopicPartition, CommittedOffset]


async def plan_offsets(session: Session, request: OffsetsRequest) -> ChangePlan:
    """Plans a change of committed offsets. Raises UnknownTopicOrPartition, UnknownGroup, Unreachable; what else keeps
    it from being made is a problem of the plan.
    """
    cluster, target = session.cluster, request.target
    facts = await read_group(cluster, request.group)
    others = await _offsets_of(cluster, target)
    named, looked_at = await _partitions(cluster, request, facts, others)
    wanted = {one for one in looked_at if one in facts.committed or one in named or request.include_uncommitted}
    rows, problems = await _rows(cluster, target, wanted, facts.committed, others)
    plan = OffsetPlan(facts, rows, tuple(sorted(looked_at - wanted)), request.ways.live)
    problems += await problems_of_members(cluster, plan)
    if not rows and not problems:
        problems.append(_reason_for_nothing(plan))

    async def again() -> ChangePlan:
        return await plan_offsets(session, request)

    return replace(
        plan_offset_change(plan, "offsets.apply", _command(request)),
        title=f"Move {name_text(request.group)} to {target.text} on {plural(len(rows), 'partition')}",
        problems=tuple(problems),
        waiting=plan_waiting(cluster, request.group, request.ways, again),
    )


async def problems_of_members(cluster: Cluster, plan: OffsetPlan) -> Sequence[ClusterError]:
    """Returns why the members of the group keep the plan from being made."""
    facts = plan.facts
    if not facts.has_members or plan.live is LiveMembers.WAIT:
        return []
    if plan.live is LiveMembers.REFUSE:
        hint = "Stop its application; or wait until it is empty (--wait-empty SECONDS), or evict its members (--evict)."
        return [RefusedHere(f"{facts}. Nothing was written", hint)]
    deleted = [str(row.topic_partition) for row in plan.rows if row.after is None]
    if deleted:
        hint = "Stop its application; or wait until it is empty (--wait-empty SECONDS)."
        return [RefusedHere(f"{facts}. Its commit on {join_names(deleted)} can only be deleted without them", hint)]
    return await _refusals_of_transaction(cluster, plan) if plan.rows else []


async def _refusals_of_transaction(cluster: Cluster, plan: OffsetPlan) -> Sequence[ClusterError]:
    """Why the offsets could not be moved while members read: only a transaction does that."""
    if not fits_transaction(plan.group):
        message = "No transaction can name such a group: the client library takes names of printable ASCII alone"
        return [RefusedHere(message, "Stop its application instead; or wait until it is empty (--wait-empty SECONDS).")]
    return await cluster.transactions.refusals(plan.transactional_id, (), [plan.group])


async def plan_delete_offsets(session: Session, group: str, topic: str) -> ChangePlan:
    """Plans to delete what a group has committed on a topic, which none of its members may subscribe to."""
    facts = await read_group(session.cluster, group)
    plan = await _plan_deletion(session.cluster, facts, [one for one in facts.committed if one.topic == topic])
    readers = [member for member in facts.members if any(one.topic == topic for one in member.assignment or ())]
    problems: list[ClusterError] = []
    if readers:
        problems.append(RefusedHere(f"{replace(facts, members=tuple(readers))} on {topic}", "Stop its application."))
    elif not plan.rows:
        problems.append(UnknownGroup(f"{name_text(group)} has no committed offset on {topic}"))
    change = plan_offset_change(plan, "offsets.delete", command_words(["offsets", "delete"], [group, topic]))
    return replace(change, problems=tuple(problems))


async def plan_delete_group(session: Session, group: str) -> ChangePlan:
    """Plans to delete a group with all that it has committed."""
    facts = await read_group(session.cluster, group)
    plan = replace(await _plan_deletion(session.cluster, facts, facts.committed), deletes_group=True)
    problems: list[ClusterError] = []
    if facts.has_members:
        problems.append(RefusedHere(f"{facts}. Nothing was deleted", "Stop its application first."))
    elif not facts.exists and not facts.committed:
        problems.append(UnknownGroup(f"There is no group {name_text(group)}", "`kafkaview groups` lists them."))
    change = plan_offset_change(plan, "groups.delete", command_words(["groups", "delete"], [group]))
    return replace(change, problems=tuple(problems))


def plan_offset_change(plan: OffsetPlan, kind: str, command: Sequence[str]) -> ChangePlan:
    """Returns the change that carries a plan out."""
    verb = "Delete" if plan.deletes_group or all(row.after is None for row in plan.rows) else "Move"
    where = plural(len(plan.rows), "partition")
    return ChangePlan(
        kind=kind,
        title=f"{verb} {name_text(plan.group)}{'' if plan.deletes_group else f' on {where}'}",
        deed=f"{verb} group" if plan.deletes_group else f"{verb} on {where}",
        subject=plan.group,
        rows=tuple(ChangeRow(str(row.topic_partition), _words(row.before), _words(row.after)) for row in plan.rows),
        command=tuple(command),
        document=plan.document(),
        cautions=tuple(_cautions(plan)),
        offsets=plan,
        make_execution=OffsetExecution,
    )


async def rows_of(
    cluster: Cluster, changes: Mapping[TopicPartition, tuple[CommittedOffset | None, CommittedOffset | None]]
) -> tuple[OffsetRow, ...]:
    """Returns the rows of exact values before and after."""
    bounds = await cluster.offsets(changes)
    ids = await read_topic_ids(cluster, {one.topic for one in changes})
    return tuple(
        OffsetRow(one, ids.get(one.topic), before, after, bounds[one])
        for one, (before, after) in sorted(changes.items(), key=lambda item: item[0])
    )


async def _plan_deletion(cluster: Cluster, facts: GroupFacts, partitions: Collection[TopicPartition]) -> OffsetPlan:
    return OffsetPlan(facts, await rows_of(cluster, {one: (facts.committed[one], None) for one in partitions}))


def plan_waiting(
    cluster: Cluster, group: str, ways: MemberWays, again: Callable[[], Awaitable[ChangePlan]]
) -> Callable[[Progress], Awaitable[ChangePlan]] | None:
    """Returns what has to happen before the plan is carried out. Members commit until they are gone, so the plan is
    made again after that.
    """
    if ways.live is LiveMembers.REFUSE:
        return None

    async def wait(progress: Progress) -> ChangePlan:
        if ways.live is LiveMembers.WAIT:
            await wait_until_empty(cluster, group, ways.wait_seconds, progress)
        return await again()

    return wait


async def _offsets_of(cluster: Cluster, target: OffsetTarget) -> Mapping[TopicPartition, CommittedOffset]:
    """Returns the offsets that the target itself names."""
    if target.anchor is OffsetAnchor.LIST:
        return {one: CommittedOffset(offset) for one, offset in target.offsets.items()}
    if target.anchor is not OffsetAnchor.GROUP:
        return {}
    found = (await cluster.committed_offsets([target.group]))[target.group]
    if isinstance(found, ClusterError):
        raise found
    if not found:
        raise UnknownGroup(f"{target.group} has no committed offsets to copy", "`kafkaview lag` lists them.")
    return {one: CommittedOffset(at.offset, at.leader_epoch) for one, at in found.items()}


async def _partitions(
    cluster: Cluster, request: OffsetsRequest, facts: GroupFacts, others: Collection[TopicPartition]
) -> tuple[set[TopicPartition], set[TopicPartition]]:
    """Returns the partitions that were named one by one, and all that the request is about. Raises
    UnknownTopicOrPartition, and NotAuthorized where it may not be seen.
    """
    table = await cluster.partition_table(fresh=True)
    for one in request.partitions:
        if table.place_of(one) < 0:
            await cluster.topic(one.topic)  # says whether it is the topic that is missing, or a right to see it
            raise UnknownTopicOrPartition(f"There is no partition {one}")
    of_topics: set[TopicPartition] = set()
    every = not request.topics and not request.partitions
    for name in {one.topic for one in facts.committed} if every else request.topics:
        topic = table.topic(name)
        if topic is None and not every:
            topic = await cluster.topic(name)
        of_topics |= {partition.topic_partition for partition in (topic.partitions if topic else ())}
    about = of_topics | set(request.partitions)
    if request.target.names_partitions:
        named = set(others) if every else set(others) & about
        return named, named
    return set(request.partitions), about


async def _rows(
    cluster: Cluster,
    target: OffsetTarget,
    partitions: Collection[TopicPartition],
    committed: Committed,
    others: Committed,
) -> tuple[tuple[OffsetRow, ...], list[ClusterError]]:
    at_time: Mapping[TopicPartition, int | None] = {}
    if target.anchor is OffsetAnchor.TIME:
        at_time = await cluster.offsets_at(partitions, target.number)
    bounds = await cluster.offsets(partitions)  # after the times: no end lies before what they told
    ids = await read_topic_ids(cluster, {one.topic for one in partitions})
    rows: list[OffsetRow] = []
    problems: list[ClusterError] = []
    for one in sorted(partitions):
        before, log = committed.get(one), bounds[one]
        silent = target.anchor is OffsetAnchor.TIME and one not in at_time
        if silent or log.log_start_offset is None or log.log_end_offset is None:
            problems.append(await find_silence(cluster, one))
            continue
        to = others.get(one) or _offset_of_target(target, log, before, at_time.get(one))
        if to is None:
            problems.append(RefusedHere(f"{one} has no committed offset to count {target.text} from"))
            continue
        offset = min(max(to.offset, log.log_start_offset), log.log_end_offset)
        unchanged = before is not None and before.offset == offset
        after = before if unchanged else CommittedOffset(offset, to.leader_epoch if offset == to.offset else None)
        rows.append(OffsetRow(one, ids.get(one.topic), before, after, log, clamped=offset != to.offset))
    return tuple(rows), problems


def _offset_of_target(
    target: OffsetTarget, log: PartitionOffsets, before: CommittedOffset | None, at_time: int | None
) -> CommittedOffset | None:
    """Returns the offset of a target before it is kept within the log; None if there is nothing to count from."""
    start, end = log.log_start_offset or 0, log.log_end_offset or 0
    match target.anchor:
        case OffsetAnchor.EARLIEST:
            return CommittedOffset(start)
        case OffsetAnchor.LATEST:
            return CommittedOffset(end)
        case OffsetAnchor.TIME:
            return CommittedOffset(end if at_time is None else at_time)
        case OffsetAnchor.SHIFT:
            return CommittedOffset(before.offset + target.number) if before is not None else None
        case _:
            return CommittedOffset(target.number)


def _reason_for_nothing(plan: OffsetPlan) -> ClusterError:
    """Returns why a plan without rows changes nothing."""
    if plan.facts.type is GroupType.SHARE:
        return RefusedHere(f"{name_text(plan.group)} is a share group: it has no committed offsets")
    if plan.uncommitted:
        which = join_names([str(one) for one in plan.uncommitted], 5)
        hint = "Name them with --partition, or say --include-uncommitted."
        return RefusedHere(f"{name_text(plan.group)} has never committed an offset on {which}", hint)
    return UnknownGroup(f"{name_text(plan.group)} has no committed offsets", "Name partitions with --partition.")


def _command(request: OffsetsRequest) -> tuple[str, ...]:
    options: list[str] = []
    for topic in request.topics:
        options += option_words("--topic", topic)
    for one in request.partitions:
        options += option_words("--partition", one)
    options += option_words("--to", request.target.text)
    if request.include_uncommitted:
        options.append("--include-uncommitted")
    return command_words(["offsets", "apply"], [request.group], [*options, *request.ways.options])


def _words(committed: CommittedOffset | None) -> str | None:
    return None if committed is None else number(committed.offset)


def _cautions(plan: OffsetPlan) -> list[Caution]:
    found: list[Caution] = []
    if plan.records_skipped:
        skipped = plural(plan.records_skipped, "record is", "records are")
        found.append(Caution(f"{skipped} passed over.", f"{name_text(plan.group)} does not see them"))
    if plan.records_repeated:
        repeated = plural(plan.records_repeated, "record is", "records are")
        them = "it" if plan.records_repeated == 1 else "them"
        found.append(Caution(f"{repeated} processed again.", f"What the application did with {them} it does once more"))
    dropped = [row for row in plan.rows if row.before and row.before.metadata and row.after != row.before]
    if dropped and (queue := remembered_queue(plan.group)):
        forgets = f"kafkaview forgets what was sent back from {queue}."
        found.append(Caution(forgets, "What this connection's journal does not have, a redrive sends a second time"))
    elif dropped:
        where = plural(len(dropped), "partition")
        found.append(
            Caution("State kept beside the offset is dropped.", f"There is metadata on {where}; undo restores it")
        )
    if plan.live is LiveMembers.EVICT and plan.facts.has_members:
        found.append(Caution("Eviction makes the group rebalance:", "all its partitions pause for a moment"))
    return found
