"""What the verbs that read records say of their progress, and of what they left out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kafkaview.cli.output import Output
from kafkaview.records.progress import ReadProgress, damage_reason, damage_text, removal_text


@contextmanager
def progress_bar(output: Output, title: str) -> Iterator[Callable[[ReadProgress], None]]:
    """Yields a function that shows the progress in a bar on a terminal; elsewhere the library for it is not loaded."""
    if not sys.stderr.isatty():
        yield lambda _progress: None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=output.notes, transient=True, disable=not output.notes.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda progress: bar.update(task, total=progress.total, completed=progress.passed)


def note_omissions(output: Output, progress: ReadProgress, work: str) -> None:
    """Prints what a read left out; `work` is its word."""
    for one in progress.skipped:
        output.note(f"Left out: {one.reason}", "yellow")
    for held in progress.held_back:
        output.note(
            f"{held.topic_partition} was read to {held.from_offset:,}: an open transaction holds back {held.offsets:,} "
            "offsets from there on. `kafkaview transactions` shows it",
            "yellow",
        )
    for gone in progress.removed:
        output.note(f"{removal_text(gone)} while the {work} ran", "yellow")
    for gap in progress.damaged:
        output.note(f"{damage_text(gap)} {damage_reason(gap)}", "yellow")
