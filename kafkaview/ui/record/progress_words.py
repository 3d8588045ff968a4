"""What a read of records had to leave out, in words."""

from __future__ import annotations

from kafkaview.records.progress import ReadProgress, damage_reason, damage_text, removal_text
from kafkaview.terms import RemovalCause
from kafkaview.words import join_names, number, plural


def describe_left_out(progress: ReadProgress, doing: str) -> list[str]:
    """Returns a sentence for each reason why records of the range were not read; `doing` names the work, "the scan"."""
    said = []
    if progress.skipped:
        first, *more = progress.skipped
        others = f". Likewise {join_names([str(one.topic_partition) for one in more])}" if more else ""
        said.append(f"Left out: {first.reason}{others}")
    if progress.held_back:
        names = join_names(
            [f"{held.topic_partition} from {number(held.from_offset)} on" for held in progress.held_back]
        )
        offsets = plural(sum(held.offsets for held in progress.held_back), "offset")
        said.append(f"{offsets} were not read, {names}: an open transaction holds them back")
    if progress.removed:
        offsets = plural(sum(gone.offsets for gone in progress.removed), "offset")
        said.append(f"{offsets} went away while {doing} ran: {join_names([*map(removal_text, progress.removed)])}")
    damaged = [gap for gap in progress.damaged if gap.cause is RemovalCause.DAMAGE]
    if damaged:
        offsets = plural(sum(gap.offsets for gap in damaged), "offset")
        names = join_names([*map(damage_text, damaged)])
        said.append(f"{offsets} cannot be read, {names}: the record batch on the broker's disk is damaged")
    said += [f"{damage_text(gap)} {damage_reason(gap)}" for gap in progress.damaged if gap not in damaged]
    return said
