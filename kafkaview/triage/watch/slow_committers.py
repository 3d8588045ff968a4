"""Applications that commit rarely by default: their offsets stand for long while all is well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kafkaview.terms import GroupType
from kafkaview.triage.watch.groups import KnownGroup

_CONNECT_PREFIX: Final = "connect-"  # of the groups of its sinks
_STREAMS_PROTOCOL: Final = "stream"  # of a classic group


@dataclass(frozen=True, slots=True)
class SlowCommitter:
    """A kind of application: how often it commits, and the longest time that a healthy one stands."""

    name: str
    interval_ms: int
    patience_ms: int


STREAMS: Final = SlowCommitter("Kafka Streams", 30_000, 40_000)  # commit.interval.ms
CONNECT: Final = SlowCommitter("Connect", 60_000, 75_000)  # offset.flush.interval.ms


def find_slow_committer(group: KnownGroup) -> SlowCommitter | None:
    """Returns the kind of a group's application if that kind commits rarely. Flink is not recognized: it commits with
    its checkpoints, without a group member.
    """
    description = group.description
    if group.listing.type is GroupType.STREAMS:
        return STREAMS
    if description is not None and description.protocol == _STREAMS_PROTOCOL:
        return STREAMS
    return CONNECT if group.name.startswith(_CONNECT_PREFIX) else None
