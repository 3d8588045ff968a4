"""The record strips of a re-route: before and after, and the copies below. No Qt here."""

from __future__ import annotations

from kafkaview.terms import TopicPartition
from kafkaview.triage.reroute.plan import GroupPlan, ReroutePlan
from kafkaview.ui.kit.record_strip.cells import Copied, Pointer, Strip, cells_around
from kafkaview.ui.writes.reroute_words import copy_line, find_held_back
from kafkaview.words import number


def plan_strips(plan: ReroutePlan) -> tuple[Strip, ...]:
    """Returns one strip for each source partition; the note about the copies stands on the last."""
    places = sorted({copy.record.topic_partition for copy in plan.copies})
    return tuple(_strip(plan, place, last=place == places[-1]) for place in places)


def _strip(plan: ReroutePlan, place: TopicPartition, *, last: bool) -> Strip:
    offsets = tuple(copy.record.offset for copy in plan.copies if copy.record.topic_partition == place)
    poison = tuple(c.record.offset for c in plan.copies if c.record.topic_partition == place and not c.good)
    moves = [move for move in plan.moves if move.topic_partition == place]
    held = [group for group in find_held_back(plan) if group.topic_partition == place]
    stands = _stands(moves or held, poison)
    end = next((move.log_end_offset for move in (*plan.moves, *plan.left_alone) if move.topic_partition == place), None)
    cells = cells_around(stands, poison, log_start_offset=None, log_end_offset=end, read=4)
    return Strip(
        cells,
        _pointers(moves) if moves else _held_back_pointer(held),
        lead=str(place),
        log_end_offset=end,
        copied=Copied(plan.dlq, offsets, copy_line(plan, short=stands < min(poison)) if last else ""),
        lead_mono=True,
    )


def _stands(moves: list[GroupPlan], poison: tuple[int, ...]) -> int:
    before = [move.before.offset for move in moves if move.before is not None]
    return min(before, default=min(poison))


def _held_back_pointer(groups: list[GroupPlan]) -> tuple[Pointer, ...]:
    """Returns a pointer to the groups that good records hold back."""
    before = [group.before.offset for group in groups if group.before is not None]
    if not before:
        return ()
    who = groups[0].group if len(groups) == 1 else f"{len(groups)} groups"
    return (Pointer(min(before), f"{who} at {number(min(before))}", "text"),)


def _pointers(moves: list[GroupPlan]) -> tuple[Pointer, ...]:
    """Returns where the groups stand now (the first of them) and where the last of them goes."""
    before = [move.before.offset for move in moves if move.before is not None]
    after = [move.after for move in moves if move.after is not None]
    if not before or not after:
        return ()
    who = moves[0].group if len(moves) == 1 else f"{len(moves)} groups"
    return (
        Pointer(min(before), f"{who} now, {number(min(before))}", "text"),
        Pointer(max(after), f"after, {number(max(after))}", "accent"),
    )
