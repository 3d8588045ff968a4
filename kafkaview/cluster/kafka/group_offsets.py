"""OffsetCommit, OffsetDelete and DeleteGroups, sent from outside the group, as Kafka's own tools send them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from confluent_kafka import KafkaError
from kafka.protocol.admin import DeleteGroupsRequest  # type: ignore[import-untyped]
from kafka.protocol.consumer import OffsetCommitRequest, OffsetDeleteRequest  # type: ignore[import-untyped]

from kafkaview.cluster.errors import ClusterError, GroupNotEmpty, UnknownGroup
from kafkaview.cluster.kafka.coordinators import Coordinators, GroupQuestion, Moved, error_of
from kafkaview.cluster.ports.group_offsets import Refused
from kafkaview.terms import CommittedOffset, TopicPartition
from kafkaview.words import name_text

_NO_MEMBER: Final = -1
_BY_NAME: Final = 9  # the last version of OffsetCommit that names topics by their names
_GROUP_SUBSCRIBED_TO_TOPIC: Final = 86
_STALE_MEMBER_EPOCH: Final = 113
_MEMBERS_ARE_THERE: Final = frozenset(
    {
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.NON_EMPTY_GROUP,
        _GROUP_SUBSCRIBED_TO_TOPIC,
        _STALE_MEMBER_EPOCH,
    }
)


class KafkaGroupOffsets:
    """The committed offsets of groups on real brokers."""

    def __init__(self, coordinators: Coordinators) -> None:
        self._coordinators = coordinators

    async def commit(self, group: str, offsets: Mapping[TopicPartition, CommittedOffset]) -> Refused:
        """Sends OffsetCommit (8)."""
        of_topic = OffsetCommitRequest.OffsetCommitRequestTopic
        of_partition = of_topic.OffsetCommitRequestPartition

        def row(where: TopicPartition) -> Any:
            to = offsets[where]
            return of_partition(
                partition_index=where.partition,
                committed_offset=to.offset,
                committed_leader_epoch=-1 if to.leader_epoch is None else to.leader_epoch,
                committed_metadata=to.metadata,
            )

        def request(groups: Sequence[str]) -> Any:
            topics = [of_topic(name=name, partitions=[*map(row, rows)]) for name, rows in _by_topic(offsets)]
            return OffsetCommitRequest(
                group_id=groups[0],
                generation_id_or_member_epoch=_NO_MEMBER,
                member_id="",
                group_instance_id=None,
                topics=topics,
                max_version=_BY_NAME,
            )

        return await self._refusals(group, f"committing offsets of {group}", request)

    async def delete(self, group: str, partitions: Collection[TopicPartition]) -> Refused:
        """Sends OffsetDelete (47)."""
        of_topic = OffsetDeleteRequest.OffsetDeleteRequestTopic

        def request(groups: Sequence[str]) -> Any:
            topics = [
                of_topic(
                    name=name,
                    partitions=[of_topic.OffsetDeleteRequestPartition(partition_index=one.partition) for one in rows],
                )
                for name, rows in _by_topic(partitions)
            ]
            return OffsetDeleteRequest(group_id=groups[0], topics=topics)

        return await self._refusals(group, f"deleting offsets of {group}", request)

    async def delete_group(self, group: str) -> None:
        """Sends DeleteGroups (42)."""
        doing = f"deleting the group {group}"

        def read(_coordinator: int, answer: Any) -> dict[str, Refused | ClusterError]:
            codes = {row.group_id: row.error_code for row in answer.results}
            return {group: _failure(codes[group], doing, group) if codes[group] else {}}

        question = GroupQuestion(doing, lambda groups: DeleteGroupsRequest(groups_names=list(groups)), read)
        await self._answer(group, question)

    async def _refusals(self, group: str, doing: str, request: Callable[[Sequence[str]], Any]) -> Refused:
        def read(_coordinator: int, answer: Any) -> dict[str, Refused | ClusterError]:
            whole = getattr(answer, "error_code", 0)
            if whole:
                return {group: _failure(whole, doing, group)}
            found = {
                TopicPartition(topic.name, row.partition_index): _failure(row.error_code, doing, group)
                for topic in answer.topics
                for row in topic.partitions
                if row.error_code
            }
            of_the_group = (error for error in found.values() if isinstance(error, Moved | GroupNotEmpty))
            return {group: next(of_the_group, found)}

        return await self._answer(group, GroupQuestion(doing, request, read))

    async def _answer(self, group: str, question: GroupQuestion[Refused]) -> Refused:
        answer = (await self._coordinators.ask([group], question))[group]
        if isinstance(answer, ClusterError):
            raise answer
        return answer


def _by_topic(partitions: Iterable[TopicPartition]) -> Iterator[tuple[str, Iterator[TopicPartition]]]:
    return groupby(sorted(partitions), key=lambda one: one.topic)


def _failure(code: int, doing: str, group: str) -> ClusterError:
    if code in _MEMBERS_ARE_THERE:
        return GroupNotEmpty(
            f"{doing}: the broker refused, because {group} has members ({KafkaError(code).name()})",
            "Stop its application first.",
        )
    if code == KafkaError.GROUP_ID_NOT_FOUND:
        return UnknownGroup(f"There is no group {name_text(group)}.", "Check the name; its offsets may have expired.")
    return error_of(code, doing)
