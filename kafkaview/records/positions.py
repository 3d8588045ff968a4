"""Positions in a log, as users write them: `beginning`, `end`, `-N`, an offset, `@TIME`, `group:GROUP`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kafkaview.clock import is_time, parse_time
from kafkaview.cluster.errors import ClusterError, OffsetOutOfRange
from kafkaview.terms import PartitionOffsets, TopicPartition
from kafkaview.words import join_names, utc_iso

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster

_GROUP: Final = "group:"


class Anchor(StrEnum):
    """The point that a position counts from."""

    BEGINNING = "beginning"
    END = "end"  # minus the number
    OFFSET = "offset"
    TIME = "time"  # Unix milliseconds
    GROUP = "group"  # the committed offset of a group


@dataclass(frozen=True, slots=True)
class Position:
    """A place in every partition of a topic."""

    anchor: Anchor
    number: int = 0
    group: str = ""

    def __str__(self) -> str:
        if self.anchor is Anchor.GROUP:
            return f"{_GROUP}{self.group}"
        if self.anchor is Anchor.TIME:
            return f"@{utc_iso(self.number)}" if is_time(self.number) else f"@{self.number}ms"
        if self.anchor is Anchor.OFFSET:
            return str(self.number)
        return f"-{self.number}" if self.number else self.anchor.value


BEGINNING = Position(Anchor.BEGINNING)
END = Position(Anchor.END)
_WORDS = {"beginning": BEGINNING, "earliest": BEGINNING, "end": END, "latest": END}


def parse_position(text: str) -> Position:
    """Returns the position of a text: `beginning`, `end`, `-N` (the last N offsets), `OFFSET`, `@TIME` (ISO 8601, UTC
    by default, or Unix milliseconds) or `group:GROUP`. Raises ValueError with the reason.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text.startswith("@"):
        return Position(Anchor.TIME, parse_time(text[1:]))
    if text.startswith(_GROUP) and text != _GROUP:
        return Position(Anchor.GROUP, group=text.removeprefix(_GROUP))
    if text.removeprefix("-").isdecimal():
        number = int(text.removeprefix("-"))
        return Position(Anchor.END if text.startswith("-") else Anchor.OFFSET, number)
    raise ValueError(f"'{text}' is no position: write beginning, end, -N, OFFSET, @TIME or group:GROUP")


async def resolve(
    cluster: Cluster, position: Position, bounds: Mapping[TopicPartition, PartitionOffsets]
) -> dict[TopicPartition, int]:
    """Returns the offset of a position in each partition, limited to its log. Partitions with unknown bounds, or whose
    leader does not tell the place of a time, are left out. The end is the last stable offset, which limits a
    read_committed consumer; an offset behind it, held back by an open transaction, becomes that end. A partition
    without a committed offset begins where its log begins. Raises OffsetOutOfRange for an offset that is in no
    partition's log, ClusterError where a group has none of the partitions.
    """
    known = {tp: (of.log_start_offset, of.last_stable_offset) for tp, of in bounds.items()}
    logs = {tp: (first, end) for tp, (first, end) in known.items() if first is not None and end is not None}
    if position.anchor is Anchor.OFFSET:
        _check_range(
            position.number, {tp: (first, bounds[tp].log_end_offset or end) for tp, (first, end) in logs.items()}
        )
        wanted: Mapping[TopicPartition, int | None] = dict.fromkeys(logs, position.number)
    elif position.anchor is Anchor.TIME:
        wanted = await cluster.offsets_at(logs, position.number)
    elif position.anchor is Anchor.END:
        wanted = {tp: end - position.number for tp, (_, end) in logs.items()}
    else:
        wanted = {tp: first for tp, (first, _) in logs.items()}
        if position.anchor is Anchor.GROUP:
            wanted = {**wanted, **await committed(cluster, position.group, logs)}
    return {tp: _within(wanted[tp], first, end) for tp, (first, end) in logs.items() if tp in wanted}


async def committed(cluster: Cluster, group: str, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
    """Returns the group's committed offsets of these partitions. Raises ClusterError where it has none of them."""
    answer = (await cluster.committed_offsets([group]))[group]
    if isinstance(answer, ClusterError):
        raise answer
    found = {tp: answer[tp].offset for tp in partitions if tp in answer}
    if partitions and not found:
        topics = ", ".join(sorted({tp.topic for tp in partitions}))
        raise ClusterError(
            f"The group {group} has no committed offset on {topics}.", "Check the group's name, or begin elsewhere."
        )
    return found


async def note_commits(
    cluster: Cluster, partitions: Collection[TopicPartition], start: Position, end: Position | None = None
) -> tuple[str, ...]:
    """Returns sentences about partitions on which the group of a position has committed nothing, or an offset outside
    the log, and what that means for them. Raises ClusterError where it has committed on none.
    """
    notes: list[str] = []
    for position, meaning in ((start, "read from the beginning"), (end, "nothing of them is read")):
        if position is not None and position.anchor is Anchor.GROUP:
            found = await committed(cluster, position.group, partitions)
            places = [str(tp) for tp in sorted(partitions) if tp not in found]
            if places:
                notes.append(f"The group {position.group} has no committed offset on {join_names(places)}: {meaning}")
            notes += await _note_outside(cluster, position.group, found)
    return tuple(notes)


async def _note_outside(cluster: Cluster, group: str, found: Mapping[TopicPartition, int]) -> list[str]:
    notes = []
    for tp, bounds in sorted((await cluster.offsets(found)).items()):
        first, end = bounds.log_start_offset, bounds.log_end_offset
        stands = f"The group {group} has committed {found[tp]:,} on {tp}"
        if end is not None and found[tp] > end:
            notes.append(f"{stands}, beyond the log's end, {end:,}")
        elif first is not None and found[tp] < first:
            notes.append(f"{stands}; the records before {first:,} are removed")
    return notes


def _within(offset: int | None, first: int, end: int) -> int:
    """Limits an offset to the log's bounds. None (no record is as late as the given time) becomes the end."""
    return end if offset is None else min(max(offset, first), end)


def _check_range(offset: int, logs: Mapping[TopicPartition, tuple[int, int]]) -> None:
    if not logs or any(first <= offset <= end for first, end in logs.values()):
        return
    spans: Collection[str] = [f"{tp} holds {first:,} to {end:,}" for tp, (first, end) in sorted(logs.items())[:6]]
    raise OffsetOutOfRange(f"Offset {offset:,} lies outside the log", f"{', '.join(spans)}.")
