"""What follows from a crash loop: a member that crashes on one record leaves all its partitions standing."""

from __future__ import annotations

from collections.abc import Iterable

from kafkaview.triage.watch.verdict import Behaviour, Stuck, Verdict


def with_consequences(stuck: Iterable[Stuck]) -> tuple[tuple[Stuck, tuple[Stuck, ...]], ...]:
    """Returns the stuck partitions that speak for themselves, each with those that are a consequence of it: undecided
    ones of a group that crashes again and again on a poison record of another partition. Of several such records the
    one on which the group has stood longest has them.
    """
    stuck = tuple(stuck)
    causes: dict[str, Stuck] = {}
    for one in stuck:
        if one.verdict is Verdict.POISON and one.behaviour is Behaviour.CRASH_LOOP:
            known = causes.get(one.group)
            if known is None or one.since_ms < known.since_ms:
                causes[one.group] = one
    follow: dict[str, list[Stuck]] = {}
    own = []
    for one in stuck:
        if one.verdict is Verdict.UNDECIDED and one.group in causes:
            follow.setdefault(one.group, []).append(one)
        else:
            own.append(one)
    return tuple((one, tuple(follow.get(one.group, ())) if causes.get(one.group) is one else ()) for one in own)
