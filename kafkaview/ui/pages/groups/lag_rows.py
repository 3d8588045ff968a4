"""The partitions of one group, made from the columns of its detail for what is on the screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kafkaview.terms import Member, TopicPartition
from kafkaview.triage.watch.columns import GroupDetail, LagColumns, Longs
from kafkaview.ui.kit.tables import ColumnSource


@dataclass(frozen=True, slots=True)
class LagRow:
    """One partition of a group. None is unknown; `committed` is None too where the group has committed nothing."""

    topic_partition: TopicPartition
    committed: int | None
    metadata: str
    log_start: int | None
    last_stable: int | None
    log_end: int | None
    lag: int | None
    member: Member | None


class LagRows(ColumnSource[LagRow]):
    """The partitions of a group; a row is made when it is shown."""

    def __init__(self, detail: GroupDetail) -> None:
        self._of = columns = detail.partitions
        self._members = detail.members or ()
        self._lag = lag_of(columns)
        names = [
            TopicPartition(columns.topics[topic], partition)
            for topic, partition in zip(columns.topic.tolist(), columns.partition.tolist(), strict=True)
        ]
        owners = [self._members[owner].client_id if owner >= 0 else "" for owner in columns.owners.tolist()]
        metadata = [columns.metadata.get(place, "") for place in range(len(names))]
        super().__init__(
            names,
            self._row,
            {
                "Partition": [str(name) for name in names],
                "Log start": columns.log_start,
                "Committed": columns.committed,
                "Last stable": columns.last_stable,
                "Log end": columns.log_end,
                "Lag": self._lag,
                "Member": owners,
                "Metadata": metadata,
            },
        )

    def _row(self, place: int) -> LagRow:
        of, owner = self._of, int(self._of.owners[place])
        return LagRow(
            TopicPartition(of.topics[of.topic[place]], int(of.partition[place])),
            _known(of.committed[place]),
            of.metadata.get(place, ""),
            _known(of.log_start[place]),
            _known(of.last_stable[place]),
            _known(of.log_end[place]),
            _known(self._lag[place]),
            self._members[owner] if owner >= 0 else None,
        )


def lag_of(columns: LagColumns) -> Longs:
    """The records that wait on each partition; -1 where that is unknown."""
    known = (columns.committed >= 0) & (columns.log_end >= 0)
    return np.where(known, np.maximum(0, columns.log_end - columns.committed), -1)


def _known(value: int) -> int | None:
    return None if value < 0 else int(value)
