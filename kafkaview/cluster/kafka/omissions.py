"""Groups, topics and offsets that brokers leave out of lists because a right is missing.

It is tested with a name that no resource has: a principal that may describe it may describe all.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Final

from kafka.protocol.admin import DescribeGroupsRequest  # type: ignore[import-untyped]
from kafka.protocol.metadata import MetadataRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import listing, reading
from kafkaview.cluster.errors import ClusterError, NotAuthorized, attempt
from kafkaview.cluster.kafka.kafka_python_errors import response_error
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.cluster import Omission

REMEMBERED_SECONDS: Final = 60.0
_MAY_DESCRIBE: Final = 8  # the operation DESCRIBE
_WITH_OPERATIONS: Final = (8, 10)  # the versions of Metadata that name what may be done with the cluster


class Omissions:
    """The cached omissions of one cluster."""

    def __init__(self, wire: BrokerRequests) -> None:
        self._wire = wire
        self._groups: Omission | None = Omission.UNKNOWN_GROUPS
        self._topics: Omission | None = Omission.UNKNOWN_TOPICS
        self._until = 0.0

    def forget(self) -> None:
        """Empties the cache."""
        self._until = 0.0

    async def find(self) -> frozenset[Omission]:
        """Returns what is left out. Where no broker answers, the last known omissions, or that they are unknown."""
        if time.monotonic() >= self._until:
            groups, topics = await asyncio.gather(attempt(self._find_groups), attempt(self._find_topics))
            if not isinstance(groups, ClusterError):
                self._groups = groups
            if not isinstance(topics, ClusterError):
                self._topics = topics
            if not isinstance(groups, ClusterError) and not isinstance(topics, ClusterError):
                self._until = time.monotonic() + REMEMBERED_SECONDS
        return frozenset(one for one in (self._groups, self._topics) if one is not None)

    async def _find_groups(self) -> Omission | None:
        """Returns the omission of groups; None for a principal that may describe the cluster, which
        sees every group.
        """
        doing = "looking whether every group may be seen"
        answer = await self._wire.send_any(DescribeGroupsRequest(groups=[_unused_name()]), doing)
        with reading(doing):
            (group,) = answer.groups
        if not _is_denied(group.error_code, doing):
            return None
        least, most = _WITH_OPERATIONS
        request = MetadataRequest(
            topics=[],
            allow_auto_topic_creation=False,
            include_cluster_authorized_operations=True,
            min_version=least,
            max_version=most,
        )
        operations = listing((await self._wire.send_any(request, doing)).authorized_operations, doing)
        return None if _MAY_DESCRIBE in operations else Omission.GROUPS

    async def _find_topics(self) -> Omission | None:
        doing = "looking whether every topic may be seen"
        unused = MetadataRequest.MetadataRequestTopic(name=_unused_name(), topic_id=None)
        answer = await self._wire.send_any(MetadataRequest(topics=[unused], allow_auto_topic_creation=False), doing)
        with reading(doing):
            (topic,) = answer.topics
        return Omission.TOPICS if _is_denied(topic.error_code, doing) else None


def _unused_name() -> str:
    return f"kafkaview-{uuid.uuid4()}"


def _is_denied(code: int, doing: str) -> bool:
    return bool(code) and isinstance(response_error(code, doing), NotAuthorized)
