"""A scan in words. No Qt here."""

from __future__ import annotations

from kafkaview.triage.scan.scan import ScanProgress
from kafkaview.ui.record.progress_words import describe_left_out
from kafkaview.words import name_text, number, plural, rate, seconds_left


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
    return ". ".join([said, *describe_left_out(progress, "the scan")])


def cut_off_line(progress: ScanProgress) -> str:
    """Returns how far a scan came that could not go on."""
    return f"Cut off after {plural(progress.scanned, 'record')}, {number(progress.found)} found. Nothing was changed"


def found_line(topic: str, progress: ScanProgress, *, runs: bool, complete: bool) -> str:
    """Returns what the head of the page says of the last scan."""
    verb = "Scanning" if runs else "Scan of"
    left_out = "" if runs or complete else ", not all was read"
    return f"{verb} {name_text(topic)}: {number(progress.found)} found{left_out}"
