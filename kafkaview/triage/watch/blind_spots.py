"""What a sample did not see: incomplete lists, and groups of which something is unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from kafkaview.cluster.errors import ClusterError, NotAuthorized, Unreachable
from kafkaview.cluster.ports.cluster import Omission
from kafkaview.cluster.ports.unseen import Unseen, UnseenKind
from kafkaview.cluster.sentinel import none_if_negative
from kafkaview.terms import GroupType
from kafkaview.triage.watch.groups import KnownGroup
from kafkaview.triage.watch.sampler import Sampler
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.words import join_names, plural

_LEADERS_AWAY: Final = "leaders of their partitions do not answer"
_OMITTED: Final = {
    Omission.GROUPS: f"you may not see all groups: brokers leave out those without {Omission.GROUPS.value}",
    Omission.TOPICS: "you may not see all topics, nor what is committed on the others: brokers leave out those without "
    f"{Omission.TOPICS.value}",
    Omission.UNKNOWN_GROUPS: "could not find out whether any group is hidden",
    Omission.UNKNOWN_TOPICS: "could not find out whether any topic is hidden",
}


def list_gaps(unlisted: Mapping[int | None, ClusterError], omissions: Collection[Omission]) -> tuple[UnseenGroups, ...]:
    """Returns the coordinators that did not list their groups, and the missing rights that hide groups."""
    silent = [UnseenGroups(None, broker, error.message) for broker, error in unlisted.items()]
    hidden = [
        UnseenGroups(None, None, why, UnseenKind.RIGHT if one.is_known else UnseenKind.SILENT)
        for one, why in _OMITTED.items()
        if one in omissions
    ]
    return (*silent, *hidden)


def list_gaps_of(sampler: Sampler) -> tuple[UnseenGroups, ...]:
    """Returns what hides groups of a sampler, and those it was made for that may be with a silent coordinator."""
    found = list_gaps(sampler.unlisted, sampler.omissions)
    if not sampler.unlisted:
        return found
    silent = join_names([f"broker {one}" for one in sampler.unlisted if one is not None]) or "the others"
    why = f"no broker that answers lists it; {silent} did not list theirs"
    return (*found, *(UnseenGroups(name, None, why) for name in sampler.missing))


def group_gap(group: KnownGroup, without_end: int, omissions: Collection[Omission]) -> UnseenGroups | None:
    """Returns what is unknown of a group; `without_end` counts the partitions whose log end is unknown."""
    if group.error is not None:
        right = isinstance(group.error, NotAuthorized)
        return _gap(group, group.error.message, UnseenKind.RIGHT if right else UnseenKind.SILENT)
    if group.type is GroupType.SHARE:
        return _gap(group, "a share group commits no offsets that could be watched", UnseenKind.UNSUPPORTED)
    if without_end:
        of = "its only partition" if group.partitions == 1 else f"{without_end} of its {group.partitions} partitions"
        why = f"{of} {'has' if without_end == 1 else 'have'} no leader that answers"
        return replace(_gap(group, why), partly=without_end < group.partitions, of_several=_LEADERS_AWAY)
    if group.elsewhere:
        first, *others = sorted(group.elsewhere)
        more = f" and {len(others)} more" if others else ""
        verb = "are" if others else "is"
        return _gap(group, f"{first}{more} {verb} in no metadata: the topic is deleted, or may not be seen")
    if Omission.TOPICS in omissions and not group.partitions:
        return _gap(group, "it reads no topic that you may see", UnseenKind.RIGHT)
    return None


def sample_gaps(sampler: Sampler) -> tuple[UnseenGroups, ...]:
    """Returns what one sample did not see, in its lists and of its groups."""
    found = [*list_gaps_of(sampler)]
    for group in (sampler.groups or {}).values():
        without_end = np.count_nonzero(sampler.bounds.end[group.places] < 0)
        gap = group_gap(group, int(without_end), sampler.omissions)
        if gap is not None:
            found.append(gap)
    return tuple(found)


def topic_gaps(sampler: Sampler, omissions: Collection[Omission]) -> tuple[Unseen, ...]:
    """Returns what is unknown of the topics after `ask_topics`: those left out, what silent leaders alone tell."""
    assert sampler.table is not None
    hidden = [Unseen("topics", one.as_error()) for one in omissions if one.of_topics]
    silent = silent_leaders(none_if_negative(one) for one in sampler.table.leader[sampler.bounds.end < 0].tolist())
    errors = (("sizes", sampler.sizes_error), ("reassignments", sampler.moves_error))
    return (*hidden, *silent, *(Unseen(what, error) for what, error in errors if error is not None))


def silent_leaders(leaders: Iterable[int | None]) -> tuple[Unseen, ...]:
    """Returns the brokers among the leaders of partitions whose log ends are unknown, and how many have no leader."""
    what, of_each = "records and sizes", Counter(leaders)
    leaderless = of_each.pop(None, 0)
    error = Unreachable("it does not say where the logs end that it leads")
    brokers = sorted(broker for broker in of_each if broker is not None)
    silent = [Unseen(what, error, broker=broker) for broker in brokers]
    if leaderless:
        count = plural(leaderless, "partition has", "partitions have")
        silent.append(Unseen(what, Unreachable(f"{count} no leader")))
    return tuple(silent)


def _gap(group: KnownGroup, reason: str, kind: UnseenKind = UnseenKind.SILENT) -> UnseenGroups:
    return UnseenGroups(group.name, group.coordinator, reason, kind)
