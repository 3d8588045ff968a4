"""What the tables on Groups show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kafkaview.terms import Member
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column
from kafkaview.ui.pages.groups.lag_rows import LagRow
from kafkaview.ui.pages.groups.rows import GroupRow
from kafkaview.words import at_least

History = Callable[[str], Sequence[float | None]]
_LINES = {Mark.BAD: "bad_solid", Mark.WARN: "warn_solid", Mark.UNKNOWN: "line_strong", Mark.IDLE: "line_strong"}
_TONES = {Mark.BAD: "bad_text", Mark.WARN: "warn_text"}


def group_columns(history: History) -> tuple[Column[GroupRow], ...]:
    """The columns of the table of groups; `history` is the lag of a group over the last hour."""
    return (
        Column(
            "",
            lambda row: row.head,
            text=lambda row: row.head,
            mark=lambda row: row.mark,
            width=36,
            align=Align.CENTER,
            tip=lambda row: row.head,
        ),
        Column("Group", lambda row: row.name, strong=True, width=150, stretch=True, elide_middle=True),
        Column("Type", lambda row: row.type.value, width=90),
        Column("State", lambda row: row.state, width=120, unknown=_silent),
        Column("Members", lambda row: row.members, align=Align.RIGHT, width=90, unknown=_silent),
        Column(
            "Lag",
            lambda row: row.lag.value,
            text=lambda row: at_least(row.lag.value, complete=row.lag.complete),
            align=Align.RIGHT,
            width=110,
            tone=lambda row: _TONES.get(row.mark),
            tip=_lag_tip,
            unknown=_silent,
        ),
        Column(
            "Last hour",
            lambda row: row.lag.value,
            text=lambda _row: "",
            width=130,
            sparkline=lambda row: history(row.name),
            tone=lambda row: _LINES.get(row.mark),
        ),
        Column("Coordinator", lambda row: row.coordinator, align=Align.LEFT, width=110, unknown=_silent),
    )


OFFSETS: tuple[Column[LagRow], ...] = (
    Column("Partition", lambda row: str(row.topic_partition), mono=True, width=110, elide_middle=True),
    Column("Log start", lambda row: row.log_start, align=Align.RIGHT, width=84),
    Column("Committed", lambda row: row.committed, align=Align.RIGHT, width=90),
    Column("Last stable", lambda row: row.last_stable, align=Align.RIGHT, width=90),
    Column("Log end", lambda row: row.log_end, align=Align.RIGHT, width=90),
    Column("Metadata", lambda row: row.metadata if row.committed is not None else None, width=80, stretch=True),
)

MEMBERS: tuple[Column[Member], ...] = (
    Column("Client", lambda row: row.client_id, strong=True, width=130),
    Column("Host", lambda row: row.host.removeprefix("/"), width=100),
    Column(
        "Owns",
        lambda row: ", ".join(str(p) for p in row.assignment) or "nothing",
        width=120,
        stretch=True,
        mono=True,
        italic=lambda row: not row.assignment,
    ),
    Column(
        "Static id", lambda row: row.group_instance_id or "none", width=90, italic=lambda row: not row.group_instance_id
    ),
)


def _silent(row: GroupRow) -> str:
    return row.error.message if row.error is not None else "the broker did not say"


def _lag_tip(row: GroupRow) -> str:
    if row.lag.complete:
        return at_least(row.lag.value, complete=True)
    return "at least: the lag of some partitions is not known"


def partition_columns(stands: Callable[[LagRow], bool]) -> tuple[Column[LagRow], ...]:
    """The partitions of one group; `stands` says on which of them it does."""
    return (
        Column("Partition", lambda row: str(row.topic_partition), mono=True, width=110, elide_middle=True),
        Column(
            "Committed",
            lambda row: row.committed,
            align=Align.RIGHT,
            width=84,
            unknown=lambda _row: "the group has committed nothing here",
        ),
        Column(
            "Log end",
            lambda row: row.log_end,
            align=Align.RIGHT,
            width=78,
            unknown=lambda _row: "the partition's leader does not answer",
        ),
        Column(
            "Lag",
            lambda row: row.lag,
            align=Align.RIGHT,
            width=68,
            tone=lambda row: "bad_text" if stands(row) else None,
        ),
        Column(
            "Member",
            lambda row: row.member.client_id if row.member else "none",
            width=90,
            stretch=True,
            italic=lambda row: row.member is None,
            tip=lambda row: row.member.member_id if row.member else "nobody owns it",
        ),
    )
