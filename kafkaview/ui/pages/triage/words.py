"""The words of Triage: the finding, the verdict on one group, the facts. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kafkaview.cluster.ports.unseen import UnseenKind
from kafkaview.security.hidden_rows import GROUPS
from kafkaview.terms import RecordId
from kafkaview.triage.watch.unseen import say_health, say_unseen
from kafkaview.triage.watch.verdict import Behaviour, Stuck, Verdict
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.pages.triage.incidents import Incident, same_record
from kafkaview.words import duration, join_names, name_text, number, plural, short_duration

_SECOND_MS: Final = 1000  # nothing was seen less long ago
_BEHAVIOURS = {
    Behaviour.CRASH_LOOP: "Crash loop",
    Behaviour.RETRIES: "Retries for ever",
    Behaviour.ABSENT: "No members",
}


def finding(view: View, rows: Sequence[Incident]) -> str:
    """Returns the page's first line: how many groups are stuck, and whether one record stops several."""
    standing = {row.group for row in rows}
    seen = [row for row in rows if row.first.last_seen_ms is None]
    stands = {row.group for row in seen}
    if view.groups is None:
        return "The cluster does not answer" if view.stale else "Asking the brokers for their groups"
    watched = plural(len(view.groups.names), "group")
    if not view.judged and not standing:
        if view.stale:
            return f"{watched} seen, not judged when the cluster went away"
        return f"Watching {watched}, first verdicts in {countdown(view)}"
    if not standing:
        return moving_line(view)
    stood = f"{plural(len(standing), 'group')} stood still when last seen"
    if not view.current:
        return stood
    if not view.judged:
        return f"Watching again, verdicts in {countdown(view)}; {stood}"
    now = _say_standing(seen, len(stands)) if stands else ""
    before = f"{plural(len(standing - stands), 'group')} stood still when last seen" if standing - stands else ""
    return "; ".join(part for part in (now, before, say_unseen(view.unseen)) if part)


def _say_standing(rows: Sequence[Incident], standing: int) -> str:
    head = f"{plural(standing, 'group stands', 'groups stand')} still"
    groups: dict[RecordId, set[str]] = {}
    for row in rows:
        if row.record:
            groups.setdefault(row.record, set()).add(row.group)
    shared = [names for names in groups.values() if len(names) > 1]
    if not shared:
        return head
    count = len(set().union(*shared))
    where = "on one record" if len(shared) == 1 else f"on {number(len(shared))} records that stop more than one"
    return f"{head}, {'all' if count == standing else f'{number(count)} of them'} {where}"


def countdown(view: View) -> str:
    """Returns how long until the first verdict."""
    return f"about {max(1, round(view.seconds_to_verdict))} s"


def moving_line(view: View) -> str:
    """Returns that no group is stuck, without claiming it of groups that could not be looked at."""
    if view.groups is None or lists_nothing(view):
        return GROUPS.none
    if not view.current:
        return "Every group moved when last seen" if not view.unseen else f"When last seen, {say_unseen(view.unseen)}"
    return say_health(len(view.groups.names), view.unseen)


def lists_nothing(view: View) -> bool:
    """Whether no group is known, nor that there is one: a right may be missing."""
    known = view.groups is not None and bool(view.groups.names)
    return not known and all(one.kind is UnseenKind.RIGHT for one in view.unseen)


def others_moving(view: View) -> int:
    """Returns the number of groups that were seen and are not stuck; of those without a member, on whom records wait,
    nobody knows that they move.
    """
    if view.groups is None:
        return 0
    unseen = {one.group for one in view.unseen}
    seen = (name not in unseen for name in view.groups.names)
    waiting = (view.groups.members == 0) & (view.groups.lag != 0)
    moving = (view.groups.error < 0) & (view.groups.verdicts < 0) & ~waiting
    return int(np.count_nonzero(moving & np.fromiter(seen, np.bool_, len(view.groups.names))))


def say_others(view: View) -> str:
    """Returns how many groups are not listed as stuck; that they move is said only of what is seen now."""
    count = others_moving(view)
    if not count and view.unseen:
        return "No other group was seen in full"
    if view.tells_health:
        return plural(count, "other group does not stand", "other groups do not stand")
    if view.judged:
        return plural(count, "other group did not stand", "other groups did not stand")
    watched = ("is watched", "are watched") if view.current else ("was watched", "were watched")
    return plural(count, f"other group {watched[0]}", f"other groups {watched[1]}")


def label(incident: Incident) -> str:
    """Returns the short word at the right of a row: how the group behaves, or what stops it."""
    if incident.verdict is Verdict.POISON:
        return _BEHAVIOURS.get(incident.first.behaviour, "Stands still")
    return incident.verdict_row.label


def place_of(incident: Incident) -> str:
    """Returns the place of a row: `orders:3 @ 18,442`, or the topic with its partitions."""
    if incident.partitions > 1:
        return f"{incident.first.topic_partition.topic}, {number(incident.partitions)} partitions"
    if incident.offset is None:
        return str(incident.first.topic_partition)
    return f"{incident.first.topic_partition} @ {number(incident.offset)}"


def short_place(incident: Incident) -> str:
    """Returns the same for a narrow list: `orders (6)`, with how many partitions."""
    if incident.partitions > 1:
        return f"{incident.first.topic_partition.topic} ({number(incident.partitions)})"
    return place_of(incident)


def facts(incident: Incident, rows: Sequence[Incident], now_ms: int) -> str:
    """Returns the line under the verdict: how long, how many records wait, and which other groups are stuck there."""
    said = [f"{_say_age(incident, now_ms)}, {_describe_lag(incident)}."]
    between = incident.first.suspect.records_between if incident.first.suspect else 0
    if between:
        said.append(f"{_between(incident.first, between)}.")
    if incident.consequences:
        where = join_names([str(one.topic_partition) for one in incident.consequences], 4)
        verb = "stands" if len(incident.consequences) == 1 else "stand"
        said.append(f"{where} {verb} too, as a consequence: the group crashes on {place_of(incident)}.")
    others = same_record(incident, rows)
    if others:
        said.append(f"The same record stops {join_names(others)}.")
    return " ".join(said)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a group that was shown to stand and is not listed any more: a mark, its word, a sentence."""

    mark: Mark
    word: str
    sentence: str


def fate(incident: Incident, view: View, committed: int | None) -> Fate:
    """Returns what became of a group whose incident is not listed any more: it moves only if it is seen to. `committed`
    is its newest committed offset there.
    """
    group, place = name_text(incident.group), incident.first.topic_partition
    if not view.tells_health or view.groups is None or view.topics is None:
        return Fate(Mark.UNKNOWN, "Not seen", f"Whether {group} moves again is not known yet")
    whole = not view.errors and not view.omissions
    for name, names in ((incident.group, view.groups.names), (place.topic, view.topics.names)):
        if name not in names:
            said = f"{name_text(name)} is not there any more" if whole else f"{name_text(name)} is not seen any more"
            return Fate(Mark.IDLE if whole else Mark.UNKNOWN, "Gone" if whole else "Not seen", said)
    unseen = next((one for one in view.unseen if one.group == incident.group), None)
    if unseen is not None:
        return Fate(Mark.UNKNOWN, "Not seen", f"Whether {group} moves again is not known: {unseen.reason}")
    again = next((one for one in view.stuck if one.group == incident.group), None)
    if again is not None:
        stands = f"{group} stands at {again.topic_partition} @ {number(again.committed_offset)}"
        return Fate(Mark.of_tone(again.verdict.row.tone), "Stands", stands)
    if view.groups.members[view.groups.names.index(incident.group)] == 0:
        return Fate(Mark.IDLE, "No members", f"{group} has no members now")
    if committed is None:
        return Fate(Mark.UNKNOWN, "Not seen", f"{group} has no committed offset on {place} any more")
    stood_at = incident.first.committed_offset
    if stood_at is not None and committed <= stood_at:
        return Fate(Mark.IDLE, "Nothing waits", f"{group} is at {place} @ {number(committed)}, where no record waits")
    return Fate(Mark.OK, "Moves again", f"{group} moves again")


def age(incident: Incident, now_ms: int) -> str:
    """Returns how long the group is seen to be stuck, or how long ago that was last seen."""
    seen_ms = incident.first.last_seen_ms
    if seen_ms is not None:
        return f"last seen {duration(max(_SECOND_MS, now_ms - seen_ms))} ago"
    return duration(max(0, now_ms - incident.since_ms))


def short_age(incident: Incident, now_ms: int) -> str:
    """Returns the same for a narrow list: `9 min`, `12 s ago`."""
    seen_ms = incident.first.last_seen_ms
    if seen_ms is not None:
        return f"{short_duration(max(_SECOND_MS, now_ms - seen_ms))} ago"
    return short_duration(max(0, now_ms - incident.since_ms))


def _say_age(incident: Incident, now_ms: int) -> str:
    seen_ms = incident.first.last_seen_ms
    if seen_ms is None:
        return f"Seen standing for {age(incident, now_ms)}"
    stood = duration(max(0, seen_ms - incident.since_ms))
    return f"Stood for {stood} when {age(incident, now_ms)}"


def _describe_lag(incident: Incident) -> str:
    if incident.lag is None:
        return "how many records wait is not known"
    verb = "record waits" if incident.lag == 1 else "records wait"
    behind = " behind it" if incident.verdict is Verdict.POISON else ""
    return f"{number(incident.lag)} {verb}{behind}"


def _between(stuck: Stuck, between: int) -> str:
    committed = number(stuck.committed_offset) if stuck.committed_offset is not None else "its start"
    them = "good record lies" if between == 1 else "good records lie"
    return f"{number(between)} {them} between its committed offset {committed} and this record"


def last_known(incident: Incident) -> str:
    """Returns what is known of the place of an incident without its records, as a sentence."""
    first = incident.first
    said = [f"{name_text(incident.group)} had committed {number(first.committed_offset)}"]
    said.append(f"the log ended at {number(first.log_end_offset)}")
    if first.suspect is not None:
        said.append(f"the record at {number(first.suspect.record.id.offset)} could not be read: {first.reason}")
    return f"Last known: {', '.join(said)}."
