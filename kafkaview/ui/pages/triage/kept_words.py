"""The words of incidents that are kept. No Qt here."""

from __future__ import annotations

from typing import Final

from kafkaview.triage.incidents.incident import IncidentPlace, IncidentSource, IncidentState, KnownIncident
from kafkaview.words import clock, duration, join_names, name_text, number, plural

STATE_TONES: Final = {
    IncidentState.OPEN: "warn",
    IncidentState.REROUTED: "ok",
    IncidentState.SKIPPED: "ok",
    IncidentState.SOLVED: "ok",
    IncidentState.IGNORED: "idle",
}
_NOW_MS: Final = 30_000  # the time of what stands is kept more often than that
_SOURCES: Final = {"group": "groups that stood", "scan": "scans", "log": "log lines"}
_MEANINGS: Final = {
    IncidentState.OPEN: "Nothing has come of it yet.",
    IncidentState.REROUTED: "A copy of each record lies in a dead letter queue.",
    IncidentState.SKIPPED: "The group was moved past the record, which was copied nowhere; the journal keeps it.",
    IncidentState.SOLVED: "The group moved again by itself.",
    IncidentState.IGNORED: "A group that moves and stands again is listed again.",
}


def kept_title(incident: KnownIncident) -> str:
    """Returns the first line of a row: who stood, else what was broken."""
    if incident.groups:
        return join_names([name_text(group) for group in incident.groups], 2)
    return incident.cause.rpartition(".")[2]


def kept_place(incident: KnownIncident) -> str:
    """Returns the place of a row: the record, or the topic with their number."""
    records = incident.records
    if len(records) == 1 and incident.count == 1:
        return f"{records[0].topic_partition} @ {number(records[0].offset)}"
    return f"{incident.topic}, {plural(incident.count, 'place')}"


def kept_age(incident: KnownIncident, now_ms: int) -> str:
    """Returns how long ago it was last seen."""
    passed = now_ms - incident.last_seen_ms
    return f"{duration(passed)} ago" if passed >= _NOW_MS else "now"


def kept_sentence(incident: KnownIncident) -> str:
    """Returns what was found, for the head of the pane."""
    return f"{incident.topic}: {incident.reason.partition('. ')[0]}"


def kept_facts(incident: KnownIncident) -> str:
    """Returns the state with what it means, who found it and when."""
    found = join_names([_SOURCES[source] for source in incident.sources])
    times = f"first {clock(incident.first_seen_ms)}, last {clock(incident.last_seen_ms)}"
    return f"{_MEANINGS[incident.state]} Found by {found}, {times}."


def found_by(place: IncidentPlace) -> str:
    """Returns who found one place."""
    if place.source is IncidentSource.GROUP:
        return f"{name_text(place.group or '')} stood"
    named = f", {name_text(place.group)}" if place.group else ""
    return f"{'a scan' if place.source is IncidentSource.SCAN else 'a log line'}{named}"
