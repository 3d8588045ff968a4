"""The plan of a redrive: what was selected, what goes where, and what stays, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from kafkaview.command_words import command_words, option_words
from kafkaview.triage.mending.rules import AcceptKind, RuleKind
from kafkaview.triage.redrive.offset_set import OffsetSet
from kafkaview.triage.redrive.request import RedrivePartition, RedriveRequest
from kafkaview.triage.redrive.tally import RedriveCounts, RedriveTally, StayingLetter
from kafkaview.words import join_names, number, part_of, plural
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.plan import NOT_SENT, ChangePlan, ChangeRow

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.execution import ResumableExecution
    from kafkaview.writes.steps import Progress

MOST_ROWS: Final = 20  # partitions, and reasons, that are shown one by one
_JOURNALLED: Final = 100  # dead letters that stay


@dataclass(frozen=True, slots=True, kw_only=True)
class RedrivePlan(ChangePlan):
    """A plan to send dead letters back. `letters` are the offsets of those that are to be sent, by partition of the
    queue `subject`; `staying` are the first of those that are not.
    """

    queue: str
    topic_id: str | None
    counts: RedriveCounts
    staying: tuple[StayingLetter, ...]
    letters: Mapping[int, OffsetSet] = field(repr=False)

    def resumable(
        self, session: Session, journal_id: int, progress: Progress
    ) -> ResumableExecution[ChangeOutcome] | None:
        """Returns what finds out how far it came."""
        from kafkaview.triage.redrive.resumption import RedriveResumption  # the engine's

        return RedriveResumption(session, self, journal_id, progress)


def redrive_command(request: RedriveRequest) -> tuple[str, ...]:
    """Returns the verb and its options."""
    options: list[str] = []
    if request.where:
        options += option_words("--where", request.where)
    if request.to is not None:
        options += option_words("--to", request.to)
    if request.partition is not RedrivePartition.SAME:
        options += option_words("--partition", request.partition.value)
    if request.mend is not None and request.mend.kind is RuleKind.EDIT:
        options += option_words("--edit-value-from", request.mend.file or "FILE")
    elif request.mend is not None:
        options += option_words("--mend", request.mend)
    if request.accept.kind is not AcceptKind.NONE:
        options += option_words("--accept", request.accept)
    cut = request.cut
    if cut.cause is not None:
        options += option_words("--cause", cut.cause.cause or "")
        options += option_words("--origin", cut.cause.origin_topic or "")
    for name, at_ms in (("--arrived-from", cut.from_ms), ("--arrived-to", cut.to_ms)):
        options += option_words(name, f"{at_ms}ms") if at_ms is not None else []
    return command_words(["redrive"], [request.queue, *map(str, request.records)], options)


def redrive_title(queue: str, tally: RedriveTally) -> str:
    """Returns the title of a plan."""
    names = sorted({place.topic for place in tally.by_partition})
    where = f" to {join_names(names)}" if names else ""
    ready = tally.unchanged + tally.mended
    return f"Send {plural(ready, 'dead letter')} of {queue} back{where}"


def redrive_rows(queue: str, tally: RedriveTally, overtaken: int | None, transactions: int) -> list[ChangeRow]:
    """Returns what a plan shows."""
    ready = tally.unchanged + tally.mended
    content = "none to send"
    if ready:
        content = f"{plural(ready, 'dead letter')} to send in {plural(transactions, 'transaction')}"
    if tally.mended:
        content = f"{content}, {part_of(tally.mended, ready, 'mended')}"
    rows = [ChangeRow(f"Of {queue}", plural(tally.selected, "dead letter"), content)]
    if tally.already:
        already = plural(tally.already, "dead letter")
        rows.append(ChangeRow("Sent back already", already, "not sent again"))
    by = sorted(tally.by_partition.items())
    rows += [ChangeRow(str(place), None, plural(count, "record")) for place, count in by[:MOST_ROWS]]
    if len(by) > MOST_ROWS:
        rest = sum(count for _, count in by[MOST_ROWS:])
        rows.append(ChangeRow(plural(len(by) - MOST_ROWS, "other partition"), None, plural(rest, "record")))
    if overtaken:
        rows.append(ChangeRow("Newer records of the same keys", number(overtaken), "overtaken"))
    reasons = tally.reasons.most_common()
    rows += [
        ChangeRow(plural(count, "dead letter stays", "dead letters stay"), reason, NOT_SENT)
        for reason, count in reasons[:MOST_ROWS]
    ]
    if len(reasons) > MOST_ROWS:
        rest = sum(count for _, count in reasons[MOST_ROWS:])
        other = plural(len(reasons) - MOST_ROWS, "other reason")
        rows.append(ChangeRow(plural(rest, "dead letter stays", "dead letters stay"), other, NOT_SENT))
    return rows


def redrive_document(
    request: RedriveRequest,
    topic_id: str | None,
    tally: RedriveTally,
    counts: RedriveCounts,
    transactions: int,
    group: str,
) -> dict[str, Any]:
    """Returns a plan as JSON, for `--json` and the journal."""
    return {
        "queue": request.queue,
        "topic_id": topic_id,
        "to": request.to,
        "partition": request.partition.value,
        "where": request.where or None,
        "records": [str(one) for one in request.records],
        "mend": str(request.mend) if request.mend is not None else None,
        "accept": str(request.accept),
        "group": group,
        "transactions": transactions,
        "targets": [
            {"topic": place.topic, "partition": place.partition, "records": count}
            for place, count in sorted(tally.by_partition.items())
        ],
        "counts": counts.document(),
        "reasons": [{"reason": reason, "count": count} for reason, count in tally.reasons.most_common(_JOURNALLED)],
        "failed": [one.document() for one in tally.staying[:_JOURNALLED]],
    }
