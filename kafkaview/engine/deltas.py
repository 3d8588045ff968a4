"""A sample as it is sent to the window: only what changed since the previous one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, TypeVar

import numpy as np

from kafkaview.triage.watch.sample_arrays import GroupColumns, TopicColumns
from kafkaview.triage.watch.verdict import Stuck
from kafkaview.triage.watch.view import View

C = TypeVar("C", TopicColumns, GroupColumns)
Changed = tuple[Any, Any]  # the places whose values changed, and the values there


@dataclass(frozen=True, slots=True, eq=False)
class ColumnChanges(Generic[C]):
    """Whole columns where the rows are not the same as before; else the values of the rows that changed."""

    whole: C | None
    arrays: Mapping[str, Changed] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)  # fields that are no arrays, where they changed


@dataclass(frozen=True, slots=True, eq=False)
class ViewDelta:
    """A view without its rows, and the changes of the rows; None where nothing changed."""

    head: View
    topics: ColumnChanges[TopicColumns] | None
    groups: ColumnChanges[GroupColumns] | None
    stuck: tuple[Stuck, ...] | None


class ViewEncoder:
    """Remembers what one window was sent."""

    def __init__(self) -> None:
        self._sent: View | None = None

    def encode(self, view: View) -> ViewDelta:
        """Returns what the window lacks of a view."""
        before, self._sent = self._sent, view
        head = replace(view, topics=None, groups=None, stuck=())
        if before is None:
            before = replace(head)
        same = before.stuck == view.stuck
        return ViewDelta(
            head,
            _changes(before.topics, view.topics),
            _changes(before.groups, view.groups),
            None if same else view.stuck,
        )


class ViewDecoder:
    """Rebuilds the views in the window's process."""

    def __init__(self) -> None:
        self._last: View | None = None

    def decode(self, delta: ViewDelta) -> View:
        """Returns the view that was encoded."""
        before = self._last or delta.head
        self._last = view = replace(
            delta.head,
            topics=_with_changes(before.topics, delta.topics),
            groups=_with_changes(before.groups, delta.groups),
            stuck=before.stuck if delta.stuck is None else delta.stuck,
        )
        return view


def _changes(before: C | None, now: C | None) -> ColumnChanges[C] | None:
    """Returns the changes of columns; None stands for no change. A later view never drops columns, so None is not
    ambiguous.
    """
    if now is None or now is before:
        return None
    if before is None or len(before.names) != len(now.names) or before.names != now.names:
        return ColumnChanges(now)
    arrays: dict[str, Changed] = {}
    others: dict[str, Any] = {}
    for name in (one.name for one in fields(now) if one.name != "names"):
        old, new = getattr(before, name), getattr(now, name)
        if not isinstance(new, np.ndarray):
            if new or old:
                others[name] = new
        elif old is not new and (places := np.flatnonzero(old != new)).size:
            arrays[name] = (places.astype(np.int32), new[places])
    return ColumnChanges(None, arrays, others) if arrays or others else None


def _with_changes(before: C | None, changes: ColumnChanges[C] | None) -> C | None:
    if changes is None:
        return before
    if changes.whole is not None:
        return changes.whole
    assert before is not None
    made: dict[str, Any] = dict(changes.others)
    for name, (places, values) in changes.arrays.items():
        made[name] = getattr(before, name).copy()
        made[name][places] = values
    return replace(before, **made)
