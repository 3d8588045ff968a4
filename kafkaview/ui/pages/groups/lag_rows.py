"""The partitions of one group, made from the columns of its detail for what is on the screen."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.columns import Cells, titled_columns
from kafkaview.terms import Member, TopicPartition
from kafkaview.triage.watch.listed_columns import LAG_FIELDS, LagTable
from kafkaview.triage.watch.sample_arrays import GroupDetail
from kafkaview.ui.kit.tables import ColumnSource


@dataclass(frozen=True, slots=True)
class LagRow:
    """One partition of a group, and the member that owns it."""

    cells: Cells
    topic_partition: TopicPartition
    member: Member | None


class LagRows(ColumnSource[LagRow]):
    """The partitions of a group; a row is made when it is shown."""

    def __init__(self, detail: GroupDetail) -> None:
        self._of = LagTable(detail.partitions, detail.members or ())
        self._cells = titled_columns(LAG_FIELDS, self._of)
        columns = detail.partitions
        names = [
            TopicPartition(columns.topics[topic], partition)
            for topic, partition in zip(columns.topic.tolist(), columns.partition.tolist(), strict=True)
        ]
        super().__init__(names, self._row, self._cells)

    def _row(self, place: int) -> LagRow:
        columns, members = self._of
        owner = int(columns.owners[place])
        partition = TopicPartition(columns.topics[columns.topic[place]], int(columns.partition[place]))
        return LagRow(Cells(self._cells, place), partition, members[owner] if owner >= 0 else None)
