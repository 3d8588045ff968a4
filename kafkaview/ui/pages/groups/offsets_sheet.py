"""The fields of a plan that changes a group's committed offsets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QLineEdit

from kafkaview.terms import TopicPartition
from kafkaview.ui.kit.choice_field import ComboBox
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.form_sheet import Make, Plan
from kafkaview.ui.writes.member_fields import MemberSheet
from kafkaview.ui.writes.option import Option
from kafkaview.words import plural
from kafkaview.writes.offsets.request import OffsetAnchor, OffsetsRequest, OffsetTarget, parse_target

_TARGETS: Final = (
    (OffsetAnchor.EARLIEST, "Earliest: the start of each log", ""),
    (OffsetAnchor.LATEST, "Latest: the end of each log", ""),
    (OffsetAnchor.OFFSET, "An offset", "18443"),
    (OffsetAnchor.TIME, "A time: the first record not older", "2026-11-29T02:15:00Z"),
    (OffsetAnchor.SHIFT, "Forward or back by a number", "+1 or -100"),
    (OffsetAnchor.GROUP, "Where another group stands", "the group"),
    (OffsetAnchor.LIST, "The offsets in a file, CSV or JSON", "the file's path"),
)
_PREFIXES: Final = {OffsetAnchor.TIME: "@", OffsetAnchor.GROUP: "from:", OffsetAnchor.LIST: "file:"}


class OffsetsSheet(MemberSheet):
    """Asks for the target, the partitions, and what is done with members. `chosen` is the selected partition."""

    def __init__(
        self,
        context: Context,
        plan: Plan,
        group: str,
        topics: Sequence[str],
        chosen: TopicPartition | None,
        members: int,
    ) -> None:
        subtitle = "A plan shows each partition before and after. Nothing is written from here."
        super().__init__(context, f"Change the offsets of {group}", subtitle, plan)
        self._group = group
        self.target = ComboBox()
        for anchor, title, _example in _TARGETS:
            self.target.addItem(title, anchor)
        self.value = QLineEdit()
        self.scope = ComboBox()
        self.scope.addItem("all that it has committed", ((), ()))
        if chosen is not None:
            self.scope.addItem(f"only {chosen}", ((), (chosen,)))
        for topic in topics:
            self.scope.addItem(f"all of {topic}", ((topic,), ()))
        self.uncommitted = Option("Also partitions that it has never committed")
        self.field("Move to", self.target)
        self.field("Value", self.value)
        self.field("Partitions", self.scope)
        self.field("", self.uncommitted)
        self.add_member_fields()
        self.target.currentIndexChanged.connect(self.turn)
        self.value.textChanged.connect(self.check)
        if members:
            self.set_title(
                f"Change the offsets of {group}", f"{plural(members, 'member reads', 'members read')} now. {subtitle}"
            )
        self.turn()

    @property
    def anchor(self) -> OffsetAnchor:
        """What the new offset is counted from."""
        return OffsetAnchor(self.target.currentData())

    def why_not(self) -> str:
        """Returns which field cannot be read."""
        try:
            self._target()
        except ValueError as error:
            return str(error)
        return super().why_not()

    def make(self) -> Make:
        """Returns the function that plans the change."""
        topics, partitions = self.scope.currentData()
        request = OffsetsRequest(
            self._group, self._target(), topics, partitions, self.uncommitted.isChecked(), self.ways
        )
        return lambda engine: engine.plan_offsets(request)

    def _target(self) -> OffsetTarget:
        text = self.value.text().strip()
        match self.anchor:
            case OffsetAnchor.EARLIEST | OffsetAnchor.LATEST:
                return parse_target(self.anchor.value, self._group)
            case OffsetAnchor.LIST:
                if not text:
                    raise ValueError("Which file?")
                return OffsetTarget(OffsetAnchor.LIST, f"file:{text}")  # the engine reads it
            case OffsetAnchor.OFFSET if not text.isdecimal():
                raise ValueError("An offset is a number from 0.")
            case OffsetAnchor.SHIFT if text[:1] not in ("+", "-") or not text[1:].isdecimal():
                raise ValueError("Write +N to skip N records, -N to read N again.")
            case anchor:
                if not text:
                    raise ValueError("A value is missing.")
                return parse_target(_PREFIXES.get(anchor, "") + text, self._group)

    def turn(self) -> None:
        """Shows the lines that the choices need."""
        example = next(example for anchor, _title, example in _TARGETS if anchor is self.anchor)
        self.value.setPlaceholderText(example)
        self.show_field(self.value, shown=bool(example))
        names_partitions = self.anchor in (OffsetAnchor.GROUP, OffsetAnchor.LIST)
        self.show_field(self.uncommitted, shown=not names_partitions and self.anchor is not OffsetAnchor.SHIFT)
        super().turn()
