"""The features that a broker's release lacks, because it does not accept some of kafkaview's requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kafka.protocol.admin import (  # type: ignore[import-untyped]
    DeleteGroupsRequest,
    DescribeAclsRequest,
    DescribeClientQuotasRequest,
    DescribeConfigsRequest,
    DescribeGroupsRequest,
    DescribeLogDirsRequest,
    DescribeProducersRequest,
    DescribeTransactionsRequest,
    DescribeUserScramCredentialsRequest,
    ListGroupsRequest,
    ListPartitionReassignmentsRequest,
    ListTransactionsRequest,
)
from kafka.protocol.consumer import (  # type: ignore[import-untyped]
    LeaveGroupRequest,
    ListOffsetsRequest,
    OffsetCommitRequest,
    OffsetDeleteRequest,
    OffsetFetchRequest,
)
from kafka.protocol.metadata import FindCoordinatorRequest  # type: ignore[import-untyped]
from kafka.protocol.producer import InitProducerIdRequest, TxnOffsetCommitRequest  # type: ignore[import-untyped]

from kafkaview.cluster.kafka.messages.delegation import DescribeDelegationTokenRequest

# What is lost without a request, and the lowest version of it that is sent.
_NEEDS: Final[Mapping[str, tuple[tuple[Any, int], ...]]] = {
    "lists of groups": ((ListGroupsRequest, 0),),
    "members of groups": ((DescribeGroupsRequest, 0), (FindCoordinatorRequest, 0)),
    "committed offsets": ((OffsetFetchRequest, 2), (FindCoordinatorRequest, 0)),
    "ends of logs": ((ListOffsetsRequest, 2),),
    "changes of committed offsets": ((OffsetCommitRequest, 2),),
    "deletion of committed offsets": ((OffsetDeleteRequest, 0),),
    "eviction of members": ((LeaveGroupRequest, 3),),
    "deletion of groups": ((DeleteGroupsRequest, 0),),
    "re-routes": ((InitProducerIdRequest, 0), (TxnOffsetCommitRequest, 3)),
    "open transactions": ((ListTransactionsRequest, 0), (DescribeTransactionsRequest, 0)),
    "hanging transactions": ((DescribeProducersRequest, 0), (ListTransactionsRequest, 0)),
    "settings": ((DescribeConfigsRequest, 1),),
    "sizes on disk": ((DescribeLogDirsRequest, 0),),
    "reassignments": ((ListPartitionReassignmentsRequest, 0),),
    "ACLs": ((DescribeAclsRequest, 1),),
    "SCRAM users": ((DescribeUserScramCredentialsRequest, 0),),
    "quotas": ((DescribeClientQuotasRequest, 0),),
    "delegation tokens": ((DescribeDelegationTokenRequest, 0),),
}


def lost_features(versions: Mapping[int, tuple[int, int]]) -> list[str]:
    """Returns what cannot be seen or done on a broker, by the requests that it accepts."""
    return [what for what, needs in _NEEDS.items() if not all(_takes(versions, *need) for need in needs)]


def _takes(versions: Mapping[int, tuple[int, int]], request: Any, lowest: int) -> bool:
    low, high = versions.get(request.API_KEY, (0, -1))
    highest: int = request.max_version
    return max(low, lowest) <= min(high, highest)
