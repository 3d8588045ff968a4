"""A scan in words. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence

from kafkaview.records.progress import damage_reason, damage_text, removal_text
from kafkaview.terms import RemovalCause, RemovedOffsets
from kafkaview.triage.scan.scan import ScanProgress
from kafkaview.words import join_names, number, plural, rate, seconds_left


def progress_line(progress: ScanProgress) -> str:
    """Returns the count under the progress bar."""
    total = number(progress.total)
    said = [f"{number(progress.scanned)} of about {total} records read", f"{number(progress.found)} found"]
    if progress.rate:
        said.append(rate(progress.rate))
    if progress.seconds_left is not None and progress.passed < progress.total:
        said.append(f"{seconds_left(progress.seconds_left)} left")
    return ", ".join(said)


def end_line(progress: ScanProgress, *, cancelled: bool) -> str:
    """Returns the result of a scan."""
    records = plural(progress.scanned, "record")
    if cancelled:
        return f"Cancelled after {records}, {number(progress.found)} found. Nothing was changed"
    if progress.scanned == 0:
        said = "The range holds no record" if progress.complete else "No record was read"
    elif progress.found == 0 and progress.complete:
        said = "The only record passes the rule" if progress.scanned == 1 else f"All {records} pass the rule"
    elif progress.found == 0:
        said = f"{records} read, none fails the rule"
    else:
        said = f"{number(progress.found)} of {records} {'does' if progress.found == 1 else 'do'} not pass"
    if progress.skipped:
        names = join_names([str(partition) for partition in progress.skipped])
        said = f"{said}. {names} could not be read: no leader answers"
    if progress.held_back:
        names = join_names(
            [f"{held.topic_partition} from {number(held.from_offset)} on" for held in progress.held_back]
        )
        offsets = plural(sum(held.offsets for held in progress.held_back), "offset")
        said = f"{said}. {offsets} were not read, {names}: an open transaction holds them back"
    if progress.removed:
        offsets = plural(sum(gone.offsets for gone in progress.removed), "offset")
        said = f"{said}. {offsets} went away while the scan ran: {join_names([*map(removal_text, progress.removed)])}"
    return f"{said}{_say_damage(progress.damaged)}"


def _say_damage(gaps: Sequence[RemovedOffsets]) -> str:
    """Returns sentences about the batches that cannot be read, and about what was not tried behind very many."""
    said, damaged = "", [gap for gap in gaps if gap.cause is RemovalCause.DAMAGE]
    if damaged:
        offsets = plural(sum(gap.offsets for gap in damaged), "offset")
        names = join_names([*map(damage_text, damaged)])
        said = f". {offsets} cannot be read, {names}: the record batch on the broker's disk is damaged"
    for gap in gaps:
        if gap.cause is not RemovalCause.DAMAGE:
            said = f"{said}. {damage_text(gap)} {damage_reason(gap)}"
    return said
