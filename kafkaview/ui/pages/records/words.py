"""What a read of records came to, in words. No Qt here."""

from __future__ import annotations

from kafkaview.records.progress import ReadProgress
from kafkaview.ui.record.progress_words import describe_left_out
from kafkaview.words import about, duration, number, plural, rate, seconds_left


def describe_run(progress: ReadProgress, shown: int, *, searches: bool) -> str:
    """Returns how far a read is."""
    found = f"{number(shown)} match, " if searches else ""
    said = [f"{found}{number(progress.scanned)} of {about(progress.total)} records read"]
    if progress.rate and searches:
        said.append(rate(progress.rate))
        if progress.seconds_left is not None:
            said.append(f"{seconds_left(progress.seconds_left)} left")
    return ", ".join(said)


def describe_end(progress: ReadProgress, shown: int, *, searches: bool) -> str:
    """Returns what was read, of how much, how long it took, and what was left out."""
    took = f"read in {duration(round(progress.seconds * 1000))}"
    if searches:
        said = f"{number(shown)} of {plural(progress.scanned, 'record')} match, {took}"
    elif not progress.total:
        said = "The range holds no record"
    else:
        said = f"{number(shown)} of {about(progress.total)} records, {took}"
    parts = [said]
    if progress.failed:
        why = f": {progress.failure}" if progress.failure else ""
        parts.append(f"the filter failed on {plural(progress.failed, 'record')} that may match{why}")
    return ". ".join([*parts, *describe_left_out(progress, "the read")])
