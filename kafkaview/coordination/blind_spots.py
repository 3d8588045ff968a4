"""What of the brokers could not be seen: log directories, reassignments, hidden topics, brokers not named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.ports.cluster import Omission
from kafkaview.cluster.ports.unseen import Unseen
from kafkaview.coordination.brokers import BrokerState

_DIRECTORIES: Final = "log directories"
_FENCED: Final = Unreachable("it is fenced: it does not run, or does not reach the controller")
_NOT_NAMED: Final = Unreachable("it holds replicas, and the cluster does not name it: it does not run, or was removed")


def directory_gaps(states: Iterable[BrokerState]) -> tuple[Unseen, ...]:
    """Returns the brokers whose log directories are unknown."""
    return tuple(
        Unseen(_DIRECTORIES, state.error or _FENCED, broker=state.id)
        for state in states
        if state.broker is not None and state.directories is None
    )


def broker_gaps(
    states: Sequence[BrokerState], reassignments: object, omissions: Iterable[Omission]
) -> tuple[Unseen, ...]:
    """Returns what the list of brokers leaves open; `reassignments` may be why they are unknown."""
    not_named = [
        Unseen("address and log directories", _NOT_NAMED, broker=state.id) for state in states if state.broker is None
    ]
    moving = [Unseen("reassignments", reassignments)] if isinstance(reassignments, ClusterError) else []
    hidden = [Unseen("leaders and replicas", one.as_error()) for one in omissions if one.of_topics]
    return (*directory_gaps(states), *not_named, *moving, *hidden)
