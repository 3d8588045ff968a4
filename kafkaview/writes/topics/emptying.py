"""Planning to delete the records of a topic before an offset or a time (DeleteRecords)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import (
    ClusterError,
    PlanNoLongerHolds,
    RefusedByPolicy,
    RefusedHere,
    Unreachable,
    attempt,
)
from kafkaview.cluster.leaders import find_silence
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.group_offsets import Refused
from kafkaview.cluster.ports.security import Operation
from kafkaview.command_words import command_words, option_words
from kafkaview.records.positions import END, Anchor, Position, parse_position, resolve
from kafkaview.records.ranges import partitions_of
from kafkaview.terms import PartitionOffsets, TopicPartition
from kafkaview.words import Sum, join_names, name_text, number
from kafkaview.writes.plan import Caution, ChangePlan, ChangeRow
from kafkaview.writes.topics.facts import (
    TopicFacts,
    TopicReader,
    check_same_topic,
    problems_of_kafkas_own,
    read_facts,
    records_text,
)

if TYPE_CHECKING:
    from kafkaview.session import Session

_NAMED: Final = 5  # partitions in a sentence
_POLICY: Final = "cleanup.policy"
_ANCHORS: Final = (Anchor.OFFSET, Anchor.TIME, Anchor.END)


@dataclass(frozen=True, slots=True)
class EmptyingRequest:
    """The records to delete: those before a position, on all partitions of a topic or on some."""

    topic: str
    before: Position = END
    partitions: tuple[int, ...] | None = None


def parse_before(text: str) -> Position:
    """Returns the position of `--before`: `OFFSET`, `@TIME` or `end`. Raises ValueError."""
    position = parse_position(text)
    if position.anchor not in _ANCHORS or (position.anchor is Anchor.END and position.number):
        raise ValueError(f"'{text}' is no place to delete up to: write OFFSET, @TIME or end")
    return position


async def plan_empty_topic(session: Session, request: EmptyingRequest) -> ChangePlan:
    """Plans to delete records: each log starts later then. What is written after the plan stays, and so does what an
    open transaction holds back. Raises UnknownTopicOrPartition, and OffsetOutOfRange for an offset in no log.
    """
    cluster, name = session.cluster, request.topic
    facts = await read_facts(cluster, name)
    chosen = partitions_of(facts.topic, request.partitions)
    bounds = {one: facts.bounds[one] for one in chosen}
    targets = await resolve(cluster, request.before, bounds)
    begins = {one: bounds[one].log_start_offset or 0 for one in targets}
    shorter = {one: target for one, target in targets.items() if target > begins[one]}
    lost = Sum(sum(target - begins[one] for one, target in shorter.items()), complete=True)
    refused: dict[TopicPartition, ClusterError] = {}

    async def write(cluster: Cluster) -> None:
        refused.update(await cluster.topic_changes.delete_records(shorter))
        if len(refused) == len(shorter):
            raise next(iter(refused.values()))

    async def check(cluster: Cluster) -> None:
        await check_same_topic(cluster, name, facts.topic_id)
        await _check_logs(cluster, await cluster.offsets(shorter), shorter)

    async def verify(cluster: Cluster) -> str:
        bounds = await cluster.offsets(shorter)
        different = _difference(bounds, shorter, refused)
        unknown = [one for one in sorted(shorter) if bounds[one].log_start_offset is None]
        if unknown and not different:
            raise await find_silence(cluster, unknown[0])
        return different

    words = records_text(lost)
    return ChangePlan(
        kind="topics.empty",
        title=f"Delete {words} of {name}",
        deed="Delete the records",
        subject=name,
        rows=(
            *(_row(one, bounds[one], targets.get(one)) for one in chosen),
            *_rows_of_readers(facts.readers, shorter, begins),
        ),
        command=command_words(("topics", "empty"), [name], _options(request)),
        document={
            "topic": name,
            "topic_id": facts.topic_id,
            "records_upper_bound": lost.value,
            "starts": [
                {"partition": one.partition, "before": begins[one], "after": target}
                for one, target in sorted(shorter.items())
            ],
            "groups": facts.documents_of_readers(),
        },
        write=write,
        check=check,
        verify=verify,
        cautions=_cautions(facts, bounds, shorter, begins, words),
        problems=await _problems(cluster, facts, [one for one in chosen if one not in targets], shorter),
        destroys=True,
    )


async def _problems(
    cluster: Cluster,
    facts: TopicFacts,
    unknown: Sequence[TopicPartition],
    shorter: Mapping[TopicPartition, int],
) -> tuple[ClusterError, ...]:
    name = facts.topic.name
    found = list(problems_of_kafkas_own(facts.topic))
    for one in unknown:
        silence = await find_silence(cluster, one)
        found.append(Unreachable(silence.message, f"{silence.hint} Or name the other partitions with --partition."))
    if not unknown and not shorter:
        found.append(RefusedHere(f"No record of {name} lies before that: there is nothing to delete"))
    settings = await attempt(lambda: cluster.topic_settings(name))
    policies = () if isinstance(settings, ClusterError) else (one.value for one in settings if one.name == _POLICY)
    if "compact" in policies:
        found.append(
            RefusedByPolicy(
                f"{name} is only compacted (cleanup.policy=compact): brokers refuse to delete its records"
                " (POLICY_VIOLATION)",
                "With cleanup.policy=compact,delete they take it.",
            )
        )
    return (*found, *await cluster.topic_changes.missing_rights(name, Operation.DELETE))


async def _check_logs(
    cluster: Cluster, bounds: Mapping[TopicPartition, PartitionOffsets], targets: Mapping[TopicPartition, int]
) -> None:
    """Raises what keeps the records from being deleted as planned."""
    for one, target in targets.items():
        end = bounds[one].last_stable_offset
        if end is None:
            raise Unreachable((await find_silence(cluster, one)).message, "Nothing was written.")
        if end < target:
            raise PlanNoLongerHolds(
                f"{one} ends at {number(end)} meanwhile, before {number(target)}",
                "Its log was cut off, or a transaction is open. Nothing was written. Make a new plan.",
            )


def _difference(
    bounds: Mapping[TopicPartition, PartitionOffsets], targets: Mapping[TopicPartition, int], refused: Refused
) -> str:
    """Returns which logs are known not to start where they were to, with the leaders' words."""
    said = []
    for one, target in sorted(targets.items()):
        start = bounds[one].log_start_offset
        if one in refused and (start is None or start < target):
            said.append(f"{one}: {refused[one].message}")
        elif start is not None and start < target:
            said.append(f"{one} starts before it")
    return join_names(said, _NAMED)


def _row(partition: TopicPartition, bounds: PartitionOffsets, target: int | None) -> ChangeRow:
    before = None if bounds.log_start_offset is None else f"starts at {number(bounds.log_start_offset)}"
    if before is None or target is None:
        return ChangeRow(str(partition), "unknown", "unknown")
    return ChangeRow(str(partition), before, f"starts at {number(target)}")


def _unread(reader: TopicReader, shorter: Mapping[TopicPartition, int], begins: Mapping[TopicPartition, int]) -> int:
    """Returns how many of the records to be deleted a group has not read yet."""
    return sum(
        max(0, shorter[one] - max(offset, begins[one])) for one, offset in reader.committed.items() if one in shorter
    )


def _rows_of_readers(
    readers: Sequence[TopicReader], shorter: Mapping[TopicPartition, int], begins: Mapping[TopicPartition, int]
) -> tuple[ChangeRow, ...]:
    unread = ((one, _unread(one, shorter, begins)) for one in readers)
    return tuple(
        ChangeRow(f"Group {name_text(one.group)}", f"{records_text(Sum(count, complete=True))} unread", "lost to it")
        for one, count in unread
        if count
    )


def _cautions(
    facts: TopicFacts,
    bounds: Mapping[TopicPartition, PartitionOffsets],
    shorter: Mapping[TopicPartition, int],
    begins: Mapping[TopicPartition, int],
    words: str,
) -> tuple[Caution, ...]:
    found = [
        Caution(
            f"{words[:1].upper()}{words[1:]} cannot be brought back.",
            "It cannot be undone: the brokers delete them, and kafkaview keeps no copy.",
        )
    ]
    behind = [name_text(one.group) for one in facts.readers if _unread(one, shorter, begins)]
    if behind:
        found.append(
            Caution(
                f"{join_names(behind)} {'has' if len(behind) == 1 else 'have'} not read all of them.",
                "A committed offset before the new start is out of range: the reader goes on by auto.offset.reset,"
                " which may skip to the end, or fails where that is none.",
            )
        )
    if facts.unseen:
        found.append(Caution("More groups may not have read them.", facts.unseen))
    held = [str(one) for one, log in sorted(bounds.items()) if _is_held(log)]
    if held:
        found.append(
            Caution(f"What an open transaction holds back on {join_names(held)} stays.", "It ends before that.")
        )
    return tuple(found)


def _is_held(log: PartitionOffsets) -> bool:
    return None not in (log.last_stable_offset, log.log_end_offset) and log.last_stable_offset != log.log_end_offset


def _options(request: EmptyingRequest) -> tuple[str, ...]:
    options: list[str] = []
    for partition in request.partitions or ():
        options += option_words("--partition", partition)
    return (*options, *option_words("--before", request.before))
