"""What a read of records came to, in words. No Qt here."""

from __future__ import annotations

from kafkaview.records.progress import ReadProgress
from kafkaview.ui.record.progress_words import describe_left_out
from kafkaview.words import about, duration, number, plural, rate, seconds_left


def describe_run(progress: ReadProgress, shown: int, *, searches: bool) -> str:
    """Returns how far a read is."""
    found = f"{number(shown)} match, " if searches else ""
    said = [f"{found}{_count_of(progress.scanned, progress)} read"]
    if progress.rate and searches:
        said.append(rate(progress.rate))
        if progress.seconds_left is not None:
            said.append(f"{seconds_left(progress.seconds_left)} left")
    return ", ".join(said)


def describe_end(progress: ReadProgress, shown: int, *, searches: bool, earlier: int = 0) -> str:
    """Returns what was read, of how much, how long it took, and what was left out. Of what is shown, `earlier` records
    were there before the read.
    """
    took = f"read in {duration(round(progress.seconds * 1000))}"
    if searches:
        said = f"{number(shown)} of {plural(progress.scanned, 'record')} match, {took}"
    elif not progress.total:
        said = "The range holds no record"
    else:
        said = f"{_count_of(shown, progress, earlier)}, {took}"
    parts = [said]
    if progress.failed:
        why = f": {progress.failure}" if progress.failure else ""
        parts.append(f"The filter failed on {plural(progress.failed, 'record')} that may match{why}")
    return ". ".join([*parts, *describe_left_out(progress, "the read")])


def _count_of(count: int, progress: ReadProgress, earlier: int = 0) -> str:
    """Returns a count of records and of how many: offsets that are not read yet may hold none."""
    if progress.passed < progress.total:
        return f"{number(count)} of {about(earlier + progress.total)} records"
    known = earlier + progress.scanned
    return f"{number(count)} of {plural(known, 'record')}" if count < known else plural(count, "record")
