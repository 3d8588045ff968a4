"""The words of the Journal page. No widgets."""

from __future__ import annotations

from typing import Final

from kafkaview.clock import in_zone, now_ms
from kafkaview.journal.entry import Author, EntryState, PayloadState
from kafkaview.profiles.journal_rules import PayloadForm
from kafkaview.ui.kit.marks import Mark
from kafkaview.words import clock, duration, iso, number, plural
from kafkaview.writes.journal_view import EntryView
from kafkaview.writes.undo_checks import why_not_undone

UNTOLD: Final = "an earlier version wrote the entry, which did not say it"
NOTHING: Final = (
    "Nothing was written from here yet",
    "Every write stands here before it is made: its plan, the records as they were, what came of it, and who made it.",
)
OUTCOMES: Final = (("all", "All"), ("done", "Done"), ("refused", "Not done"), ("open", "Not known"))
STATES: Final = {
    "all": (),
    "done": (EntryState.COMMITTED,),
    "refused": (EntryState.ABORTED, EntryState.NONE),
    "open": (EntryState.BEGUN, EntryState.UNKNOWN),
}
_MARKS: Final = {
    EntryState.COMMITTED: (Mark.OK, "done"),
    EntryState.ABORTED: (Mark.BAD, "not done"),
    EntryState.NONE: (Mark.IDLE, "not done"),
    EntryState.UNKNOWN: (Mark.UNKNOWN, "not known"),
    EntryState.BEGUN: (Mark.WORKING, "not ended"),
}
_LONG: Final = {
    EntryState.COMMITTED: "Written",
    EntryState.ABORTED: "Nothing was written",
    EntryState.NONE: "Nothing was written",
    EntryState.UNKNOWN: "Whether it was written is not known",
    EntryState.BEGUN: "It runs, or was cut off before its end was seen",
}
_FORMS: Final = {
    PayloadForm.KEPT: "",
    PayloadForm.ENCRYPTED: ", encrypted",
    PayloadForm.MASKED: ", length and digest alone",
    PayloadForm.LEFT_OUT: ", bytes left out",
}


def outcome_mark(state: EntryState, *, doubtful: bool) -> Mark:
    """Returns the mark of an outcome."""
    return Mark.WARN if state is EntryState.COMMITTED and doubtful else _MARKS[state][0]


def outcome_word(state: EntryState, *, doubtful: bool) -> str:
    """Returns an outcome in a word or two."""
    return "done, doubtful" if state is EntryState.COMMITTED and doubtful else _MARKS[state][1]


def describe_outcome(entry: EntryView) -> str:
    """Returns an outcome in a sentence, with what was said at its end."""
    left = entry.empty_queue
    said = f"No record was copied, but {left} was made" if left else _LONG[entry.state]
    return f"{said}: {entry.message}" if entry.message and entry.message != entry.title else said


def day_of(ms: int) -> str:
    """Returns the day of a time: `Today`, `Mon 23 Nov`, with its year where that is another."""
    day, today = in_zone(ms), in_zone(now_ms())
    if day.date() == today.date():
        return "Today"
    return f"{day:%a} {day.day} {day:%b}" + ("" if day.year == today.year else f" {day.year}")


def describe_found(found: int, total: int, search: str) -> str:
    """Returns how many entries were found, of how many."""
    if not search and found == total:
        return f"{plural(total, 'write')} made from here" if total else NOTHING[0]
    return f"{number(found)} of {plural(total, 'write')} found"


def describe_loaded(loaded: int, found: int) -> str:
    """Returns how many of the entries that were found are in the table."""
    if loaded >= found:
        return plural(found, "entry", "entries")
    return f"the newest {number(loaded)} of {number(found)} entries"


def describe_none(search: str) -> tuple[str, str]:
    """Returns why the list is empty although there are entries."""
    what = f"matches `{search.strip()}`" if search.strip() else "is of this kind"
    return (
        f"No entry {what}",
        "Deed, target, group, record, connection and who are searched; every word has to be there.",
    )


def entry_facts(entry: EntryView) -> tuple[tuple[str, str], ...]:
    """Returns what is known of an entry beside its plan and outcome."""
    took = None if entry.ended_at_ms is None else duration(entry.ended_at_ms - entry.begun_at_ms)
    return (
        ("Entry", f"{entry.id}, {entry.kind}"),
        ("Begun", iso(entry.begun_at_ms)),
        ("Took", took or "not ended"),
        ("Who", describe_author(entry.author)),
        ("Connection", entry.profile),
        ("Cluster", entry.cluster_id or "not known"),
    )


def describe_author(author: Author | None) -> str:
    """Returns who has made a write."""
    if author is None:
        return f"not known: {UNTOLD}"
    principal = author.principal or "a principal that the connection does not tell"
    return f"{author.os_user}, as {principal}, with kafkaview {author.version}"


def describe_payloads(payloads: PayloadState) -> str:
    """Returns how many records an entry has, in which form, or since when they are gone."""
    records = plural(payloads.count, "record")
    if payloads.removed_at_ms is not None:
        return f"{records}, removed at {clock(payloads.removed_at_ms)}: older than the connection's journal keeps them"
    return f"{records}{_FORMS[payloads.form]}"


def why_no_undo(entry: EntryView, here: str | None, *, known: bool) -> str:
    """Returns why an entry cannot be undone; empty where a plan can be made. `here` is the id of the cluster that is
    open, `known` whether that was told.
    """
    why = why_not_undone(entry, here if known else entry.cluster_id)
    return why or ("" if known else "The cluster has not answered yet")


def target_page(kind: str) -> str:
    """Returns the page that shows the target of a kind of write; empty where there is none."""
    starts = {"topics": ("topics.", "records.", "reroute", "redrive"), "groups": ("offsets.", "groups.")}
    return next((page for page, of_page in starts.items() if kind.startswith(of_page)), "")
