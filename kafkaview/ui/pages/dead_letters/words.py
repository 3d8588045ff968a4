"""What the Dead letters page says. No widgets."""

from __future__ import annotations

from collections.abc import Mapping

from kafkaview.terms import Record, TimestampType
from kafkaview.triage.dead_letters.dialects.registry import BY_WORD
from kafkaview.triage.dead_letters.letter import DeadLetter, LetterOrigin
from kafkaview.triage.dead_letters.recognition import DeadLetterTopic, DeadLetterTopics, Recognition
from kafkaview.triage.dead_letters.request import LetterBreakdown, LetterRow
from kafkaview.ui.pages.dead_letters.arrivals import ArrivalBars
from kafkaview.ui.record.progress_words import describe_left_out
from kafkaview.words import DASH, about, about_many, join_names, number, plural, time

NONE_FOUND = "No dead letter topics found"
NONE_SEEN = "None found, and not all topics were looked into"
HOW_RECOGNIZED = (
    "A topic is recognized by the headers of its newest records (share groups, kafkaview, Connect, Spring, Kafka "
    "Streams, SmallRye, Confluent's rules), by its setting errors.deadletterqueue.group.enable, or by a name such as "
    "orders-dlq, orders.DLT, dlq-orders or error.orders.billing."
)
NO_CAUSE = "no cause in the headers"
_BY = {
    Recognition.HEADERS: "recognized by the headers of its newest records",
    Recognition.CONFIG: "recognized by its setting errors.deadletterqueue.group.enable",
    Recognition.NAME: "recognized by its name alone: its newest records have no headers of a known dialect",
}

_BY_NAME_UNSEEN = "recognized by its name alone; its newest records were not looked at, or not all of them"


def describe_topics(found: DeadLetterTopics, counted: Mapping[str, int]) -> str:
    """Returns the finding of the page; `counted` has the records of the topics that were read through."""
    if not found.topics:
        return NONE_SEEN if found.unsampled else NONE_FOUND
    known = [many for one in found.topics if (many := counted.get(one.topic, one.records)) is not None]
    least = "at least " if known and len(known) < len(found.topics) else ""
    looked = f"; the records of {plural(found.unsampled, 'topic')} were not looked at" if found.unsampled else ""
    exact = all(one.topic in counted for one in found.topics)
    if not known:
        return f"An unknown number of records in {plural(len(found.topics), 'topic')}{looked}"
    records = plural(sum(known), "record") if exact else about_many(sum(known), "record")
    return f"{least}{records} in {plural(len(found.topics), 'topic')}{looked}"


def describe_none(found: DeadLetterTopics) -> tuple[str, str]:
    """Returns that there is none, as far as was looked, and by what one would be recognized."""
    if not found.unsampled:
        return NONE_FOUND, HOW_RECOGNIZED
    unseen = f"The newest records of {plural(found.unsampled, 'topic')} were not looked at."
    return NONE_SEEN, f"{unseen} The menu of a topic on Topics leads to its dead letters. {HOW_RECOGNIZED}"


def describe_unrecognized(topic: str) -> str:
    """Returns why a topic that was asked for is not listed."""
    return f"{topic}: its newest records are no dead letters of a known kind, nor does its name or setting say so"


def describe_topic(topic: DeadLetterTopic) -> str:
    """Returns where the letters of a topic come from, who wrote them, and how the topic was recognized."""
    parts = [f"from {join_names(topic.origins)}"] if topic.origins else []
    if topic.dialect is not None:
        by = ", kafkaview among them" if topic.by_kafkaview and topic.dialect != "kafka" else ""
        writer = "kafkaview" if topic.by_kafkaview and topic.dialect == "kafka" else BY_WORD[topic.dialect].title
        parts.append(f"written by {writer}{by}")
    unseen = topic.recognized_by is Recognition.NAME and not topic.sampled
    return "  ·  ".join([*parts, _BY_NAME_UNSEEN if unseen else _BY[topic.recognized_by]])


def describe_breakdown(found: LetterBreakdown) -> str:
    """Returns how many records were counted."""
    if found.ended:
        return plural(found.records, "record")
    return f"{number(found.progress.scanned)} of {about(found.progress.total)} records counted"


def describe_missing(found: LetterBreakdown) -> str:
    """Returns why records of the topic are not counted, or without their cause; empty if all are."""
    said = describe_left_out(found.progress, "the count")
    if found.unreadable_headers:
        said.append(f"The headers of {plural(found.unreadable_headers, 'record')} cannot be read: a name is not UTF-8")
    if found.others:
        said.append(f"{plural(found.others, 'record')} of further causes are not shown")
    return ". ".join(said)


def describe_times(found: LetterBreakdown, bars: ArrivalBars | None) -> str:
    """Returns whose times the arrivals are, and how many of them lie outside the bars; empty if there is no more to
    say.
    """
    said = []
    if found.dialect is not None and BY_WORD[found.dialect].keeps_time:
        said.append("Times are those of the origin: this writer keeps them.")
    outside = [(bars.earlier, "before the first bar"), (bars.later, "behind the last bar")] if bars is not None else []
    if counts := [f"{plural(many, 'record')} {where}" for many, where in outside if many]:
        said.append(f"Not shown: {join_names(counts)}.")
    return " ".join(said)


def place_text(origin: LetterOrigin) -> str:
    """Returns a place as `orders:3 @ 18,442`; what is unknown is a dash."""
    if origin.topic is None:
        return DASH
    partition = DASH if origin.partition is None else str(origin.partition)
    return f"{origin.topic}:{partition} @ {number(origin.offset)}"


def origin_text(row: LetterRow) -> str:
    """Returns where a dead letter came from."""
    return DASH if row.letter is None else place_text(row.letter.origin)


def short_class(name: str | None) -> str:
    """Returns the name of a Java class without its package; other texts as they are."""
    if name is None:
        return NO_CAUSE
    head, _, last = name.rpartition(".")
    return last if head and last and " " not in name else name


def created_at_origin(letter: DeadLetter, record: Record) -> int | None:
    """Returns the timestamp of a dead letter's origin: its headers say it, or the copy has kept it."""
    kept = BY_WORD[letter.dialect].keeps_time and record.timestamp_type is TimestampType.CREATE_TIME
    return record.timestamp_ms if letter.origin.timestamp_ms is None and kept else letter.origin.timestamp_ms


def letter_fields(letter: DeadLetter, created_ms: int | None) -> list[tuple[str, str]]:
    """Returns what a dead letter tells, as title and text, without origin and stack trace."""
    fields = [("Written by", BY_WORD[letter.dialect].title + (", kafkaview" if letter.routed_ms is not None else ""))]
    if letter.routed_ms is not None:
        fields.append(("Copied", time(letter.routed_ms)))
    fields.append(("Created at its origin", time(created_ms)))
    if letter.cause is not None:
        fields.append(("Cause", letter.cause))
    if letter.wrapper is not None:
        fields.append(("Wrapped by", letter.wrapper))
    fields.append(("Message", DASH if letter.message is None else letter.message))
    if letter.readers:
        fields.append(("Readers", ", ".join(letter.readers)))
    fields += [(title.capitalize(), text) for title, text in letter.fields if title != "connector"]
    if len(letter.hops) > 1:
        fields.append(("Hops", " → ".join(place_text(hop) for hop in letter.hops)))
    fields += [("Cannot be read", problem) for problem in letter.problems]
    return fields
