"""The words of a re-route: before it, while it runs, after it. No Qt here."""

from __future__ import annotations

from kafkaview.cluster.errors import ClusterError, OutcomeUnknown, PlanNoLongerHolds, QueueUnsure
from kafkaview.engine.window_words import window_hint
from kafkaview.triage.reroute.group_positions import REACH
from kafkaview.triage.reroute.outcome import RerouteOutcome, TransactionState
from kafkaview.triage.reroute.plan import CopyPlan, GroupPlan, ReroutePlan
from kafkaview.ui.writes.write_result import Result
from kafkaview.words import first_lines, join_names, number, plural
from kafkaview.writes.outcome import GroupOutcome, advice_of
from kafkaview.writes.steps import WriteStepName


def subtitle(plan: ReroutePlan) -> str:
    """Returns what the transaction holds together."""
    if plan.moves:
        return "One Kafka transaction: the copy and the new offsets become visible together, or not at all."
    return "One Kafka transaction. No group moves: every committed offset stays as it is."


def copy_line(plan: ReroutePlan, *, short: bool = False) -> str:
    """Returns what is copied, for the words beside the copy in the strip; `short` if that is drawn far to the right."""
    bad = [copy for copy in plan.copies if not copy.good] or list(plan.copies)
    if len(bad) == 1 and bad[0].already is not None:
        already = bad[0].already
        return f"there already, at {already.topic_partition} @ {number(already.offset)}: no second copy is written"
    if len(plan.copies) > 1:
        good = len(plan.copies) - len(bad)
        also = f", {number(good)} of them good" if good else ""
        there = len(plan.copies) - len(plan.new_copies)
        no_second = f"; {number(there)} of them there already, with no second copy" if there else ""
        return f"{number(len(plan.copies))} records byte for byte{also}{no_second}"
    if short:
        return f"byte for byte, {plural(len(bad[0].added_headers), 'header')} added"
    return f"{_parts(bad[0])} byte for byte, {plural(len(bad[0].added_headers), 'header')} added"


def _parts(copy: CopyPlan) -> str:
    headers = len(copy.record.headers or ())
    parts = [
        "key" if copy.record.key is not None else "null key",
        "value" if copy.record.value is not None else "null value",
    ]
    if headers:
        parts.append(plural(headers, "header"))
    return f"{', '.join(parts)} and timestamp"


def create_option(plan: ReroutePlan) -> str:
    """Returns the label of the option that creates the dead letter queue."""
    return f"Create {plan.new_queue}"


def other_queue_option(other: str, refused: str) -> str:
    """Returns the label of the option that takes another queue for one that cannot be made."""
    return f"Send to {other} instead of {refused}, which cannot be made"


def members(group: GroupPlan, *, evict: bool) -> str:
    """Returns the words of the Members column: who is live and what happens to them, or why the group is left alone."""
    if len(group.records_between) >= REACH:
        return f"{number(REACH)} good records or more lie between"
    if group.after is None:
        return group.note
    if group.members is None:
        return "unknown"
    if not group.members:
        return "none live"
    return f"{number(group.members)} live, {'evict' if evict else 'not evicted'}"


def find_held_back(plan: ReroutePlan) -> tuple[GroupPlan, ...]:
    """Returns the groups that good records keep from moving, few enough for a plan to send those records too."""
    return tuple(group for group in plan.left_alone if 0 < len(group.records_between) < REACH)


def stays(group: GroupPlan) -> tuple[str, str]:
    """Returns that a group is left behind: the consequence, and what to do about it."""
    good = plural(len(group.records_between), "good record lies", "good records lie")
    at = f" at {number(group.before.offset)}" if group.before is not None else ""
    return f"{group.group} stays{at}.", f"{good} before the record: tick the box above to send them too"


def between_option(plan: ReroutePlan) -> str | None:
    """Returns the label of the option that skips the good records between; None if there are too many of them."""
    behind = [*(move for move in plan.moves if move.records_between), *find_held_back(plan)]
    good = {record.id for group in behind for record in group.records_between}
    if not good:
        return None
    groups = sorted({group.group for group in behind})
    them = "record that lies" if len(good) == 1 else "records that lie"
    return f"Also send the {number(len(good))} good {them} before it, and move {join_names(groups)} past them"


def asks_between(plan: ReroutePlan, asked_for: str) -> bool:
    """Returns whether the group that was asked for is kept by good records: what happens to those is asked first."""
    return asked_for in {group.group for group in find_held_back(plan)}


def between_question(plan: ReroutePlan, asked_for: str) -> tuple[str, str, str]:
    """Returns the question about the good records before the poison, and its two answers: to copy the record only, and
    to send them along.
    """
    held = [group for group in find_held_back(plan) if group.group == asked_for]
    good = {record.id for group in held for record in group.records_between}
    before = held[0].before
    stands = f" at {number(before.offset)}" if before is not None else ""
    one = len(good) == 1
    lie = f"{plural(len(good), 'good record lies', 'good records lie')} between where {asked_for} stands{stands}"
    ones = "good one" if one else f"{number(len(good))} good ones"
    return (
        f"{lie} and the record. What shall be done with {'it' if one else 'them'}?",
        f"Copy only: {asked_for} stays{stands}, and reads the record again",
        f"Also take the {ones} along to the queue, and move {asked_for} past the record",
    )


def running_title(plan: ReroutePlan) -> str:
    """Returns the title while the plan runs."""
    records = plural(len(plan.copies), "record")
    if not plan.new_copies:
        return f"Moving {plural(len({move.group for move in plan.moves}), 'group')} past {records}"
    return f"Sending {records} to {plan.dlq}"


def describe_step(step: WriteStepName | None) -> str:
    """Returns what the user can do while this step runs, for the words beside the button."""
    if step is None or step.may_cancel:
        return "Nothing is written to the groups yet. It can still be cancelled."
    if step is WriteStepName.TOPIC:
        return "The queue is being made. It can no longer be cancelled."
    if step is WriteStepName.LOOK_UP:
        return "What stands is looked up. Closing lets that go on."
    if step is WriteStepName.TRANSACTION:
        return "The transaction is under way. It can no longer be cancelled."
    return "The transaction is done. Closing keeps watching."


def result_of(outcome: RerouteOutcome, plan: ReroutePlan) -> Result:
    """Returns the outcome of a re-route by its effect."""
    if outcome.transaction is TransactionState.UNKNOWN:
        return Result("unknown", "Whether it was committed is not known", outcome.message)
    if outcome.transaction is not TransactionState.COMMITTED:
        result = Result("bad", "Nothing was written", window_hint(outcome.message))
        return result.with_empty_queue(outcome.empty_queue) if outcome.empty_queue else result
    if outcome.doubt and not outcome.unseen:
        advice = advice_of(outcome.groups)
        return Result("warn", "Committed, but not all is as it should be", outcome.message, advice)
    still = [group for group in outcome.groups if group.effective is False]
    if still:
        names = join_names([group.group for group in still])
        advice = advice_of(still)
        details = "; ".join(first_lines(group.detail for group in still if group.detail))
        return Result("warn", f"The copy is safe, {names} did not move", details or outcome.message, advice)
    if outcome.doubt:
        return Result("unknown", "Committed, but the copies could not be read back", outcome.message)
    unseen = [group for group in outcome.groups if group.effective is None]
    if unseen:
        advice = advice_of(unseen)
        names = join_names(list(dict.fromkeys(group.group for group in unseen)))
        return Result("unknown", f"The copy is safe, whether {names} moves was not seen", outcome.message, advice)
    moved = [group for group in outcome.groups if group.effective]
    if moved:
        moving = [group.group for group in moved if group.moves]
        title = _moves_again(moving) if moving else _are_past([group.group for group in moved])
        return Result("ok", title, _describe_moved(moved, outcome), moves=bool(moving))
    there = len(plan.copies) - len(plan.new_copies)
    already = f", {number(there)} {'was' if there == 1 else 'were'} there already" if there else ""
    title = f"{plural(len(plan.new_copies), 'record')} copied to {plan.dlq}{already}"
    return Result("ok", title, _describe_copies(outcome))


def result_of_error(error: ClusterError) -> Result:
    """Returns the outcome of a re-route that was refused, in the broker's words."""
    text = f"{error.message}. {error.hint}" if error.hint else error.message
    if isinstance(error, QueueUnsure):
        return Result("unknown", "No record was copied, whether the queue was made is not known", text)
    if isinstance(error, OutcomeUnknown):
        return Result("unknown", "Whether it was committed is not known", text)
    if isinstance(error, PlanNoLongerHolds):
        return Result("warn", "The plan no longer holds, nothing was written", text, ("Make a new plan",))
    return Result("bad", "Nothing was written", text)


def _are_past(names: list[str]) -> str:
    """Says of groups that they were moved; they were not seen to read on yet."""
    names = list(dict.fromkeys(names))
    return f"{names[0]} is past the record{f', {join_names(names[1:])} too' if names[1:] else ''}"


def _moves_again(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    if len(names) == 1:
        return f"{names[0]} moves again"
    return f"{names[0]} moves again, {join_names(names[1:])} too"


def _describe_moved(moved: list[GroupOutcome], outcome: RerouteOutcome) -> str:
    first = moved[0]
    before = number(first.before) if first.before is not None else "its start"
    said = [f"Past {before} on {first.topic_partition}."]
    said.append(_describe_copies(outcome))
    return " ".join(part for part in said if part)


def _describe_copies(outcome: RerouteOutcome) -> str:
    if not outcome.done:
        return ""
    target = outcome.done[0].target
    more = f" and {number(len(outcome.done) - 1)} more" if len(outcome.done) > 1 else ""
    return f"The copy is {target.topic_partition} @ {number(target.offset)}{more}."
