"""What a change of committed offsets is planned from, and how `--to` is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from kafkaview.clock import parse_time
from kafkaview.cluster.errors import RefusedHere
from kafkaview.terms import TopicPartition
from kafkaview.writes.offsets.offset_file import parse_offsets


class OffsetAnchor(StrEnum):
    """What a new committed offset is counted from."""

    EARLIEST = "earliest"  # the log start
    LATEST = "latest"  # the log end
    OFFSET = "offset"
    TIME = "time"  # the first record not older, else the log end
    SHIFT = "shift"  # from the committed offset on
    GROUP = "group"  # another group's committed offsets
    LIST = "list"  # an offset for each partition


@dataclass(frozen=True, slots=True)
class OffsetTarget:
    """Where committed offsets go. `text` is how it is written after `--to`; `number` is an offset, a shift or Unix
    milliseconds; `offsets` belong to LIST.
    """

    anchor: OffsetAnchor
    text: str
    number: int = 0
    group: str = ""
    offsets: Mapping[TopicPartition, int] = field(default_factory=dict)

    @property
    def names_partitions(self) -> bool:
        """Whether the target itself says which partitions change."""
        return self.anchor in (OffsetAnchor.GROUP, OffsetAnchor.LIST)


class LiveMembers(StrEnum):
    """What is done where the group has members."""

    REFUSE = "refuse"
    WAIT = "wait"  # until the group is empty, then the plan is made anew and applied
    EVICT = "evict"  # commit in a transaction, remove the members, and watch


@dataclass(frozen=True, slots=True)
class MemberWays:
    """The way that was chosen, and how many seconds WAIT takes at most."""

    live: LiveMembers = LiveMembers.REFUSE
    wait_seconds: float = 60.0

    @property
    def options(self) -> tuple[str, ...]:
        """The options of the command line that say the same."""
        if self.live is LiveMembers.WAIT:
            return ("--wait-empty", f"{self.wait_seconds:g}")
        return ("--evict",) if self.live is LiveMembers.EVICT else ()


REFUSE_MEMBERS: Final = MemberWays()


@dataclass(frozen=True, slots=True)
class OffsetsRequest:
    """A change of a group's committed offsets. Without topics and partitions it is about all that the group has
    committed. A partition that the group has never committed changes only where it is one of `partitions`, is named by
    the target, or `include_uncommitted` is set.
    """

    group: str
    target: OffsetTarget
    topics: tuple[str, ...] = ()
    partitions: tuple[TopicPartition, ...] = ()
    include_uncommitted: bool = False
    ways: MemberWays = REFUSE_MEMBERS


def parse_target(text: str, group: str) -> OffsetTarget:
    """Reads `earliest`, `latest`, `OFFSET`, `@TIME`, `+N`, `-N`, `from:GROUP` or `file:FILE` (of that group's offsets).
    Raises ValueError, also where the file cannot be read.
    """
    if text in (OffsetAnchor.EARLIEST, OffsetAnchor.LATEST):
        return OffsetTarget(OffsetAnchor(text), text)
    if text.startswith("@"):
        return OffsetTarget(OffsetAnchor.TIME, text, parse_time(text[1:]))
    if text.startswith("from:") and text != "from:":
        return OffsetTarget(OffsetAnchor.GROUP, text, group=text.removeprefix("from:"))
    if text.startswith("file:"):
        content = _read(text.removeprefix("file:"))
        return OffsetTarget(OffsetAnchor.LIST, text, offsets=parse_offsets(content, group))
    if text[:1] in ("+", "-") and text[1:].isdecimal():
        return OffsetTarget(OffsetAnchor.SHIFT, text, int(text))
    if text.isdecimal():
        return OffsetTarget(OffsetAnchor.OFFSET, text, int(text))
    raise ValueError(f"'{text}' is no target: write earliest, latest, OFFSET, @TIME, +N, -N, from:GROUP or file:FILE")


def _read(file: str) -> str:
    """Returns the text of a file with its line ends as they are: the name of a group may have some."""
    try:
        with Path(file).open(encoding="utf-8-sig", newline="") as opened:
            return opened.read()
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} is not UTF-8 at byte {error.start}") from None
    except (OSError, ValueError) as error:
        raise ValueError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def read_offsets_file(request: OffsetsRequest) -> OffsetsRequest:
    """Returns the request with the offsets of its file, where the target names one that was not read yet. Raises
    RefusedHere where it cannot be read.
    """
    target = request.target
    if target.anchor is not OffsetAnchor.LIST or target.offsets:
        return request
    try:
        return replace(request, target=parse_target(target.text, request.group))
    except ValueError as error:
        hint = "Lines of topic,partition,offset are read, as Kafka's own tool exports them, or JSON."
        raise RefusedHere(f"The file of offsets cannot be read: {error}", hint) from error
